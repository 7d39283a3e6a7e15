"""Open orders that look older than they are, because a clock made them that was behind: events are
in the order of their commits, so one that is dated before an earlier one was dated wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models import Event, EventHead, Order
from models.base import rows
from models.transaction import Batch
from payments.alert_kinds import AlertKind, Severity
from payments.causes import Cause
from payments.payment_rules import CLOCKS_APART_MS
from payments.states import PAYABLE
from services.alerts.cases import Finding, raise_all
from services.runtime.clock import MINUTE_MS

LATEST = 10_000
"""The number of events that are looked at: a clock is wrong for hours, and then it is noticed."""


@dataclass(frozen=True)
class EarlyOrder:
    """An order that is dated `behind_ms` before an event that was there when it was made."""

    order_num: str
    not_before: int
    behind_ms: int


def read_early(now: int) -> tuple[EarlyOrder, ...]:
    """A read for the store. What is dated later than now proves nothing: its clock was ahead."""
    ((head,),) = rows(EventHead.select(EventHead.seq)) or ((0,),)
    query = Event.select(Event.at, Event.kind, Event.order_num).where(Event.seq > head - LATEST)
    found, latest = [], 0
    for at, kind, order_num in rows(query.order_by(Event.seq)):
        if kind == "order.created" and at < latest - CLOCKS_APART_MS:
            found.append(EarlyOrder(order_num, latest, latest - at))
        if at <= now:
            latest = max(latest, at)
    return tuple(found)


def give_time(batch: Batch, groups: Sequence[tuple[EarlyOrder, ...]]) -> list[None]:
    """Each that is open and looks expired gets its whole time to pay from now on, once. It goes on
    looking older than it is, which takes no payment from it."""
    given = [early for group in groups for early in group if _give(batch, early)]
    if given:
        raise_all(batch, [times_behind(len(given), max(each.behind_ms for each in given))])
    return [None] * len(groups)


def _give(batch: Batch, early: EarlyOrder) -> bool:
    open_still = Order.order_num == early.order_num, Order.status.in_(sorted(PAYABLE))
    untouched = (Order.updated_at < early.not_before) & (Order.expires_at <= batch.now)
    until = batch.now + (Order.expires_at - Order.created_at)
    given = Order.update(expires_at=until, updated_at=batch.now).where(*open_still, untouched)
    return bool(given.execute())


def times_behind(orders: int, behind_ms: int) -> Finding:
    """`orders` were made by a clock that was up to `behind_ms` behind."""
    return wrong_times("times behind", Cause.TIMES_BEHIND, orders, behind_ms)


def wrong_times(subject: str, cause: Cause, orders: int, off_ms: int) -> Finding:
    """`orders` were made by a clock that was wrong by up to `off_ms`."""
    return Finding(
        AlertKind.SYSTEM,
        subject,
        None,
        cause,
        None,
        f"{orders}",
        (),
        {"orders": orders, "minutes": off_ms // MINUTE_MS},
        at_least=Severity.HIGH,
    )
