"""The filters of a search for orders, their conditions, and the indexes that serve these."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import reduce
from operator import and_, or_
from typing import Any

from models import Alert, Order, Refund
from models.base import first_of
from payments.payment_rules import CLOCKS_APART_MS
from payments.refund import UNDER_WAY, RefundStatus
from payments.states import OrderStatus
from services.runtime.clock import DAY_MS

LONGEST_UNPAID_MS = 92 * DAY_MS
"""The longest time between an order and its payment; a person may book late money after weeks."""


class RefundState(StrEnum):
    """How far the money of a paid order went back."""

    NONE = "none"
    """Nothing went back, and nobody has asked for it."""
    PART = "part"
    FULL = "full"
    WAITING = "waiting"
    """A refund waits for an admin or for WeChat; a part may have gone back before."""


_WAITING = (RefundStatus.REQUESTED, *UNDER_WAY)
_STATUSES = {
    RefundState.NONE: (OrderStatus.PAID,),
    RefundState.PART: (OrderStatus.PARTIALLY_REFUNDED, OrderStatus.REFUNDING),
    RefundState.FULL: (OrderStatus.REFUNDED,),
}


@dataclass(frozen=True)
class OrderFilter:
    """The filters of a search. Times in ms UTC, the end excluded; amounts in fen, both ends
    included."""

    q: str = ""
    statuses: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None
    paid_since: int | None = None
    paid_until: int | None = None
    """When WeChat says that it was paid; where WeChat did not say, when we heard of it."""
    min_fen: int | None = None
    max_fen: int | None = None
    mch_id: str | None = None
    trades: tuple[str, ...] = ()
    refunds: tuple[RefundState, ...] = ()
    with_alerts: bool = False


def made_before_paid(wanted: OrderFilter) -> OrderFilter:
    """An order was made before it was paid, and not long before: so the index of the times at which
    orders were made serves the other times too."""
    since, until = wanted.paid_since, wanted.paid_until
    if since is not None:
        since = max(since - LONGEST_UNPAID_MS, wanted.since or 0)
    if until is not None:
        until = min(until + CLOCKS_APART_MS, wanted.until or until + CLOCKS_APART_MS)
    return replace(wanted, since=since or wanted.since, until=until or wanted.until)


@dataclass(frozen=True, eq=False)
class Condition:
    """What the rows must meet. `ways` are conditions that together are this one and that an index
    serves, each in the order of time; none where no index helps. `direct`: whole rows can be read
    along it, else the ids first, in the index alone. `sorted` is False where the index has another
    order: then it is followed only if few rows are alike, which `at_most` tells where it is
    quicker: a SELECT with as many rows or more."""

    test: Any
    ways: tuple[Any, ...] = ()
    direct: bool = True
    sorted: bool = True
    at_most: Any = None

    @classmethod
    def alike(cls, test: Any, way: Any = None, at_most: Any = None) -> Condition:
        """For a range of an index."""
        return cls(test, (test if way is None else way,), False, False, at_most)


def one_of(column: Any, values: Iterable[Any]) -> Condition:
    """For a column whose index ends with the time."""
    values = tuple(values)
    test = column == values[0] if len(values) == 1 else column.in_(values)
    return Condition(test, tuple(column == value for value in values))


def conditions_of(wanted: OrderFilter) -> list[Condition]:
    """All but the time at which the order was made."""
    found = []
    if wanted.statuses:
        found.append(one_of(Order.status, wanted.statuses))
    if wanted.services:
        found.append(one_of(Order.service_status, wanted.services))
    if wanted.mch_id:
        found.append(one_of(Order.mch_id, [wanted.mch_id]))
    if wanted.trades:
        found.append(Condition(Order.trade_type.in_(wanted.trades)))
    if wanted.refunds:
        found += _of_refunds(wanted.refunds)
    if wanted.with_alerts:
        found.append(_of_alerts())
    return [*found, *_of_amount(wanted), *_of_payment(wanted)]


def _of_alerts() -> Condition:
    alerts = Alert.select(Alert.order_num).where(Alert.order_num.is_null(False))
    # EXISTS would let PostgreSQL read all alerts.
    one = Alert.select(Alert.order_num).where(Alert.order_num == Order.order_num).limit(1)
    return Condition.alike(Order.order_num == one, Order.order_num.in_(alerts), alerts)


def _of_refunds(states: tuple[RefundState, ...]) -> list[Condition]:
    """Along the index of the status; those that wait are few, and followed by themselves. Where
    they are one choice of several, no index has them all."""
    waiting = Refund.select(Refund.order_num).where(
        Refund.status.in_(_WAITING), Refund.receipt_id.is_null()
    )
    waits = Order.order_num.in_(waiting)
    if states == (RefundState.WAITING,):
        return [Condition.alike(waits, at_most=waiting)]
    of_status = {state: Order.status.in_(_STATUSES[state]) for state in _STATUSES}
    tests = {
        RefundState.NONE: of_status[RefundState.NONE] & Order.order_num.not_in(waiting),
        RefundState.PART: of_status[RefundState.PART] & (Order.refunded_fen > 0),
        RefundState.FULL: of_status[RefundState.FULL],
        RefundState.WAITING: waits,
    }
    found = [Condition(reduce(or_, (tests[state] for state in states)))]
    if RefundState.WAITING not in states:
        found.append(one_of(Order.status, [word for s in states for word in _STATUSES[s]]))
    return found


def _of_amount(wanted: OrderFilter) -> list[Condition]:
    least, most = wanted.min_fen, wanted.max_fen
    if least is not None and least == most:
        return [one_of(Order.total_fen, [least])]
    bounds = [Order.total_fen >= least] if least is not None else []
    bounds += [Order.total_fen <= most] if most is not None else []
    return [Condition.alike(reduce(and_, bounds))] if bounds else []


def _of_payment(wanted: OrderFilter) -> list[Condition]:
    paid_at = first_of(Order.wechat_paid_at, Order.paid_at)
    found = []
    if wanted.paid_since is not None:
        found.append(Condition(paid_at >= wanted.paid_since))
    if wanted.paid_until is not None:
        found.append(Condition(paid_at < wanted.paid_until))
    return found
