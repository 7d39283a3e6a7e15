"""The -wal file beside an SQLite database: it grows behind a long reader, and not for ever."""

from __future__ import annotations

import logging
import sqlite3
import time
from pathlib import Path

import pytest
from peewee import DatabaseError

from models.database import COPIED_PAGES, KEPT_WAL, LogCopies, migrate, open_database
from models.store import Store
from payments.errors import Busy
from tests.support.rig import until

pytestmark = pytest.mark.one_database


def test_after_a_long_reader_the_wal_file_is_cut_back(tmp_path: Path) -> None:
    file, wal = tmp_path / "paywatch.db", tmp_path / "paywatch.db-wal"
    writer = open_database(f"sqlite:///{file}")
    writer.execute_sql("CREATE TABLE filled (text)")
    reader = sqlite3.connect(file, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM filled").fetchone()
    for _ in range(48):
        writer.execute_sql("INSERT INTO filled VALUES (?)", ("x" * 2**20,))
    assert wal.stat().st_size > KEPT_WAL
    reader.execute("COMMIT")
    reader.close()
    for _ in range(2):  # the first goes to the end of the file; the next begins it anew
        writer.execute_sql("INSERT INTO filled VALUES ('y')")
    assert wal.stat().st_size <= KEPT_WAL
    writer.close()


@pytest.mark.gen_test
async def test_the_log_is_copied_into_the_file_while_the_writer_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "paywatch.db"
    database = open_database(f"sqlite:///{file}")
    migrate(database)
    database.execute_sql("CREATE TABLE filled (text)")
    database.close()
    before = file.stat().st_size
    store = Store(database, lambda: time.time_ns() // 1_000_000)
    store.open()

    def fill(batch: object, items: list[int]) -> list[None]:
        for _ in items:
            database.execute_sql("INSERT INTO filled VALUES (?)", ("x" * 10_000,))
        return [None] * len(items)

    for number in range(COPIED_PAGES // 10):
        await store.write(fill, number)

    async def has_grown() -> bool:
        return file.stat().st_size > before

    await until(has_grown)
    await store.close()


@pytest.mark.parametrize(
    ("error", "told"), [(DatabaseError("malformed"), 1), (Busy("The service is stopping."), 0)]
)
@pytest.mark.gen_test
async def test_a_copy_that_fails_ends_nothing_and_is_an_error_unless_the_service_stops(
    caplog: pytest.LogCaptureFixture, error: Exception, told: int
) -> None:
    async def fails(*_given: object) -> None:
        raise error

    copies = LogCopies(open_database("sqlite:///:memory:"), fails)
    copies.committed(COPIED_PAGES)
    await copies.close()
    errors = [record.message for record in caplog.records if record.levelno >= logging.ERROR]
    assert errors == ["The log of the database was not copied."] * told
