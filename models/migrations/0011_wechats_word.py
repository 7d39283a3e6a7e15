"""WeChat's own time of a payment, on the order and on an unmatched payment; the currency of an
unmatched payment; and three more reasons why money is on no order."""

from typing import Any

from peewee import BigIntegerField, CharField, Field, PostgresqlDatabase, SqliteDatabase

COLUMNS: dict[str, dict[str, Field]] = {
    "orders": {"wechat_paid_at": BigIntegerField(null=True)},
    "receipts": {
        "wechat_paid_at": BigIntegerField(null=True),
        "currency": CharField(max_length=16, default="CNY"),
    },
}
BEFORE = "reason IN ('late', 'paid_twice', 'reused_id', 'wrong_amount', 'unknown_order')"
AFTER = BEFORE.replace(")", ", 'older_than_order', 'foreign_currency', 'partner')")
NAME = "receipts_reason"


def up(migrator, db):
    for table, columns in COLUMNS.items():
        known = {column.name for column in db.get_columns(table)}
        for name, field in columns.items():
            if name not in known:  # MySQL commits each change by itself: this may be a second try
                migrator.migrate(migrator.add_column(table, name, field))
    _restrict(db, BEFORE, AFTER, NAME)


def _restrict(db: Any, before: str, after: str, name: str) -> None:
    """The table takes the words of `after` in place of those of `before`."""
    if isinstance(db, SqliteDatabase):
        _rebuild(db, before, after)
        return
    old = _constraint(db)
    if old != name:
        db.execute_sql(
            f"ALTER TABLE receipts DROP CONSTRAINT {old}, ADD CONSTRAINT {name} CHECK ({after})"
        )


def _rebuild(db: Any, before: str, after: str) -> None:
    """SQLite changes no constraint, so the table is written anew; its rows and indexes stay."""
    query = "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'receipts' AND sql IS NOT NULL"
    found = db.execute_sql(query).fetchall()
    (table,) = (sql for kind, sql in found if kind == "table")
    db.execute_sql("ALTER TABLE receipts RENAME TO receipts_before")
    db.execute_sql(table.replace(before, after))
    db.execute_sql("INSERT INTO receipts SELECT * FROM receipts_before")
    db.execute_sql("DROP TABLE receipts_before")
    for kind, sql in found:
        if kind == "index":
            db.execute_sql(sql)


def _constraint(db: Any) -> str:
    """The name of the table's one CHECK: each database gave it another."""
    if isinstance(db, PostgresqlDatabase):
        query = (
            "SELECT conname FROM pg_constraint WHERE contype = 'c'"
            " AND conrelid = 'receipts'::regclass"
        )
    else:
        query = (
            "SELECT constraint_name FROM information_schema.table_constraints"
            " WHERE constraint_type = 'CHECK' AND table_name = 'receipts'"
            " AND table_schema = DATABASE()"
        )
    (row,) = db.execute_sql(query).fetchall()
    return str(row[0])


def down(migrator, db):
    _restrict(db, AFTER, BEFORE, "receipts_reason_before")
    for table, columns in COLUMNS.items():
        for name in columns:
            migrator.migrate(migrator.drop_column(table, name))
