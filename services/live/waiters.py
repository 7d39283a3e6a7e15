"""Callers that wait for news: pages for the status of an order, the merchant's server for events.

A waiting caller costs one place here and no query: the process reads the stream of events once and
wakes the places of each event. So a caller takes a place first, then reads, then waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

MAX_WAITING = 10_000
ANY = "*"
"""The subject of who waits for any event; no order number holds it."""


class Waiter:
    """One caller. Its wait ends with news, with its time, or when it is let go."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()
        self._let_go = False

    def wake(self) -> None:
        self._woken.set()

    def let_go(self) -> None:
        """Wait no longer: the caller is gone, or must be answered now."""
        self._let_go = True
        self._woken.set()

    async def news(self, seconds: float) -> bool:
        """Wait; True when there may be news to read, False when it is over."""
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return False
        self._woken.clear()
        return not self._let_go


class Waiters:
    def __init__(self, limit: int = MAX_WAITING) -> None:
        self._limit = limit
        self._stopped = False
        self._count = 0
        self._places: dict[str, set[Waiter]] = {}

    def __len__(self) -> int:
        return self._count

    @contextmanager
    def place(self, subject: str, waiter: Waiter) -> Iterator[None]:
        """A place for who waits for news of an order number, or of ANY. Beyond the limit, and
        when we are stopping, there is none, and the waiter is let go."""
        if self._stopped or self._count >= self._limit:
            waiter.let_go()
            yield
            return
        self._places.setdefault(subject, set()).add(waiter)
        self._count += 1
        try:
            yield
        finally:
            self._count -= 1
            self._places[subject].discard(waiter)
            if not self._places[subject]:
                del self._places[subject]

    def tell(self, events: Sequence[dict[str, Any]]) -> None:
        """Wake whoever waits for one of these events."""
        subjects = {event["orderNum"] for event in events}
        for subject in (ANY, *subjects):
            for waiter in self._places.get(subject, ()):
                waiter.wake()

    def release(self) -> None:
        """We are stopping: let everybody go with what they know, and take nobody any more."""
        self._stopped = True
        for waiters in self._places.values():
            for waiter in waiters:
                waiter.let_go()
