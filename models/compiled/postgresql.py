"""The statements on PostgreSQL: lists as arrays, in one text for every length; the statements
between two questions travel together, and so do the last ones and the commit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import Field, Model

from models.compiled.arrays import array, bigint
from models.compiled.dialect import (
    LIST,
    NAMED,
    Build,
    PostgreSQLDialect,
    Row,
    array_type,
    insertion_of,
    text_of,
    unnested,
)
from models.compiled.pipe import Answer, Parameter, Pipe
from models.compiled.statements import Rows, Statements, Values, driver_errors
from models.database import PipedPostgres

_COUNT = "CAST(:k: AS bigint)"


@dataclass(frozen=True)
class _Prepared:
    """`kinds` of its arrays by their parameters' names; none when its parameters are single."""

    text: str
    names: tuple[str, ...]
    kinds: dict[str, str]

    def arrays(self, rows: Sequence[Row]) -> list[Parameter]:
        return [array(self.kinds[n], [row[n] for row in rows]) for n in self.names]


class PostgreSQLStatements(Statements):
    """Through the pipe of the writer's connection."""

    def __init__(self, database: PipedPostgres) -> None:
        super().__init__(database)
        self._server = database
        self._compiled: dict[Build, _Prepared] = {}

    @property
    def _pipe(self) -> Pipe:
        return self._server.pipe()

    def flush(self) -> None:
        with driver_errors:
            self._pipe.flush()

    def fetch_all(self, *asked: tuple[Build, Values]) -> list[Rows]:
        answers = [self._select(build, values) if values else None for build, values in asked]
        self.flush()
        return [self._pipe.rows_of(answer) if answer else [] for answer in answers]

    def _select(self, build: Build, values: Values) -> Answer:
        statement = self._statement(build, _change)
        return self._pipe.ask(statement.text, [array(statement.kinds[LIST], values)])

    def add(self, build: Build, rows: Sequence[Row]) -> None:
        if rows:
            statement = self._statement(build, _insertion)
            self._pipe.ask(statement.text, statement.arrays(rows))

    def write(self, build: Build, rows: Sequence[Row]) -> None:
        self._touch(build, rows, exactly=False)

    def must(self, build: Build, rows: Sequence[Row]) -> None:
        self._touch(build, rows, exactly=True)

    def append(
        self, advance: Build, table: type[Model], rows: Sequence[Row], digest: str
    ) -> Callable[[], int]:
        if advance not in self._compiled:
            self._compiled[advance] = _numbering(advance, table, tuple(rows[0]))
        statement = self._compiled[advance]
        arrays = [
            array(statement.kinds[name], [row[name] for row in rows])
            for name in statement.names[2:]
        ]
        pipe = self._pipe
        single = [bigint(len(rows)), digest.encode()]
        answer = pipe.ask(statement.text, [*single, *arrays])
        return lambda: int(pipe.rows_of(answer)[0][0])

    def _touch(self, build: Build, rows: Sequence[Row], *, exactly: bool) -> None:
        if not rows:
            return
        statement = self._statement(build, _change)
        if statement.kinds:
            count = len(rows) if exactly else None
            self._pipe.ask(statement.text, statement.arrays(rows), rows=count)
            return
        for row in rows:
            values = [_as_text(row[name]) for name in statement.names]
            self._pipe.ask(statement.text, values, binary=False, rows=1 if exactly else None)

    def _statement(self, build: Build, compile_: Callable[[Build], _Prepared]) -> _Prepared:
        if build not in self._compiled:
            self._compiled[build] = compile_(build)
        return self._compiled[build]


def _dialect() -> PostgreSQLDialect:
    return PostgreSQLDialect(locks_rows=True)


def _kinds(fields: dict[str, Field]) -> dict[str, str]:
    return {name: array_type(column) for name, column in fields.items()}


def _numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """The text with $1, $2, … and the names that these stand for."""
    names = tuple(dict.fromkeys(NAMED.findall(sql)))
    return NAMED.sub(lambda found: f"${names.index(found[1]) + 1}", sql), names


def _change(build: Build) -> _Prepared:
    dialect = _dialect()
    text, names = _numbered(text_of(build, build(dialect)))
    return _Prepared(text, names, _kinds(dialect.fields))


def _insertion(build: Build) -> _Prepared:
    query = build(_dialect())
    parts = insertion_of(build, query)
    fields = {name: query.table._meta.fields[name] for name in parts.names}
    source = f" SELECT * FROM {unnested(fields)}"  # noqa: S608 - ours
    text, names = _numbered(parts.head + source + parts.tail)
    return _Prepared(text, names, _kinds(fields))


def _numbering(advance: Build, table: type[Model], names: tuple[str, ...]) -> _Prepared:
    """The head's advance and the rows under its numbers, in one statement: the head's row, which
    the other processes wait for, is locked on the server alone. The parameters are `k`, `digest`,
    and the arrays."""
    query = advance(_dialect())
    head = query.table
    returning = query.returning(head.seq, head.chain)
    advanced = text_of(advance, returning).replace(":k:", _COUNT)
    fields = {name: table._meta.fields[name] for name in names}
    columns = ", ".join(f'"{column.column_name}"' for column in fields.values())
    given = ", ".join(f'"given"."{name}"' for name in names)
    aliases = ", ".join(f'"{name}"' for name in (*names, "nth"))
    target = f'"{table._meta.table_name}" ("seq", {columns}, "chain")'
    end = f'CASE WHEN "given"."nth" = {_COUNT} THEN "head"."chain" END'
    source = f'"head", {unnested(fields)} WITH ORDINALITY AS "given"({aliases})'
    rows = f'SELECT "head"."seq" - {_COUNT} + "given"."nth", {given}, {end} FROM {source}'  # noqa: S608
    told = f"INSERT INTO {target} {rows}"
    both = f'WITH "head" AS ({advanced}), "told" AS ({told}) SELECT "seq" FROM "head"'  # noqa: S608
    text, order = _numbered(both)
    if order[:2] != ("k", "digest"):
        raise ValueError(f"{advance.__name__} must take its number first, then its digest")
    return _Prepared(text, order, _kinds(fields))


def _as_text(value: Any) -> Parameter:
    if value is None:
        return None
    return str(int(value) if isinstance(value, bool) else value).encode()
