"""The ways through the table of orders that a text or a filter names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from models import Alert, Order, Product
from models.base import longer_than, rows, starts_with
from models.order import PHONE_TAIL
from payments import masking
from services.orders.orders import OrderView
from services.views.order_filter import OrderFilter
from services.views.query_parser import SHORTEST_PREFIX, Field, Reading

MOST_PRODUCTS = 20
LONG_HAN, LONG = 2, 3
"""From so many characters on a part of a name is looked for, not only its beginning."""


@dataclass(frozen=True)
class Leg:
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


def plain_legs(wanted: OrderFilter) -> tuple[OrderFilter, list[Leg]]:
    """Without a text: by an index of one filter, if there is one; and the filters that are left."""
    if wanted.with_alerts:
        alerts = Alert.select(Alert.order_num).where(Alert.order_num.is_null(False))
        return replace(wanted, with_alerts=False), [Leg(alike=Order.order_num.in_(alerts))]
    if wanted.statuses:
        legs = [Leg(Order.status == status) for status in wanted.statuses]
        return replace(wanted, statuses=()), legs
    if wanted.mch_id:
        return replace(wanted, mch_id=None), [Leg(Order.mch_id == wanted.mch_id)]
    return wanted, [Leg()]


def legs_of(lookup: Reading, wanted: OrderFilter) -> tuple[OrderFilter, list[Leg]]:
    if lookup.field is Field.TIME:
        return plain_legs(wanted)
    return wanted, _of_text(lookup)


def _of_text(lookup: Reading) -> list[Leg]:
    value = lookup.value
    match lookup.field:
        case Field.AMOUNT:
            return [Leg(Order.total_fen == fen) for fen in lookup.amounts]
        case Field.PHONE:
            return [Leg(alike=Order.phone == value)]
        case Field.PHONE_PREFIX:
            return _of_heads(Order.phone, value, masking.PHONE_HEAD, masking.HIDDEN_PHONE)
        case Field.PHONE_TAIL:
            same = Order.phone_tail == value[-PHONE_TAIL:]
            head = starts_with(Order.phone, lookup.head) if lookup.head else None
            alike = same if head is None else same & head
            return [Leg(alike=alike & longer_than(Order.phone, masking.HIDDEN_PHONE))]
        case Field.OPEN_ID:
            whole = Leg(alike=Order.open_id == value)
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
            return [Leg(alike=starts_with(column, value), highest=column)]


def _of_heads(column: Any, value: str, shown: int, hidden: int) -> list[Leg]:
    """A masked value is found by its beginning as far as that is shown, and by nothing finer."""
    if len(value) > shown:
        return []
    return [Leg(alike=starts_with(column, value) & longer_than(column, hidden))]


def _of_products(value: str) -> list[Leg]:
    """Products are few, so they are looked through; then orders go by the product."""
    named = Product.id == value
    if _is_long(value):
        named = named | Product.title.contains(value)
    query = Product.select(Product.id).where(named).order_by(Product.id).limit(MOST_PRODUCTS)
    return [Leg(Order.product_id == product_id) for (product_id,) in rows(query)]


def _of_customers(value: str) -> list[Leg]:
    return [Leg(alike=starts_with(Order.customer, value), said=value)]


def _containing(column: Any, value: str) -> list[Leg]:
    return [Leg(part=column.contains(value), said=value)] if _is_long(value) else []


def _anywhere(value: str) -> list[Leg]:
    either = Order.customer.contains(value) | Order.title.contains(value)
    return [Leg(part=either, said=value)] if _is_long(value) else []


def _is_long(value: str) -> bool:
    han = sum("\u4e00" <= c <= "\u9fff" for c in value)
    return han >= LONG_HAN or len(value) >= LONG
