"""The team: users of the console, their roles, and who may no longer come in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models import Session, User
from models.base import rows
from models.store import Store
from models.user import Role
from payments.errors import BadRequest
from services.auth.credentials import check_name
from services.auth.passwords import Passwords, made_password
from services.auth.sessions import open_now
from services.auth.user_ops import (
    ByName,
    NewRole,
    NewUser,
    Reset,
    change_roles,
    create_users,
    disable_users,
    enable_users,
    end_all_sessions,
    remove_factors,
    reset_passwords,
)
from services.runtime.audit_log import COMMAND_LINE
from services.runtime.clock import Clock, rfc3339

PAGE = 50
MAX_PAGE = 100


@dataclass(frozen=True)
class GivenPassword:
    """A password that was set; `made` is it where nobody typed one: shown now and never again."""

    made: str | None


class Users:
    def __init__(self, store: Store, passwords: Passwords, clock: Clock) -> None:
        self._store = store
        self._passwords = passwords
        self._clock = clock

    async def page(self, before: int | None = None, limit: int = PAGE) -> dict[str, Any]:
        """Users, newest first."""
        return await self._store.read(_read_page, before, limit, self._clock.now_ms())

    async def get(self, name: str) -> dict[str, Any]:
        """One user, as the page shows it. Raises UserNotFound."""
        found: dict[str, Any] = await self._store.read(_read_user, name, self._clock.now_ms())
        return found

    async def create_user(
        self, name: str, role: Role, password: str | None, by: str = COMMAND_LINE
    ) -> GivenPassword:
        """Without a password one is made. A user who gets a password from a colleague must choose
        another. Raises BadRequest (the name is not valid, the password too short or long),
        UserExists, Busy."""
        check_name(name, "A user name")
        given = made_password() if password is None else password
        hashed = await self._passwords.hashed(given, name)
        new = NewUser(name, role, hashed, once=by != COMMAND_LINE, by=by)
        await self._store.write(create_users, new)
        return GivenPassword(given if password is None else None)

    async def reset_password(
        self, name: str, password: str | None, by: str = COMMAND_LINE, *, factor_off: bool = False
    ) -> GivenPassword:
        """Set a new password, end all sessions of the user and forget the failed sign-ins: open
        monitors close within a second. Raises UserNotFound, BadRequest, OwnAccount, Busy."""
        given = made_password() if password is None else password
        hashed = await self._passwords.hashed(given, name)
        reset = Reset(name, hashed, once=by != COMMAND_LINE, by=by, factor_off=factor_off)
        await self._store.write(reset_passwords, reset)
        return GivenPassword(given if password is None else None)

    async def change_role(self, name: str, role: Role, by: str) -> None:
        """Counts from the next request on. Raises UserNotFound, LastAdmin, Busy."""
        await self._store.write(change_roles, NewRole(name, role, by))

    async def disable(self, name: str, by: str) -> None:
        """Ends all sessions too. Raises UserNotFound, LastAdmin, OwnAccount, Busy."""
        await self._store.write(disable_users, ByName(name, by))

    async def enable(self, name: str, by: str) -> None:
        await self._store.write(enable_users, ByName(name, by))

    async def end_sessions(self, name: str, by: str) -> None:
        """All of a user, on every browser. Raises UserNotFound, Busy."""
        await self._store.write(end_all_sessions, ByName(name, by))

    async def remove_factor(self, name: str, by: str) -> None:
        """For who has lost the phone and the codes; ends the sessions too. Raises UserNotFound,
        OwnAccount (one's own is switched off on one's own page), Busy."""
        await self._store.write(remove_factors, ByName(name, by))


def known_role(word: object) -> Role:
    """Raises BadRequest."""
    if word not in [role.value for role in Role]:
        raise BadRequest(f"role must be one of {', '.join(role.value for role in Role)}.")
    return Role(word)


# --- reads ---------------------------------------------------------------------------------------


def _read_page(before: int | None, limit: int, now: int) -> dict[str, Any]:
    query = User.select().order_by(User.id.desc()).limit(limit + 1)
    if before:
        query = query.where(User.id < before)
    found = list(query)
    following = str(found[limit - 1].id) if len(found) > limit else None
    return {"users": _public(found[:limit], now), "next": following}


def _read_user(name: str, now: int) -> dict[str, Any]:
    return _public([User.get(User.name == name)], now)[0]


def _public(users: list[User], now: int) -> list[dict[str, Any]]:
    ids = [user.id for user in users]
    last: dict[int, int] = {}
    count: dict[int, int] = {}
    seen = Session.select(Session.user, Session.seen_at).where(Session.user.in_(ids))
    for user_id, seen_at in rows(seen):
        last[user_id] = max(last.get(user_id, 0), seen_at)
    for (user_id,) in rows(
        Session.select(Session.user).where(Session.user.in_(ids), *open_now(now))
    ):
        count[user_id] = count.get(user_id, 0) + 1
    return [
        {
            "name": user.name,
            "role": user.role,
            "disabled": user.disabled,
            "totp": user.totp_secret is not None,
            "passwordOnce": user.password_once,
            "createdAt": rfc3339(user.created_at),
            "seenAt": rfc3339(last.get(user.id)),
            "sessions": 0 if user.disabled else count.get(user.id, 0),
        }
        for user in users
    ]
