"""The statements on SQLite, where the rows of a statement travel together.

SQLite gives the interpreter's lock away at every row and every run, and the writer queues for it
behind the loop each time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import peewee
from peewee import SQL, Database, Field

from models.compiled.dialect import NAMED, Build, Dialect, Row, insertion_of, text_of
from models.compiled.statements import ImmediateStatements, Rows, Values, driver_errors

_LARGEST_CHUNK = 128
_TOGETHER = 8


@dataclass(frozen=True)
class _Statement:
    """`names` are the parameters of one row; `joins`: the text takes several rows."""

    text: str
    names: tuple[str, ...]
    joins: bool = False


def _chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Few lengths, so that few texts serve every number of rows: one to eight rows, and above that
    lengths of three leading bits, which leave less than a quarter. Up to 64 rows go in two."""
    start = 0
    while start < len(rows):
        left = len(rows) - start
        bits = max(0, left.bit_length() - 3)
        size = left if left <= _TOGETHER else min(_LARGEST_CHUNK, left >> bits << bits)
        yield rows[start : start + size]
        start += size


class SQLiteStatements(ImmediateStatements):
    """Joined UPDATEs, INSERTs of many rows, and SELECTs of one JSON value."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._compiled: dict[tuple[Build, int, str], _Statement] = {}

    def _statement(self, compile_: Callable[[Build, int], _Statement], build: Build, n: int) -> Any:
        key = (build, n, compile_.__name__)
        if key not in self._compiled:
            self._compiled[key] = compile_(build, n)
        return self._compiled[key]

    def fetch_all(self, *asked: tuple[Build, Values]) -> list[Rows]:
        """All in one statement."""
        padded = [(build, _padded(values)) for build, values in asked if values]
        if not padded:
            return [[] for _ in asked]
        text = _selections(tuple((build, len(values)) for build, values in padded))
        given = [value for _, values in padded for value in values]
        ((*packed,),) = self._execute(text, given).fetchall()
        found = iter(packed)
        return [
            [tuple(row) for row in json.loads(next(found))] if values else [] for _, values in asked
        ]

    def add(self, build: Build, rows: Sequence[Row]) -> None:
        for chunk in _chunks(rows):
            self._run(self._statement(_insertion, build, len(chunk)), chunk)

    def _advance(self, advance: Build, given: Row) -> tuple[int, Any]:
        statement = _advancing(advance)
        values = [given[name] for name in statement.names]
        ((head, end),) = self._execute(statement.text, values).fetchall()
        return int(head), end

    def _touch(self, build: Build, rows: Sequence[Row]) -> int:
        if not rows:
            return 0
        single = self._statement(_change, build, 1)
        if single.joins:
            chunks = list(_chunks(rows))
            return sum(self._run(self._statement(_change, build, len(c)), c) for c in chunks)
        values = [[row[name] for name in single.names] for row in rows]
        with driver_errors:
            cursor = self._database.cursor()
            cursor.executemany(single.text, values)
            return int(cursor.rowcount)

    def _run(self, statement: _Statement, rows: Sequence[Row]) -> int:
        values = [row[name] for row in rows for name in statement.names]
        return int(self._execute(statement.text, values).rowcount)

    def _execute(self, text: str, values: Values) -> Any:
        """Without Peewee's log and hooks, which nobody uses here: 10 µs of a notify that comes
        alone."""
        with driver_errors:
            return self._database.cursor().execute(text, values)


def _padded(values: Values) -> Values:
    """With its last value, to a length that is a power of two."""
    size = 1 << (len(values) - 1).bit_length()
    return [*values, *([values[-1]] * (size - len(values)))]


@cache
def _selections(builds: tuple[tuple[Build, int], ...]) -> str:
    """One row that has the rows of each SELECT as one JSON value."""
    return f"SELECT {', '.join(_selection(build, n) for build, n in builds)}"


def _selection(build: Build, n: int) -> str:
    query = build(Dialect(n))
    columns = ", ".join(f'"{_name_of(column)}"' for column in query.selected_columns)
    text = text_of(build, query)
    return f"(SELECT json_group_array(json_array({columns})) FROM ({text}))"  # noqa: S608 - ours


def _name_of(column: Any) -> str:
    """SQLite takes a name in quotes that it does not know for a text, so every column has one."""
    if isinstance(column, peewee.Alias):
        return str(column.name)
    if isinstance(column, peewee.Field):
        return str(column.column_name)
    raise TypeError(f"a column without a name: {column!r}")


def _insertion(build: Build, n: int) -> _Statement:
    parts = insertion_of(build, build(Dialect()))
    row = f"({', '.join('?' * len(parts.names))})"
    return _Statement(f"{parts.head} VALUES {', '.join([row] * n)}{parts.tail}", parts.names)


class _OneRow(Dialect):
    """A join with one row of parameters costs half as much again as these themselves."""

    def rows(self, *columns: Field) -> tuple[Any, dict[str, SQL]]:
        self._take(columns)
        return None, {name: self[name] for name in self.fields}


def _change(build: Build, n: int) -> _Statement:
    dialect = Dialect(n) if n > 1 else _OneRow()
    sql = text_of(build, build(dialect))
    names = tuple(NAMED.findall(sql))
    joins = bool(dialect.fields)
    return _Statement(NAMED.sub("?", sql), names[: len(names) // n] if joins else names, joins)


@cache
def _advancing(advance: Build) -> _Statement:
    """Advances the one row, and returns its number and the end of its chain."""
    query = advance(Dialect())
    sql = text_of(advance, query.returning(query.table.seq, query.table.chain))
    return _Statement(NAMED.sub("?", sql), tuple(NAMED.findall(sql)))
