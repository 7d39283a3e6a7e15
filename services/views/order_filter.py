"""The filters of a search for orders, and their conditions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from models import Alert, Order
from models.base import exists, first_of
from payments.payment_rules import CLOCKS_APART_MS
from services.runtime.clock import DAY_MS
from services.views.query_parser import Reading

LONGEST_UNPAID_MS = 92 * DAY_MS
"""The longest time between an order and its payment; a person may book late money after weeks."""


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


def within(wanted: OrderFilter, lookup: Reading) -> OrderFilter:
    """The filter's time and the text's: what both allow."""
    since = max((t for t in (wanted.since, lookup.since) if t is not None), default=None)
    until = min((t for t in (wanted.until, lookup.until) if t is not None), default=None)
    return replace(wanted, since=since, until=until)


def times_of(wanted: OrderFilter) -> list[Any]:
    found = []
    if wanted.since is not None:
        found.append(Order.created_at >= wanted.since)
    if wanted.until is not None:
        found.append(Order.created_at < wanted.until)
    return found


def conditions_of(wanted: OrderFilter) -> list[Any]:
    found = []
    if wanted.statuses:
        found.append(Order.status.in_(wanted.statuses))
    paid_at = first_of(Order.wechat_paid_at, Order.paid_at)
    if wanted.paid_since is not None:
        found.append(paid_at >= wanted.paid_since)
    if wanted.paid_until is not None:
        found.append(paid_at < wanted.paid_until)
    if wanted.services:
        found.append(Order.service_status.in_(wanted.services))
    if wanted.min_fen is not None:
        found.append(Order.total_fen >= wanted.min_fen)
    if wanted.max_fen is not None:
        found.append(Order.total_fen <= wanted.max_fen)
    if wanted.mch_id:
        found.append(Order.mch_id == wanted.mch_id)
    if wanted.with_alerts:
        alert = Alert.select(Alert.id).where(Alert.order_num == Order.order_num)
        found.append(exists(alert))
    return found
