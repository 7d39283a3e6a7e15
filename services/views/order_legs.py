"""The conditions on orders that a text names, with the indexes that serve them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from models import Order, Product
from models.base import begins, folded, head_of, longer_than, rows, starts_with
from models.order import PHONE_TAIL
from payments import masking
from payments.payment_rules import CLOCKS_APART_MS
from services.orders.orders import OrderView
from services.views.order_filter import LONGEST_UNPAID_MS, Condition, one_of
from services.views.query_parser import SHORTEST_PREFIX, Field, Reading

MOST_PRODUCTS = 20
LONG_HAN, LONG = 2, 3
"""From so many characters on a part of a name is looked for, not only its beginning."""


@dataclass(frozen=True)
class Leg:
    """One way to read the text as conditions. `highest`: of the rows that begin alike those with
    the highest values of this column are taken. `part` is a condition that no index serves: it is
    looked for beside what the others find, and `within_part` are rows that it finds too. `said`
    must stand in the customer or title as they are shown. Only orders made from `since` on and
    before `until` (ms UTC)."""

    conditions: tuple[Condition, ...] = ()
    highest: Any = None
    part: bool = False
    within_part: bool = False
    said: str = ""
    since: int | None = None
    until: int | None = None

    def shows(self, view: OrderView) -> bool:
        return not self.said or any(
            masking.stands_in(self.said, text) for text in (view.customer, view.title)
        )


def legs_of(lookup: Reading) -> list[Leg]:
    """A time is that at which the order was made or, alone or beside an amount, was paid."""
    legs = [leg for part in lookup.parts or (lookup,) for leg in _legs_of(part)]
    since, until = lookup.since, lookup.until
    if since is None or until is None:
        return legs
    made = [replace(leg, since=since, until=until) for leg in legs]
    if lookup.field is Field.TEXT:
        return made
    early, late = since - LONGEST_UNPAID_MS, until + CLOCKS_APART_MS
    paid = [
        replace(leg, conditions=(*leg.conditions, payment), since=early, until=late)
        for column in (Order.wechat_paid_at, Order.paid_at)
        for payment in [Condition.alike((column >= since) & (column < until))]
        for leg in legs
        if not leg.part
    ]
    return [*made, *paid]


def _legs_of(lookup: Reading) -> list[Leg]:
    value = lookup.value
    match lookup.field:
        case Field.TIME:
            return [Leg()]
        case Field.AMOUNT:
            amount = one_of(Order.total_fen, lookup.amounts)
            return _named(amount, value) if value else [Leg((amount,))]
        case Field.PHONE:
            return [Leg((one_of(Order.phone, [value]),))]
        case Field.PHONE_PREFIX:
            return _of_heads(Order.phone, value, masking.PHONE_HEAD, masking.HIDDEN_PHONE)
        case Field.PHONE_TAIL:
            return [_of_tails(value, lookup.head)]
        case Field.OPEN_ID:
            whole = Leg((one_of(Order.open_id, [value]),))
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
            return _of_numbers(lookup.field, value)


def _of_numbers(field: Field, value: str) -> list[Leg]:
    """By the beginning; of an order's number in any case."""
    if len(value) < SHORTEST_PREFIX or field is Field.REFUND:
        return []
    column, text = Order.transaction_id, value
    if field is Field.ORDER:
        column, text = folded(Order.order_num), value.lower()
    return [Leg((Condition.alike(starts_with(column, text)),), highest=column)]


def _named(amount: Condition, value: str) -> list[Leg]:
    """Orders of an amount with a product or customer."""
    products = [replace(leg, conditions=(amount, *leg.conditions)) for leg in _of_products(value)]
    name = Condition(Order.customer.contains(value) | Order.title.contains(value))
    return [*products, Leg((amount, name), said=value)]


def _of_heads(column: Any, value: str, shown: int, hidden: int) -> list[Leg]:
    """A masked value is found by its beginning as far as that is shown, and by nothing finer."""
    if len(value) > shown:
        return []
    if len(value) < shown:
        return [Leg((Condition(begins(column, value) & longer_than(column, hidden)),))]
    same = (head_of(column, shown) == value) & longer_than(column, hidden)
    return [Leg((Condition(same, (same,)),))]


def _of_tails(value: str, head: str) -> Leg:
    same = Order.phone_tail == value[-PHONE_TAIL:]
    if head:
        same &= Order.phone.startswith(head)
    same &= longer_than(Order.phone, masking.HIDDEN_PHONE)
    return Leg((Condition(same, (same,), direct=False),))


def _of_products(value: str) -> list[Leg]:
    """Products are few, so they are looked through; then orders go by the product."""
    named = Product.id == value
    if _is_long(value):
        named = named | Product.title.contains(value)
    query = Product.select(Product.id).where(named).order_by(Product.id).limit(MOST_PRODUCTS)
    products = [product_id for (product_id,) in rows(query)]
    return [Leg((one_of(Order.product_id, products),))] if products else []


def _of_customers(value: str) -> list[Leg]:
    beginning = Condition.alike(starts_with(Order.customer, value))
    return [Leg((beginning,), within_part=_is_long(value), said=value)]


def _containing(column: Any, value: str) -> list[Leg]:
    part = Condition(column.contains(value))
    return [Leg((part,), part=True, said=value)] if _is_long(value) else []


def _anywhere(value: str) -> list[Leg]:
    part = Condition(Order.customer.contains(value) | Order.title.contains(value))
    return [Leg((part,), part=True, said=value)] if _is_long(value) else []


def _is_long(value: str) -> bool:
    han = sum("\u4e00" <= c <= "\u9fff" for c in value)
    return han >= LONG_HAN or len(value) >= LONG
