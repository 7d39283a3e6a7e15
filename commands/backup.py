"""`paywatch backup FILE`: a whole copy of the database in one file, made while it serves."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from peewee import Database, MySQLDatabase, PeeweeException, PostgresqlDatabase

from assembly.database import CommandError, existing_database, opening, with_store
from models.inspection import CONNECT_S, Damaged, event_head, first_line
from models.sqlite_backup import copy_sqlite
from services.checks.backup import MYSQL_TOOLS, POSTGRESQL_TOOLS, dump_tool
from services.checks.first_steps import count_backups

DUMP_S = 6 * 3600
MEGABYTE = 1_000_000
BIG_BYTES = 100 * MEGABYTE

FRESH_EPOCH = "UPDATE event_head SET epoch = REPLACE(UUID(), '-', '') WHERE id = 1;\n"
"""Ends a dump of MySQL, so that dashboards start over when it is restored."""

PG_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}
"""The variables in which libpq reads an address's parameters."""


def run_backup(url: str, target: Path) -> None:
    """Nothing appears under the name `target` before it is whole. Raises CommandError."""
    if target.exists():
        raise CommandError(f"{target} exists already; name a new file.")
    database = existing_database(url)
    with _whole(target) as part:
        with closing(database):
            head = _copy(database, part)
        size = part.stat().st_size
    _remember(url)
    print(f"Saved {target}: {size / MEGABYTE:.1f} MB, events up to {head}.")


def _remember(url: str) -> None:
    """The console's first steps tell that a backup was made; where that cannot be written, the
    backup is as good."""
    try:
        with_store(url, lambda store: store.write(count_backups, 1))
    except CommandError as error:
        print(f"The backup is whole. That it was made is not noted: {error}", file=sys.stderr)


@contextmanager
def _whole(target: Path) -> Iterator[Path]:
    """A file that only our user may read; it gets the name `target` when all went well. Other files
    that the copy left beside it are removed."""
    try:
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
            part = Path(folder, target.name)
            part.touch(0o600)
            yield part
            _to_disk(part)
            part.rename(target)
        _to_disk(target.parent)
    except OSError as error:
        raise CommandError(f"{target} cannot be written: {error.strerror}.") from error


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _copy(database: Database, part: Path) -> int:
    """Copy, and return the number of an event up to which all are in the copy."""
    if isinstance(database, PostgresqlDatabase):
        return _dump_postgresql(database, part)
    if isinstance(database, MySQLDatabase):
        return _dump_mysql(database, part)
    try:
        with _telling(Path(database.database)) as tell:
            return copy_sqlite(database, part, tell)
    except (PeeweeException, Damaged) as error:
        raise CommandError(f"The database cannot be copied: {first_line(error)}") from error


@contextmanager
def _telling(source: Path) -> Iterator[Callable[[int], None]]:
    """Says how far a big copy is, to a terminal."""
    if source.stat().st_size < BIG_BYTES or not sys.stderr.isatty():
        yield lambda copied: None
        return
    yield lambda copied: print(
        f"\rCopying: {copied / MEGABYTE:.0f} MB", end="", file=sys.stderr, flush=True
    )
    print(file=sys.stderr)


# --- the tools of the servers; a secret never goes into their arguments ---------------------------


def _dump_postgresql(database: Database, part: Path) -> int:
    tool, head = _tool(POSTGRESQL_TOOLS), _head(database)
    given = {
        variable: str(database.connect_params[name])
        for name, variable in PG_VARIABLES.items()
        if database.connect_params.get(name)
    }
    given |= {"PGDATABASE": database.database, "PGCONNECT_TIMEOUT": str(CONNECT_S)}
    _run([tool, "--format=custom", "--no-password", f"--file={part}"], given)
    return head


def _dump_mysql(database: Database, part: Path) -> int:
    tool, head = _tool(MYSQL_TOOLS), _head(database)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".cnf") as options:
        options.write(_option_file(database.connect_params))
        options.flush()
        arguments = ["--single-transaction", "--quick", "--no-tablespaces", f"--result-file={part}"]
        # The file of options is read only when it is named first.
        _run([tool, f"--defaults-file={options.name}", *arguments, database.database], {})
    with part.open("a", encoding="utf-8") as dump:
        dump.write(FRESH_EPOCH)
    return head


def _head(database: Database) -> int:
    """Before the dump begins; it may hold later events too."""
    database.connect_params.setdefault("connect_timeout", CONNECT_S)
    with opening(), closing(database):
        return event_head(database)


def _option_file(parameters: dict[str, Any]) -> str:
    """The options of the client programs for an address's parameters."""
    given = {
        "host": parameters.get("host"),
        "port": parameters.get("port"),
        "user": parameters.get("user"),
        "password": parameters.get("password") or parameters.get("passwd"),
        "socket": parameters.get("unix_socket"),
        "ssl-ca": parameters.get("ssl_ca"),
    }
    escaped = {
        name: str(value).replace("\\", "\\\\").replace('"', '\\"')
        for name, value in given.items()
        if value
    }
    return "[client]\n" + "".join(f'{name}="{value}"\n' for name, value in escaped.items())


def _tool(names: tuple[str, ...]) -> str:
    if found := dump_tool(names):
        return found
    raise CommandError(
        f"{' or '.join(names)} is not on PATH: install the database's client programs."
    )


def _run(command: list[str], more: dict[str, str]) -> None:
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=DUMP_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise CommandError(f"The dump took over {DUMP_S // 3600} hours.") from error
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
        raise CommandError(f"{Path(command[0]).name} failed: {words[0]}")
