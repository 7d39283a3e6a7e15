"""Lists of orders, newest first: what a text and filters name, a page at a time. Each page reads a
bounded part of the table, however much there is; where it stopped early, the next goes on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from models import Order, Receipt
from models.base import rows
from services.orders.orders import OrderView, to_view, view_columns
from services.views.order_filter import (
    OrderFilter,
    conditions_of,
    made_before_paid,
    times_of,
    within,
)
from services.views.order_legs import Leg, legs_of, plain_legs
from services.views.query_parser import Field, Reading, readings

REACHES = (2_000, 50_000)
"""The numbers of rows of a leg that are searched for rows that pass the filters: a few first, then
more."""
SPARSE = 5_000
"""Up to so many that begin alike are sorted; more are met often enough on the way back in time."""


@dataclass(frozen=True)
class ListPosition:
    """Where a page begins: after the order with this id, or `at` it."""

    id: int
    at: bool = False


@dataclass(frozen=True)
class OrderPage:
    """A page. `next_id` is the last order looked at when there may be more; `lookup` is how the
    text was read, None without one; `exact` when it was the whole number of the one order.
    `partly_since`: a part of a name was looked for among the orders made since (ms UTC) only."""

    views: list[OrderView]
    next_id: int | None = None
    lookup: Reading | None = None
    exact: bool = False
    partly_since: int | None = None


@dataclass(frozen=True)
class _Key:
    """A place in the list."""

    created_at: int
    id: int


def find_orders(
    wanted: OrderFilter, now_ms: int, before: ListPosition | None, limit: int
) -> OrderPage:
    """A read for the store: one page of orders. A whole number goes before every filter."""
    ways, wanted = readings(wanted.q, now_ms), made_before_paid(wanted)
    if not ways:
        return _page(*plain_legs(wanted), before, limit)
    if exact := _exact(ways):
        return exact
    empty: OrderPage | None = None
    for lookup in ways:
        found = replace(_look_up(lookup, wanted, before, limit), lookup=lookup)
        if found.views:
            return found
        if empty is None or (found.next_id and not empty.next_id):
            empty = found
    return empty or OrderPage([])


def _look_up(
    lookup: Reading, wanted: OrderFilter, before: ListPosition | None, limit: int
) -> OrderPage:
    if lookup.near is not None and lookup.amounts:
        return OrderPage(_nearest(lookup, wanted, limit))
    return _page(*legs_of(lookup, within(wanted, lookup)), before, limit)


def _exact(ways: tuple[Reading, ...]) -> OrderPage | None:
    for lookup in ways:
        for condition in _whole(lookup):
            found = rows(Order.select(*view_columns()).where(condition))
            if found:
                return OrderPage([to_view(found[0])], lookup=lookup, exact=True)
    return None


def _whole(lookup: Reading) -> list[Any]:
    """The number of an order; a transaction that is booked on one, or that named it and was not
    booked: that is the number in the hands of who says that they have paid."""
    if lookup.field is Field.ORDER:
        return [Order.order_num == lookup.value]
    if lookup.field is not Field.TRANSACTION:
        return []
    named = Receipt.select(Receipt.order_num).where(Receipt.transaction_id == lookup.value)
    return [Order.transaction_id == lookup.value, Order.order_num.in_(named)]


# --- a page --------------------------------------------------------------------------------------


def _page(
    wanted: OrderFilter, legs: list[Leg], before: ListPosition | None, limit: int
) -> OrderPage:
    """The legs merged. Rows beyond the place where one leg stopped are left for the next page, so
    that no row is skipped; a search for a part of a name does not hold up the others."""
    place = _place_of(before)
    whole, parts = [leg for leg in legs if leg.part is None], [leg for leg in legs if leg.part]
    views, end = _merged(whole, wanted, place, limit)
    beside, stop = _merged(parts, wanted, place, limit)
    partly = stop.created_at if stop and views else None
    end = end if views else _later(end, stop)
    ordered = sorted({**beside, **views}.values(), key=_key_of, reverse=True)
    if end:
        ordered = [view for view in ordered if _key_of(view) >= (end.created_at, end.id)]
    if len(ordered) > limit:
        return OrderPage(ordered[:limit], ordered[limit - 1].id, partly_since=partly)
    return OrderPage(ordered, end.id if end else None, partly_since=partly)


def _merged(
    legs: list[Leg], wanted: OrderFilter, place: list[Any], limit: int
) -> tuple[dict[int, OrderView], _Key | None]:
    views: dict[int, OrderView] = {}
    end: _Key | None = None
    for leg in legs:
        seen, stop = _follow(leg, wanted, place, limit)
        views |= {view.id: view for view in seen}
        end = _later(end, stop)
    return views, end


def _later(one: _Key | None, other: _Key | None) -> _Key | None:
    given = [key for key in (one, other) if key]
    return max(given, key=lambda key: (key.created_at, key.id), default=None)


def _key_of(view: OrderView) -> tuple[int, int]:
    return view.created_at, view.id


def _place_of(before: ListPosition | None) -> list[Any]:
    """The rows from that place on, as conditions that an index serves."""
    if before is None:
        return []
    query = Order.select(Order.created_at, Order.id).where(Order.id <= before.id)
    found = rows(query.order_by(Order.id.desc()).limit(1))
    if not found:
        return [Order.id < before.id]
    created_at, order_id = found[0]
    same = Order.id < order_id if before == ListPosition(order_id) else Order.id <= order_id
    return [Order.created_at <= created_at, (Order.created_at < created_at) | same]


def _follow(
    leg: Leg, wanted: OrderFilter, place: list[Any], limit: int
) -> tuple[list[OrderView], _Key | None]:
    """Up to `limit` + 1 rows of a leg, and where it stopped when that was not at its end."""
    time = [*times_of(wanted), *place]
    filters = [
        condition for condition in (*conditions_of(wanted), leg.part) if condition is not None
    ]
    if leg.alike is not None:
        few = Order.select(Order.id).where(leg.alike)
        if leg.highest is not None:
            highest = few.order_by(leg.highest.desc()).limit(SPARSE)
            return _among(leg, highest, [*time, *filters], limit), None
        if len(rows(few.limit(SPARSE + 1))) <= SPARSE:
            return _among(leg, few.limit(SPARSE), [*time, *filters], limit), None
        filters.append(leg.alike)
    drive = time if leg.drive is None else [leg.drive, *time]
    if not filters:
        return _read(_newest(Order.select(*view_columns()), drive).limit(limit + 1)), None
    for reach in REACHES:
        newest = _newest(Order.select(Order.id), drive).limit(reach)
        views = _among(leg, newest, filters, limit)
        end = _end(drive, reach)
        if len(views) > limit or end is None:
            return views, None
    return views, end


def _among(leg: Leg, some: Any, filters: list[Any], limit: int) -> list[OrderView]:
    """Of `some` ids, which the database has in hand, the newest rows that pass the filters and show
    what the leg says."""
    some = some.alias("some")
    query = Order.select(*view_columns()).join(some, on=(Order.id == some.c.id))
    found = _read(_newest(query, filters).limit(limit + 1))
    return [view for view in found if leg.shows(view)]


def _end(drive: list[Any], reach: int) -> _Key | None:
    """The last of the newest `reach` rows, None when there are not so many."""
    query = _newest(Order.select(Order.created_at, Order.id), drive)
    found = rows(query.offset(reach - 1).limit(1))
    return _Key(*found[0]) if found else None


def _nearest(lookup: Reading, wanted: OrderFilter, limit: int) -> list[OrderView]:
    """The orders of one amount that were made nearest to a moment, the nearest first."""
    near, time = lookup.near or 0, times_of(within(wanted, lookup))
    alike = [Order.total_fen.in_(lookup.amounts), *time, *conditions_of(wanted)]
    query = Order.select(*view_columns())
    after = query.where(*alike, Order.created_at >= near).order_by(Order.created_at, Order.id)
    before = _newest(query, [*alike, Order.created_at < near])
    found = [*_read(after.limit(limit)), *_read(before.limit(limit))]
    return sorted(found, key=lambda view: abs(view.created_at - near))[:limit]


def _newest(query: Any, conditions: list[Any]) -> Any:
    if conditions:
        query = query.where(*conditions)
    return query.order_by(Order.created_at.desc(), Order.id.desc())


def _read(query: Any) -> list[OrderView]:
    return [to_view(row) for row in rows(query)]
