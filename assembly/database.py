"""Opens the database for a command or for the server, and says in one line what hinders it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from peewee import Database, PeeweeException

from models.database import (
    NoMigrations,
    is_empty,
    is_sqlite,
    migrate,
    open_database,
    pending_migrations,
)
from models.inspection import Damaged, first_line
from models.store import Store
from payments.errors import PaymentError
from services.runtime.clock import SystemClock

Result = TypeVar("Result")


class CommandError(Exception):
    """One line that says what to do."""


@contextmanager
def opening() -> Iterator[None]:
    """Turns every error of opening a database into one line."""
    try:
        yield
    except ValueError:
        # Its words may quote a part of the address, and so of the password.
        raise CommandError("PAYWATCH_DATABASE_URL is not a valid address.") from None
    except NoMigrations as error:
        raise CommandError(f"{error} Install Paywatch again.") from error
    except (PeeweeException, OSError, Damaged) as error:
        raise CommandError(
            f"The database of PAYWATCH_DATABASE_URL cannot be opened: {first_line(error)}"
            " Check that its server runs and that the address is right."
        ) from error


def existing_database(url: str) -> Database:
    """Open a database as it is: what is not there is not made. Raises CommandError."""
    with opening():
        database = open_database(url)
    if is_sqlite(database) and not Path(database.database).is_file():
        raise CommandError(f"There is no database {database.database} yet: `paywatch migrate`.")
    return database


def ready_database(url: str) -> Database:
    """Open a database whose tables are up to date; an empty SQLite file is set up. Raises
    CommandError when it needs `paywatch migrate`."""
    with opening():
        database = open_database(url)
        if is_sqlite(database) and is_empty(database):
            migrate(database)
        pending = pending_migrations(database)
        database.close()
    if pending:
        raise CommandError(
            f"The database needs {len(pending)} migration(s): run `paywatch migrate` first."
        )
    return database


def with_store(url: str, use: Callable[[Store], Awaitable[Result]]) -> Result:
    """Run `use` with the store open. Raises CommandError for what it refuses."""
    database = ready_database(url)

    async def run() -> Result:
        store = Store(database, SystemClock().now_ms)
        store.open()
        try:
            return await use(store)
        finally:
            await store.close()

    try:
        return asyncio.run(run())
    except PaymentError as error:
        raise CommandError(error.message) from error
