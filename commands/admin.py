"""The door of the commands to the database, and the smallest of them: migrations and products."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from peewee import Database, PeeweeException

from handlers.merchant import PRODUCT_ID
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
from payments.money import parse_fen
from services.orders.products import ProductChange, Products
from services.runtime.audit_log import COMMAND_LINE
from services.runtime.clock import SystemClock

Result = TypeVar("Result")


class CommandError(Exception):
    """One line that says what to do."""


@contextmanager
def opening() -> Iterator[None]:
    """Whatever hinders the opening of a database becomes one line."""
    try:
        yield
    except ValueError:
        # Its words may quote a part of the address, and so of the password.
        raise CommandError("PAYWATCH_DATABASE_URL is not an address that can be read.") from None
    except NoMigrations as error:
        raise CommandError(f"{error} Install Paywatch again.") from error
    except (PeeweeException, OSError, Damaged) as error:
        raise CommandError(
            f"The database of PAYWATCH_DATABASE_URL cannot be opened: {first_line(error)}"
            " (Does its server run? Is it ours?)"
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


def run_migrate(url: str) -> None:
    with opening():
        database = open_database(url, patient=True)
        done = migrate(database)
        database.close()
    print(f"Migrated: {', '.join(done)}." if done else "The database is up to date.")


def run_add_product(url: str, product_id: str, title: str, price: str) -> None:
    if parse_fen(price) is None:
        raise CommandError(
            "PRICE_FEN is a whole number of fen, 1 to 10000000000: 8800 for 88 yuan."
        )
    if not PRODUCT_ID.fullmatch(product_id):
        raise CommandError("ID is 1 to 32 letters, digits, - or _.")
    if not (title.strip() and len(title) <= 255 and title.isprintable()):
        raise CommandError("TITLE is a text of 1 to 255 characters.")
    change = ProductChange(product_id, title, int(price), True, by=COMMAND_LINE)
    with_store(url, lambda store: Products(store).save(change))
    print(f"Saved product {product_id} at {price} fen.")


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
