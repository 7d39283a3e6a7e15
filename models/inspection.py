"""Inspects a database from the outside: its kind, whether it takes a write, and the settings under
which a payment that was answered could be lost, or read by others.

Each query names the database that it asks. To bind the models to it would bind them for the whole
process, whose service may be in a transaction of its own at this moment."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
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

from models import ApiKey, Event, EventHead, PrepayAttempt, Product, User
from models.base import rows
from models.database import is_sqlite, pending_migrations
from models.user import Role
from payments.states import TradeType

CONNECT_S = 5
SYNCHRONOUS_FULL = 2
OTHERS = 0o077
LATEST, SHOWN = 2000, 20
CLIENT_IP = re.compile(r'"(?:spbill_create_ip|payer_client_ip)": ?"([^"]*)"')
"""What API v2 and API v3 call the buyer's address."""


class Damaged(Exception):
    """A database or its copy that is not whole."""


@dataclass(frozen=True)
class Flaw:
    """A setting that is not safe; services/checks/check_codes.py has the codes and their words."""

    code: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Inspection:
    """`refusal` is why no write was taken, or empty. `unreadable` are tables and sequences that a
    dump would hold and our role may not read. The counts are 0 while migrations are missing."""

    kind: str
    pending: tuple[str, ...]
    refusal: str = ""
    flaws: tuple[Flaw, ...] = ()
    unreadable: tuple[str, ...] = ()
    admins: int = 0
    api_keys: int = 0
    products: int = 0
    admins_by_password: int = 0
    """Those of the admins who have no second factor."""
    h5_addresses: tuple[str, ...] = ()
    """The buyers' addresses of the latest H5 payments, as WeChat was told them."""
    clock_ms: int | None = None
    """The server's own clock, as `newest_ms`, the time of the newest event, in ms UTC."""
    newest_ms: int | None = None


def inspect(database: Database) -> Inspection:
    """Look at a database and change nothing. Raises Peewee's errors when it cannot be reached."""
    if not is_sqlite(database):
        database.connect_params.setdefault("connect_timeout", CONNECT_S)
    kind = _kind(database)
    flaws = tuple(_flaws(database))
    pending = tuple(pending_migrations(database))
    if pending:
        return Inspection(kind, pending, flaws=flaws)
    clock_ms, newest_ms = read_times(database)
    admins = User.select().where(User.role == Role.ADMIN, ~User.disabled)
    return Inspection(
        kind,
        pending,
        refusal=_refusal(database),
        flaws=flaws,
        unreadable=tuple(_unreadable(database)),
        admins=admins.count(database),
        admins_by_password=admins.where(User.totp_secret.is_null()).count(database),
        h5_addresses=_h5_addresses(database),
        api_keys=ApiKey.select().where(ApiKey.revoked_at.is_null()).count(database),
        products=Product.select().where(Product.active).count(database),
        clock_ms=clock_ms,
        newest_ms=newest_ms,
    )


def _h5_addresses(database: Database) -> tuple[str, ...]:
    """Among the newest attempts alone: no index finds those of H5."""
    last = PrepayAttempt.select(PrepayAttempt.id).order_by(PrepayAttempt.id.desc()).limit(1)
    newest = rows(last.bind(database))
    if not newest:
        return ()
    query = PrepayAttempt.select(PrepayAttempt.parameters).where(
        PrepayAttempt.id > newest[0][0] - LATEST, PrepayAttempt.trade_type == TradeType.MWEB
    )
    found = rows(query.order_by(PrepayAttempt.id.desc()).limit(SHOWN).bind(database))
    return tuple(told[1] for (text,) in found if (told := CLIENT_IP.search(text)))


def read_times(database: Database | None = None) -> tuple[int | None, int | None]:
    """The time of the database server's own clock, and that of the newest event, in ms UTC; SQLite
    has no clock of its own, and a new database no event. Of the service's own database, unless
    another is given."""
    database = database or EventHead._meta.database
    newest = rows(Event.select(Event.at).order_by(Event.seq.desc()).limit(1).bind(database))
    return _server_ms(database), int(newest[0][0]) if newest else None


def _server_ms(database: Database) -> int | None:
    if isinstance(database, PostgresqlDatabase):
        return int(_ask(database, "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)"))
    if isinstance(database, MySQLDatabase):
        return int(_ask(database, "SELECT floor(UNIX_TIMESTAMP(SYSDATE(3)) * 1000)"))
    return None


def has_echo(database: Database, message: str) -> bool:
    """Whether one of the newest events holds this message, which WeChat sent back."""
    last = event_head(database)
    query = Event.select(Event.data).where(
        Event.seq > last - LATEST, Event.kind == "system.ignored"
    )
    return any(message in data for (data,) in rows(query.bind(database)))


def event_head(database: Database) -> int:
    """The number of the last event. Raises Peewee's errors, Damaged when there is none."""
    found = rows(_head(database))
    if not found:
        raise Damaged("It holds no stream of events.")
    return int(found[0][0])


def _head(database: Database) -> Any:
    return EventHead.select(EventHead.seq).where(EventHead.id == 1).bind(database)


def _refusal(database: Database) -> str:
    """A write that changes nothing needs what every write needs."""
    try:
        # Without a look at the count: MySQL counts what changed, and this changes nothing.
        EventHead.update(seq=EventHead.seq).where(EventHead.id == 1).execute(database)
    except PeeweeException as error:
        return first_line(error)
    return "" if rows(_head(database)) else "The row that numbers the events is missing."


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


def _flaws(database: Database) -> list[Flaw]:
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


def _sqlite_flaws(database: Database) -> list[Flaw]:
    check_whole(database)
    found = []
    path = Path(database.database)
    files = [path.with_name(path.name + end) for end in ("", "-wal", "-shm")]
    open_to_others = [str(f) for f in files if f.exists() and f.stat().st_mode & OTHERS]
    if open_to_others:
        found.append(Flaw("file_open_to_others", {"files": " ".join(open_to_others)}))
    if _ask(database, "PRAGMA journal_mode") != "wal":
        found.append(Flaw("no_write_ahead_log"))
    if _ask(database, "PRAGMA synchronous") < SYNCHRONOUS_FULL:
        found.append(Flaw("not_synchronous"))
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


def _postgresql_flaws(database: Database) -> list[Flaw]:
    found = [
        Flaw("safety_switched_off", {"setting": name})
        for name in ("synchronous_commit", "fsync", "full_page_writes")
        if _ask(database, f"SHOW {name}") == "off"
    ]
    if _ask(database, "SELECT pg_is_in_recovery()"):
        found.append(Flaw("standby_server"))
    elif _ask(database, "SHOW transaction_read_only") == "on":
        found.append(Flaw("read_only_transactions"))
    if _ask(database, "SHOW server_encoding") != "UTF8":
        found.append(Flaw("not_utf8"))
    return found


def _mysql_flaws(database: Database) -> list[Flaw]:
    found = []
    if int(_ask(database, "SELECT @@innodb_flush_log_at_trx_commit")) != 1:
        found.append(Flaw("commits_not_flushed"))
    if int(_ask(database, "SELECT @@log_bin")) and int(_ask(database, "SELECT @@sync_binlog")) != 1:
        found.append(Flaw("binlog_not_synced"))
    if "STRICT_" not in str(_ask(database, "SELECT @@sql_mode")):
        found.append(Flaw("sql_not_strict"))
    if int(_ask(database, "SELECT @@read_only")):
        found.append(Flaw("read_only_server"))
    if _ask(database, "SELECT @@character_set_database") != "utf8mb4":
        found.append(Flaw("not_utf8mb4"))
    return found
