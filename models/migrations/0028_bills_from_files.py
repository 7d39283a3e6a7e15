"""Which days were matched with a file that a person brought, which WeChat has not proven."""

from peewee import BooleanField


def up(migrator, db):
    """MySQL commits each change by itself, so it may be there: this may be a second try."""
    if not any(column.name == "from_file" for column in db.get_columns("bill_days")):
        field = BooleanField(default=False)
        migrator.migrate(migrator.add_column("bill_days", "from_file", field))


def down(migrator, db):
    migrator.migrate(migrator.drop_column("bill_days", "from_file"))
