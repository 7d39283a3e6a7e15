"""Inspects a database from the outside: its kind, whether it takes a write, and the settings under
which a payment that was answered could be lost, or read by others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peewee import (
    Database,
    DatabaseError,
    MySQLDatabase,
    OperationalError,
    PeeweeException,
    PostgresqlDatabase,
)

from models import TABLES, ApiKey, EventHead, Product, User
from models.base import rows
from models.database import is_sqlite, pending_migrations
from models.user import Role

CONNECT_S = 5
SYNCHRONOUS_FULL = 2
OTHERS = 0o077


class Damaged(Exception):
    """A database or its copy that is not whole."""


@dataclass(frozen=True)
class Inspection:
    """`refusal` is why no write was taken, or empty. `unreadable` are tables and sequences that a
    dump would hold and our role may not read. The counts are 0 while migrations are missing."""

    kind: str
    pending: tuple[str, ...]
    refusal: str = ""
    flaws: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
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
            unreadable=tuple(_unreadable(database)),
            admins=User.select().where(User.role == Role.ADMIN, ~User.disabled).count(),
            api_keys=ApiKey.select().where(ApiKey.revoked_at.is_null()).count(),
            products=Product.select().where(Product.active).count(),
        )


def event_head(database: Database) -> int:
    """The number of the last event. Raises Peewee's errors, Damaged when there is none."""
    with database.bind_ctx(TABLES):
        found = rows(_head())
    if not found:
        raise Damaged("It holds no stream of events.")
    return int(found[0][0])


def _head() -> Any:
    return EventHead.select(EventHead.seq).where(EventHead.id == 1)


def _refusal() -> str:
    """A write that changes nothing needs what every write needs."""
    try:
        # Without a look at the count: MySQL counts what changed, and this changes nothing.
        EventHead.update(seq=EventHead.seq).where(EventHead.id == 1).execute()
    except PeeweeException as error:
        return first_line(error)
    return "" if rows(_head()) else "The row that numbers the events is missing."


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
    return f"{'MariaDB' if 'MariaDB' in version else 'MySQL'} {version.partition('-')[0]}"


def _flaws(database: Database) -> list[str]:
    if isinstance(database, PostgresqlDatabase):
        return _postgresql_flaws(database)
    if isinstance(database, MySQLDatabase):
        return _mysql_flaws(database)
    return _sqlite_flaws(database)


UNREADABLE = """
    SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'S', 'v', 'm') AND n.nspname = ANY (current_schemas(false))
    AND NOT CASE c.relkind WHEN 'S' THEN has_sequence_privilege(c.oid, 'SELECT')
                           ELSE has_table_privilege(c.oid, 'SELECT') END
    ORDER BY 1
"""


def _unreadable(database: Database) -> list[str]:
    """A role that uses the numbers of a sequence may still not read it, as pg_dump does. Other
    databases have no such difference."""
    if not isinstance(database, PostgresqlDatabase):
        return []
    return [name for (name,) in database.execute_sql(UNREADABLE).fetchall()]


def _sqlite_flaws(database: Database) -> list[str]:
    check_whole(database)
    found = []
    path = Path(database.database)
    files = [path.with_name(path.name + end) for end in ("", "-wal", "-shm")]
    open_to_others = [str(f) for f in files if f.exists() and f.stat().st_mode & OTHERS]
    if open_to_others:
        found.append(f"Others than the owner may read it: chmod 600 {' '.join(open_to_others)}")
    if _ask(database, "PRAGMA journal_mode") != "wal":
        found.append("The file takes no write-ahead log: put it on a local disk.")
    if _ask(database, "PRAGMA synchronous") < SYNCHRONOUS_FULL:
        found.append("synchronous is not full, so a power cut could lose payments.")
    return found


def check_whole(database: Database) -> None:
    """Read a whole SQLite file. Raises Damaged."""
    try:
        sound = _ask(database, "PRAGMA quick_check(1)")
    except OperationalError:
        raise  # locked or away, which says nothing about the file
    except DatabaseError as error:
        sound = str(error)
    if sound != "ok":
        reason = " ".join(str(sound).split())
        raise Damaged(f"it is damaged ({reason}); stop, and restore a backup.")


def _postgresql_flaws(database: Database) -> list[str]:
    found = [
        f"{name} is off, so a crash could lose payments: set it to on."
        for name in ("synchronous_commit", "fsync", "full_page_writes")
        if _ask(database, f"SHOW {name}") == "off"
    ]
    if _ask(database, "SELECT pg_is_in_recovery()"):
        found.append("The server is a standby: use the address of the primary.")
    elif _ask(database, "SHOW transaction_read_only") == "on":
        found.append(
            "Transactions are read only by default: set default_transaction_read_only off."
        )
    if _ask(database, "SHOW server_encoding") != "UTF8":
        found.append("The database is not in UTF8: create it with ENCODING 'UTF8'.")
    return found


def _mysql_flaws(database: Database) -> list[str]:
    found = []
    if int(_ask(database, "SELECT @@innodb_flush_log_at_trx_commit")) != 1:
        found.append("innodb_flush_log_at_trx_commit is not 1, so a crash could lose payments.")
    if int(_ask(database, "SELECT @@log_bin")) and int(_ask(database, "SELECT @@sync_binlog")) != 1:
        found.append("log_bin is on and sync_binlog is not 1, so a crash could lose payments.")
    if "STRICT_" not in str(_ask(database, "SELECT @@sql_mode")):
        found.append("sql_mode is not strict, so it would cut values off: add STRICT_TRANS_TABLES.")
    if int(_ask(database, "SELECT @@read_only")):
        found.append("The server is read only: use the address of the primary.")
    if _ask(database, "SELECT @@character_set_database") != "utf8mb4":
        found.append("The database is not utf8mb4: create it with CHARACTER SET utf8mb4.")
    return found
