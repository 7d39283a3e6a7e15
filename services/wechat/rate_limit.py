"""Limits all callers together to a number of calls in any second, or in any longer time."""

from __future__ import annotations

from collections import deque
from math import inf

from payments.errors import Busy
from payments.protocol import WireAnswer, WireRequest
from services.runtime.clock import Clock
from services.wechat.client import Send

WINDOW_S = 1.0


class Turns:
    """At most `count` turns within any `window_s` seconds, given in the order in which they are
    taken."""

    def __init__(self, clock: Clock, count: int, window_s: float) -> None:
        self._clock = clock
        self._window_s = window_s
        self._taken: deque[float] = deque(maxlen=count)
        """When the last turns began, or will."""

    def take(self, longest_s: float = inf) -> float:
        """Take the next turn; returns the seconds until it. Raises Busy, and takes none, when they
        are more than `longest_s`."""
        now = self._clock.monotonic()
        full = len(self._taken) == self._taken.maxlen
        at = max(now, self._taken[0] + self._window_s) if full else now
        if at - now > longest_s:
            raise Busy("Others wait already for their turn to ask WeChat.")
        self._taken.append(at)
        return at - now

    @property
    def is_over(self) -> bool:
        """Whether no turn that was taken holds back another one."""
        return all(at + self._window_s <= self._clock.monotonic() for at in self._taken)


class RateLimited:
    """A `Send` that lets at most `a_second` calls begin within any second; the others wait for
    their turn, in the order in which they came. How many may wait is for the callers to bound."""

    def __init__(self, send: Send, clock: Clock, a_second: int) -> None:
        self._send = send
        self._clock = clock
        self._turns = Turns(clock, a_second, WINDOW_S)

    async def __call__(self, request: WireRequest) -> WireAnswer:
        wait_s = self._turns.take()
        if wait_s > 0:
            await self._clock.sleep(wait_s)
        return await self._send(request)
