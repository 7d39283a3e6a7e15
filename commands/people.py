"""The commands about people: users of the console and their passwords."""

from __future__ import annotations

import getpass
import sys

from commands.admin import CommandError, with_store
from models.store import Store
from models.user import Role
from services.access import Access
from services.clock import SystemClock


def run_create_user(url: str, name: str, role: str, password_stdin: bool) -> None:
    password = _read_password(password_stdin)

    async def create(store: Store) -> None:
        access = Access(store, SystemClock())
        await access.create_user(name, Role(role), password)
        access.close()

    with_store(url, create)
    print(f"Created user {name} ({role}).")


def run_reset_password(url: str, name: str, password_stdin: bool) -> None:
    password = _read_password(password_stdin)

    async def reset(store: Store) -> None:
        access = Access(store, SystemClock())
        await access.reset_password(name, password)
        access.close()

    with_store(url, reset)
    print(f"User {name} has a new password and is signed out everywhere.")


def _read_password(from_stdin: bool) -> str:
    if from_stdin:
        try:
            return sys.stdin.buffer.read().decode().removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError:
            raise CommandError("The password on standard input is not UTF-8.") from None
    if not sys.stdin.isatty():
        raise CommandError("There is no terminal to ask for the password: use --password-stdin.")
    password = getpass.getpass("Password (12 to 128 characters): ")
    if password != getpass.getpass("Again: "):
        raise CommandError("The two passwords differ; try again.")
    return password
