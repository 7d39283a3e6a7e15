"""Fixed SQL, compiled once from the models.

Building a query costs Peewee 75-90 µs, more than SQLite needs to run it; on the hot path a
statement is therefore built once and kept as text.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

import peewee
from peewee import Database, Model

from models.compiled.dialect import Build, Dialect, Row

driver_errors: AbstractContextManager[None] = peewee.__dict__["__exception_wrapper__"]
"""Peewee's own translation of a driver's errors, for the calls that it has no method for."""

Values = Sequence[Any]
Rows = list[tuple[Any, ...]]


class Statements(ABC):
    """The compiled statements of one database; used by its writer alone. A write may wait until
    something is read or `flush` is called, in its order; only then is it known how it ends."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def fetch(self, build: Build, values: Values) -> Rows:
        """The rows of a SELECT for a list of values; none for none."""
        return self.fetch_all((build, values))[0]

    @abstractmethod
    def fetch_all(self, *asked: tuple[Build, Values]) -> list[Rows]:
        """As `fetch`, for several at once where the database can be asked so."""

    @abstractmethod
    def add(self, build: Build, rows: Sequence[Row]) -> None:
        """Run an INSERT of one row for many."""

    @abstractmethod
    def write(self, build: Build, rows: Sequence[Row]) -> None:
        """Run a statement for each row, however many rows of the table each touches."""

    @abstractmethod
    def must(self, build: Build, rows: Sequence[Row]) -> None:
        """Run an UPDATE for rows that this transaction has locked: each touches exactly one, or the
        transaction ends with a RuntimeError."""

    @abstractmethod
    def append(
        self, advance: Build, table: type[Model], rows: Sequence[Row], digest: str
    ) -> Callable[[], int]:
        """Insert rows under the numbers that `advance` takes for them (`k`), the last statement of
        a transaction; after its commit the call returns the last number. `advance` also moves the
        end of the chain on by their `digest`, and the last row gets it (`chain`)."""

    @abstractmethod
    def flush(self) -> None:
        """Nothing waits after this."""

    def insert(self, table: type[Model], rows: Sequence[Row], *, ignore: bool = False) -> None:
        """Insert rows that all have the same names. With `ignore`, a row that breaks a UNIQUE index
        is left out."""
        if rows:
            self.add(_insert(table, tuple(rows[0]), ignore), rows)


class ImmediateStatements(Statements):
    """Each statement is run when it is given; nothing ever waits."""

    def write(self, build: Build, rows: Sequence[Row]) -> None:
        self._touch(build, rows)

    def must(self, build: Build, rows: Sequence[Row]) -> None:
        check(self._touch(build, rows), len(rows))

    def append(
        self, advance: Build, table: type[Model], rows: Sequence[Row], digest: str
    ) -> Callable[[], int]:
        head, end = self._advance(advance, {"k": len(rows), "digest": digest})
        first = head - len(rows) + 1
        numbered = [
            {"seq": seq, **row, "chain": end if seq == head else None}
            for seq, row in enumerate(rows, first)
        ]
        self.insert(table, numbered)
        return lambda: head

    def flush(self) -> None:
        pass

    @abstractmethod
    def _touch(self, build: Build, rows: Sequence[Row]) -> int:
        """Run an UPDATE for each row; returns how many rows of the table it found."""

    @abstractmethod
    def _advance(self, advance: Build, given: Row) -> tuple[int, Any]:
        """Move the number of the last row and the end of the chain on; returns the new ones."""


@cache
def _insert(table: type[Model], names: tuple[str, ...], ignore: bool) -> Build:
    def insert(d: Dialect) -> Any:
        query = table.insert({getattr(table, name): d[name] for name in names})
        return query.on_conflict_ignore() if ignore else query

    return insert


def check(touched: int, rows: int) -> None:
    if touched != rows:
        raise RuntimeError("a row changed under its lock; the batch is run again")
