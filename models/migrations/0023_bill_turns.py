"""When WeChat was asked for the bill of a day last: its limit holds over all processes."""

from peewee import BigIntegerField


def up(migrator, db):
    """MySQL commits each change by itself, so it may be there: this may be a second try."""
    if not any(column.name == "asked_at" for column in db.get_columns("bill_days")):
        field = BigIntegerField(null=True)
        migrator.migrate(migrator.add_column("bill_days", "asked_at", field))


def down(migrator, db):
    migrator.migrate(migrator.drop_column("bill_days", "asked_at"))
