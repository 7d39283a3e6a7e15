"""Lists of orders, newest first: what a text and filters name, a page at a time. Each page reads a
bounded part of the table, however much there is; where it stopped early, the next goes on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from models import Order
from models.base import chosen, rows
from services.orders.orders import OrderView, to_view, view_columns
from services.views.index_look import REACH, Found, Key, Look, Span, is_few, key_of
from services.views.list_position import ListPosition
from services.views.order_filter import (
    Condition,
    OrderFilter,
    conditions_of,
    made_before_paid,
)
from services.views.order_legs import Leg, legs_of
from services.views.pasted.numbers import orders_named
from services.views.pasted.why_not import WhyNot, why_not
from services.views.query_parser import Field, Reading, readings, whole_numbers

NEXT_PAID = 300
"""So many payments before and after a moment are looked at for an amount."""


@dataclass(frozen=True)
class OrderPage:
    """A page. `next` is where the next one begins when there may be more; `lookup` is how the text
    was read, None without one; `exact` when it was the whole number of the one order.
    `partly_since`: a part of a name was looked for among the orders made since (ms UTC) only.
    `why_not` where a text found nothing."""

    views: list[OrderView]
    next: ListPosition | None = None
    lookup: Reading | None = None
    exact: bool = False
    partly_since: int | None = None
    why_not: WhyNot | None = None


@dataclass(frozen=True)
class _ListRequest:
    wanted: OrderFilter
    before: ListPosition | None
    limit: int
    reach: int


def find_orders(
    wanted: OrderFilter,
    now_ms: int,
    before: ListPosition | None,
    limit: int,
    reach: int | None = None,
) -> OrderPage:
    """A read for the store: one page of orders. A whole number goes before every filter. `reach`
    in place of REACH."""
    asked = _ListRequest(made_before_paid(wanted), before, limit, REACH if reach is None else reach)
    ways = readings(wanted.q, now_ms)
    if not ways:
        return _page([Leg()], asked)
    is_first = before is None or before.at
    if is_first and (named := _named(wanted.q, ways[0], limit)):
        return named
    empty: OrderPage | None = None
    for at, place in _tried(len(ways), before):
        found = replace(_look_up(ways[at], replace(asked, before=place)), lookup=ways[at])
        if found.next:
            following = replace(found.next, reading=at, seeking=not found.views and len(ways) > 1)
            found = replace(found, next=following)
        if found.views:
            return found
        if empty is None or (found.next and not empty.next):
            empty = found
    return replace(empty or OrderPage([]), why_not=why_not(wanted.q, ways))


def _tried(count: int, before: ListPosition | None) -> list[tuple[int, ListPosition | None]]:
    """The readings of which one is the page's, each from its place on."""
    if before is None or before.at:
        return [(at, before) for at in range(count)]
    last = count if before.seeking else before.reading + 1
    return [
        (at, before if at == before.reading else None)
        for at in range(before.reading, min(last, count))
    ]


def _look_up(lookup: Reading, asked: _ListRequest) -> OrderPage:
    if lookup.near is not None and lookup.amounts and not lookup.value:
        return OrderPage(_nearest(lookup, asked))
    return _page(legs_of(lookup), asked)


def _named(text: str, likeliest: Reading, limit: int) -> OrderPage | None:
    """The orders whose whole numbers stand in the text; of refunds only where no other does."""
    views, of_refunds = orders_named(whole_numbers(text), limit)
    if not views:
        return None
    if len(views) > 1:
        return OrderPage(views, lookup=Reading(Field.SEVERAL))
    if of_refunds:
        return OrderPage(views, lookup=Reading(Field.REFUND), exact=True)
    same = views[0].transaction_id in whole_numbers(text)
    number = likeliest if likeliest.field in (Field.ORDER, Field.TRANSACTION) else None
    guess = Reading(Field.TRANSACTION if same else Field.ORDER)
    return OrderPage(views, lookup=number or guess, exact=True)


# --- a page --------------------------------------------------------------------------------------


