"""Which differences of bills their orders were told of, and how many of each day."""

from peewee import BooleanField, IntegerField

ADDED = {
    ("bill_differences", "told"): BooleanField(default=False),
    ("bill_days", "told_count"): IntegerField(default=0),
}


def up(migrator, db):
    """MySQL commits each change by itself, so any of this may be there: this may be a second try."""
    for (table, name), field in ADDED.items():
        if not any(column.name == name for column in db.get_columns(table)):
            migrator.migrate(migrator.add_column(table, name, field))


def down(migrator, db):
    for table, name in ADDED:
        migrator.migrate(migrator.drop_column(table, name))
