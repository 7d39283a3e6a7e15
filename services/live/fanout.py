"""Sends new events to every open dashboard: read once in each process, made into one frame, the
same bytes to all. It also wakes the pages that wait for one of them.

A dashboard is only a position in the stream. A frame goes to all that stand just before it and
have room, a few in each turn of the loop. Whoever is behind gets the next frame of the ring, or a
page of the table, from `catch_up`, until it stands at the head again. So nothing is queued for a
client, and a client that does not read costs the rest of one frame.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from models.store import Store
from services.live.bus import Bus
from services.live.feed import PAGE
from services.live.frames import Frame, read_frame
from services.live.turns import in_turns
from services.live.waiters import Waiters
from services.runtime.clock import Clock

RING = 256
TICK_S = 0.05
"""A frame begins so long after the one before it, or later: after as long a rest as it took to send
that one. So the more dashboards watch, the fewer frames a second they get."""


class Sink(Protocol):
    """The connection of a dashboard."""

    def take(self, frame: memoryview) -> bool:
        """Send the whole frame. False: a part of it still waits for the client, so the next one
        must wait until `Fanout.free` is called. Never raises."""
        ...

    def lose(self) -> None:
        """What the dashboard needs next is not there; it must connect again."""
        ...


@dataclass(eq=False, slots=True)
class Watch:
    """The place of one dashboard in the stream: it has everything up to `position`. Events up to
    `missed` are from before it came."""

    sink: Sink
    position: int
    missed: int
    is_free: bool = True

    def give(self, frame: Frame) -> None:
        self.position = frame.last
        self.is_free = self.sink.take(frame.bytes)


class _Page(NamedTuple):
    """A frame that somebody behind needs next: what is above `after`, up to `last`."""

    after: int
    last: int
    replayed: bool


class Fanout:
    """`behind` is set while a dashboard needs `catch_up`."""

    def __init__(self, store: Store, bus: Bus, waiters: Waiters, clock: Clock) -> None:
        self._store = store
        self._bus = bus
        self._waiters = waiters
        self._clock = clock
        self._watches: set[Watch] = set()
        self._ring: dict[int, Frame] = {}
        self._started = False
        self.behind = asyncio.Event()
        self.head = 0
        bus.on_head.append(self._advance)

    @property
    def epoch(self) -> str:
        return self._bus.epoch

    # --- who watches -----------------------------------------------------------------------

    def join(self, sink: Sink, position: int) -> Watch:
        """Send everything after `position` to the sink, in order and without a hole, until it
        leaves. Events from before this call are marked as replayed."""
        watch = Watch(sink, position, self.head)
        self._watches.add(watch)
        self._wake(watch)
        return watch

    def leave(self, watch: Watch) -> None:
        watch.is_free = False
        self._watches.discard(watch)

    def free(self, watch: Watch) -> None:
        """The client has taken all that was sent: it may have the next frame."""
        if watch in self._watches:
            watch.is_free = True
            self._wake(watch)

    def _wake(self, watch: Watch) -> None:
        if watch.position < self.head:
            self.behind.set()

    # --- new events ------------------------------------------------------------------------

    async def _advance(self, head: int) -> None:
        """Read what is new, in frames, and send them. Before the first listener's time there is
        nothing to read: the ring starts at the head."""
        taken = 0.0
        if head <= self.head:
            self._waiters.tell(())  # the database was replaced: no event tells of that
        nobody = not self._watches and not self._waiters
        # What happened up to here is seen by whoever takes a place from now on, and reads.
        if not self._started or head < self.head or nobody:
            self._started = True
            self._ring.clear()
            self.head = head
        while self.head < head:
            frame = await self._store.read(read_frame, self.head, PAGE)
            if frame is None:
                break
            self._waiters.tell(frame.subjects)
            self._keep(frame)
            taken = await self._send(frame)
        await asyncio.sleep(max(TICK_S - taken, taken))  # the first goes at once

    def _keep(self, frame: Frame) -> None:
        self.head = frame.last
        self._ring[frame.first] = frame
        if len(self._ring) > RING:
            del self._ring[next(iter(self._ring))]

    async def _send(self, frame: Frame) -> float:
        """To all who stand just before it; the seconds that it took."""
        began, before = self._clock.monotonic(), frame.first - 1
        async for watch in in_turns(list(self._watches)):
            if watch.is_free and watch.position == before:
                watch.give(frame)
            elif watch.is_free:
                self._wake(watch)
        return self._clock.monotonic() - began

    # --- who is behind ---------------------------------------------------------------------

    async def catch_up(self) -> None:
        """Give everybody who is behind the next frame; jobs call this as long as somebody is."""
        self.behind.clear()
        for page, watches in self._wanted().items():
            frame = await self._read(page)
            async for watch in in_turns(watches):
                if not (watch.is_free and watch.position == page.after):
                    continue
                if frame is None or frame.first != page.after + 1:
                    watch.sink.lose()
                    continue
                watch.give(frame)
                if watch.is_free:
                    self._wake(watch)

    def _wanted(self) -> dict[_Page, list[Watch]]:
        """The pages that are wanted, and by whom. They end at round numbers, so that those who
        began at different ones soon want the same; none goes beyond what was sent to all, or the
        next frame would overlap."""
        wanted: dict[_Page, list[Watch]] = defaultdict(list)
        for watch in self._watches:
            position = watch.position
            if watch.is_free and position < self.head:
                replayed = position < watch.missed
                end = min(watch.missed, self.head) if replayed else self.head
                last = min(end, (position // PAGE + 1) * PAGE)
                wanted[_Page(position, last, replayed)].append(watch)
        return wanted

    async def _read(self, page: _Page) -> Frame | None:
        if not page.replayed and (frame := self._ring.get(page.after + 1)):
            return frame
        limit = page.last - page.after
        return await self._store.read(read_frame, page.after, limit, page.replayed)
