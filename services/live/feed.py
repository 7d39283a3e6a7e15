"""Reading the stream of events."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from models import Event, EventHead, Order
from models.base import rows
from models.event import TOLD
from models.store import Store
from payments.errors import PaymentError
from services.live.waiters import ANY, Waiter, Waiters
from services.runtime.clock import Clock, rfc3339

PAGE = 500
MOST_TURNS = 2000
REPEATED = (
    "notify.duplicate",
    "notify.refused",
    "alert.repeated",
    "payment.failed",
    "prepay.failed",
    "note.added",
)
"""The kinds of events that move nothing and may come any number of times."""


def read_head() -> tuple[int, str]:
    """The number of the newest event, and the epoch of this stream."""
    row = EventHead.get(EventHead.id == 1)
    return row.seq, row.epoch


def read_after(after: int, limit: int, mch_id: str | None = None) -> list[dict[str, Any]]:
    """Up to `limit` events with a number above `after`, ascending; with `mch_id` only those about
    orders of that account."""
    query = Event.select(*TOLD).where(Event.seq > after).order_by(Event.seq).limit(limit)
    if mch_id is not None:
        query = query.join(Order, on=(Order.order_num == Event.order_num))
        query = query.where(Order.mch_id == mch_id)
    return [_public(row) for row in rows(query)]


def read_of_order(
    order_num: str, limit: int = PAGE, until: int | None = None
) -> list[dict[str, Any]]:
    """The newest events about one order, descending; with `until` (ms) those up to the last one
    that was written by then. A clock that was wrong dates events, and does not reorder them."""
    query = Event.select(*TOLD).where(Event.order_num == order_num).order_by(Event.seq.desc())
    if until is not None:
        last = rows(query.where(Event.at <= until).limit(1))
        query = query.where(Event.seq <= (last[0][0] if last else 0))
    return [_public(row) for row in rows(query.limit(limit))]


def read_turns_before(order_num: str, timeline: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events about one order that are older than this page of `read_of_order`, descending: those
    that moved something, up to MOST_TURNS. None where the page has all."""
    if len(timeline) < PAGE:
        return []
    query = Event.select(*TOLD).where(
        Event.order_num == order_num,
        Event.seq < timeline[-1]["seq"],
        Event.kind.not_in(REPEATED),
    )
    return [_public(row) for row in rows(query.order_by(Event.seq.desc()).limit(MOST_TURNS))]


def _public(row: tuple[Any, ...]) -> dict[str, Any]:
    seq, kind, severity, order_num, at, data = row
    return {
        "seq": seq,
        "kind": kind,
        "severity": severity,
        "orderNum": order_num,
        "at": rfc3339(at),
        "data": json.loads(data),
    }


class Resync(PaymentError):
    """The number that was asked from is of another stream; `detail` has `head` and `epoch`."""

    code = "resync"
    message = "This position is not of this stream of events; start again from the head."


@dataclass(frozen=True)
class EventsWanted:
    """What the merchant's server asks for: up to `limit` events above `after`, the number that it
    knows of `epoch` ("" is whichever); with `mch_id` those of this account's orders alone."""

    after: int
    limit: int
    epoch: str = ""
    mch_id: str | None = None


class Feed:
    """The stream in pages, for whoever asks by number."""

    def __init__(self, store: Store, waiters: Waiters, clock: Clock) -> None:
        self._store = store
        self._waiters = waiters
        self._clock = clock

    async def page(self, after: int, limit: int) -> dict[str, Any]:
        """`{"events": […], "head": N}`: up to `limit` events above `after`, ascending."""
        page, _ = await self._store.read(_read_page, after, limit)
        return page

    async def watch(self, wanted: EventsWanted, waiter: Waiter, seconds: float) -> dict[str, Any]:
        """As `page`, with the epoch, as soon as there are such events, at the latest after
        `seconds`. Raises Resync: `after` is beyond the head, or of another epoch."""
        with self._waiters.place(ANY, waiter):  # before it is read, or an event is missed
            page = await self._continue(wanted)
            until = self._clock.monotonic() + seconds
            while not page["events"] and await waiter.news(until - self._clock.monotonic()):
                page = await self._continue(wanted)
            return page

    async def _continue(self, wanted: EventsWanted) -> dict[str, Any]:
        page, ours = await self._store.read(_read_page, wanted.after, wanted.limit, wanted.mch_id)
        if wanted.after > page["head"] or wanted.epoch not in ("", ours):
            raise Resync(head=page["head"], epoch=ours)
        return {**page, "epoch": ours}


def _read_page(after: int, limit: int, mch_id: str | None = None) -> tuple[dict[str, Any], str]:
    # The head first: an event between the two reads is seen early, never missed, and is the head.
    head, epoch = read_head()
    events = read_after(after, limit, mch_id)
    head = max([head, *(event["seq"] for event in events[-1:])])
    return {"events": events, "head": head}, epoch
