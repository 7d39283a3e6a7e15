"""Lists of orders, newest first: what a text and filters name, a page at a time. Each page reads a
bounded part of the table, however much there is; where it stopped early, the next goes on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from models import Alert, Order, Product, Receipt
from models.base import exists, first_of, longer_than, rows, starts_with
from models.order import PHONE_TAIL
from payments import masking
from payments.payment_rules import CLOCKS_APART_MS
from services.orders.orders import OrderView, to_view, view_columns
from services.runtime.clock import DAY_MS
from services.views.query_parser import SHORTEST_PREFIX, Field, Reading, readings

REACHES = (2_000, 50_000)
"""The numbers of rows of a leg that are searched for rows that pass the filters: a few first, then
more."""
SPARSE = 5_000
"""Up to so many that begin alike are sorted; more are met often enough on the way back in time."""
MOST_PRODUCTS = 20
LONGEST_UNPAID_MS = 92 * DAY_MS
"""The longest time between an order and its payment; a person may book late money after weeks."""
LONG_HAN, LONG = 2, 3
"""From so many characters on a part of a name is looked for, not only its beginning."""


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


@dataclass(frozen=True)
class _Leg:
    """One way through an index. `drive` is the condition whose index is followed in the order of
    time, None for all orders; `alike` one that is served by an index in another order, `highest`
    the column whose highest values are taken when too many are alike. `part` is a condition that
    no index serves: it is looked for beside what the others find. `said` must stand in the
    customer or title as they are shown."""

    drive: Any = None
    alike: Any = None
    highest: Any = None
    part: Any = None
    said: str = ""

    def shows(self, view: OrderView) -> bool:
        return not self.said or any(
            masking.stands_in(self.said, text) for text in (view.customer, view.title)
        )


def find_orders(
    wanted: OrderFilter, now_ms: int, before: ListPosition | None, limit: int
) -> OrderPage:
    """A read for the store: one page of orders. A whole number goes before every filter."""
    ways, wanted = readings(wanted.q, now_ms), _made_before_paid(wanted)
    if not ways:
        return _page(*_plain(wanted), before, limit)
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


def _made_before_paid(wanted: OrderFilter) -> OrderFilter:
    """An order was made before it was paid, and not long before: so the index of the times at which
    orders were made serves the other times too."""
    since, until = wanted.paid_since, wanted.paid_until
    if since is not None:
        since = max(since - LONGEST_UNPAID_MS, wanted.since or 0)
    if until is not None:
        until = min(until + CLOCKS_APART_MS, wanted.until or until + CLOCKS_APART_MS)
    return replace(wanted, since=since or wanted.since, until=until or wanted.until)


def _look_up(
    lookup: Reading, wanted: OrderFilter, before: ListPosition | None, limit: int
) -> OrderPage:
    if lookup.near is not None and lookup.amounts:
        return OrderPage(_nearest(lookup, wanted, limit))
    return _page(*_legs(lookup, _within(wanted, lookup)), before, limit)


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


def _within(wanted: OrderFilter, lookup: Reading) -> OrderFilter:
    """The filter's time and the text's: what both allow."""
    since = max((t for t in (wanted.since, lookup.since) if t is not None), default=None)
    until = min((t for t in (wanted.until, lookup.until) if t is not None), default=None)
    return replace(wanted, since=since, until=until)


# --- the ways through the table ------------------------------------------------------------------


def _plain(wanted: OrderFilter) -> tuple[OrderFilter, list[_Leg]]:
    """Without a text: by an index of one filter, if there is one; and the filters that are left."""
    if wanted.with_alerts:
        alerts = Alert.select(Alert.order_num).where(Alert.order_num.is_null(False))
        return replace(wanted, with_alerts=False), [_Leg(alike=Order.order_num.in_(alerts))]
    if wanted.statuses:
        legs = [_Leg(Order.status == status) for status in wanted.statuses]
        return replace(wanted, statuses=()), legs
    if wanted.mch_id:
        return replace(wanted, mch_id=None), [_Leg(Order.mch_id == wanted.mch_id)]
    return wanted, [_Leg()]


def _legs(lookup: Reading, wanted: OrderFilter) -> tuple[OrderFilter, list[_Leg]]:
    if lookup.field is Field.TIME:
        return _plain(wanted)
    return wanted, _legs_of(lookup)


def _legs_of(lookup: Reading) -> list[_Leg]:
    value = lookup.value
    match lookup.field:
        case Field.AMOUNT:
            return [_Leg(Order.total_fen == fen) for fen in lookup.amounts]
        case Field.PHONE:
            return [_Leg(alike=Order.phone == value)]
        case Field.PHONE_PREFIX:
            return _of_heads(Order.phone, value, masking.PHONE_HEAD, masking.HIDDEN_PHONE)
        case Field.PHONE_TAIL:
            same = Order.phone_tail == value[-PHONE_TAIL:]
            head = starts_with(Order.phone, lookup.head) if lookup.head else None
            alike = same if head is None else same & head
            return [_Leg(alike=alike & longer_than(Order.phone, masking.HIDDEN_PHONE))]
        case Field.OPEN_ID:
            whole = _Leg(alike=Order.open_id == value)
            return [
                whole,
                *_of_heads(Order.open_id, value, masking.OPEN_ID_HEAD, masking.HIDDEN_OPEN_ID),
            ]
        case Field.PRODUCT:
            return _of_products(value)
        case Field.CUSTOMER:
            return [*_of_customers(value), *_containing(Order.customer, value)]
        case Field.TEXT:
            return [*_of_products(value), *_of_customers(value), *_anywhere(value)]
        case _:
            column = Order.order_num if lookup.field is Field.ORDER else Order.transaction_id
            if len(value) < SHORTEST_PREFIX:
                return []
            return [_Leg(alike=starts_with(column, value), highest=column)]


def _of_heads(column: Any, value: str, shown: int, hidden: int) -> list[_Leg]:
    """A masked value is found by its beginning as far as that is shown, and by nothing finer."""
    if len(value) > shown:
        return []
    return [_Leg(alike=starts_with(column, value) & longer_than(column, hidden))]


def _of_products(value: str) -> list[_Leg]:
    """Products are few, so they are looked through; then orders go by the product."""
    named = Product.id == value
    if _is_long(value):
        named = named | Product.title.contains(value)
    query = Product.select(Product.id).where(named).order_by(Product.id).limit(MOST_PRODUCTS)
    return [_Leg(Order.product_id == product_id) for (product_id,) in rows(query)]


def _of_customers(value: str) -> list[_Leg]:
    return [_Leg(alike=starts_with(Order.customer, value), said=value)]


def _containing(column: Any, value: str) -> list[_Leg]:
    return [_Leg(part=column.contains(value), said=value)] if _is_long(value) else []


def _anywhere(value: str) -> list[_Leg]:
    either = Order.customer.contains(value) | Order.title.contains(value)
    return [_Leg(part=either, said=value)] if _is_long(value) else []


def _is_long(value: str) -> bool:
    han = sum("\u4e00" <= c <= "\u9fff" for c in value)
    return han >= LONG_HAN or len(value) >= LONG


# --- a page --------------------------------------------------------------------------------------


def _page(
    wanted: OrderFilter, legs: list[_Leg], before: ListPosition | None, limit: int
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
    legs: list[_Leg], wanted: OrderFilter, place: list[Any], limit: int
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
    leg: _Leg, wanted: OrderFilter, place: list[Any], limit: int
) -> tuple[list[OrderView], _Key | None]:
    """Up to `limit` + 1 rows of a leg, and where it stopped when that was not at its end."""
    time = [*_times(wanted), *place]
    filters = [condition for condition in (*_filters(wanted), leg.part) if condition is not None]
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


def _among(leg: _Leg, some: Any, filters: list[Any], limit: int) -> list[OrderView]:
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
    near, time = lookup.near or 0, _times(_within(wanted, lookup))
    alike = [Order.total_fen.in_(lookup.amounts), *time, *_filters(wanted)]
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


def _times(wanted: OrderFilter) -> list[Any]:
    found = []
    if wanted.since is not None:
        found.append(Order.created_at >= wanted.since)
    if wanted.until is not None:
        found.append(Order.created_at < wanted.until)
    return found


def _filters(wanted: OrderFilter) -> list[Any]:
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
