"""The base of every table. Times are integer milliseconds since 1970 UTC, money is integer fen."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from peewee import JOIN, BigIntegerField, Check, Model, PostgresqlDatabase, fn

from payments.money import MAX_FEN

IF_ANY = JOIN.LEFT_OUTER
"""A join that keeps a row without a partner."""


class BaseModel(Model):
    """Unbound: `models.store.Store` binds the tables to its own database."""

    class Meta:
        legacy_table_names = False


class TimeField(BigIntegerField):
    """Milliseconds since 1970-01-01T00:00:00Z."""


class FenField(BigIntegerField):
    """Integer fen."""


def one_of(column: str, words: type[StrEnum]) -> Any:
    """The database refuses a word that the code does not know."""
    listed = ", ".join(f"'{word.value}'" for word in words)
    return Check(f"{column} IN ({listed})")


def fen_between(column: str, lowest: int) -> Any:
    """Also refuses text, which SQLite would store in an integer column."""
    return Check(f"{column} BETWEEN {lowest} AND {MAX_FEN}")


def rows(query: Any) -> list[tuple[Any, ...]]:
    """The result of a SELECT as plain tuples, read to the end."""
    return list(query.tuples())


def dicts(query: Any) -> list[dict[str, Any]]:
    """The result of a SELECT as dicts by column, read to the end."""
    return list(query.dicts())


def begins(column: Any, text: str) -> Any:
    """A condition: the column begins with exactly these characters."""
    return fn.SUBSTR(column, 1, len(text)) == text


def first_of(*fields: Any) -> Any:
    """`COALESCE(…)`: the first that is there."""
    return fn.COALESCE(*fields)


def longer_than(column: Any, length: int) -> Any:
    """A condition: the column has more characters than that."""
    return fn.LENGTH(column) > length


def total(field: Any) -> Any:
    """`SUM(field)`."""
    return fn.SUM(field)


def exists(query: Any) -> Any:
    """`EXISTS (…)`."""
    return fn.EXISTS(query)


def locked(query: Any) -> Any:
    """The rows of a SELECT for this transaction alone, where the database has row locks; SQLite
    has one writer anyway."""
    return query.for_update() if query.model._meta.database.for_update else query


LAST_CHARACTER = "\U0010ffff"


def starts_with(field: Any, text: str) -> Any:
    """Rows whose `field` begins with `text`, compared by bytes: a range, so that an index serves it
    and % and _ are only characters. PostgreSQL's own order is that of a language, so there the
    index that the migration made in the order of the bytes is named."""
    by_bytes = isinstance(field.model._meta.database, PostgresqlDatabase)
    column = field.collate('"C"') if by_bytes else field
    return (column >= text) & (column < text + LAST_CHARACTER)
