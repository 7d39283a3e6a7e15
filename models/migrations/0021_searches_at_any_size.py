"""Each index that a search for orders follows ends with the time, and each filter has one. Those
that they replace go: a notify writes into every index whose columns it changes, and on PostgreSQL
into all of them."""

from typing import Any

from peewee import MySQLDatabase, PostgresqlDatabase, SqliteDatabase

TIME = "created_at, id"
INDEXES = {
    "orders_phone_created_at_id": f"(phone, {TIME})",
    "orders_open_id_created_at_id": f"(open_id, {TIME})",
    "orders_customer_created_at_id": f"(customer, {TIME})",
    "orders_phone_tail_created_at_id": f"(phone_tail, {TIME}, phone)",
    "orders_phone_head": f"(substr(phone, 1, 3), {TIME})",
    "orders_open_id_head": f"(substr(open_id, 1, 6), {TIME})",
    "orders_service_status": f"(service_status, {TIME}) WHERE service_status IS NOT NULL",
}
ON_POSTGRESQL = {"orders_customer_created_at_id": f'(customer COLLATE "C", {TIME})'}
"""Beginnings are looked for in the order of the bytes."""
ON_MYSQL = {
    "orders_phone_head": f"(phone_head, {TIME})",
    "orders_open_id_head": f"(open_id_head, {TIME})",
    "orders_service_status": f"(service_status, {TIME})",
}
"""It indexes neither expressions nor some rows alone."""
HEADS = {"phone": 3, "open_id": 6}
"""So many characters of a masked value are shown, and found."""
GONE = tuple(
    (name, "id") for name in ("status", "open_id", "phone", "mch_id", "customer", "phone_tail")
)
BYTES = ("order_num", "transaction_id", "open_id", "phone", "customer")
"""Two have unique indexes in the order of the bytes, one gets its index above, two need none."""


def up(migrator, db):
    """MySQL commits each change by itself, so any of this may be there: this may be a second try."""
    if isinstance(db, MySQLDatabase):
        for name, length in HEADS.items():
            if not any(column.name == f"{name}_head" for column in db.get_columns("orders")):
                db.execute_sql(
                    f"ALTER TABLE orders ADD COLUMN {name}_head VARCHAR({length})"
                    f" GENERATED ALWAYS AS (substr({name}, 1, {length})) VIRTUAL"
                )
    for name, columns in _wanted(db).items():
        if name not in _names(db):
            db.execute_sql(f"CREATE INDEX {name} ON orders {columns}")
    for index in db.get_indexes("orders"):
        if tuple(index.columns) in GONE:
            migrator.migrate(migrator.drop_index("orders", index.name))
    if isinstance(db, PostgresqlDatabase):
        for name in BYTES:
            db.execute_sql(f"DROP INDEX IF EXISTS orders_{name}_bytes")
        # As the same column of orders is: only then its index serves a comparison of the two.
        db.execute_sql('ALTER TABLE alerts ALTER COLUMN order_num TYPE VARCHAR(64) COLLATE "C"')


def _wanted(db: Any) -> dict[str, str]:
    if isinstance(db, SqliteDatabase):
        return INDEXES
    return INDEXES | (ON_MYSQL if isinstance(db, MySQLDatabase) else ON_POSTGRESQL)


def _names(db: Any) -> set[str]:
    return {index.name for index in db.get_indexes("orders")}


def down(migrator, db):
    for columns in GONE:
        migrator.migrate(migrator.add_index("orders", columns))
    if isinstance(db, PostgresqlDatabase):
        for name in BYTES:
            db.execute_sql(f'CREATE INDEX orders_{name}_bytes ON orders ({name} COLLATE "C")')
        db.execute_sql(
            'ALTER TABLE alerts ALTER COLUMN order_num TYPE VARCHAR(64) COLLATE "default"'
        )
    for name in _wanted(db):
        migrator.migrate(migrator.drop_index("orders", name))
    if isinstance(db, MySQLDatabase):
        for name in HEADS:
            migrator.migrate(migrator.drop_column("orders", f"{name}_head"))
