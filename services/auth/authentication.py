"""Authenticates callers: users with sessions, and programs with API keys."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from models.store import Store
from models.user import Role
from services.auth.api_keys import KeyHolder, read_api_key
from services.auth.credentials import (
    BadCredentials,
    CodeNeeded,
    ConfirmPassword,
    Unauthenticated,
    Unauthorized,
    secret_hash,
)
from services.auth.login_attempts import (
    FailedLogin,
    LoginAttempt,
    count_attempts,
    note_failures,
    of_sign_in,
)
from services.auth.passwords import Passwords
from services.auth.roles import Principal
from services.auth.second_factor import SecondFactor
from services.auth.sessions import (
    TOUCH_MS,
    Account,
    BrowserPlace,
    Opening,
    confirm_sessions,
    end_sessions,
    open_sessions,
    owed,
    read_account,
    read_alive,
    read_session,
    sign_out,
    touch_sessions,
)
from services.runtime.clock import MINUTE_MS, Clock

CONFIRMED_MS = 5 * MINUTE_MS
"""The time for which a given password counts for actions that ask for it again."""


@dataclass(frozen=True)
class SignedIn:
    principal: Principal
    cookie: str


class Authentication:
    """`required` are the roles that need a second factor."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        passwords: Passwords,
        second_factor: SecondFactor,
        required: frozenset[Role],
    ) -> None:
        self._store = store
        self._clock = clock
        self._passwords = passwords
        self._second_factor = second_factor
        self._required = required

    # --- signing in -------------------------------------------------------------------------

    async def login(
        self, name: str, password: str, place: BrowserPlace, code: str | None = None
    ) -> SignedIn:
        """Check a password, and the code of who has a second factor, and open a session.

        Raises BadCredentials (the same for an unknown user), CodeNeeded and BadCode (the password
        is right), SlowDown, Busy.
        """
        account = await self.prove(name, password, place)
        proof = None
        if account.totp is not None:
            if not code:
                raise CodeNeeded
            proof = await self._second_factor.prove(account.name, code, place.masked)
        cookie, now = secrets.token_urlsafe(32), self._clock.now_ms()
        opened = Principal(
            account.name,
            account.role,
            secret_hash(cookie),
            secrets.token_urlsafe(24),
            now,
            now,
            owed(account, self._required),
        )
        await self._store.write(open_sessions, Opening(account, opened, place, proof))
        return SignedIn(opened, cookie)

    async def prove(self, name: str, password: str, place: BrowserPlace) -> Account:
        """The user whose password this is. Raises BadCredentials, SlowDown, Busy."""
        async with self._passwords.turn(place.network):
            # Counted before the password is tried, so that many guesses at once count too; the
            # right password forgets it.
            now = self._clock.now_ms()
            attempt = LoginAttempt(of_sign_in(name, place.network), now)
            times = await self._store.write(count_attempts, attempt)
            account = await self._store.read(read_account, name)
            stored = account.password_hash if account else ""
            right = await self._passwords.matches(stored, password)
        if right and account:
            return account
        known = account.name if account else None
        failure = FailedLogin(known, place.masked, times, "password", now)
        await self._store.write(note_failures, failure)
        raise BadCredentials

    async def confirm(self, principal: Principal, password: str, place: BrowserPlace) -> None:
        """The password once more, for what asks for it. Raises BadCredentials, SlowDown, Busy."""
        await self.prove(principal.name, password, place)
        await self._store.write(
            confirm_sessions, (principal.session, of_sign_in(principal.name, place.network))
        )

    def check_confirmed(self, principal: Principal) -> None:
        """Raises ConfirmPassword when the password was given longer ago than five minutes."""
        if self._clock.now_ms() - principal.confirmed_at > CONFIRMED_MS:
            raise ConfirmPassword

    async def logout(self, principal: Principal) -> None:
        await self._store.write(sign_out, principal)

    async def forget(self, cookie: str | None) -> None:
        """End the session of a cookie that a new one replaces."""
        if cookie:
            await self._store.write(end_sessions, secret_hash(cookie))

    # --- later requests ---------------------------------------------------------------------

    async def session(self, cookie: str | None) -> Principal:
        """The user of this cookie. Raises Unauthenticated when there is no session, or it has ended
        or was idle too long."""
        if not cookie:
            raise Unauthenticated
        now = self._clock.now_ms()
        found = await self._store.read(read_session, secret_hash(cookie), now, self._required)
        if found is None:
            raise Unauthenticated
        principal, seen_at = found
        if now - seen_at > TOUCH_MS:
            await self._store.write(touch_sessions, principal.session)
        return principal

    async def ended(self, sessions: Sequence[str]) -> set[str]:
        """Which of these open sockets' sessions have ended; the others are marked as used,
        because an open live monitor counts as use."""
        if not sessions:
            return set()
        now = self._clock.now_ms()
        alive = await self._store.read(read_alive, tuple(sessions), now)
        for session, seen_at in alive.items():
            if now - seen_at > TOUCH_MS:
                await self._store.write(touch_sessions, session)
        return set(sessions) - set(alive)

    async def api_key(self, key: str | None) -> KeyHolder:
        """The program that holds this key, and what it may do. Raises Unauthorized."""
        if not key:
            raise Unauthorized
        holder = await self._store.read(read_api_key, secret_hash(key), self._clock.now_ms())
        if holder is None:
            raise Unauthorized
        return holder
