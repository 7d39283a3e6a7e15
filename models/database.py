"""Opening a database by its address, and its migrations."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from peewee import Database, MySQLDatabase, PostgresqlDatabase, SqliteDatabase
from playhouse.db_url import parse
from playhouse.migrations import Runner

from models.compiled.pipe import Pipe
from models.compiled.statements import driver_errors
from models.event import sha256
from payments.errors import Busy

_MIGRATIONS = Path(__file__).parent / "migrations"
_SQLITE = "sqlite:///"
BUSY_TIMEOUT_S = 2
KEPT_STATEMENTS = 512
"""Each connection keeps so many texts compiled: the writer has two dozen of each statement, by
the number of rows."""
KEPT_WAL = 32 * 2**20
COPIED_PAGES, MOST_PAGES = 1000, 8000
"""Of the -wal file so many pages are copied into the database file at a time, beside the writer; at
the second figure (32 MB) the writer itself copies what is left, and begins the -wal file anew."""
CACHE_KIB, WRITER_CACHE_KIB = 1_000, 16_000
"""Of a SQLite file's pages that the connection of one thread keeps. Those of a reader are void
after the next commit, so they serve one read. The writer's stay, and have room for all that a full
batch changes: what has none goes to the disk before the commit."""
STATEMENT_S = 4
"""A statement of the server's that takes longer is given up: WeChat waits five seconds."""
CONNECT_S = 2
_FOUND_ROWS = 2
"""MySQL's client flag: an UPDATE reports the rows it found, as other databases do."""


class NoMigrations(Exception):
    """This installation holds no migrations, so what a database needs cannot be known."""


log = logging.getLogger(__name__)
logging.getLogger("peewee.migrations").setLevel(logging.WARNING)


def open_database(url: str, *, patient: bool = False) -> Database:
    """`sqlite:///data/paywatch.db` (relative; absolute with four slashes), `postgresql://…` or
    `mysql://…` (also MariaDB). Does not connect yet. Creates the folder of a SQLite file.
    `patient`: statements may take as long as they need, as a migration's do."""
    if url.startswith(_SQLITE):
        return _open_sqlite(Path(url.removeprefix(_SQLITE)), patient)
    given = parse(url, unquote_password=True, unquote_user=True)
    if not given["database"]:
        raise ValueError("the address names no database")
    if url.startswith("postgresql"):
        return _open_postgresql(given, patient)
    return _MySQL(**given, patient=patient)


def _open_sqlite(path: Path, patient: bool) -> Database:
    path.parent.mkdir(parents=True, exist_ok=True)
    pragmas = {
        "journal_mode": "wal",
        # FULL: a commit is on the disk before it is answered. NORMAL may lose the last ones.
        "synchronous": "full",
        "foreign_keys": 1,
        "trusted_schema": 0,
        "cache_size": -(WRITER_CACHE_KIB if patient else CACHE_KIB),
        # Behind a long reader the -wal file grows; afterwards it is cut back to this (bytes).
        "journal_size_limit": KEPT_WAL,
        "wal_autocheckpoint": MOST_PAGES,
    }
    database = SqliteDatabase(
        str(path), pragmas=pragmas, timeout=BUSY_TIMEOUT_S, cached_statements=KEPT_STATEMENTS
    )
    database.register_function(sha256, "sha256", 1, deterministic=True)  # others have it
    return database


def _open_postgresql(given: dict[str, Any], patient: bool) -> Database:
    options = [given.pop("options", "")]
    if not patient:
        options += [
            f"-c lock_timeout={BUSY_TIMEOUT_S}s",
            f"-c statement_timeout={STATEMENT_S}s",
            "-c idle_in_transaction_session_timeout=10s",
        ]
    bounds = {"connect_timeout": CONNECT_S, "tcp_user_timeout": STATEMENT_S * 1000}
    return PipedPostgres(
        longest_s=None if patient else STATEMENT_S + 1,
        **{**bounds, **given},
        client_encoding="utf8",
        options=" ".join(options).strip(),
        isolation_level="READ COMMITTED",
        prefer_psycopg3=True,
    )


class PipedPostgres(PostgresqlDatabase):
    """Each thread's connection has a pipe. Whatever is asked in another way first sends what waits
    in it, so that the order is kept."""

    def __init__(self, *given: Any, longest_s: float | None, **named: Any) -> None:
        self._pipes = threading.local()
        self._longest_s = longest_s
        super().__init__(*given, **named)

    def _connect(self) -> Any:
        connection = super()._connect()  # type: ignore[misc]
        self._pipes.own = Pipe(connection, self._longest_s)
        return connection

    def pipe(self) -> Pipe:
        """That of this thread's connection."""
        if self.is_closed():
            self.connect()
        pipe: Pipe = self._pipes.own
        return pipe

    def cursor(self, named_cursor: Any = None) -> Any:
        if not self.is_closed():
            with driver_errors:
                self._pipes.own.flush()
        return super().cursor(named_cursor)  # type: ignore[no-untyped-call]

    def begin(self, _isolation_level: Any = None) -> None:
        """Goes out with the first statement."""
        self.pipe().ask("BEGIN ISOLATION LEVEL READ COMMITTED")

    def commit(self) -> None:
        """Goes out with the last statements: an error of theirs means that nothing was written."""
        pipe = self.pipe()
        pipe.ask("COMMIT")
        with driver_errors:
            pipe.flush()

    def rollback(self) -> None:
        """What waits is not sent."""
        if self.is_closed():
            super().rollback()  # raises
        pipe = self.pipe()
        pipe.forget()
        pipe.ask("ROLLBACK")
        with driver_errors:
            pipe.flush()


