"""Raw notices are kept encrypted. No key is at hand here, so what is there becomes plain text in
the new form (a zero byte, then UTF-8), which stays readable."""

from collections.abc import Iterator
from typing import Any

from peewee import BlobField, CharField, Model, MySQLDatabase, TextField

PAGE = 500


class MediumBlobField(BlobField):
    """MySQL's own BLOB ends at 64 KiB, which is where a notice may end before it is sealed."""

    field_type = "MEDIUMBLOB"


def _rows(db: Any) -> Any:
    class RawNotice(Model):
        id = CharField(primary_key=True, max_length=24)
        body = TextField()
        sealed = BlobField(null=True)

        class Meta:
            database = db
            table_name = "raw_notices"

    return RawNotice


def _pages(table: Any, column: Any) -> Iterator[Any]:
    """Every row, a page at a time."""
    last = ""
    while page := list(
        table.select(table.id, column).where(table.id > last).order_by(table.id).limit(PAGE)
    ):
        yield from page
        last = page[-1].id


def up(migrator, db):
    # MySQL commits each change of a table by itself, so this must go on where it was cut off.
    if "sealed" not in _columns(db):
        blob = MediumBlobField if isinstance(db, MySQLDatabase) else BlobField
        migrator.migrate(migrator.add_column("raw_notices", "sealed", blob(null=True)))
    if "body" not in _columns(db):
        return
    table = _rows(db)
    for row in _pages(table, table.body):
        plain = b"\x00" + row.body.encode()
        table.update(sealed=plain).where(table.id == row.id).execute()
    migrator.migrate(
        migrator.add_not_null("raw_notices", "sealed"), migrator.drop_column("raw_notices", "body")
    )


def _columns(db: Any) -> set[str]:
    return {column.name for column in db.get_columns("raw_notices")}


def down(migrator, db):
    migrator.migrate(migrator.add_column("raw_notices", "body", TextField(default="")))
    table = _rows(db)
    for row in _pages(table, table.sealed):
        sealed = bytes(row.sealed)
        if sealed[:1] == b"\x00":
            body = sealed[1:].decode()
            table.update(body=body).where(table.id == row.id).execute()
    migrator.migrate(migrator.drop_column("raw_notices", "sealed"))
