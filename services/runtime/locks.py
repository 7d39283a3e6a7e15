"""Locks by name. They spare work and keep two processes from doing the same at once; they prove
nothing: a lock can expire under its holder. The conditional UPDATE and the UNIQUE indexes do.

Tasks of one process share a lock: they meet in one transaction anyway. Across processes it is a
key in Redis with a token and a time to live; what is asked for in one tick travels together.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from models.store import hand_over
from payments.errors import Busy
from services.runtime.clock import Clock
from services.runtime.redis_errors import redis_errors

if TYPE_CHECKING:
    import redis.asyncio as aioredis

log = logging.getLogger(__name__)

TTL_MS = 10_000
WAIT_S = 2.0
RETRY_S = 0.02
LEAVE_S = 0.005
"""A lock that is given up travels with the next that is asked for, or alone after so long."""
BREAK_S = 5.0
PREFIX = "paywatch:lock:"

_TRADE = """
local leaving = tonumber(ARGV[2])
for i = 1, leaving do
  if redis.call('get', KEYS[i]) == ARGV[2 + i] then redis.call('del', KEYS[i]) end
end
local granted = {}
for i = leaving + 1, #KEYS do
  local answer = redis.call('set', KEYS[i], ARGV[2 + i], 'NX', 'PX', ARGV[1])
  granted[#granted + 1] = answer and 1 or 0
end
return granted
"""
"""Gives up the first ARGV[2] keys and asks for the others, each with its token."""
_TOKENS = (f"{secrets.token_hex(8)}{number:x}" for number in itertools.count())

Ready = Callable[[Busy | None], None]
"""Told on the loop that a lock is held, or why it is not."""


@dataclass(slots=True, eq=False)
class _Held:
    """One lock as this process has it. `waiters` are told when it is known whose it is."""

    key: str
    deadline: float
    token: str
    users: int = 0
    in_redis: bool = False
    is_ready: bool = False
    refusal: Busy | None = None
    waiters: list[Ready] = field(default_factory=list)

    def settle(self, refusal: Busy | None = None) -> None:
        self.is_ready, self.refusal = True, refusal
        waiters, self.waiters = self.waiters, []
        for told in waiters:
            told(refusal)


class Locks:
    """`redis` is None when locks need not reach beyond this process. `on_trouble(down)` is told
    when Redis is lost and when it is back."""

    def __init__(self, redis: aioredis.Redis | None, clock: Clock) -> None:
        self.on_trouble: Callable[[bool], None] = lambda down: None
        self.can_wait: Callable[[], bool] = lambda: False
        """Whoever got a lock now would hold it and wait: so all are asked for at once, when
        `wait_no_more` is called."""
        self._redis = redis
        self._clock = clock
        self._held: dict[str, _Held] = {}
        self._asked: list[_Held] = []
        self._given_up: list[_Held] = []
        self._round: asyncio.Task[None] | None = None
        self._leaving: asyncio.TimerHandle | None = None
        self._broken_until = 0.0
        self._down = False

    @property
    def are_needed(self) -> bool:
        """False where this process is alone, or while Redis is away: the work goes on without."""
        return self._redis is not None and self._clock.monotonic() >= self._broken_until

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[None]:
        """Hold the lock `name`; raises Busy when another process keeps it over two seconds.
        With Redis away the work goes on without it."""
        if not self.are_needed:
            yield
            return
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        leave = self.enter(name, partial(hand_over, ready))
        try:
            await ready
            yield
        finally:
            leave()

    def enter(self, name: str, ready: Ready) -> Callable[[], None]:
        """As `hold`, without a task: `ready` is called once it is known whether the lock is ours,
        perhaps at once. Call what this returns, once, at the end or to give up."""
        held = self._held.get(name)
        if held is None:
            deadline = self._clock.monotonic() + WAIT_S
            held = self._held[name] = _Held(PREFIX + name, deadline, next(_TOKENS))
            self._asked.append(held)
            if not self.can_wait():
                self._go_on()
        held.users += 1
        if held.is_ready:
            ready(held.refusal)
        else:
            held.waiters.append(ready)
        return partial(self._leave, name, held)

    def _leave(self, name: str, held: _Held) -> None:
        held.users -= 1
        if held.users == 0:
            del self._held[name]
            self._given_up.append(held)
            if self._leaving is None:
                self._leaving = asyncio.get_running_loop().call_later(LEAVE_S, self._give_up)

    def _give_up(self) -> None:
        self._leaving = None
        if self._given_up:
            self._go_on()

    def wait_no_more(self) -> None:
        """Ask for the locks that could wait. Those that are given up travel with them; where none
        is asked for they wait for the next, which is soon there under load and else at no cost."""
        if self._asked:
            self._go_on()

    def _go_on(self) -> None:
        """Carry to Redis what waits for it, together."""
        if (self._asked or self._given_up) and (self._round is None or self._round.done()):
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
            elif (not self._asked or self.can_wait()) and (self._leaving or not self._given_up):
                return  # what is left goes out at the end of the batch, or with the timer

    async def _exchange(
        self, redis: aioredis.Redis, asked: list[_Held], given_up: list[_Held]
    ) -> list[_Held]:
        leaving = [held for held in given_up if held.in_redis]
        asked = [held for held in asked if held.users]  # the others gave up before it began
        every = leaving + asked
        if not every:
            return []
        keys, tokens = [held.key for held in every], [held.token for held in every]
        granted = await redis.eval(_TRADE, len(keys), *keys, TTL_MS, len(leaving), *tokens)
        refused = []
        for held, is_ours in zip(asked, granted, strict=True):
            held.in_redis = bool(is_ours)
            if is_ours:
                held.settle()
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
                held.settle(Busy("Another process is working on this order."))

    def _break(self, asked: list[_Held], error: Exception) -> None:
        """Redis is away: everybody goes on, and nobody asks it again for a while."""
        self._broken_until = self._clock.monotonic() + BREAK_S
        for held in asked:
            if not held.is_ready:
                held.settle()
        if not self._down:
            self._down = True
            log.warning("Redis is away; payments go on without its lock: %s", error)
            self.on_trouble(True)

    def _mend(self) -> None:
        if self._down:
            self._down = False
            log.info("Redis is back; its lock is used again.")
            self.on_trouble(False)

    async def close(self) -> None:
        """Give up what is not held any more; else another process waits for it until it expires."""
        if self._leaving is not None:
            self._leaving.cancel()
        for _ in range(2):  # a round that is under way has not taken what came since it began
            self._go_on()
            if self._round is not None:
                await asyncio.wait([self._round], timeout=WAIT_S)

    @property
    def is_away(self) -> bool:
        """Redis is used, and was not reached when it was last asked."""
        return self._down

    async def reach(self) -> bool:
        """Ask Redis whether it is there, and remember the answer. It is asked again before it is
        believed to be away: in a busy moment, as at a start, an answer may come too late."""
        if self._redis is None:
            return False
        for is_last in (False, True):
            try:
                await self._redis.ping()
                break
            except redis_errors() as error:
                if is_last:
                    self._break([], error)
                    return False
        self._mend()
        self._broken_until = 0.0
        return True
