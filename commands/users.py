"""The commands about people: users of the console and their passwords."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Awaitable, Callable

from assembly.database import CommandError, with_store
from models.store import Store
from models.user import Role
from payments.errors import BadRequest
from services.auth.first_admin import FirstAdmin
from services.auth.passwords import LONGEST, SHORTEST, Passwords, require_length
from services.auth.users import GivenPassword, Users
from services.runtime.clock import SystemClock


def run_create_user(url: str, name: str, role: str, password_stdin: bool) -> None:
    password = _read_password(password_stdin)
    _with_people(url, lambda people: people.create_user(name, Role(role), password))
    print(f"Created user {name} ({role}).")


def run_reset_password(url: str, name: str, password_stdin: bool, factor_off: bool) -> None:
    password = _read_password(password_stdin)
    _with_people(url, lambda people: people.reset_password(name, password, factor_off=factor_off))
    print(f"User {name} has a new password and is signed out everywhere.")


def setup_token(url: str) -> str | None:
    """A new token for the set-up page; None when there is an admin."""

    async def make(store: Store) -> str | None:
        passwords = Passwords()
        try:
            first_admin = FirstAdmin(store, passwords)
            return await first_admin.new_token() if await first_admin.is_due() else None
        finally:
            passwords.close()

    return with_store(url, make)


def _with_people(url: str, use: Callable[[Users], Awaitable[GivenPassword]]) -> None:
    async def run(store: Store) -> None:
        passwords = Passwords()
        try:
            await use(Users(store, passwords, SystemClock()))
        finally:
            passwords.close()

    with_store(url, run)


def _read_password(from_stdin: bool) -> str:
    if from_stdin:
        try:
            return sys.stdin.buffer.read().decode().removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError:
            raise CommandError("The password on standard input is not UTF-8.") from None
    if not sys.stdin.isatty():
        raise CommandError("There is no terminal to ask for the password: use --password-stdin.")
    password = getpass.getpass(f"Password ({SHORTEST} to {LONGEST} characters): ")
    try:
        require_length(password)
    except BadRequest as error:
        raise CommandError(error.message) from error
    if password != getpass.getpass("Again: "):
        raise CommandError("The two passwords differ; try again.")
    return password
