"""The sums behind the reports, filled from the orders and refunds that are there."""

from typing import Any

from peewee import BigIntegerField, CharField, CompositeKey, IntegerField, Model, SqliteDatabase

_INSERT = (
    "INSERT INTO report_sums (hours, product_id, at, mch_id,"
    " paid_count, paid_fen, refund_count, refunded_fen, failed_count) "
)
_HOURS = """
SELECT 1, product_id, at, mch_id, SUM(pc), SUM(pf), SUM(rc), SUM(rf), 0 FROM (
  SELECT o.product_id, o.mch_id, COALESCE(o.wechat_paid_at, o.paid_at)
    - COALESCE(o.wechat_paid_at, o.paid_at) % 3600000 AS at,
    1 AS pc, o.total_fen AS pf, 0 AS rc, 0 AS rf
  FROM orders o WHERE o.paid_at IS NOT NULL{counted}
  UNION ALL
  SELECT o.product_id, o.mch_id, COALESCE(r.accepted_at, r.succeeded_at)
    - COALESCE(r.accepted_at, r.succeeded_at) % 3600000, 0, 0, 1, r.amount_fen
  FROM refunds r JOIN orders o ON o.order_num = r.order_num
  WHERE r.status = 'SUCCESS' AND r.receipt_id IS NULL{counted}
) booked GROUP BY product_id, at, mch_id
"""
_ALL_PRODUCTS = """
SELECT 1, '', at, mch_id, SUM(paid_count), SUM(paid_fen), SUM(refund_count), SUM(refunded_fen),
  SUM(failed_count) FROM (
  SELECT at, mch_id, paid_count, paid_fen, refund_count, refunded_fen, failed_count
  FROM report_sums WHERE hours = 1
  UNION ALL
  SELECT failures.at, {account}, 0, 0, 0, 0, failures.failed FROM (
    SELECT at - at % 3600000 AS at, SUM(value) AS failed
    FROM counters WHERE name = 'failed_count' AND at > 0 GROUP BY 1
  ) failures
) summed GROUP BY at, mch_id
"""
_DAYS = """
SELECT 24, product_id, day, mch_id, SUM(paid_count), SUM(paid_fen), SUM(refund_count),
  SUM(refunded_fen), SUM(failed_count) FROM (
  SELECT product_id, mch_id, at - (at + 28800000) % 86400000 AS day,
    paid_count, paid_fen, refund_count, refunded_fen, failed_count
  FROM report_sums WHERE hours = 1
) summed GROUP BY product_id, day, mch_id
"""


def up(migrator, db):
    """MySQL commits each change by itself, so any of this may be there: this may be a second try."""
    db.create_tables([_table(db)])
    db.execute_sql("DELETE FROM report_sums")
    fill(db)


def fill(db: Any) -> None:
    """Fill the empty table. Of a failure only the minute is known: it counts for all products, and
    for the account where all orders are of one."""
    left_out = "SELECT 1 FROM counters WHERE name = 'simulated_orders' AND at = 0 AND value = 2"
    simulated = db.execute_sql(left_out).fetchall()
    counted = " AND SUBSTR(o.order_num, 1, 4) <> 'SIM-'" if simulated else ""
    accounts = "SELECT CASE WHEN MIN(mch_id) = MAX(mch_id) THEN MIN(mch_id) ELSE '' END FROM orders"
    ((account,),) = db.execute_sql(accounts).fetchall()
    _run(db, _HOURS.format(counted=counted))
    _run(db, _ALL_PRODUCTS.format(account=db.param), account or "")
    _run(db, _DAYS)


def _run(db: Any, rows: str, *values: str) -> None:
    """The other drivers read % as the beginning of a mark of theirs."""
    text = _INSERT + rows
    if not isinstance(db, SqliteDatabase):
        text = text.replace("%", "%%").replace("%%s", "%s")
    db.execute_sql(text, values)


def down(migrator, db):
    db.drop_tables([_table(db)])


def _table(db: Any) -> type[Model]:
    class ReportSum(Model):
        hours = IntegerField()
        product_id = CharField(max_length=32)
        at = BigIntegerField()
        mch_id = CharField(max_length=32)
        paid_count = BigIntegerField(default=0)
        paid_fen = BigIntegerField(default=0)
        refund_count = BigIntegerField(default=0)
        refunded_fen = BigIntegerField(default=0)
        failed_count = BigIntegerField(default=0)

        class Meta:
            database = db
            table_name = "report_sums"
            primary_key = CompositeKey("hours", "product_id", "at", "mch_id")

    return ReportSum
