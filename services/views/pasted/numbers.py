"""The numbers in a text of any shape, and the orders that they name as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from models import Order, Receipt, Refund
from models.base import folded, rows
from services.orders.orders import OrderView, to_view, view_columns

SHORTEST, LONGEST = 6, 64
MOST_NUMBERS = 200
"""So many are looked for, the first in the text."""
MOST_GROUPS = 10
"""A number may be written in so many groups."""
_GROUP = re.compile(r"[0-9A-Za-z_-]+", re.ASCII)
_BETWEEN = re.compile(r"[\s-]*")


def numbers_in(text: str) -> tuple[str, ...]:
    """Each run of letters, digits, `_` and `-` that may be a number; without its dashes; and joined
    with the groups behind it, from which blanks, dashes or the ends of lines part it."""
    groups = [each for each in _GROUP.finditer(text) if each[0].strip("-_")]
    found: dict[str, None] = {}
    for at, group in enumerate(groups):
        for number in (*_alone(group[0]), *_joined(text, groups[at : at + MOST_GROUPS])):
            if SHORTEST <= len(number) <= LONGEST and any(c.isdigit() for c in number):
                found[number] = None
        if len(found) > MOST_NUMBERS:
            break
    return tuple(found)[:MOST_NUMBERS]


def _alone(group: str) -> tuple[str, ...]:
    return group, group.strip("-_"), group.replace("-", "")


def _joined(text: str, groups: Sequence[re.Match[str]]) -> Iterable[str]:
    joined, end = groups[0][0], groups[0].end()
    for group in groups[1:]:
        if len(joined) > LONGEST or not _BETWEEN.fullmatch(text, end, group.start()):
            return
        joined, end = joined + group[0], group.end()
        yield joined.replace("-", "")


def orders_named(numbers: Sequence[str], most: int) -> tuple[list[OrderView], bool]:
    """The orders of which one of these is the whole number, the newest first, at most so many; and
    whether only refunds named them. A number in its own case goes before others."""
    if not numbers:
        return [], False
    if found := _orders(_booked(numbers), most):
        return found, False
    return _orders(_refunded(numbers), most), True


def _booked(numbers: Sequence[str]) -> set[str]:
    """By order number; by a transaction that is booked on one, or that named it and was not booked:
    that is the number in the hands of who says that they have paid."""
    same = {name.lower(): name for name in numbers}
    named = {name for (name,) in rows(_of(Order.order_num, folded(Order.order_num), same))}
    exact = named & set(numbers)
    named = {name for name in named if name in exact or name.lower() not in _lower(exact)}
    named |= {name for (name,) in rows(_of(Order.order_num, Order.transaction_id, numbers))}
    receipts = _of(Receipt.order_num, Receipt.transaction_id, numbers)
    return named | {name for (name,) in rows(receipts) if name}


def _refunded(numbers: Sequence[str]) -> set[str]:
    """By the number of a refund, ours or WeChat's."""
    ours = _of(Refund.order_num, folded(Refund.refund_num), [name.lower() for name in numbers])
    wechats = _of(Refund.order_num, Refund.refund_id, numbers)
    return {name for query in (ours, wechats) for (name,) in rows(query)}


def _of(column: Any, key: Any, values: Iterable[str]) -> Any:
    return column.model.select(column).where(key.in_(list(values))).limit(MOST_NUMBERS)


def _lower(names: Iterable[str]) -> set[str]:
    return {name.lower() for name in names}


def _orders(names: set[str], most: int) -> list[OrderView]:
    if not names:
        return []
    query = Order.select(*view_columns()).where(Order.order_num.in_(sorted(names)))
    query = query.order_by(Order.created_at.desc(), Order.id.desc()).limit(most)
    return [to_view(row) for row in rows(query)]
