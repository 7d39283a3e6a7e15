"""Refunds that were made on WeChat's merchant platform: the origin of a refund, what went back of
an unmatched payment, and the payments whose refunds WeChat is to be asked for."""

from typing import Any

from peewee import BigAutoField, BigIntegerField, CharField, Field, IntegerField, Model

COLUMNS: dict[str, dict[str, Field]] = {
    "refunds": {"origin": CharField(max_length=10, default="paywatch")},
    "receipts": {"refunded_fen": BigIntegerField(default=0)},
}


def up(migrator, db):
    class OutsideLook(Model):
        id = BigAutoField()
        transaction_id = CharField(max_length=64)
        refund_num = CharField(max_length=64, default="")
        order_num = CharField(max_length=64)
        due_at = BigIntegerField(index=True)
        tries = IntegerField(default=0)

        class Meta:
            database = db
            table_name = "outside_looks"
            indexes = ((("transaction_id", "refund_num"), True),)

    db.create_tables([OutsideLook])
    for table, columns in COLUMNS.items():
        known = _columns(db, table)
        for name, field in columns.items():
            if name not in known:  # MySQL commits each change by itself: this may be a second try
                migrator.migrate(migrator.add_column(table, name, field))
    db.execute_sql("UPDATE receipts SET refunded_fen = amount_fen WHERE state = 'refunded'")


def _columns(db: Any, table: str) -> set[str]:
    return {column.name for column in db.get_columns(table)}


def down(migrator, db):
    for table, columns in COLUMNS.items():
        for name in columns:
            migrator.migrate(migrator.drop_column(table, name))
    migrator.migrate(migrator.drop_table("outside_looks"))
