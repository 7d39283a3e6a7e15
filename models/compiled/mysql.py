"""The statements on MySQL and MariaDB: few of them, with their values written in.

The driver is plain Python: it costs the most at each statement, each row and each column that it
reads. So rows go out as one statement and come back as one JSON array each.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import peewee
from peewee import SQL, Database, fn

from models.compiled.dialect import (
    LIST,
    NAMED,
    Build,
    Insertion,
    MySQLDialect,
    Row,
    insertion_of,
    text_of,
)
from models.compiled.statements import ImmediateStatements, Rows, Values, driver_errors

_LARGEST = 2**20
"""The length (characters) from which on further rows go into another statement; the server takes
sixteen times as much."""


class MySQLStatements(ImmediateStatements):
    """Every text is split at its parameters once."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._selections: dict[Build, list[str]] = {}
        self._changes: dict[Build, tuple[list[str], tuple[str, ...]]] = {}
        self._insertions: dict[Build, Insertion] = {}

    def fetch_all(self, *asked: tuple[Build, Values]) -> list[Rows]:
        return [self._fetch(build, values) if values else [] for build, values in asked]

    def _fetch(self, build: Build, values: Values) -> Rows:
        if build not in self._selections:
            self._selections[build] = NAMED.split(_selection(build))
        parts, literal = self._selections[build], self._literal()
        found = self._run(_filled(parts, {LIST: ",".join(map(literal, values))})).fetchall()
        return [tuple(row) for row in json.loads(f"[{','.join(text for (text,) in found)}]")]

    def add(self, build: Build, rows: Sequence[Row]) -> None:
        if not rows:
            return
        if build not in self._insertions:
            self._insertions[build] = insertion_of(build, build(_dialect()))
        parts, literal = self._insertions[build], self._literal()
        texts = (f"({','.join([literal(row[name]) for name in parts.names])})" for row in rows)
        for chunk in _chunks(texts):
            self._run(f"{parts.head} VALUES {','.join(chunk)}{parts.tail}")

    def _advance(self, advance: Build, given: Row) -> tuple[int, Any]:
        """The driver hears the number alone; the end of the chain is read where it is written."""
        parts, _ = self._change(advance)
        literal = self._literal()
        told = self._run(_filled(parts, {name: literal(given[name]) for name in given}))
        head = advance(_dialect()).table
        end = head.select(head.chain).where(head.id == SQL("1"))
        return int(told.lastrowid), SQL(f"({text_of(advance, end)})")

    def _touch(self, build: Build, rows: Sequence[Row]) -> int:
        if not rows:
            return 0
        parts, columns = self._change(build)
        literal = self._literal()
        if not columns:
            texts = [_filled(parts, {name: literal(row[name]) for name in row}) for row in rows]
            return sum(int(self._run(text).rowcount) for text in texts)
        given = (",".join([literal(row[name]) for name in columns]) for row in rows)
        return sum(
            int(self._run(_filled(parts, {"given": _union(columns, chunk)})).rowcount)
            for chunk in _chunks(given)
        )

    def _change(self, build: Build) -> tuple[list[str], tuple[str, ...]]:
        """The parts of the text, and the columns of the rows that it is joined with, if it is."""
        if build not in self._changes:
            dialect = _dialect()
            text = text_of(build, build(dialect))
            if dialect.fields:
                # The rows come first: each finds its one row by an index.
                text = text.replace("UPDATE ", "UPDATE (:given:) AS `given` STRAIGHT_JOIN ", 1)
            self._changes[build] = NAMED.split(text), tuple(dialect.fields)
        return self._changes[build]

    def _literal(self) -> Callable[[Any], str]:
        """Writes a value as the driver does for this connection."""
        escape = self._database.connection().escape

        def literal(value: Any) -> str:
            if value is None:
                return "NULL"
            if isinstance(value, SQL):
                return str(value.sql)
            if isinstance(value, int):
                return str(int(value))
            written: str = escape(value)
            return written

        return literal

    def _run(self, text: str) -> Any:
        with driver_errors:
            cursor = self._database.cursor()
            cursor.execute(text)  # without a second argument, so that % is only a character
            return cursor


def _dialect() -> MySQLDialect:
    return MySQLDialect(locks_rows=True, is_mysql=True)


def _selection(build: Build) -> str:
    """The SELECT with its columns as one."""
    query = build(_dialect())
    columns = [c.node if isinstance(c, peewee.Alias) else c for c in query.selected_columns]
    return text_of(build, query.select(fn.JSON_ARRAY(*columns)))


def _filled(parts: Sequence[str], values: dict[str, str]) -> str:
    """The text with its parameters; every second part is the name of one."""
    return "".join([values[part] if i % 2 else part for i, part in enumerate(parts)])


def _union(columns: Sequence[str], rows: Sequence[str]) -> str:
    """Rows as a table with these columns."""
    names = ",".join(f"NULL AS `given_{name}`" for name in columns)
    return " UNION ALL SELECT ".join([f"SELECT {names} FROM DUAL WHERE 1=0", *rows])  # noqa: S608 - escaped


def _chunks(texts: Iterator[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    length = 0
    for text in texts:
        if chunk and length + len(text) > _LARGEST:
            yield chunk
            chunk, length = [], 0
        chunk.append(text)
        length += len(text)
    yield chunk
