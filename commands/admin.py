"""The small commands: migrations, users, API keys, products."""

from __future__ import annotations

import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

from peewee import Database

from handlers.merchant import PRODUCT_ID
from models.database import is_empty, is_sqlite, migrate, open_database, pending_migrations
from models.store import Store
from models.user import Role
from payments.errors import BadRequest
from payments.money import is_amount
from services.access import Access
from services.clock import SystemClock
from services.products import ProductChange, Products

Result = TypeVar("Result")


class CommandError(Exception):
    """One line that says what to do."""


def ready_database(url: str) -> Database:
    """Open a database whose tables are up to date; an empty SQLite file is set up. Raises
    CommandError when it needs `paywatch migrate`."""
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
    database = open_database(url)
    done = migrate(database)
    database.close()
    print(f"Migrated: {', '.join(done)}." if done else "The database is up to date.")


def run_create_user(url: str, name: str, role: str, password_stdin: bool) -> None:
    password = _read_password(password_stdin)

    async def create(store: Store) -> None:
        access = Access(store, SystemClock())
        await access.create_user(name, Role(role), password)
        access.close()

    with_store(url, create)
    print(f"Created user {name} ({role}).")


def _read_password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.read().removesuffix("\n").removesuffix("\r")
    password = getpass.getpass("Password (12 to 128 characters): ")
    if password != getpass.getpass("Again: "):
        raise CommandError("The two passwords differ; try again.")
    return password


def run_create_api_key(url: str, name: str) -> None:
    async def create(store: Store) -> str:
        access = Access(store, SystemClock())
        try:
            return await access.create_api_key(name)
        finally:
            access.close()

    print(f"API key {name}, shown only now: {with_store(url, create)}")


def run_add_product(url: str, product_id: str, title: str, price: str) -> None:
    if not (price.isascii() and price.isdigit() and is_amount(int(price))):
        raise CommandError("PRICE_FEN is a whole number of fen, at least 1: 8800 for 88 yuan.")
    if not PRODUCT_ID.fullmatch(product_id):
        raise CommandError("ID is 1 to 32 letters, digits, - or _.")
    if not (title.strip() and len(title) <= 255 and title.isprintable()):
        raise CommandError("TITLE is a text of 1 to 255 characters.")
    change = ProductChange(product_id, title, int(price), True)
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
    except BadRequest as error:
        raise CommandError(error.message) from error
