"""To whom a case was given; and the cases of one person, found by an index."""

from peewee import CharField

TABLE, COLUMN, INDEX = "alert_entries", "assignee", ("assignee", "id")


def up(migrator, db):
    known = {column.name for column in db.get_columns(TABLE)}
    if COLUMN not in known:  # MySQL commits each change by itself: this may be a second try
        migrator.migrate(migrator.add_column(TABLE, COLUMN, CharField(max_length=64, null=True)))
    if not any(index.columns == list(INDEX) for index in db.get_indexes("alerts")):
        migrator.migrate(migrator.add_index("alerts", INDEX))


def down(migrator, db):
    migrator.migrate(migrator.drop_index("alerts", "alerts_assignee_id"))
    migrator.migrate(migrator.drop_column(TABLE, COLUMN))
