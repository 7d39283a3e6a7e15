"""Passwords: hashed and tried in two threads, of which no network may take more than its share, and
in one more for known browsers and open sessions, which strangers cannot fill."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from payments.errors import BadRequest
from services.auth.credentials import SlowDown
from services.auth.password_strength import require_strength

Result = TypeVar("Result")

SHORTEST, LONGEST = 12, 128
HASHES_AT_ONCE = 2
HASHES_WAITING = 20
HASHES_OF_ONE_NETWORK = 4


HASHER = PasswordHasher(time_cost=2, memory_cost=64 * 1024, parallelism=1)


class Lane:
    """Threads with a queue of their own."""

    def __init__(self, hasher: PasswordHasher, at_once: int, name: str) -> None:
        self._hasher = hasher
        self._threads = ThreadPoolExecutor(at_once, name)
        self._trying: Counter[str] = Counter()
        self._nobody = ""

    def close(self) -> None:
        self._threads.shutdown()

    @asynccontextmanager
    async def turn(self, network: str) -> AsyncIterator[None]:
        """A place in the queue for the hashing threads; nobody's network may fill it. Raises
        SlowDown."""
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

    async def matches(self, stored: str, password: str) -> bool:
        """Is this the password of the stored hash? "" stands for nobody's: never, and as slow."""
        return await self._in_thread(self._matches, stored, password)

    async def hashed(self, password: str, name: str) -> str:
        """The hash of a new password of this user. Raises BadRequest: too short or too long; and
        WeakPassword."""
        require_length(password)
        return await self._in_thread(self._hash, password, name)

    def _hash(self, password: str, name: str) -> str:
        require_strength(password, name)
        return self._hasher.hash(password)

    async def _in_thread(self, work: Callable[..., Result], *args: str) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)

    def _matches(self, stored: str, password: str) -> bool:
        """In a thread. An unknown user costs the same as a known one: a hash is always tried."""
        self._nobody = self._nobody or self._hasher.hash(secrets.token_hex(16))
        try:
            return self._hasher.verify(stored or self._nobody, password)
        except (Argon2Error, InvalidHashError):
            return False


class Passwords(Lane):
    """The lane of everybody, and `known`, that of known browsers and open sessions. A test may
    bring a `hasher` that costs less."""

    def __init__(self, hasher: PasswordHasher = HASHER) -> None:
        super().__init__(hasher, HASHES_AT_ONCE, "argon2")
        self.known = Lane(hasher, 1, "argon2-known")

    def close(self) -> None:
        super().close()
        self.known.close()

    async def hashed(self, password: str, name: str) -> str:
        """A new password is set by who is signed in. Raises BadRequest, WeakPassword."""
        return await self.known.hashed(password, name)


def require_length(password: str) -> None:
    """Raises BadRequest."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadRequest(f"A password must have {SHORTEST} to {LONGEST} characters.")


def made_password() -> str:
    """A password that nobody chose: four groups of five letters and digits, 98 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))
