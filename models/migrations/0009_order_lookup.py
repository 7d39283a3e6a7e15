"""What finding orders needs: the last digits of phones, and indexes that end with the time."""

from typing import Any

from peewee import CharField, PostgresqlDatabase

INDEXES = (
    ("created_at", "id"),
    ("status", "created_at", "id"),
    ("mch_id", "created_at", "id"),
    ("total_fen", "created_at", "id"),
    ("product_id", "created_at", "id"),
    ("customer", "id"),
    ("phone_tail", "id"),
)
PREFIXES = ("order_num", "transaction_id", "open_id", "phone", "customer")
"""PostgreSQL sorts by language; beginnings are looked for in the order of the bytes."""


def up(migrator, db):
    # MySQL commits each change by itself, so any of this may be there: this may be a second try.
    if not any(column.name == "phone_tail" for column in db.get_columns("orders")):
        tail = CharField(max_length=4, null=True)
        migrator.migrate(migrator.add_column("orders", "phone_tail", tail))
    db.execute_sql(
        "UPDATE orders SET phone_tail = substr(phone, CASE WHEN length(phone) > 4"
        " THEN length(phone) - 3 ELSE 1 END) WHERE phone IS NOT NULL AND phone_tail IS NULL"
    )
    for columns in INDEXES:
        if columns not in _indexed(db):
            migrator.migrate(migrator.add_index("orders", columns))
    if isinstance(db, PostgresqlDatabase):
        for name in PREFIXES:
            db.execute_sql(
                f'CREATE INDEX IF NOT EXISTS orders_{name}_bytes ON orders ({name} COLLATE "C")'
            )


def _indexed(db: Any) -> set[tuple[str, ...]]:
    return {tuple(index.columns) for index in db.get_indexes("orders")}


def down(migrator, db):
    if isinstance(db, PostgresqlDatabase):
        for name in PREFIXES:
            db.execute_sql(f"DROP INDEX IF EXISTS orders_{name}_bytes")
    for columns in INDEXES:
        migrator.migrate(migrator.drop_index("orders", f"orders_{'_'.join(columns)}"))
    migrator.migrate(migrator.drop_column("orders", "phone_tail"))
