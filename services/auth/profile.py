"""A user's own page: how they like the console, their password, their open sessions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models import User
from models.base import rows
from models.store import Store
from models.transaction import Batch, dump
from payments.errors import BadRequest
from services.auth.authentication import Authentication
from services.auth.credentials import BadCredentials
from services.auth.login_attempts import forget_attempts, of_session
from services.auth.passwords import Passwords
from services.auth.roles import Principal
from services.auth.sessions import Account, BrowserPlace, end_sessions_of, read_sessions_of
from services.runtime.audit_log import Deed, record
from services.runtime.clock import Clock

WORDS = {"lang": ("zh-CN", "en"), "theme": ("light", "dark")}
SWITCHES = ("keys", "sound", "steps")
"""The preferences, and what each may be; what was never chosen is not there. `steps`: whether the
monitor shows the first steps of a new shop."""


class Profile:
    def __init__(
        self, store: Store, authentication: Authentication, passwords: Passwords, clock: Clock
    ) -> None:
        self._store = store
        self._authentication = authentication
        self._passwords = passwords
        self._clock = clock

    async def preferences(self, principal: Principal) -> dict[str, Any]:
        return await self._store.read(_read_preferences, principal.name)

    async def prefer(self, principal: Principal, changes: dict[str, Any]) -> dict[str, Any]:
        """Change some; all of them as they are then. Raises BadRequest, Busy."""
        for name, value in changes.items():
            known = isinstance(value, bool) if name in SWITCHES else value in WORDS.get(name, ())
            if not known:
                raise BadRequest(f"{name[:20]} is not a preference, or has no such value.")
        await self._store.write(_change_preferences, _Preferring(principal.name, changes))
        return await self.preferences(principal)

    async def change_password(
        self, principal: Principal, old: str, new: str, place: BrowserPlace
    ) -> None:
        """All other sessions of the user end. Raises BadCredentials (the old one is wrong),
        BadRequest (the new one is too short or long, or the old one again), SlowDown, Busy."""
        account = await self._authentication.prove(principal, old, place)
        if new == old:
            raise BadRequest("The new password must differ from the old one.")
        hashed = await self._passwords.hashed(new, principal.name)
        await self._store.write(_change_passwords, _Change(principal, account, hashed, place))

    async def sessions(self, principal: Principal) -> list[dict[str, Any]]:
        now = self._clock.now_ms()
        return await self._store.read(read_sessions_of, principal.name, principal.session, now)

    async def end_others(self, principal: Principal) -> None:
        """Every session of this user but the one that asks."""
        await self._store.write(_end_others, principal)


def _read_preferences(name: str) -> dict[str, Any]:
    ((text,),) = rows(User.select(User.preferences).where(User.name == name))
    found: dict[str, Any] = json.loads(text)
    return found


@dataclass(frozen=True)
class _Preferring:
    name: str
    changes: dict[str, Any]


def _change_preferences(_batch: Batch, items: Sequence[_Preferring]) -> list[None]:
    for item in items:
        kept = dump({**_read_preferences(item.name), **item.changes})
        User.update(preferences=kept).where(User.name == item.name).execute()
    return [None] * len(items)


@dataclass(frozen=True)
class _Change:
    principal: Principal
    account: Account
    password_hash: str
    place: BrowserPlace


def _change_passwords(batch: Batch, items: Sequence[_Change]) -> list[Exception | None]:
    return [_change_password(batch, item) for item in items]


def _change_password(batch: Batch, item: _Change) -> Exception | None:
    name, account = item.principal.name, item.account
    changed = (
        User.update(password_hash=item.password_hash, password_once=False)
        .where(User.id == account.id, User.password_hash == account.password_hash)
        .execute()
    )
    if changed != 1:
        return BadCredentials()  # it was reset meanwhile
    ended = end_sessions_of(batch.now, account.id, [item.principal.session])
    forget_attempts(of_session(name, item.principal.session))
    record(batch, Deed(name, "password.changed", name, {"sessions": ended}))
    return None


def _end_others(batch: Batch, principals: Sequence[Principal]) -> list[None]:
    for principal in principals:
        name = principal.name
        ((user_id,),) = rows(User.select(User.id).where(User.name == name))
        ended = end_sessions_of(batch.now, user_id, [principal.session])
        record(batch, Deed(name, "sessions.ended", name, {"sessions": ended}))
    return [None] * len(principals)