class _MySQL(MySQLDatabase):
    """MySQL or MariaDB, strict, and reading what others have committed as PostgreSQL does."""

    sql_mode = "STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"

    def __init__(self, *, patient: bool, **given: Any) -> None:
        self._patient = patient
        bounds = {"connect_timeout": CONNECT_S, "client_flag": _FOUND_ROWS}
        if not patient:
            bounds |= {"read_timeout": STATEMENT_S + 1, "write_timeout": STATEMENT_S + 1}
        if "unix_socket" in given and not any(name.startswith("ssl") for name in given):
            # Over a socket of this machine nothing is there to hide, and the driver would read all
            # certificates of the machine at every connection, a fiftieth of a second of CPU.
            bounds["ssl_disabled"] = True
        super().__init__(**{**bounds, **given})

    def _initialize_connection(self, conn: Any) -> None:
        # Gap locks of the usual REPEATABLE READ would make strangers wait for each other.
        settings = ["SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"]
        if not self._patient:
            settings.append(f"SET SESSION innodb_lock_wait_timeout = {BUSY_TIMEOUT_S}")
        with conn.cursor() as cursor:
            for setting in settings:
                cursor.execute(setting)


def connect_writer(database: Database) -> None:
    """Connect this thread, which writes."""
    database.connect()
    if is_sqlite(database):
        database.execute_sql(f"PRAGMA cache_size = {-WRITER_CACHE_KIB}")


def is_sqlite(database: Database) -> bool:
    return isinstance(database, SqliteDatabase)


def file_of(database: Database) -> Path | None:
    """The file of a SQLite database; None for a server's."""
    return Path(database.database) if is_sqlite(database) else None


class LogCopies:
    """Copies the -wal file of a SQLite database into the database file, on a reader's thread. The
    writer would do it within a commit, and all who wait for this one would wait for the copy."""

    def __init__(self, database: Database, read: Callable[..., Awaitable[None]]) -> None:
        self._database = database
        self._read = read
        self._pages = 0
        self._copying: asyncio.Future[None] | None = None

    def committed(self, items: int) -> None:
        """Call on the loop after each commit. Its pages are not told, so they are estimated: those
        that each commit changes, and one an item."""
        self._pages += 15 + items
        is_due = self._pages >= COPIED_PAGES and is_sqlite(self._database)
        if is_due and (self._copying is None or self._copying.done()):
            self._pages = 0
            self._copying = asyncio.ensure_future(self._copy())

    async def _copy(self) -> None:
        try:
            await self._read(copy_log, self._database)
        except Busy as error:  # at a stop, too; the writer copies it later
            log.debug("The log of the database is not copied now: %s", error)
        except Exception:
            log.exception("The log of the database was not copied.")

    async def close(self) -> None:
        if self._copying is not None:
            await asyncio.wait([self._copying])


def copy_log(database: Database) -> None:
    """A read for the store. It waits for nobody and stops nobody."""
    database.execute_sql("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


class OpenFiles:
    """The files of a SQLite database, by which it is seen that one was removed or replaced: its own
    from `open` on, and the two beside it from `keep` on, which a connection has then. No process
    removes these while another has a connection."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known: dict[Path, tuple[int, int] | None] = {}

    def open(self) -> None:
        self._known = {self._path: _identity(self._path)} if self._path else {}

    def keep(self) -> None:
        if self._path is None or len(self._known) > 1:
            return
        for end in ("-wal", "-shm"):
            beside = self._path.with_name(self._path.name + end)
            if found := _identity(beside):
                self._known[beside] = found

    def release(self) -> None:
        """Before the connection goes with which `keep` was called: the two beside may go with it.
        One that is lost already stays lost."""
        if self._path and self.lost() is None:
            self._known = {self._path: self._known[self._path]}

    def lost(self) -> Path | None:
        """One that is not there any more, or is another file now."""
        known = tuple(self._known.items())
        return next((path for path, was in known if _identity(path) != was), None)


def _identity(path: Path) -> tuple[int, int] | None:
    """Device and inode of the file that is at this path now; None when none is."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def pending_migrations(database: Database) -> list[str]:
    """Names of the migrations that this database still needs, in order. Raises NoMigrations."""
    return [m.name for m in _runner(database).status() if m.path and not m.applied]


def is_empty(database: Database) -> bool:
    return not database.get_tables()


def migrate(database: Database) -> list[str]:
    """Bring the tables up to date; returns the names of the migrations that ran. Raises
    NoMigrations."""
    if isinstance(database, MySQLDatabase):
        _compare_bytes(database)
    names: list[str] = _runner(database).up()
    return names


def _compare_bytes(database: MySQLDatabase) -> None:
    """Tables made from now on tell `a` from `A` and from `a `: MySQL's own way would let one
    openid or transaction id stand for another."""
    (version,) = database.execute_sql("SELECT VERSION()").fetchone()
    collation = "utf8mb4_nopad_bin" if "mariadb" in version.lower() else "utf8mb4_0900_bin"
    database.execute_sql(f"ALTER DATABASE CHARACTER SET utf8mb4 COLLATE {collation}")


def _runner(database: Database) -> Runner:
    found = Runner(database, str(_MIGRATIONS))
    if not found.migrations():
        raise NoMigrations(f"{_MIGRATIONS} holds no migrations: this installation is not whole.")
    return found
