"""What can be said about a database from the outside: its kind, whether it takes a write, and the
settings under which a payment that was answered could be lost, or read by others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peewee import Database, MySQLDatabase, PeeweeException, PostgresqlDatabase

from models import TABLES, ApiKey, EventHead, Product, User
from models.base import rows
from models.database import is_sqlite, pending_migrations
from models.user import Role

CONNECT_S = 5
SYNCHRONOUS_FULL = 2
OTHERS = 0o077


@dataclass(frozen=True)
class Inspection:
    """`refusal` is why no write was taken, or empty. The counts are 0 while migrations are
    missing."""

    kind: str
    pending: tuple[str, ...]
    refusal: str = ""
    flaws: tuple[str, ...] = ()
    admins: int = 0
    api_keys: int = 0
    products: int = 0


def inspect(database: Database) -> Inspection:
    """Look at a database and change nothing. Raises Peewee's errors when it cannot be reached."""
    if not is_sqlite(database):
        database.connect_params.setdefault("connect_timeout", CONNECT_S)
    kind = _kind(database)
    flaws = tuple(_flaws(database))
    pending = tuple(pending_migrations(database))
    if pending:
        return Inspection(kind, pending, flaws=flaws)
    with database.bind_ctx(TABLES):
        return Inspection(
            kind,
            pending,
            refusal=_refusal(),
            flaws=flaws,
            admins=User.select().where(User.role == Role.ADMIN, ~User.disabled).count(),
            api_keys=ApiKey.select().where(ApiKey.revoked_at.is_null()).count(),
            products=Product.select().where(Product.active).count(),
        )


def event_head(database: Database) -> int:
    """The number of the last event. Raises Peewee's errors, ValueError when there is none."""
    with database.bind_ctx(TABLES):
        found = rows(EventHead.select(EventHead.seq).where(EventHead.id == 1))
    if not found:
        raise ValueError("It holds no stream of events.")
    return int(found[0][0])


def _refusal() -> str:
    """A write that changes nothing needs what every write needs."""
    try:
        written = EventHead.update(seq=EventHead.seq).where(EventHead.id == 1).execute()
    except PeeweeException as error:
        return first_line(error)
    return "" if written == 1 else "The row that numbers the events is missing."


def first_line(error: Exception) -> str:
    """The words of a driver's error, of which the rest is a position in a statement."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def _ask(database: Database, question: str) -> Any:
    """The one value that a server answers to a question about itself."""
    return database.execute_sql(question).fetchone()[0]


def _kind(database: Database) -> str:
    if is_sqlite(database):
        return f"SQLite {_ask(database, 'SELECT sqlite_version()')}"
    if isinstance(database, PostgresqlDatabase):
        return f"PostgreSQL {_ask(database, 'SHOW server_version')}"
    version = str(_ask(database, "SELECT VERSION()"))
    return version if "MariaDB" in version else f"MySQL {version}"


def _flaws(database: Database) -> list[str]:
    if isinstance(database, PostgresqlDatabase):
        return _postgresql_flaws(database)
    if isinstance(database, MySQLDatabase):
        return _mysql_flaws(database)
    return _sqlite_flaws(database)


def _sqlite_flaws(database: Database) -> list[str]:
    path = Path(database.database)
    found = [
        f"{file} may be read by others than its owner: chmod 600 {file}"
        for file in sorted(path.parent.glob(f"{path.name}*"))
        if file.name.removeprefix(path.name) in ("", "-wal", "-shm")
        and file.stat().st_mode & OTHERS
    ]
    sound = _ask(database, "PRAGMA quick_check(1)")
    if sound != "ok":
        found.append(f"the file is damaged ({sound}): stop, and restore a backup")
    if _ask(database, "PRAGMA journal_mode") != "wal":
        found.append("the file takes no write-ahead log: put it on a local disk")
    if _ask(database, "PRAGMA synchronous") < SYNCHRONOUS_FULL:
        found.append("synchronous is not FULL, so a power cut could lose payments")
    return found


def _postgresql_flaws(database: Database) -> list[str]:
    found = [
        f"{name} is off, so a crash could lose payments: set it to on"
        for name in ("synchronous_commit", "fsync", "full_page_writes")
        if _ask(database, f"SHOW {name}") == "off"
    ]
    if _ask(database, "SELECT pg_is_in_recovery()"):
        found.append("the server is a standby: use the address of the primary")
    elif _ask(database, "SHOW transaction_read_only") == "on":
        found.append("transactions are read only by default: set default_transaction_read_only off")
    if _ask(database, "SHOW server_encoding") != "UTF8":
        found.append("the database is not in UTF8: create it with ENCODING 'UTF8'")
    return found


def _mysql_flaws(database: Database) -> list[str]:
    found = []
    if int(_ask(database, "SELECT @@innodb_flush_log_at_trx_commit")) != 1:
        found.append("innodb_flush_log_at_trx_commit is not 1, so a crash could lose payments")
    if int(_ask(database, "SELECT @@log_bin")) and int(_ask(database, "SELECT @@sync_binlog")) != 1:
        found.append("log_bin is on and sync_binlog is not 1, so a crash could lose payments")
    if "STRICT_" not in str(_ask(database, "SELECT @@sql_mode")):
        found.append("sql_mode is not strict, so it would cut values off: add STRICT_TRANS_TABLES")
    if int(_ask(database, "SELECT @@read_only")):
        found.append("the server is read only: use the address of the primary")
    if _ask(database, "SELECT @@character_set_database") != "utf8mb4":
        found.append("the database is not utf8mb4: create it with CHARACTER SET utf8mb4")
    return found
