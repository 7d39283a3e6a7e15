"""When WeChat said last that an order is not paid."""

from peewee import BigIntegerField

TABLE, NAME = "order_checks", "unpaid_at"


def up(migrator, db):
    """MySQL commits each change by itself, so this may be there: this may be a second try."""
    if not any(column.name == NAME for column in db.get_columns(TABLE)):
        migrator.migrate(migrator.add_column(TABLE, NAME, BigIntegerField(null=True)))


def down(migrator, db):
    migrator.migrate(migrator.drop_column(TABLE, NAME))
