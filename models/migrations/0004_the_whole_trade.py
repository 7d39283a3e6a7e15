"""Refunds and when they are asked about; decisions on receipts; WeChat's certificates; on which
interface an order was sent; when a session's password was given last."""

from typing import Any

from peewee import (
    BigAutoField,
    BigIntegerField,
    CharField,
    Check,
    CompositeKey,
    Field,
    IntegerField,
    Model,
    TextField,
)

COLUMNS: dict[str, dict[str, Field]] = {
    "prepay_attempts": {"api": CharField(max_length=4, default="v2")},
    "receipts": {
        "app_id": CharField(max_length=32, default=""),
        "mch_id": CharField(max_length=32, default=""),
        "action": CharField(max_length=10, null=True),
        "proposed_by": CharField(max_length=80, null=True),
        "decided_by": CharField(max_length=80, null=True),
        "decided_at": BigIntegerField(null=True),
        "note": CharField(max_length=500, null=True),
        "refund_num": CharField(max_length=64, null=True),
        "version": IntegerField(default=1),
    },
    "sessions": {"confirmed_at": BigIntegerField(default=0)},
}


def up(migrator, db):
    class Refund(Model):
        id = BigAutoField()
        refund_num = CharField(unique=True, max_length=64)
        order_num = CharField(max_length=64)
        receipt_id = IntegerField(index=True, null=True)
        app_id = CharField(max_length=32)
        mch_id = CharField(max_length=32)
        transaction_id = CharField(max_length=64)
        total_fen = BigIntegerField()
        amount_fen = BigIntegerField()
        reason = CharField()
        status = CharField(max_length=12, default="REQUESTED")
        refund_id = CharField(null=True, max_length=64)
        requested_by = CharField(max_length=80)
        decided_by = CharField(null=True, max_length=80)
        failure = CharField(null=True)
        created_at = BigIntegerField()
        updated_at = BigIntegerField()
        succeeded_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "refunds"
            constraints = (
                Check("total_fen BETWEEN 1 AND 10000000000"),
                Check("amount_fen BETWEEN 1 AND 10000000000"),
                Check(
                    "status IN ('REQUESTED', 'APPROVED', 'PROCESSING', 'SUCCESS', 'ABNORMAL', 'CLOSED', 'REFUSED', 'REJECTED')"
                ),
            )
            indexes = ((("order_num", "id"), False), (("status", "id"), False))

    class RefundCheck(Model):
        refund_num = CharField(primary_key=True, max_length=64)
        due_at = BigIntegerField(index=True)
        tries = IntegerField(default=0)
        claimed = CharField(max_length=12, null=True)

        class Meta:
            database = db
            table_name = "refund_checks"

    class PlatformCertificate(Model):
        mch_id = CharField(max_length=32)
        serial = CharField(max_length=64)
        pem = TextField()
        effective_at = BigIntegerField()
        expires_at = BigIntegerField()
        fetched_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "platform_certificates"
            primary_key = CompositeKey("mch_id", "serial")

    db.create_tables([Refund, RefundCheck, PlatformCertificate])
    for table, columns in COLUMNS.items():
        known = _columns(db, table)
        for name, field in columns.items():
            if name not in known:  # MySQL commits each change by itself: this may be a second try
                migrator.migrate(migrator.add_column(table, name, field))
    # Orders that WeChat may know were looked at when they expire only; now, all of them soon.
    db.execute_sql(
        "UPDATE order_checks SET due_at = 0 WHERE order_num IN"
        " (SELECT order_num FROM prepay_attempts WHERE state <> 'refused')"
    )
    if not any(index.columns == ["mch_id", "id"] for index in db.get_indexes("orders")):
        migrator.migrate(migrator.add_index("orders", ("mch_id", "id")))


def _columns(db: Any, table: str) -> set[str]:
    return {column.name for column in db.get_columns(table)}


def down(migrator, db):
    migrator.migrate(migrator.drop_index("orders", "orders_mch_id_id"))
    for table, columns in COLUMNS.items():
        for name in columns:
            migrator.migrate(migrator.drop_column(table, name))
    for table in ("platform_certificates", "refund_checks", "refunds"):
        migrator.migrate(migrator.drop_table(table))
