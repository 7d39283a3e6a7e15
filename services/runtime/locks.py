"""Locks by name. They spare work and keep two processes from doing the same at once; they prove
nothing: a lock can expire under its holder. The conditional UPDATE and the UNIQUE indexes do.

Tasks of one process share a lock: they meet in one transaction anyway. Across processes it is a
key in Redis with a token and a time to live; what is asked for in one tick travels together.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from payments.errors import Busy
from services.runtime.clock import Clock
from services.runtime.redis_errors import redis_errors

if TYPE_CHECKING:
    import redis.asyncio as aioredis

log = logging.getLogger(__name__)

TTL_MS = 10_000
WAIT_S = 2.0
RETRY_S = 0.02
BREAK_S = 5.0
PREFIX = "paywatch:lock:"

_RELEASE = """
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
return 0
"""


def _new_future() -> asyncio.Future[None]:
    return asyncio.get_running_loop().create_future()


@dataclass
class _Held:
    """One lock as this process has it."""

    key: str
    deadline: float
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    users: int = 0
    in_redis: bool = False
    ready: asyncio.Future[None] = field(default_factory=_new_future)


class Locks:
    """`redis` is None when locks need not reach beyond this process. `on_trouble(down)` is told
    when Redis is lost and when it is back."""

    def __init__(self, redis: aioredis.Redis | None, clock: Clock) -> None:
        self.on_trouble: Callable[[bool], None] = lambda down: None
        self._redis = redis
        self._clock = clock
        self._held: dict[str, _Held] = {}
        self._asked: list[_Held] = []
        self._given_up: list[_Held] = []
        self._round: asyncio.Task[None] | None = None
        self._broken_until = 0.0
        self._down = False

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[None]:
        """Hold the lock `name`; raises Busy when another process keeps it over two seconds.
        With Redis away the work goes on without it."""
        if self._redis is None or self._clock.monotonic() < self._broken_until:
            yield
            return
        held = self._held.get(name)
        if held is None:
            held = self._held[name] = _Held(PREFIX + name, self._clock.monotonic() + WAIT_S)
            self._asked.append(held)
            self._start_round()
        held.users += 1
        try:
            await asyncio.shield(held.ready)
            yield
        finally:
            held.users -= 1
            if held.users == 0:
                self._drop(name, held)

    def _drop(self, name: str, held: _Held) -> None:
        del self._held[name]
        self._given_up.append(held)
        self._start_round()

    def _start_round(self) -> None:
        if self._round is None or self._round.done():
            self._round = asyncio.create_task(self._rounds())

    async def _rounds(self) -> None:
        """Carry what was asked and released since the last round to Redis, in one round trip."""
        while self._redis and (self._asked or self._given_up):
            asked, self._asked = self._asked, []
            given_up, self._given_up = self._given_up, []
            speaks = bool(asked) or any(held.in_redis for held in given_up)
            try:
                refused = await self._exchange(self._redis, asked, given_up)
            except redis_errors() as error:
                self._break(asked, error)
                continue
            if speaks:
                self._mend()
            if refused:
                await asyncio.sleep(RETRY_S)
                self._ask_again(refused)

    async def _exchange(
        self, redis: aioredis.Redis, asked: list[_Held], given_up: list[_Held]
    ) -> list[_Held]:
        async with redis.pipeline(transaction=False) as pipe:
            for held in given_up:
                if held.in_redis:
                    pipe.eval(_RELEASE, 1, held.key, held.token)
            for held in asked:
                pipe.set(held.key, held.token, nx=True, px=TTL_MS)
            answers = await pipe.execute() if len(pipe) else []
        refused = []
        for held, granted in zip(asked, answers[len(answers) - len(asked) :], strict=True):
            held.in_redis = bool(granted)
            if granted:
                held.ready.set_result(None)
            else:
                refused.append(held)
        return refused

    def _ask_again(self, refused: list[_Held]) -> None:
        for held in refused:
            if held.users == 0:
                continue
            if self._clock.monotonic() < held.deadline:
                self._asked.append(held)
            else:
                held.ready.set_exception(Busy("Another process is working on this order."))
                held.ready.exception()  # its waiters may all be gone

    def _break(self, asked: list[_Held], error: Exception) -> None:
        """Redis is away: everybody goes on, and nobody asks it again for a while."""
        self._broken_until = self._clock.monotonic() + BREAK_S
        for held in asked:
            if not held.ready.done():
                held.ready.set_result(None)
        if not self._down:
            self._down = True
            log.warning("Redis is away; payments go on without its lock: %s", error)
            self.on_trouble(True)

    def _mend(self) -> None:
        if self._down:
            self._down = False
            log.info("Redis is back; its lock is used again.")
            self.on_trouble(False)

    @property
    def is_away(self) -> bool:
        """Redis is used, and was not reached when it was last asked."""
        return self._down

    async def reach(self) -> bool:
        """Ask Redis whether it is there, and remember the answer."""
        if self._redis is None:
            return False
        try:
            await self._redis.ping()
        except redis_errors() as error:
            self._break([], error)
            return False
        self._mend()
        self._broken_until = 0.0
        return True
