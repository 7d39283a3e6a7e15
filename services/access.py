"""Who is calling: users with sessions, and programs with API keys."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from models import LoginFailure, Session, User
from models.base import rows
from models.store import Store
from models.stream import Batch
from models.user import Role
from payments.errors import BadRequest, PaymentError
from services.api_keys import (
    KnownKey,
    create_api_keys,
    read_api_key,
    read_api_keys,
    revoke_api_keys,
)
from services.clock import HOUR_MS, MINUTE_MS, Clock
from services.roles import Principal

ABSOLUTE_MS = 12 * HOUR_MS
IDLE_MS = 30 * MINUTE_MS
TOUCH_MS = MINUTE_MS
CONFIRMED_MS = 5 * MINUTE_MS
"""So long a password that was given counts for what asks for it again."""
HASHES_AT_ONCE = 2
HASHES_WAITING = 20
HASHES_OF_ONE_NETWORK = 4
FREE_FAILURES = 5
LONGEST_DELAY_S = 60
FORGET_MS = HOUR_MS

_NAME = re.compile(r"[0-9A-Za-z._@-]{1,64}", re.ASCII)


class Unauthenticated(PaymentError):
    code = "unauthenticated"
    message = "Please sign in."


class BadCredentials(PaymentError):
    code = "bad_credentials"
    message = "The user name or the password is wrong."


class ConfirmPassword(PaymentError):
    code = "confirm_password"
    message = "Please give your password again."


class SlowDown(PaymentError):
    """Too many failures; `detail["seconds"]` to wait."""

    code = "slow_down"
    message = "Too many failed sign-ins; please wait a little."


class Unauthorized(PaymentError):
    code = "unauthorized"
    message = "A valid API key is needed: Authorization: Bearer <key>."


@dataclass(frozen=True)
class SignedIn:
    principal: Principal
    cookie: str


class Access:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._hasher = PasswordHasher(time_cost=2, memory_cost=64 * 1024, parallelism=1)
        self._threads = ThreadPoolExecutor(HASHES_AT_ONCE, "argon2")
        self._trying: Counter[str] = Counter()
        self._nobody = ""

    def close(self) -> None:
        self._threads.shutdown()

    # --- signing in -------------------------------------------------------------------------

    async def login(self, name: str, password: str, network: str) -> SignedIn:
        """Check a password and open a session. `network` is where the request comes from.

        Raises BadCredentials (the same for an unknown user), SlowDown, Busy.
        """
        user_id, password_hash, role = await self._prove(name, password, network)
        cookie = secrets.token_urlsafe(32)
        opened = Principal(name, role, _hash(cookie), secrets.token_urlsafe(24))
        opening = _Opening(user_id, password_hash, opened, _throttle(name, network))
        await self._store.write(open_session, opening)
        return SignedIn(opened, cookie)

    async def _prove(self, name: str, password: str, network: str) -> tuple[int, str, Role]:
        """The user whose password this is. Raises as `login`."""
        async with self._turn(network):
            # Counted before the password is tried, so that many guesses at once count too; the
            # right password forgets it.
            attempt = _Attempt(_throttle(name, network), self._clock.now_ms())
            await self._store.write(count_attempts, attempt)
            user = await self._store.read(_read_user, name)
            right = await self._verify(user[1] if user else "", password)
        if not (right and user):
            raise BadCredentials
        return user

    async def confirm(self, principal: Principal, password: str, network: str) -> None:
        """The password once more, for what asks for it. Raises BadCredentials, SlowDown, Busy."""
        await self._prove(principal.name, password, network)
        await self._store.write(
            confirm_session, (principal.session, _throttle(principal.name, network))
        )

    def check_confirmed(self, principal: Principal) -> None:
        """Raises ConfirmPassword when the password was given longer ago than five minutes."""
        if self._clock.now_ms() - principal.confirmed_at > CONFIRMED_MS:
            raise ConfirmPassword

    @asynccontextmanager
    async def _turn(self, network: str) -> AsyncIterator[None]:
        """A place in the queue for the hashing threads; nobody's network may fill it."""
        full = sum(self._trying.values()) >= HASHES_WAITING
        if full or self._trying[network] >= HASHES_OF_ONE_NETWORK:
            raise SlowDown(seconds=1)
        self._trying[network] += 1
        try:
            yield
        finally:
            self._trying[network] -= 1
            if not self._trying[network]:
                del self._trying[network]

    async def _verify(self, stored: str, password: str) -> bool:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._matches, stored, password)

    def _matches(self, stored: str, password: str) -> bool:
        """In a thread. An unknown user costs the same as a known one: a hash is always tried."""
        self._nobody = self._nobody or self._hasher.hash(secrets.token_hex(16))
        try:
            return self._hasher.verify(stored or self._nobody, password)
        except (Argon2Error, InvalidHashError):
            return False

    async def logout(self, principal: Principal) -> None:
        await self._store.write(end_session, principal.session)

    async def forget(self, cookie: str | None) -> None:
        """End the session of a cookie that a new one replaces."""
        if cookie:
            await self._store.write(end_session, _hash(cookie))

    # --- later requests ---------------------------------------------------------------------

    async def session(self, cookie: str | None) -> Principal:
        """Who holds this cookie. Raises Unauthenticated for none, an ended or an idle one."""
        if not cookie:
            raise Unauthenticated
        now = self._clock.now_ms()
        found = await self._store.read(_read_session, _hash(cookie), now)
        if found is None:
            raise Unauthenticated
        principal, seen_at = found
        if now - seen_at > TOUCH_MS:
            await self._store.write(touch_session, principal.session)
        return principal

    async def ended(self, sessions: Sequence[str]) -> set[str]:
        """Which of these open sockets' sessions have ended; the others are marked as used,
        because an open live monitor counts as use."""
        if not sessions:
            return set()
        now = self._clock.now_ms()
        alive = await self._store.read(_read_alive, tuple(sessions), now)
        for session, seen_at in alive.items():
            if now - seen_at > TOUCH_MS:
                await self._store.write(touch_session, session)
        return set(sessions) - set(alive)

    async def api_key(self, key: str | None) -> str:
        """The name of the program that holds this key. Raises Unauthorized."""
        name = await self._store.read(read_api_key, _hash(key)) if key else None
        if name is None:
            raise Unauthorized
        return name

    # --- the command line ----------------------------------------------------------------------

    async def create_user(self, name: str, role: Role, password: str) -> None:
        """Raises BadRequest: the name is taken or odd, or the password is too short or long."""
        if not _NAME.fullmatch(name):
            raise BadRequest("A user name has 1 to 64 letters, digits or any of . _ @ -")
        await self._store.write(create_users, (name, role.value, await self._hashed(password)))

    async def reset_password(self, name: str, password: str) -> None:
        """Set a new password, end all sessions of the user and forget the failed sign-ins: open
        monitors close within a second. Raises BadRequest: nobody has this name, or the password
        is too short or long."""
        await self._store.write(reset_passwords, (name, await self._hashed(password)))

    async def _hashed(self, password: str) -> str:
        if not 12 <= len(password) <= 128:
            raise BadRequest("A password has 12 to 128 characters.")
        return await asyncio.to_thread(self._hasher.hash, password)

    async def create_api_key(self, name: str) -> str:
        """Returns the key, which is not kept. Raises BadRequest when the name is taken."""
        if not _NAME.fullmatch(name):
            raise BadRequest("A key's name has 1 to 64 letters, digits or any of . _ @ -")
        key = "pw_" + secrets.token_urlsafe(32)
        await self._store.write(create_api_keys, (name, _hash(key)))
        return key

    async def api_keys(self) -> list[KnownKey]:
        """All API keys by name, revoked ones too; never a key or its hash."""
        return await self._store.read(read_api_keys)

    async def revoke_api_key(self, name: str) -> int | None:
        """From now on the key opens nothing. Returns when it was revoked before (ms), None when
        it was valid until now. Raises BadRequest: there is no such key."""
        return await self._store.write(revoke_api_keys, name)


