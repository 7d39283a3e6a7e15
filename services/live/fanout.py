"""Sends new events to every open dashboard: read once in each process, serialised once, the same
bytes to all. It also wakes the pages that wait for one of them.

A dashboard is only a position in the stream. A dashboard that keeps up takes the next frame from
the ring; one that is behind reads pages from the table until it has caught up. So nothing is queued
for a client, and a client that does not read costs one frame.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from models.store import Store
from models.transaction import dump
from services.live.bus import Bus
from services.live.feed import PAGE, read_after
from services.live.waiters import Waiters

RING = 256
TICK_S = 0.05

SendFrame = Callable[[bytes], Awaitable[None]]


@dataclass(frozen=True)
class Frame:
    """Events `first` to `last`, as JSON in UTF-8."""

    first: int
    last: int
    text: bytes


class Fanout:
    def __init__(self, store: Store, bus: Bus, waiters: Waiters) -> None:
        self._store = store
        self._bus = bus
        self._waiters = waiters
        self._ring: deque[Frame] = deque(maxlen=RING)
        self._moved = asyncio.Condition()
        self._started = False
        self._feeding = 0
        self.head = 0
        bus.on_head.append(self._advance)

    @property
    def epoch(self) -> str:
        return self._bus.epoch

    async def _advance(self, head: int) -> None:
        """Read what is new, in frames, and let everybody take it. Before the first listener's
        time there is nothing to read: the ring starts at the head."""
        if head <= self.head:
            self._waiters.tell([])  # the database was replaced: no event tells of that
        if not self._started or head < self.head:
            self._started = True
            self._ring.clear()
            self.head = head
        if not self._feeding and not self._waiters:
            # What happened up to here is seen by whoever takes a place from now on, and reads.
            self._ring.clear()
            self.head = head
        while self.head < head:
            events = await self._store.read(read_after, self.head, PAGE)
            if not events:
                break
            self._waiters.tell(events)
            frame = _frame(events, replayed=False)
            self._ring.append(frame)
            self.head = frame.last
            await self._tell()
        await self._tell()
        await asyncio.sleep(TICK_S)  # the first goes at once; a storm goes in ticks

    async def _tell(self) -> None:
        async with self._moved:
            self._moved.notify_all()

    async def feed(self, position: int, send: SendFrame) -> None:
        """Send everything after `position`, in order and without a hole, until cancelled. Events
        from before this call are marked as replayed."""
        self._feeding += 1
        try:
            await self._feed(position, send)
        finally:
            self._feeding -= 1

    async def _feed(self, position: int, send: SendFrame) -> None:
        missed = self.head
        while True:
            async with self._moved:
                await self._moved.wait_for(lambda: self.head > position)  # noqa: B023 - awaited here
            if position < missed:
                frame = await self._from_table(position, missed, replayed=True)
            else:
                # Never beyond the head that was fanned out, or the ring's next frame overlaps.
                frame = self._from_ring(position) or await self._from_table(position, self.head)
            await send(frame.text)
            position = frame.last

    def _from_ring(self, position: int) -> Frame | None:
        return next((frame for frame in self._ring if frame.first == position + 1), None)

    async def _from_table(self, position: int, head: int, *, replayed: bool = False) -> Frame:
        events = await self._store.read(read_after, position, min(PAGE, head - position))
        return _frame(events, replayed=replayed)


def _frame(events: list[dict[str, Any]], *, replayed: bool) -> Frame:
    first, last = events[0]["seq"], events[-1]["seq"]
    message = {"type": "events", "from": first, "to": last, "events": events}
    return Frame(first, last, dump({**message, "replayed": replayed}).encode())
