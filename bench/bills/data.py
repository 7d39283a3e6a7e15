"""A day with many payments and refunds: the trade bill that WeChat would write, and the bookings
that agree with it, filled by statements over whole sets. The same number of rows makes the same
day. Of ten rows the last is a refund, of the payment nine rows before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from peewee import Database, SqliteDatabase

from bench.growth.data import drop_indexes
from models.database import migrate
from payments.bills.decimals import signed_fen
from payments.bills.fees import fee_fen
from payments.money import yuan
from services.bills.pairing.bill_span import BillSpan
from services.runtime.clock import DAY_MS

DATE = "2026-11-24"
ACCOUNT, APP_ID = "1900000109", "wx8888888888888888"
RATE = 600_000
REFUND_FEN = 100
NO_MONEY = "0.00"
SUMMED = (12, 16, 17, 22, 24, 25)
"""The columns that are added up, in the order of the sums."""
HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,"
    "退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
SUMS_HEAD = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)
_SPAN = BillSpan.of(DATE)
_SERIES = {
    True: "WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i + 1 < {count})",
    False: "WITH s(i) AS (SELECT generate_series(0::bigint, {count}::bigint - 1))",
}
_AT = f"{_SPAN.start} + i * {DAY_MS} / {{count}} / 1000 * 1000"
_FEN = "100 + i * 7919 % 2000 * 100"
_ORDERS = """
INSERT INTO orders (order_num, product_id, title, quantity, total_fen, status, app_id, mch_id,
  trade_type, open_id, transaction_id, refunded_fen, status_token, created_at, updated_at, paid_at,
  wechat_paid_at, expires_at)
{series}
SELECT 'M' || (20261124000000000 + i), 'p0', '一对一咨询（60 分钟）', 1, {fen}, 'PAID', '{app_id}',
  '{account}', 'JSAPI', 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o', '4200' || (100000 + i * 7919 % 900000)
  || (100000000000000000 + i), 0, 't', {at} - 9000, {at} + 800, {at} + 800, {at}, {at} + 7191000
FROM s WHERE i % 10 <> 9
"""
_REFUNDS = """
INSERT INTO refunds (refund_num, order_num, app_id, mch_id, transaction_id, total_fen, amount_fen,
  reason, status, refund_id, requested_by, created_at, updated_at, accepted_at, succeeded_at,
  origin)
{series}, p(i, k) AS (SELECT i, i - 9 FROM s WHERE i % 10 = 9)
SELECT 'R' || (20261124000000000 + i), 'M' || (20261124000000000 + k), '{app_id}', '{account}',
  '4200' || (100000 + k * 7919 % 900000) || (100000000000000000 + k),
  100 + k * 7919 % 2000 * 100, 100, '', 'SUCCESS', '5030' || (100000000000000000000 + i), 'alice',
  {at}, {at}, {at} + 500, {at} + 900, 'paywatch'
FROM p
"""


def fill(database: Database, count: int) -> None:
    """Bring the tables up to date and put the bookings in, the indexes of orders afterwards."""
    migrate(database)
    sqlite = isinstance(database, SqliteDatabase)
    if sqlite:
        database.execute_sql("PRAGMA synchronous=OFF")
    later = drop_indexes(database, sqlite=sqlite)
    for statement in (_ORDERS, _REFUNDS):
        database.execute_sql(_filled(statement, count, sqlite=sqlite))
    for statement in later:
        database.execute_sql(statement)
    database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)" if sqlite else "VACUUM ANALYZE")


def _filled(statement: str, count: int, *, sqlite: bool) -> str:
    found = statement.format(
        series=_SERIES[sqlite].format(count=count),
        at="(" + _AT.format(count=count) + ")",
        fen=_FEN,
        app_id=APP_ID,
        account=ACCOUNT,
    )
    return found if sqlite else found.replace("%", "%%")  # psycopg's marks begin with it


def order_num(i: int) -> str:
    return f"M{20261124000000000 + i}"


def transaction_id(i: int) -> str:
    return f"4200{100000 + i * 7919 % 900000}{10**17 + i}"


def refund_num(i: int) -> str:
    return f"R{20261124000000000 + i}"


def amount_fen(i: int) -> int:
    return 100 + i * 7919 % 2000 * 100


def _time(i: int, count: int) -> str:
    seconds = i * DAY_MS // count // 1000
    return f"{DATE} {seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def bill_row(i: int, count: int) -> list[str]:
    """The values of row `i` of so many, as they agree with the bookings."""
    refund = i % 10 == 9
    paid = i - 9 if refund else i
    fen = REFUND_FEN if refund else amount_fen(i)
    money, fee = yuan(fen), fee_fen(fen, RATE)
    back = (f"5030{10**20 + i}", refund_num(i), money, "0.00", "ORIGINAL", "SUCCESS")
    return [
        *(_time(i, count), APP_ID, ACCOUNT, "0", "", transaction_id(paid), order_num(paid)),
        *("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "JSAPI", "REFUND" if refund else "SUCCESS"),
        *("CMB_DEBIT", "CNY", NO_MONEY if refund else money, NO_MONEY),
        *(back if refund else ("0", "0", NO_MONEY, NO_MONEY, "", "")),
        *("一对一咨询（60 分钟）", "", f"-{yuan(fee)}" if refund else yuan(fee), "0.60%"),
        *((NO_MONEY, money) if refund else (money, NO_MONEY)),
        "",
    ]


def write_bill(
    path: Path,
    count: int,
    edit: Callable[[int, list[str]], list[list[str]]],
    off: Mapping[str, int] | None = None,
) -> None:
    """The trade bill; `edit` may put other rows in the place of one. Its sums are those of what is
    written, but for those in `off`, which are so many fen too high."""
    sums = dict.fromkeys(SUMMED, 0)
    written = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"\ufeff{HEAD}\r\n")
        for i in range(count):
            for row in edit(i, bill_row(i, count)):
                file.write("`" + ",`".join(row) + "\r\n")
                written += 1
                for at in SUMMED:
                    sums[at] += signed_fen(row[at])
        names = SUMS_HEAD.split(",")[1:]
        fen = [(off or {}).get(name, 0) + n for name, n in zip(names, sums.values(), strict=True)]
        told = [str(written), *(f"{'-' if n < 0 else ''}{yuan(abs(n))}" for n in fen)]
        file.write(f"{SUMS_HEAD}\r\n`" + ",`".join(told) + "\r\n")


def unchanged(_i: int, row: list[str]) -> list[list[str]]:
    return [row]
