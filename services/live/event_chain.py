"""The chain of all events: an event that was changed, removed, added or moved shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from models import Event, EventHead
from models.base import rows
from models.event import TOLD, EventText, chained, digest_of
from models.store import Store

CHUNK = 2000

Told = Callable[[int, int], None]
"""Is told how many events of how many were looked at."""


@dataclass(frozen=True)
class ChainCheck:
    """`events` were looked at, up to the one that holds `end`; `flaw` says which event is wrong and
    how, or is empty."""

    events: int
    end: str
    flaw: str = ""


class EventChain:
    """`verify` also while it serves: events that come meanwhile are not looked at."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def anchor(self) -> tuple[int, str]:
        """The number of the newest event and the end of the chain there, to be kept where nobody
        who can write the database can. Raises Busy."""
        return await self._store.read(_read_head)

    async def keeps(self, seq: int, end: str) -> bool:
        """Whether the chain still has this end at the event with this number."""
        return bool(await self._store.read(_read_end, seq) == end)

    async def verify(self, told: Told = lambda done, whole: None) -> ChainCheck:
        """Walk the whole chain, two thousand events at a time. Raises Busy."""
        top = await self._store.read(_read_top)
        head, last = await self._store.read(_read_head)
        if top > head:  # read before the head, which moves with every event
            return ChainCheck(0, "", f"Event {head + 1} is behind the end of the stream.")
        walk = _Walk()
        while walk.seq < head and not walk.flaw:
            walk.take(await self._store.read(_read_chunk, walk.seq, head), head)
            told(walk.seq, head)
        flaw = walk.flaw
        if not flaw and (walk.waiting or walk.end != last):
            flaw = f"Event {head} is not the one that the stream ends with."
        return ChainCheck(walk.seq, walk.end, flaw)


class _Walk:
    """`waiting` are the events since the last one that holds an end of the chain."""

    def __init__(self) -> None:
        self.seq = 0
        self.end = ""
        self.flaw = ""
        self.waiting: list[EventText] = []

    def take(self, found: list[tuple[Any, ...]], head: int) -> None:
        """Events in the order of their numbers, and of each the end that it holds, if it does."""
        for seq, *columns, end in found:
            if seq != self.seq + 1:
                break
            self.seq = seq
            self.waiting.append(EventText(*columns))
            if end is not None:
                self._close(end)
            if self.flaw:
                return
        if self.seq < (found[-1][0] if found else head):
            self.flaw = f"Event {self.seq + 1} is missing."

    def _close(self, end: str) -> None:
        computed = chained(self.end, digest_of(self.waiting))
        first = self.seq - len(self.waiting) + 1
        if computed == end:
            self.end, self.waiting = end, []
        elif first == self.seq:
            self.flaw = f"Event {self.seq} was changed, or does not follow the event before it."
        else:
            self.flaw = (
                f"One of the events {first} to {self.seq} was changed or moved, or they do not"
                " follow the event before them."
            )


# --- reads ---------------------------------------------------------------------------------------


def _read_top() -> int:
    found = rows(Event.select(Event.seq).order_by(Event.seq.desc()).limit(1))
    return int(found[0][0]) if found else 0


def _read_head() -> tuple[int, str]:
    (head,) = rows(EventHead.select(EventHead.seq, EventHead.chain).where(EventHead.id == 1))
    return head[0], head[1]


def _read_end(seq: int) -> str | None:
    found = rows(Event.select(Event.chain).where(Event.seq == seq))
    return found[0][0] if found else None


def _read_chunk(after: int, to: int) -> list[tuple[Any, ...]]:
    query = Event.select(*TOLD, Event.chain).where(Event.seq > after, Event.seq <= to)
    return rows(query.order_by(Event.seq).limit(CHUNK))
