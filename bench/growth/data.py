"""Databases with many invented orders, filled by statements over whole sets: buyers with thousands
of orders, states that are rare, products of very different size. The same number of orders makes
the same orders, in a year that ends at `NOW`; so a database may be kept and used again."""

from __future__ import annotations

from peewee import Database, SqliteDatabase

from models.database import migrate
from services.runtime.clock import DAY_MS

NOW = 1_796_000_000_000
"""The moment at which the questions are asked, ms UTC."""
DAYS = 365
CHUNK = 250_000
FAMILY, GIVEN = "王李张刘陈杨赵黄周吴徐孙马胡", "伟芳娜敏静丽强磊军洋勇艳杰涛明超秀霞平刚桂英华玉林"
PRODUCTS = {
    "p0": ("一对一咨询（60 分钟）", 39_900),
    "p1": ("一对一咨询（90 分钟）", 59_900),
    "p2": ("练习手册", 6_800),
    "p3": ("年度健康体检套餐", 128_000),
    "rare": ("企业法务顾问年度套餐", 1_268_500),
}
SMALL_PRODUCTS = 300
_PRIME = 2_147_483_647

_SERIES = {
    True: "WITH RECURSIVE s(i) AS (SELECT {a} UNION ALL SELECT i + 1 FROM s WHERE i + 1 < {b})",
    False: "WITH s(i) AS (SELECT generate_series({a}::bigint, {b}::bigint - 1))",
}
_CLOCK = {
    True: "strftime('%Y%m%d%H%M%S', made / 1000, 'unixepoch')",
    False: "to_char(to_timestamp(made / 1000) AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISS')",
}
_ORDERS = """
{series},
c AS (SELECT i, {start} + i * {year} / {count} AS made,
      (i + 12345) * 1103515245 % {p} AS h1 FROM s),
d AS (SELECT c.*, h1 * 16807 % {p} AS h2 FROM c),
e AS (SELECT d.*, h2 * 48271 % {p} AS h3 FROM d),
f AS (SELECT e.*, h3 * 69621 % {p} AS h4, CASE WHEN i % 40 = 0 THEN i / 40 % 25
      ELSE 25 + h2 % ({count} / 3 + 1) END AS buyer FROM e),
g AS (SELECT f.*, (buyer + 7) * 69621 % {p} AS b1 FROM f),
h AS (SELECT g.*, b1 * 16807 % {p} AS b2 FROM g),
k AS (SELECT h.*,
  CASE WHEN h1 % 100000 < 60000 THEN 'p0' WHEN h1 % 100000 < 85000 THEN 'p1'
       WHEN h1 % 100000 < 95000 THEN 'p2' WHEN h1 % 100000 < 99000 THEN 'p3'
       WHEN h1 % 100000 < 99990 THEN 'q' || (h2 % {small}) ELSE 'rare' END AS product,
  CASE WHEN b1 % 20 = 3 THEN NULL ELSE
       (CASE WHEN b1 % 1000 < 300 THEN '138' WHEN b1 % 1000 < 500 THEN '139'
        WHEN b1 % 1000 < 600 THEN '186' WHEN b1 % 1000 < 700 THEN '150'
        WHEN b1 % 1000 < 998 THEN '17' || (b1 % 7 + 1) ELSE '199' END)
       || (10000000 + b2 % 90000000) END AS phone,
  CASE WHEN {now} - made < 7200000 AND i % 3 = 0 THEN 'WAIT_PAY'
       WHEN {now} - made < 1200000 AND i % 3 = 1 THEN 'INIT'
       WHEN h3 % 100000 < 10000 THEN 'CLOSED' WHEN h3 % 100000 < 10800 THEN 'REFUNDED'
       WHEN h3 % 100000 < 11000 THEN 'PARTIALLY_REFUNDED'
       WHEN h3 % 100000 < 11003 THEN 'REFUNDING' ELSE 'PAID' END AS state FROM h),
m AS (SELECT k.*, state NOT IN ('INIT', 'WAIT_PAY', 'CLOSED') AS paid,
  made + 9000 + CASE WHEN h4 % 5000 = 1 THEN 864000000 ELSE 0 END AS paid_at,
  CASE product WHEN 'p0' THEN 39900 WHEN 'p1' THEN 59900 WHEN 'p2' THEN 6800 WHEN 'p3' THEN 128000
       WHEN 'rare' THEN 1268500 ELSE 1000 + h2 % {small} * 100 END
  - CASE WHEN h4 % 50 = 7 THEN h3 % 97 ELSE 0 END AS fen FROM k)
INSERT INTO orders (order_num, product_id, title, quantity, total_fen, status, service_status,
  app_id, mch_id, trade_type, open_id, phone, phone_tail, customer, transaction_id, refunded_fen,
  status_token, created_at, updated_at, paid_at, wechat_paid_at, expires_at)
SELECT 'M' || {clock} || (10000000 + i), product,
  CASE product WHEN 'p0' THEN '{p0}' WHEN 'p1' THEN '{p1}' WHEN 'p2' THEN '{p2}'
       WHEN 'p3' THEN '{p3}' WHEN 'rare' THEN '{rare}' ELSE '小课 ' || product END,
  1, fen, state,
  CASE WHEN NOT paid THEN NULL WHEN state = 'PAID' AND h4 % 20000 = 1 THEN 'IN_SERVICE'
       WHEN h4 % 10000 < 30 THEN 'SERVICE_CANCELLED'
       WHEN h4 % 10000 = 31 OR ({now} - made < 259200000 AND h4 % 2 = 0) THEN 'SERVICE_WAIT'
       ELSE 'SERVED' END,
  'wx8888888888888888',
  CASE WHEN h4 % 1000 < 900 THEN '1900000109' WHEN h4 % 1000 < 999 THEN '1900000110'
       ELSE '1900000111' END,
  'JSAPI', CASE WHEN b1 % 1000 = 7 THEN 'oZzZz9' ELSE 'oUpF8u' END
       || (1000000000 + b2) || 'AbCdEfGhIJK' || (b1 % 10),
  phone, substr(phone, 8, 4),
  CASE WHEN b1 % 3000 = 11 THEN '司徒' ELSE substr('{family}', CAST(1 + b1 % 14 AS integer), 1) END
       || substr('{given}', CAST(1 + b2 % 25 AS integer), 1)
       || substr('{given}', CAST(1 + b2 / 25 % 25 AS integer), 1),
  CASE WHEN paid THEN '4200' || (100000 + h2 % 900000) || (100000000000000000 + i) END,
  CASE state WHEN 'REFUNDED' THEN fen WHEN 'PARTIALLY_REFUNDED' THEN fen / 2 ELSE 0 END,
  't', made, made, CASE WHEN paid THEN paid_at END, CASE WHEN paid THEN paid_at - 1000 END,
  made + 7200000
FROM m ORDER BY i
"""
_ALERTS = """
INSERT INTO alerts (kind, subject, severity, status, order_num, count, first_seen, last_seen,
  version, expected, actual, evidence)
SELECT 'amount_mismatch', order_num, 'critical', 'open', order_num, 1, created_at + 9000,
  created_at + 9000, 1, '1', '2', '{}' FROM orders WHERE id % 1000 = 500
"""
_REFUNDS = """
INSERT INTO refunds (refund_num, order_num, app_id, mch_id, transaction_id, total_fen, amount_fen,
  reason, status, requested_by, created_at, updated_at, origin)
SELECT 'R' || order_num, order_num, app_id, mch_id, transaction_id, total_fen,
  CASE refunded_fen WHEN 0 THEN total_fen ELSE refunded_fen END, 'x',
  CASE status WHEN 'REFUNDING' THEN 'PROCESSING' ELSE 'SUCCESS' END, 'bob',
  created_at + 9000, created_at + 9000, 'paywatch'
FROM orders WHERE status IN ('REFUNDED', 'PARTIALLY_REFUNDED', 'REFUNDING') ORDER BY id
"""


