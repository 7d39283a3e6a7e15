"""Callers that wait for news: pages for the status of an order, the merchant's server for events.

A waiting caller costs one place here and no query: the process reads the stream of events once and
wakes the places of each event. So a caller takes a place first, then reads, then waits.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

MAX_WAITING = 10_000
MOST_AN_ORDER = 100
"""Places of one order: a buyer has a few pages open, and one who has more takes none of others'."""
SHARE_OF_A_NETWORK = 2
"""One network (a /24, or a /64 of IPv6) has this part of all places at most: a half. The buyers of
a carrier share few addresses, so a smaller part would shut out many of them."""
LOOK_S = 0.25
ANY = "*"
"""The subject of who waits for any event; no order number holds it."""


class Waiter:
    """One caller. Its wait ends with news, with its time, or when it is let go."""

    def __init__(self) -> None:
        self._is_woken = self._is_let_go = False
        self._wait: asyncio.Future[None] | None = None
        self._until = 0.0

    def wake(self) -> None:
        self._is_woken = True
        self._end_wait()

    def let_go(self) -> None:
        """Wait no longer: the caller is gone, or must be answered now."""
        self._is_let_go = True
        self._end_wait()

    def look(self, time: float) -> None:
        """End a wait whose time is over at this time of the loop."""
        if self._until <= time:
            self._end_wait()

    def _end_wait(self) -> None:
        if self._wait is not None and not self._wait.done():
            self._wait.set_result(None)

    async def news(self, seconds: float) -> bool:
        """Wait; True when there may be news to read, False when it is over."""
        if seconds > 0 and not self._is_woken and not self._is_let_go:
            loop = asyncio.get_running_loop()
            self._until, self._wait = loop.time() + seconds, loop.create_future()
            await self._wait
        is_woken, self._is_woken = self._is_woken, False
        return is_woken and not self._is_let_go


class Waiters:
    def __init__(self, limit: int = MAX_WAITING) -> None:
        self._limit = limit
        self._stopped = False
        self._count = 0
        self._places: dict[str, set[Waiter]] = {}
        self._of_network: Counter[str] = Counter()

    def __len__(self) -> int:
        return self._count

    @contextmanager
    def place(self, subject: str, waiter: Waiter, network: str = "") -> Iterator[None]:
        """A place for who waits for news of an order number, or of ANY. Beyond the limits of all,
        of the order and of the caller's network, and when we are stopping, there is none, and the
        waiter is let go: it is answered at once with what is known."""
        if not self._has_room(subject, network):
            waiter.let_go()
            yield
            return
        self._places.setdefault(subject, set()).add(waiter)
        self._count += 1
        self._of_network[network] += 1
        try:
            yield
        finally:
            self._count -= 1
            self._of_network[network] -= 1
            if not self._of_network[network]:
                del self._of_network[network]
            self._places[subject].discard(waiter)
            if not self._places[subject]:
                del self._places[subject]

    def _has_room(self, subject: str, network: str) -> bool:
        if self._stopped or self._count >= self._limit:
            return False
        if subject != ANY and len(self._places.get(subject or "", ())) >= MOST_AN_ORDER:
            return False
        return not network or self._of_network[network] * SHARE_OF_A_NETWORK < self._limit

    def tell(self, subjects: Iterable[str | None]) -> None:
        """There are new events, about these orders: wake whoever waits for one of them."""
        for subject in (ANY, *subjects):
            for waiter in self._places.get(subject or "", ()):
                waiter.wake()

    async def look(self) -> None:
        """End the waits whose time is over before the next look; jobs call this every LOOK_S. So a
        wait is never longer than it was asked for, and has no timer of its own."""
        time = asyncio.get_running_loop().time() + LOOK_S
        for waiters in self._places.values():
            for waiter in waiters:
                waiter.look(time)

    def release(self) -> None:
        """We are stopping: let everybody go with what they know, and take nobody any more."""
        self._stopped = True
        for waiters in self._places.values():
            for waiter in waiters:
                waiter.let_go()
