"""Things that happen by themselves after a while on the simulator's clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

from simulator.state.clock import SimulatedClock

MAX_WAITING = 20_000


class Timers:
    """Does what is due, in its order; a jump of the clock lets it come at once."""

    def __init__(self, clock: SimulatedClock) -> None:
        self._clock = clock
        self._waiting: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self._wake = asyncio.Event()
        clock.on_change(self._wake.set)

    def __call__(self, act: Callable[[], None], after_s: float) -> None:
        """Beyond MAX_WAITING the oldest happens now."""
        heappush(self._waiting, (self._clock.now() + after_s, next(self._numbers), act))
        if len(self._waiting) > MAX_WAITING:
            heappop(self._waiting)[2]()
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._wake.clear()
            wait_s = None
            if self._waiting:
                wait_s = self._clock.real_seconds_until(self._waiting[0][0])
            if wait_s == 0:
                heappop(self._waiting)[2]()
                continue
            try:
                async with asyncio.timeout(wait_s):
                    await self._wake.wait()
            except TimeoutError:
                continue