def fill(database: Database, count: int) -> None:
    """Bring the tables up to date and put the orders in, the indexes afterwards."""
    migrate(database)
    sqlite = isinstance(database, SqliteDatabase)
    database.execute_sql("PRAGMA synchronous=OFF" if sqlite else "SET maintenance_work_mem='1GB'")
    later = drop_indexes(database, sqlite=sqlite)
    _put_products(database)
    for a in range(0, count, CHUNK):
        database.execute_sql(_statement(a, min(a + CHUNK, count), count, sqlite=sqlite))
    for statement in later:
        database.execute_sql(statement)
    database.execute_sql(_ALERTS if sqlite else _ALERTS.replace("%", "%%"))
    database.execute_sql(_REFUNDS)
    database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)" if sqlite else "VACUUM ANALYZE")


def _statement(a: int, b: int, count: int, *, sqlite: bool) -> str:
    year = DAYS * DAY_MS
    given = {name: title for name, (title, _) in PRODUCTS.items()}
    found = _ORDERS.format(
        series=_SERIES[sqlite].format(a=a, b=b),
        clock=_CLOCK[sqlite],
        start=NOW - year,
        year=year,
        count=count,
        p=_PRIME,
        now=NOW,
        small=SMALL_PRODUCTS,
        family=FAMILY,
        given=GIVEN,
        **given,
    )
    return found if sqlite else found.replace("%", "%%")  # psycopg's marks begin with it


def _put_products(database: Database) -> None:
    products = [(name, title, price) for name, (title, price) in PRODUCTS.items()]
    products += [(f"q{k}", f"小课 q{k}", 1000 + k * 100) for k in range(SMALL_PRODUCTS)]
    mark = database.param
    for name, title, price in products:
        database.execute_sql(
            "INSERT INTO products (id, title, price_fen, active, created_at, updated_at)"  # noqa: S608
            f" VALUES ({mark}, {mark}, {mark}, {mark}, {NOW}, {NOW})",
            (name, title, price, True),
        )


def drop_indexes(database: Database, *, sqlite: bool) -> list[str]:
    """Drops all but the one of the numbers; the statements that make them again."""
    if sqlite:
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'orders'"
    else:
        query = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'orders'"
    kept = ("orders_order_num", "orders_pkey")
    found = [row for row in database.execute_sql(query).fetchall() if row[1] and row[0] not in kept]
    for name, _ in found:
        database.execute_sql(f'DROP INDEX "{name}"')
    return [statement for _, statement in found]
