"""Authenticates callers: users with sessions, and programs with API keys."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from models.store import Store
from models.user import Role
from payments.errors import Busy
from services.auth.api_keys import KeyHolder, read_api_key
from services.auth.credentials import (
    BadCredentials,
    CodeNeeded,
    ConfirmPassword,
    Unauthenticated,
    Unauthorized,
    secret_hash,
)
from services.auth.known_devices import KnownDevices
from services.auth.login_attempts import (
    FailedLogin,
    LoginAttempt,
    count_attempts,
    note_failures,
    of_device,
    of_session,
    of_sign_in,
    wide_keys,
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
    """`device` is the token by which this account knows the browser from now on."""

    principal: Principal
    cookie: str
    device: str


@dataclass(frozen=True)
class _Proven:
    account: Account
    attempt: LoginAttempt


class Authentication:
    """`required` are the roles that need a second factor."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        passwords: Passwords,
        second_factor: SecondFactor,
        required: frozenset[Role],
        devices: KnownDevices,
    ) -> None:
        self._store = store
        self._clock = clock
        self._passwords = passwords
        self._second_factor = second_factor
        self._required = required
        self._devices = devices

    # --- signing in -------------------------------------------------------------------------

    async def login(
        self, name: str, password: str, place: BrowserPlace, code: str | None = None
    ) -> SignedIn:
        """Check a password, and the code of who has a second factor, and open a session.

        Raises BadCredentials (the same for an unknown user), CodeNeeded and BadCode (the password
        is right), SlowDown, Busy.
        """
        proven = await self._prove(name, password, place)
        account, proof = proven.account, None
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
        opening = Opening(account, opened, place, proof, proven.attempt)
        await self._store.write(open_sessions, opening)
        return SignedIn(opened, cookie, self._devices.token(account, now))

    async def prove(self, principal: Principal, password: str, place: BrowserPlace) -> Account:
        """The password of a signed-in user, who is counted alone and waits for no stranger. Raises
        BadCredentials, SlowDown, Busy."""
        return (await self._prove(principal.name, password, place, principal)).account

    async def _prove(
        self, name: str, password: str, place: BrowserPlace, signed_in: Principal | None = None
    ) -> _Proven:
        now = self._clock.now_ms()
        account = await self._store.read(read_account, name)
        mark = self._devices.mark(place.device, account, now)
        if signed_in is not None:
            attempt = LoginAttempt(of_session(name, signed_in.session), now)
        elif mark is not None:
            attempt = LoginAttempt(of_device(name, mark), now)
        else:
            attempt = LoginAttempt(
                of_sign_in(name, place.network), now, wide_keys(name, place.network)
            )
        lane = self._passwords if attempt.wide else self._passwords.known
        async with lane.turn(place.network):
            # Counted before the password is tried, so that many guesses at once count too; the
            # right password forgets it.
            times = await self._store.write(count_attempts, attempt)
            stored = account.password_hash if account else ""
            right = await lane.matches(stored, password)
        if right and account:
            return _Proven(account, attempt)
        known = account.name if account else None
        failure = FailedLogin(known, place.masked, times, "password", now)
        await self._store.write(note_failures, failure)
        raise BadCredentials

    async def confirm(self, principal: Principal, password: str, place: BrowserPlace) -> None:
        """The password once more, for what asks for it. Raises BadCredentials, SlowDown, Busy."""
        await self.prove(principal, password, place)
        key = of_session(principal.name, principal.session)
        await self._store.write(confirm_sessions, (principal.session, key))

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
            await self._touch(principal.session)
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
                await self._touch(session)
        return set(sessions) - set(alive)

    async def _touch(self, session: str) -> None:
        """Mark a session as used. A database that takes no write keeps nobody from reading."""
        with contextlib.suppress(Busy):
            await self._store.write(touch_sessions, session)

    async def api_key(self, key: str | None) -> KeyHolder:
        """The program that holds this key, and what it may do. Raises Unauthorized."""
        if not key:
            raise Unauthorized
        holder = await self._store.read(read_api_key, secret_hash(key), self._clock.now_ms())
        if holder is None:
            raise Unauthorized
        return holder