def same_token(ours: str, theirs: str) -> bool:
    return hmac.compare_digest(ours.encode(), theirs.encode())


def _throttle(name: str, network: str) -> str:
    return f"{name[:64]}|{network}"


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


# --- reads -------------------------------------------------------------------------------------


def _read_user(name: str) -> tuple[int, str, Role] | None:
    user = User.get_or_none(User.name == name, ~User.disabled)
    return (user.id, user.password_hash, Role(user.role)) if user else None


def _read_session(token_hash: str, now: int) -> tuple[Principal, int] | None:
    row = (
        Session.select(Session, User)
        .join(User)
        .where(Session.token_hash == token_hash, *_alive(now))
        .first()
    )
    if row is None:
        return None
    role, confirmed_at = Role(row.user.role), row.confirmed_at
    principal = Principal(row.user.name, role, token_hash, row.xsrf, confirmed_at)
    return principal, row.seen_at


def _alive(now: int) -> tuple[object, ...]:
    return (
        Session.ended_at.is_null(),
        Session.created_at > now - ABSOLUTE_MS,
        Session.seen_at > now - IDLE_MS,
        ~User.disabled,
    )


def _read_alive(sessions: tuple[str, ...], now: int) -> dict[str, int]:
    query = (
        Session.select(Session.token_hash, Session.seen_at)
        .join(User)
        .where(Session.token_hash.in_(sessions), *_alive(now))
    )
    return dict(rows(query))


