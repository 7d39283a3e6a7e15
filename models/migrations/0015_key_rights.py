"""What an API key may do. A key from before may do what it could: everything, for every account."""

from peewee import BigIntegerField, CharField, Field

COLUMNS: dict[str, Field] = {
    "scopes": CharField(max_length=100, null=True),
    "mch_id": CharField(max_length=32, null=True),
    "refund_day_fen": BigIntegerField(null=True),
    "expires_at": BigIntegerField(null=True),
}


def up(migrator, db):
    # MySQL commits each change by itself, so any of this may be there: this may be a second try.
    known = {column.name for column in db.get_columns("api_keys")}
    for name, field in COLUMNS.items():
        if name not in known:
            migrator.migrate(migrator.add_column("api_keys", name, field))


def down(migrator, db):
    for name in COLUMNS:
        migrator.migrate(migrator.drop_column("api_keys", name))