def _page(legs: list[Leg], asked: _ListRequest) -> OrderPage:
    """The legs merged. Rows beyond the place where one leg stopped are left for the next page, so
    that no row is skipped; a search for a part of a name does not hold up the others."""
    filters, look = conditions_of(asked.wanted), Look(_span(asked), asked.limit, asked.reach)
    views, end = _merged([leg for leg in legs if not leg.part], filters, look)
    beside, stop = _merged([leg for leg in legs if leg.part], filters, look)
    partly = stop.created_at if stop and views else None
    end = end if views else _later(end, stop)
    ordered = sorted({**beside, **views}.values(), key=key_of, reverse=True)
    if end:
        ordered = [view for view in ordered if key_of(view) >= end]
    if len(ordered) > asked.limit:
        last = ListPosition(ordered[asked.limit - 1].id)
        return OrderPage(ordered[: asked.limit], last, partly_since=partly)
    return OrderPage(ordered, ListPosition(end.id) if end else None, partly_since=partly)


def _merged(
    legs: list[Leg], filters: list[Condition], look: Look
) -> tuple[dict[int, OrderView], Key | None]:
    views: dict[int, OrderView] = {}
    end: Key | None = None
    for leg in legs:
        found = _follow(leg, filters, look)
        views |= {view.id: view for view in found.views}
        end = _later(end, found.end)
    return views, end


def _later(one: Key | None, other: Key | None) -> Key | None:
    return max((key for key in (one, other) if key), default=None)


def _follow(leg: Leg, filters: list[Condition], look: Look) -> Found:
    look = replace(look, shows=leg.shows, span=look.span.within(leg.since, leg.until))
    if leg.highest is not None:
        return look.highest(leg.conditions[0], leg.highest, filters)
    if leg.within_part and not is_few(leg.conditions[0]):
        return Found([])
    return look.follow([*leg.conditions, *filters])


def _span(asked: _ListRequest) -> Span:
    span = Span(asked.wanted.since, asked.wanted.until)
    if asked.before is None:
        return span
    query = Order.select(Order.created_at, Order.id).where(Order.id <= asked.before.id)
    found = rows(query.order_by(Order.id.desc()).limit(1))
    place = Key(*found[0]) if found else Key(0, 0)
    return replace(span, behind=place, at=asked.before.at or place.id < asked.before.id)


def _nearest(lookup: Reading, asked: _ListRequest) -> list[OrderView]:
    """The orders of one amount that were made or paid nearest to a moment, the nearest first."""
    near, span = lookup.near or 0, Span(asked.wanted.since, asked.wanted.until)
    tests = [each.test for each in conditions_of(asked.wanted)]
    alike = [Order.total_fen.in_(lookup.amounts), *span.of(Order), *tests]
    query = Order.select(*view_columns())
    made = query.where(*alike, *Span(lookup.since, lookup.until).of(Order))
    after = made.where(Order.created_at >= near).order_by(Order.created_at, Order.id)
    before = made.where(Order.created_at < near)
    before = before.order_by(Order.created_at.desc(), Order.id.desc())
    found = [row for some in (after, before) for row in rows(some.limit(asked.limit))]
    for column in (Order.wechat_paid_at, Order.paid_at):
        for ids in _paid_about(column, lookup, near):
            found += rows(chosen(query, ids, alike).limit(asked.limit))
    views = {view.id: view for view in map(to_view, found)}
    return sorted(views.values(), key=lambda view: _distance(view, near))[: asked.limit]


def _paid_about(column: Any, lookup: Reading, near: int) -> tuple[Any, Any]:
    """So many of those paid next after and before a moment, of any amount."""
    ids = Order.select(Order.id)
    after = ids.where(column >= near, column < lookup.until).order_by(column)
    before = ids.where(column < near, column >= lookup.since).order_by(column.desc())
    return after.limit(NEXT_PAID), before.limit(NEXT_PAID)


def _distance(view: OrderView, near: int) -> int:
    times = (view.created_at, view.wechat_paid_at, view.paid_at)
    return min(abs(time - near) for time in times if time is not None)
