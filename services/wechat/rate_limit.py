"""Limits all callers together to a number of calls in any second."""

from __future__ import annotations

from collections import deque

from payments.protocol import WireAnswer, WireRequest
from services.runtime.clock import Clock
from services.wechat.client import Send

WINDOW_S = 1.0


class RateLimited:
    """A `Send` that lets at most `a_second` calls begin within any second; the others wait for
    their turn, in the order in which they came. How many may wait is for the callers to bound."""

    def __init__(self, send: Send, clock: Clock, a_second: int) -> None:
        self._send = send
        self._clock = clock
        self._turns: deque[float] = deque(maxlen=a_second)
        """When the last calls began, or will."""

    async def __call__(self, request: WireRequest) -> WireAnswer:
        await self._turn()
        return await self._send(request)

    async def _turn(self) -> None:
        now = self._clock.monotonic()
        full = len(self._turns) == self._turns.maxlen
        at = max(now, self._turns[0] + WINDOW_S) if full else now
        self._turns.append(at)
        if at > now:
            await self._clock.sleep(at - now)
