"""The base of every table. Times are integer milliseconds since 1970 UTC, money is integer fen."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import reduce
from operator import add
from typing import Any

from peewee import (
    JOIN,
    SQL,
    BigIntegerField,
    Case,
    Check,
    Column,
    Expression,
    Field,
    Join,
    Model,
    MySQLDatabase,
    PostgresqlDatabase,
    fn,
)

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


def plain_rows(query: Any) -> list[tuple[Any, ...]]:
    """As `rows`, but as the driver gives them: for columns of integers and text alone."""
    return [tuple(row) for row in query._database.execute(query).fetchall()]


def dicts(query: Any) -> list[dict[str, Any]]:
    """The result of a SELECT as dicts by column, read to the end."""
    return list(query.dicts())


def begins(column: Any, text: str) -> Any:
    """A condition: the column begins with exactly these characters."""
    return fn.SUBSTR(column, 1, len(text)) == text


def head_of(field: Any, length: int) -> Any:
    """The first characters of a column, as its index of them has them: MySQL indexes no expression
    but a column of its own, and the others know theirs only by the same numbers in the text."""
    meta = field.model._meta
    if isinstance(meta.database, MySQLDatabase):
        return Column(meta.table, f"{field.column_name}_head")
    return fn.SUBSTR(field, SQL("1"), SQL(str(length)))


def folded(field: Any) -> Any:
    """A number in small letters, as its index has it."""
    meta = field.model._meta
    if isinstance(meta.database, MySQLDatabase):
        return Column(meta.table, f"{field.column_name}_folded")
    return fn.LOWER(field)


def first_of(*fields: Any) -> Any:
    """`COALESCE(…)`: the first that is there."""
    return fn.COALESCE(*fields)


def either(condition: Any, then: Any, otherwise: Any) -> Any:
    """`CASE WHEN condition THEN then ELSE otherwise END`."""
    return Case(None, [(condition, then)], otherwise)


def longer_than(column: Any, length: int) -> Any:
    """A condition: the column has more characters than that."""
    return fn.LENGTH(column) > length


def total(field: Any) -> Any:
    """`SUM(field)`."""
    return fn.SUM(field)


def total_size(field: Any) -> Any:
    """`SUM(ABS(field))`."""
    return fn.SUM(fn.ABS(field))


def how_many(field: Any) -> Any:
    """`COUNT(field)`."""
    return fn.COUNT(field)


def together(queries: Iterable[Any]) -> Any:
    """The rows of several SELECTs, each with its own order and limit."""
    first, *others = queries
    if not others:
        return first
    aliased = [query.alias(f"part{at}") for at, query in enumerate([first, *others])]
    return reduce(add, (each.select_from(SQL("*")) for each in aliased))


def chosen(query: Any, ids: Any, tests: Iterable[Any]) -> Any:
    """Of a SELECT the rows with these ids (a SELECT with the column `id`) that pass the tests. The
    ids are read first, then each row by its id: no database may follow an index of a test."""
    model, ids = query.model, ids.alias("chosen")
    source = Join(ids, model, JOIN.CROSS)
    return query.from_(source).where(model.id == ids.c.id, *map(tested, tests))


def tested(condition: Any) -> Any:
    """A condition that each row is tested for, and that leads no database to follow an index."""
    return Expression(condition, "IS", SQL("TRUE"))


def least(field: Any) -> Any:
    """`MIN(field)`."""
    return fn.MIN(field)


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
    is_column = isinstance(field, Field)  # else `folded`, which has the order of its column
    by_bytes = is_column and isinstance(field.model._meta.database, PostgresqlDatabase)
    column = field.collate('"C"') if by_bytes else field
    return (column >= text) & (column < text + LAST_CHARACTER)


def as_by_default(field: Any) -> Any:
    """A column that PostgreSQL compares by bytes, compared as its other columns are: only then the
    index of such a column serves the comparison of the two."""
    on_postgresql = isinstance(field.model._meta.database, PostgresqlDatabase)
    return field.collate('"default"') if on_postgresql else field
