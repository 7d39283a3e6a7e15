"""Leases of jobs over several processes; when open orders are to be looked at; byte order of the
numbers that are searched by their beginning, on databases that would sort them by a language."""

from peewee import BigIntegerField, CharField, IntegerField, Model, PostgresqlDatabase


def up(migrator, db):
    class Lease(Model):
        name = CharField(primary_key=True, max_length=32)
        owner = CharField(max_length=32)
        until = BigIntegerField()

        class Meta:
            database = db
            table_name = "leases"

    class OrderCheck(Model):
        order_num = CharField(primary_key=True, max_length=32)
        due_at = BigIntegerField(index=True)
        tries = IntegerField(default=0)

        class Meta:
            database = db
            table_name = "order_checks"

    db.create_tables([Lease, OrderCheck])
    db.execute_sql(
        "INSERT INTO order_checks (order_num, due_at, tries) "
        "SELECT order_num, expires_at, 0 FROM orders WHERE status IN ('INIT', 'WAIT_PAY')"
        # MySQL commits each change of a table by itself: this may be the second try.
        " AND order_num NOT IN (SELECT order_num FROM order_checks)"
    )
    if isinstance(db, PostgresqlDatabase):
        for table, column, width in (
            ("orders", "order_num", 32),
            ("orders", "transaction_id", 64),
            ("raw_notices", "id", 24),
        ):
            db.execute_sql(
                f'ALTER TABLE {table} ALTER COLUMN {column} TYPE VARCHAR({width}) COLLATE "C"'
            )


def down(migrator, db):
    migrator.migrate(migrator.drop_table("order_checks"))
    migrator.migrate(migrator.drop_table("leases"))
