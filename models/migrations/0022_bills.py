"""Bills: the days of each account, and in what they differ; when WeChat took a refund."""

from typing import Any

from peewee import BigAutoField, BigIntegerField, CharField, Check, IntegerField, Model, TextField


def up(migrator, db):
    """MySQL commits each change by itself, so any of this may be there: this may be a second try."""
    db.create_tables(_tables(db))
    if not any(column.name == "accepted_at" for column in db.get_columns("refunds")):
        field = BigIntegerField(null=True)
        migrator.migrate(migrator.add_column("refunds", "accepted_at", field))
    if not any(tuple(found.columns) == ("accepted_at",) for found in db.get_indexes("refunds")):
        migrator.migrate(migrator.add_index("refunds", ("accepted_at",)))
    # Those that WeChat took before: near enough, as the bill that has one says when it was. Without
    # a time, one that no bill has would never be missed.
    db.execute_sql(
        "UPDATE refunds SET accepted_at = created_at WHERE accepted_at IS NULL AND origin = 'paywatch'"
        " AND (status IN ('PROCESSING', 'SUCCESS', 'ABNORMAL', 'CLOSED')"
        " OR ended_from = 'ABNORMAL')"
    )


def down(migrator, db):
    migrator.migrate(migrator.drop_index("refunds", "refunds_accepted_at"))
    migrator.migrate(migrator.drop_column("refunds", "accepted_at"))
    db.drop_tables(_tables(db))


def _tables(db: Any) -> list[type[Model]]:
    class BillDay(Model):
        id = BigAutoField()
        mch_id = CharField(max_length=32)
        date = CharField(max_length=10)
        status = CharField(max_length=12, default="waiting")
        fetched_at = BigIntegerField(null=True)
        rows_count = IntegerField(default=0)
        wechat_paid_fen = BigIntegerField(default=0)
        wechat_paid_count = IntegerField(default=0)
        wechat_refunded_fen = BigIntegerField(default=0)
        wechat_refund_count = IntegerField(default=0)
        wechat_fee_fen = BigIntegerField(default=0)
        wechat_net_fen = BigIntegerField(default=0)
        our_paid_fen = BigIntegerField(default=0)
        our_paid_count = IntegerField(default=0)
        our_refunded_fen = BigIntegerField(default=0)
        our_refund_count = IntegerField(default=0)
        flow_net_fen = BigIntegerField(null=True)
        open_count = IntegerField(default=0)
        unexplained_fen = BigIntegerField(default=0)
        digest = CharField(max_length=64, null=True)
        problem = TextField(null=True)
        tries = IntegerField(default=0)
        due_at = BigIntegerField(null=True, index=True)
        run = CharField(max_length=32, null=True)
        step = CharField(max_length=12, null=True)
        done = IntegerField(default=0)
        whole = IntegerField(default=0)
        updated_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "bill_days"
            constraints = (
                Check("status IN ('waiting', 'none', 'matched', 'differences', 'failed')"),
            )
            indexes = ((("mch_id", "date"), True), (("date",), False))

    class BillDifference(Model):
        id = BigAutoField()
        mch_id = CharField(max_length=32)
        date = CharField(max_length=10)
        kind = CharField(max_length=24)
        subject = CharField(max_length=64)
        order_num = CharField(max_length=64, null=True)
        transaction_id = CharField(max_length=64, null=True)
        refund_num = CharField(max_length=64, null=True)
        ours = CharField(max_length=64, null=True)
        wechat = CharField(max_length=64, null=True)
        difference_fen = BigIntegerField(default=0)
        status = CharField(max_length=10, default="open")
        resolution = CharField(max_length=12, null=True)
        note = CharField(max_length=500, null=True)
        resolved_by = CharField(max_length=80, null=True)
        resolved_at = BigIntegerField(null=True)
        proposal = CharField(max_length=24)
        evidence = TextField()
        run = CharField(max_length=32)
        found_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "bill_differences"
            constraints = (
                Check(
                    "kind IN ('missing_here', 'missing_at_wechat', 'amount_differs',"
                    " 'status_differs', 'refund_missing_here', 'refund_missing_at_wechat',"
                    " 'refund_amount_differs', 'refund_status_differs', 'fee_differs',"
                    " 'duplicate_row', 'foreign_row', 'summary_differs')"
                ),
                Check("status IN ('open', 'resolved', 'held')"),
            )
            indexes = (
                (("mch_id", "date", "kind", "subject"), True),
                (("date", "id"), False),
                (("status", "id"), False),
                (("order_num",), False),
            )

    return [BillDay, BillDifference]
