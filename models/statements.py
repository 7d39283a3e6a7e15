"""Fixed SQL, compiled once from the models.

Building a query costs Peewee 75-90 µs, more than SQLite needs to run it; on the hot path a
statement is therefore built once for each number of rows and kept as text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import peewee
from peewee import SQL, Database, Model, MySQLDatabase, SqliteDatabase, ValuesList

# Peewee's own translation of a driver's errors, for the one call it has no method for.
_wrapped: AbstractContextManager[None] = peewee.__dict__["__exception_wrapper__"]


@dataclass(frozen=True)
class Dialect:
    """The properties of the database that a statement may depend on."""

    mark: str
    locks_rows: bool
    is_mysql: bool
    joins_rows: bool

    def values(self, n: int) -> list[SQL]:
        """The parameters of the one list of a SELECT."""
        return [SQL(self.mark)] * n

    def __getitem__(self, name: str) -> SQL:
        """The parameter `name`. Peewee orders columns as it likes, so rows are given by name."""
        return SQL(f":{name}:")

    def rows(self, names: Sequence[str], n: int) -> tuple[Any, dict[str, SQL]]:
        """`n` rows of parameters to join an UPDATE with, and their columns by name; where they
        cannot be joined, no source, and the parameters themselves."""
        if not self.joins_rows:
            return None, {name: self[name] for name in names}
        source = ValuesList([[self[name] for name in names]] * n).alias("given")
        columns = {name: SQL(f'"given"."column{i}"') for i, name in enumerate(names, 1)}
        return source, columns

    def literal(self, word: str) -> SQL:
        """A word of our own code inside the text; never one that came from outside."""
        if not word.replace("_", "").isalpha():
            raise ValueError(f"not a plain word: {word!r}")
        return SQL(f"'{word}'")


def _name_of(column: Any) -> str:
    """SQLite takes a name in quotes that it does not know for a text, so every column has one."""
    if isinstance(column, peewee.Alias):
        return str(column.name)
    if isinstance(column, peewee.Field):
        return str(column.column_name)
    raise TypeError(f"a column without a name: {column!r}")


@dataclass(frozen=True)
class _Statement:
    text: str
    names: tuple[str, ...]


Row = Mapping[str, Any]
"""The parameters of a statement, by name."""

Build = Callable[[Dialect, int], Any]
"""Builds a query with `n` parameters in its one list (n is 1 where it has none)."""

_LARGEST_CHUNK = 128
_NAMED = re.compile(":([a-z_]+):")


def _chunk(left: int) -> int:
    """Powers of two, so that few texts serve every number of rows."""
    return min(_LARGEST_CHUNK, 1 << (left.bit_length() - 1))


class Statements:
    """The compiled statements of one database; used by its writer alone."""

    def __init__(self, database: Database) -> None:
        self._database = database
        sqlite = isinstance(database, SqliteDatabase)
        mysql = isinstance(database, MySQLDatabase)
        self._dialect = Dialect(database.param, not sqlite, mysql, joins_rows=sqlite)
        self._packs = sqlite
        self._fetches: dict[tuple[Build, int], str] = {}
        self._compiled: dict[tuple[Build, int], _Statement] = {}
        self._inserts: dict[tuple[type[Model], tuple[str, ...], int, bool], _Statement] = {}

    def _statement(self, build: Build, n: int = 1) -> _Statement:
        key = (build, n)
        if key not in self._compiled:
            sql, parameters = build(self._dialect, n).sql()
            if parameters:
                raise ValueError(f"{build.__name__} holds values; give it parameters only")
            text = _NAMED.sub(self._dialect.mark, sql)
            self._compiled[key] = _Statement(text, tuple(_NAMED.findall(sql)))
        return self._compiled[key]

    def fetch(self, build: Build, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Rows for a list of values. The list is padded to a power of two with its last value,
        so that a handful of texts serves every length."""
        if not values:
            return []
        size = 1 << (len(values) - 1).bit_length()
        padded = [*values, *([values[-1]] * (size - len(values)))]
        key = (build, size)
        if key not in self._fetches:
            self._fetches[key] = self._fetch_text(build(self._dialect, size))
        cursor = self._database.execute_sql(self._fetches[key], padded)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return [tuple(row) for row in json.loads(found[0][0])] if self._packs else found

    def _fetch_text(self, query: Any) -> str:
        """SQLite gives the interpreter's lock away at every row, and the writer queues for it
        behind the loop each time: there, all rows travel as one."""
        sql, parameters = query.sql()
        if parameters:
            raise ValueError("a query holds values; give it parameters only")
        if not self._packs:
            return str(sql)
        columns = ", ".join(f'"{_name_of(column)}"' for column in query.selected_columns)
        return f"SELECT json_group_array(json_array({columns})) FROM ({sql})"  # noqa: S608 - ours

    def update(self, build: Build, rows: Sequence[Row]) -> int:
        """Run an UPDATE that takes `n` rows (`Dialect.rows`); returns the rows touched."""
        if not self._packs:
            return self.run_many(build, rows)
        touched = start = 0
        while start < len(rows):
            size = _chunk(len(rows) - start)
            statement = self._statement(build, size)
            names = statement.names[: len(statement.names) // size]
            values = [row[name] for row in rows[start : start + size] for name in names]
            touched += int(self._database.execute_sql(statement.text, values).rowcount)
            start += size
        return touched

    def insert(self, table: type[Model], rows: Sequence[Row], *, ignore: bool = False) -> None:
        """Insert rows that all have the same names, many in one statement. With `ignore`, a row
        that breaks a UNIQUE index is left out."""
        start = 0
        while start < len(rows):
            size = _chunk(len(rows) - start)
            statement = self._insert_statement(table, tuple(rows[start]), size, ignore)
            chunk = rows[start : start + size]
            values = [row[name] for row in chunk for name in statement.names]
            self._database.execute_sql(statement.text, values)
            start += size

    def _insert_statement(
        self, table: type[Model], names: tuple[str, ...], size: int, ignore: bool
    ) -> _Statement:
        key = (table, names, size, ignore)
        if key not in self._inserts:
            row = {getattr(table, name): self._dialect[name] for name in names}
            query = table.insert_many([row] * size)
            sql, _ = (query.on_conflict_ignore() if ignore else query).sql()
            order = tuple(_NAMED.findall(sql))[: len(names)]
            self._inserts[key] = _Statement(_NAMED.sub(self._dialect.mark, sql), order)
        return self._inserts[key]

    def run(self, build: Build, row: Row) -> int:
        """Run a statement once; returns the number of rows it touched."""
        return self.run_many(build, [row])

    def run_many(self, build: Build, rows: Sequence[Row]) -> int:
        """Run a statement for each row, in one call to the driver; returns the rows touched."""
        if not rows:
            return 0
        statement = self._statement(build)
        values = [[row[name] for name in statement.names] for row in rows]
        with _wrapped:
            cursor = self._database.cursor()
            cursor.executemany(statement.text, values)
            return int(cursor.rowcount)
