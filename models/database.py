"""Opening a database by its address, and its migrations."""

from __future__ import annotations

import logging
from pathlib import Path

from peewee import Database, SqliteDatabase
from playhouse.db_url import connect as connect_by_url
from playhouse.migrations import Runner

_MIGRATIONS = Path(__file__).parent / "migrations"
_SQLITE = "sqlite:///"
BUSY_TIMEOUT_S = 2

logging.getLogger("peewee.migrations").setLevel(logging.WARNING)


def open_database(url: str) -> Database:
    """`sqlite:///data/paywatch.db` (relative; absolute with four slashes), `postgresql://…` or
    `mysql://…`. Does not connect yet. Creates the folder of a SQLite file."""
    if not url.startswith(_SQLITE):
        database: Database = connect_by_url(url, autorollback=True)
        return database
    path = Path(url.removeprefix(_SQLITE))
    path.parent.mkdir(parents=True, exist_ok=True)
    pragmas = {
        "journal_mode": "wal",
        # FULL: a commit is on the disk before it is answered. NORMAL may lose the last ones.
        "synchronous": "full",
        "foreign_keys": 1,
        "trusted_schema": 0,
        "cache_size": -32_000,
    }
    return SqliteDatabase(str(path), pragmas=pragmas, timeout=BUSY_TIMEOUT_S)


def is_sqlite(database: Database) -> bool:
    return isinstance(database, SqliteDatabase)


def pending_migrations(database: Database) -> list[str]:
    """Names of the migrations that this database still needs, in order."""
    return [m.name for m in _runner(database).status() if m.path and not m.applied]


def is_empty(database: Database) -> bool:
    return not database.get_tables()


def migrate(database: Database) -> list[str]:
    """Bring the tables up to date; returns the names of the migrations that ran."""
    names: list[str] = _runner(database).up()
    return names


def _runner(database: Database) -> Runner:
    return Runner(database, str(_MIGRATIONS))