# --- ops ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Opening:
    user_id: int
    password_hash: str
    principal: Principal
    throttle: str


def open_session(batch: Batch, openings: Sequence[_Opening]) -> list[Exception | None]:
    Session.delete().where(Session.created_at < batch.now - ABSOLUTE_MS).execute()
    return [_open_session(batch.now, opening) for opening in openings]


def _open_session(now: int, opening: _Opening) -> Exception | None:
    user = _read_user(opening.principal.name)
    if user is None or user[1] != opening.password_hash:
        return BadCredentials()  # the password was reset while this one was being tried
    Session.create(
        token_hash=opening.principal.session,
        user=opening.user_id,
        xsrf=opening.principal.xsrf,
        created_at=now,
        seen_at=now,
        confirmed_at=now,
    )
    LoginFailure.delete().where(LoginFailure.key == opening.throttle).execute()
    return None


def confirm_session(batch: Batch, confirmed: Sequence[tuple[str, str]]) -> list[None]:
    for session, throttle in confirmed:
        Session.update(confirmed_at=batch.now).where(Session.token_hash == session).execute()
        LoginFailure.delete().where(LoginFailure.key == throttle).execute()
    return [None] * len(confirmed)


def end_session(batch: Batch, sessions: Sequence[str]) -> list[None]:
    Session.update(ended_at=batch.now).where(Session.token_hash.in_(list(sessions))).execute()
    return [None] * len(sessions)


def touch_session(batch: Batch, sessions: Sequence[str]) -> list[None]:
    Session.update(seen_at=batch.now).where(Session.token_hash.in_(list(sessions))).execute()
    return [None] * len(sessions)


@dataclass(frozen=True)
class _Attempt:
    key: str
    now: int


def count_attempts(batch: Batch, attempts: Sequence[_Attempt]) -> list[Exception | None]:
    """Count an attempt to sign in; SlowDown instead while the delay of its key runs."""
    oldest = max(attempt.now for attempt in attempts) - FORGET_MS
    LoginFailure.delete().where(LoginFailure.last_at < oldest).execute()
    return [_count_attempt(attempt) for attempt in attempts]


def _count_attempt(attempt: _Attempt) -> Exception | None:
    row = LoginFailure.get_or_none(LoginFailure.key == attempt.key)
    if row is None:
        LoginFailure.create(key=attempt.key, count=1, last_at=attempt.now)
        return None
    if row.count >= FREE_FAILURES:
        delay_s = min(2 ** (row.count - FREE_FAILURES), LONGEST_DELAY_S)
        left_ms = row.last_at + delay_s * 1000 - attempt.now
        if left_ms > 0:
            return SlowDown(seconds=left_ms // 1000 + 1)
    LoginFailure.update(count=row.count + 1, last_at=attempt.now).where(
        LoginFailure.key == attempt.key
    ).execute()
    return None


def create_users(batch: Batch, users: Sequence[tuple[str, str, str]]) -> list[Exception | None]:
    results: list[Exception | None] = []
    for name, role, hashed in users:
        if User.select().where(User.name == name).exists():
            results.append(BadRequest("A user with this name exists."))
            continue
        User.create(name=name, role=role, password_hash=hashed, created_at=batch.now)
        results.append(None)
    return results


def reset_passwords(batch: Batch, resets: Sequence[tuple[str, str]]) -> list[Exception | None]:
    return [_reset_password(batch.now, name, hashed) for name, hashed in resets]


def _reset_password(now: int, name: str, hashed: str) -> Exception | None:
    user = User.get_or_none(User.name == name)
    if user is None:
        return BadRequest("There is no user with this name.")
    User.update(password_hash=hashed).where(User.id == user.id).execute()
    Session.update(ended_at=now).where(
        Session.user == user.id, Session.ended_at.is_null()
    ).execute()
    # LIKE takes Alice for alice; the exact name is compared here.
    alike = rows(LoginFailure.select(LoginFailure.key).where(LoginFailure.key.startswith(name)))
    failures = [key for (key,) in alike if key.startswith(f"{name}|")]
    LoginFailure.delete().where(LoginFailure.key.in_(failures)).execute()
    return None
