"""What a look at an order or a refund came to, and the counts of many looks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum, auto


class LookResult(Enum):
    """The result of one query of an order or a refund."""

    PAID = auto()
    CLOSED = auto()
    OVER = auto()
    """It was settled already, or the refund is finished."""
    UNPAID = auto()
    UNSENT = auto()
    """WeChat does not know the order; nobody was asked."""
    UNFINISHED = auto()
    """The refund is under way."""
    REFUSED = auto()
    """WeChat holds money for the order that could not be booked; its case says why."""
    DECIDED = auto()
    """WeChat holds money for the order that is not booked, and people have decided on it: the order
    closes when its time is over."""
    LATER = auto()
    """It cannot be asked about or closed yet."""
    FAILED = auto()
    """WeChat, or the database, gave no answer that can be used."""
    SKIPPED = auto()
    """Not asked: WeChat does not answer for this merchant."""


ENDS = frozenset({LookResult.PAID, LookResult.CLOSED, LookResult.OVER})


@dataclass
class PassCounts:
    """The counts of one pass over all orders and refunds so far."""

    orders: Counter[LookResult] = field(default_factory=Counter)
    refunds: Counter[LookResult] = field(default_factory=Counter)

    def count(self, *seen: LookResult) -> int:
        return sum(self.orders[each] + self.refunds[each] for each in seen)
