"""The -wal file beside an SQLite database: it grows behind a long reader, and not for ever."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from models.database import KEPT_WAL, open_database

pytestmark = pytest.mark.one_database


def test_after_a_long_reader_the_wal_file_is_cut_back(tmp_path: Path) -> None:
    file, wal = tmp_path / "paywatch.db", tmp_path / "paywatch.db-wal"
    writer = open_database(f"sqlite:///{file}")
    writer.execute_sql("CREATE TABLE filled (text)")
    reader = sqlite3.connect(file, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM filled").fetchone()
    for _ in range(24):
        writer.execute_sql("INSERT INTO filled VALUES (?)", ("x" * 2**20,))
    assert wal.stat().st_size > KEPT_WAL
    reader.execute("COMMIT")
    reader.close()
    for _ in range(2):  # the first goes to the end of the file; the next begins it anew
        writer.execute_sql("INSERT INTO filled VALUES ('y')")
    assert wal.stat().st_size <= KEPT_WAL
    writer.close()
