"""Who approved first what needs two admins, and when; what an asker had refunded on a day."""

from peewee import BigIntegerField, CharField, Field

COLUMNS: dict[str, tuple[str, Field]] = {
    "refunds": ("first_by", CharField(max_length=80, null=True)),
    "receipts": ("proposed_at", BigIntegerField(null=True)),
}
INDEX = ("requested_by", "created_at")


def up(migrator, db):
    # MySQL commits each change by itself, so any of this may be there: this may be a second try.
    for table, (name, field) in COLUMNS.items():
        if not any(column.name == name for column in db.get_columns(table)):
            migrator.migrate(migrator.add_column(table, name, field))
    if not any(tuple(index.columns) == INDEX for index in db.get_indexes("refunds")):
        migrator.migrate(migrator.add_index("refunds", INDEX))


def down(migrator, db):
    migrator.migrate(migrator.drop_index("refunds", f"refunds_{'_'.join(INDEX)}"))
    for table, (name, _field) in COLUMNS.items():
        migrator.migrate(migrator.drop_column(table, name))
