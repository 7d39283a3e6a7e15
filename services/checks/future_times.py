"""Times of the tables that lie ahead of now, as a clock that was ahead wrote them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from models import (
    ApiKey,
    Event,
    IdempotentAnswer,
    Order,
    OrderCheck,
    PrepayAttempt,
    Receipt,
    Refund,
)
from models.base import rows
from models.store import Store
from models.transaction import Batch
from payments.causes import Cause
from payments.payment_rules import CLOCKS_APART_MS
from services.alerts.cases import Finding, raise_all
from services.checks.past_times import wrong_times

log = logging.getLogger(__name__)

A_STEP = 500
NEWEST = 5_000
"""Rows that are looked at in a table without an index of its times: what is dated ahead is new."""


class FutureTimes:
    """`step` is run every minute, in one process at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def step(self) -> None:
        """Set back what says that it happened later than now, unless our own clock is in doubt.
        Raises Busy."""
        if moved := await self._store.write(set_back, None):
            log.warning("%d rows were dated later than now, and were set back.", moved)


def set_back(batch: Batch, asks: Sequence[None]) -> list[int]:
    moved = _set_back(batch) if batch.may_forget else 0
    return [moved] * len(asks)


def _set_back(batch: Batch) -> int:
    far = batch.now + CLOCKS_APART_MS
    orders, lead_ms = _orders(batch, far)
    others = sum(
        _stamps(column, batch.now, far)
        for column in (
            PrepayAttempt.created_at,
            PrepayAttempt.answered_at,
            Refund.created_at,
            Receipt.received_at,
        )
    )
    others += _answers(batch.now, far) + _api_keys(batch.now, far)
    if orders:
        raise_all(batch, [times_ahead(orders, lead_ms)])
    return orders + others


def _orders(batch: Batch, far: int) -> tuple[int, int]:
    """Each gets its whole time to pay from now on; how many, and how far the clock was ahead."""
    query = Order.select(Order.id, Order.order_num, Order.created_at, Order.expires_at)
    ahead = rows(query.where(Order.created_at > far).order_by(Order.id).limit(A_STEP))
    if not ahead:
        return 0, 0
    since = _at_the_earliest(ahead[0][1], batch.now)
    for id_, order_num, created_at, expires_at in ahead:
        until = batch.now + expires_at - created_at
        Order.update(created_at=since, expires_at=until).where(Order.id == id_).execute()
        late = (OrderCheck.order_num == order_num) & (OrderCheck.due_at > until)
        OrderCheck.update(due_at=until).where(late).execute()
    return len(ahead), max(created_at for _, _, created_at, _ in ahead) - batch.now


def _at_the_earliest(order_num: str, now: int) -> int:
    """An order was made after the events before it. A payment may be as old as that, and is still
    this order's: WeChat's time of it is right."""
    made = Event.select(Event.seq).where(
        Event.order_num == order_num, Event.kind == "order.created"
    )
    for (seq,) in rows(made.limit(1)):
        before = Event.select(Event.at).where(Event.seq < seq, Event.at <= now)
        for (at,) in rows(before.order_by(Event.seq.desc()).limit(1)):
            return int(at)
    return now


def _stamps(column: Any, now: int, far: int) -> int:
    table = column.model
    newest = rows(table.select(table.id).order_by(table.id.desc()).limit(1))
    if not newest:
        return 0
    ahead = (table.id > newest[0][0] - NEWEST) & (column > far)
    moved: int = table.update({column: now}).where(ahead).execute()
    return moved


def _answers(now: int, far: int) -> int:
    ahead = IdempotentAnswer.created_at > far
    moved: int = IdempotentAnswer.update(created_at=now).where(ahead).execute()
    return moved


def _api_keys(now: int, far: int) -> int:
    """Each lasts as many days as it was made for, from now on."""
    ahead = ApiKey.created_at > far
    lasts = now + (ApiKey.expires_at - ApiKey.created_at)
    ApiKey.update(expires_at=lasts).where(ahead, ApiKey.expires_at.is_null(False)).execute()
    moved: int = ApiKey.update(created_at=now).where(ahead).execute()
    return moved


def times_ahead(orders: int, lead_ms: int) -> Finding:
    """`orders` were made by a clock that was up to `lead_ms` ahead."""
    return wrong_times("times ahead", Cause.TIMES_AHEAD, orders, lead_ms)
