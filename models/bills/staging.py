"""Puts the rows of a bill into temporary tables: each database its own fastest way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from peewee import Database, MySQLDatabase, PostgresqlDatabase, fn

from models import TABLES
from models.base import BaseModel, rows
from models.bills.staged import STAGED, StagedRow
from models.compiled.statements import driver_errors
from models.database import is_sqlite

CHUNK = 1_000
"""Rows that travel together. On MySQL they make a statement of some 200 KB, far below the smallest
`max_allowed_packet` that is usual (16 MB)."""
TEMPORARY_KIB, CACHE_KIB = 16_000, 8_000
"""Of SQLite's pages: those of the temporary file, and those of the database."""
LOOKED_UP_KIB = 40_000
"""Of the side in which a number is looked up for each row of the other: the index of a million
numbers, which come in no order."""
_ON_SQLITE = (
    "PRAGMA temp_store = FILE",
    f"PRAGMA temp.cache_size = -{TEMPORARY_KIB}",
    f"PRAGMA cache_size = -{CACHE_KIB}",
    "PRAGMA temp.journal_mode = OFF",
)
_LOOK_UP_BOOKS = (
    f"PRAGMA temp.cache_size = -{CACHE_KIB}",
    f"PRAGMA cache_size = -{LOOKED_UP_KIB}",
)
_LOOK_UP_BILL = (
    f"PRAGMA cache_size = -{CACHE_KIB}",
    f"PRAGMA temp.cache_size = -{LOOKED_UP_KIB}",
)
_ON_POSTGRESQL = (
    # A page of rows is small beside the tables, so an index finds the partners of each. A wrong
    # guess of the planner would read a whole table for each page.
    "SET enable_hashjoin = off",
    "SET enable_mergejoin = off",
)


class Staging:
    """The temporary tables of this thread's connection. Binds all models to the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.bind([*TABLES, *STAGED])

    def open(self) -> None:
        """Make the tables; those of an earlier bill on this connection go. Reads on this connection
        come after `finish`."""
        if isinstance(self._database, PostgresqlDatabase):
            self._run(_ON_POSTGRESQL)
        if is_sqlite(self._database):
            self._run(_ON_SQLITE)
        for table in STAGED:
            name = table._meta.table_name
            self._run([f"DROP TABLE IF EXISTS {name}"])
            table.create_table(safe=False, temporary=True)
            if isinstance(self._database, PostgresqlDatabase):
                # As the transaction ids of orders are: only then one index serves both ways.
                to_bytes = f'ALTER TABLE {name} ALTER COLUMN number TYPE VARCHAR(64) COLLATE "C"'
                self._run([to_bytes])
        if is_sqlite(self._database):
            self._run(_ON_SQLITE)
            self._run(
                ["BEGIN"]
            )  # takes no lock of the database: only the temporary file is written

    def add(self, table: type[BaseModel], rows: Sequence[tuple[Any, ...]]) -> None:
        """`rows` as the columns of the table are; at most CHUNK of them."""
        with driver_errors:
            if isinstance(self._database, PostgresqlDatabase):
                self._copy(table, rows)
            elif isinstance(self._database, MySQLDatabase):
                with self._database.cursor() as cursor:
                    cursor.executemany(_insertion(table, "%s"), rows)
            else:
                self._database.connection().executemany(_insertion(table, "?"), rows)

    def _copy(self, table: type[BaseModel], rows: Sequence[tuple[Any, ...]]) -> None:
        names = ", ".join(_columns(table))
        cursor = self._database.cursor()
        with cursor.copy(f"COPY {table._meta.table_name} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def finish(self) -> None:
        """All rows are there: they get their indexes."""
        if is_sqlite(self._database):
            self._run(["COMMIT"])
        for table in STAGED:
            name = table._meta.table_name
            self._run([f"CREATE INDEX {name}_number ON {name} (number, kind)"])
            if isinstance(self._database, PostgresqlDatabase):
                self._run([f"ANALYZE {name}"])

    def look_up_books(self) -> None:
        """From now on the bill is read in its order, and the books are looked up."""
        if is_sqlite(self._database):
            self._run(_LOOK_UP_BOOKS)

    def look_up_bill(self) -> None:
        """From now on the books are read in their order, and the bill is looked up."""
        if is_sqlite(self._database):
            self._run(_LOOK_UP_BILL)

    def last_line(self, table: type[Any] = StagedRow) -> int:
        """0 for none."""
        ((found,),) = rows(table.select(fn.MAX(table.line)))
        return found or 0

    def lines_there(self, lines: Sequence[int]) -> set[int]:
        """Those of these that are (still) there; at most CHUNK of them."""
        query = StagedRow.select(StagedRow.line).where(StagedRow.line.in_(lines))
        return {line for (line,) in rows(query)}

    def repeated(self, table: type[Any]) -> list[str]:
        """Numbers that stand there more than once as the same kind, at most CHUNK of them."""
        query = table.select(table.number).group_by(table.number, table.kind)
        found = rows(query.having(fn.COUNT(table.line) > 1).limit(CHUNK))
        return [number for (number,) in found]

    def drop_lines(self, table: type[Any], lines: Sequence[int]) -> None:
        for at in range(0, len(lines), CHUNK):
            table.delete().where(table.line.in_(lines[at : at + CHUNK])).execute()

    def tell(self, lines: Sequence[int]) -> None:
        """A difference of each of these rows is told."""
        for at in range(0, len(lines), CHUNK):
            some = lines[at : at + CHUNK]
            StagedRow.update(told=1).where(StagedRow.line.in_(some)).execute()

    def _run(self, statements: Sequence[str]) -> None:
        for statement in statements:
            self._database.execute_sql(statement)


def _columns(table: type[BaseModel]) -> list[str]:
    return [field.column_name for field in table._meta.sorted_fields]


def _insertion(table: type[BaseModel], mark: str) -> str:
    names = _columns(table)
    marks = ", ".join([mark] * len(names))
    return f"INSERT INTO {table._meta.table_name} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608
