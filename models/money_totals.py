"""The sum of all money, of one moment: received = booked + refunded + waiting."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from peewee import SQL, fn

from models.base import rows
from models.notify import UNDECIDED, Receipt, ReceiptState
from models.order import Order
from models.refund import Refund
from payments.refund import RefundStatus
from payments.states import SETTLED


@dataclass(frozen=True)
class MoneyTotals:
    """In fen. `paid` is the totals of all orders that were paid; of receipts, `accepted` and
    `waiting` are those in such states. A transaction counts once, wherever it is recorded."""

    paid: int
    accepted: int
    waiting: int
    receipts: int
    refunded_of_orders: int
    refunded_of_receipts: int

    def public(self) -> dict[str, int]:
        return {
            "receivedFen": self.paid + self.receipts,
            "bookedFen": self.paid + self.accepted - self.refunded_of_orders,
            "refundedFen": self.refunded_of_orders + self.refunded_of_receipts,
            "waitingFen": self.waiting,
        }


def read_sums() -> MoneyTotals:
    """A read for the store: all parts in one statement, as only that sees one moment."""
    found = Counter({part: int(fen or 0) for part, fen in rows(_paid() + _received() + _back())})
    return MoneyTotals(
        paid=found.pop("order", 0),
        refunded_of_orders=found.pop("refund of order", 0),
        refunded_of_receipts=found.pop("refund of receipt", 0),
        accepted=found[ReceiptState.ACCEPTED],
        waiting=sum(found[state] for state in UNDECIDED),
        receipts=sum(found.values()),
    )


def _paid() -> Any:
    part = SQL("'order'").alias("part")
    return Order.select(part, fn.SUM(Order.total_fen)).where(
        Order.status.in_([status.value for status in SETTLED])
    )


def counts() -> Any:
    """The condition of a receipt whose money is counted with it: its transaction is on no order,
    and on no earlier receipt."""
    earlier, booked = Receipt.alias("earlier"), Order.alias("booked")
    on_order = booked.select(SQL("1")).where(booked.transaction_id == Receipt.transaction_id)
    on_earlier = earlier.select(SQL("1")).where(
        earlier.transaction_id == Receipt.transaction_id, earlier.id < Receipt.id
    )
    return ~fn.EXISTS(on_order) & ~fn.EXISTS(on_earlier)


def _received() -> Any:
    query = Receipt.select(Receipt.state, fn.SUM(Receipt.amount_fen)).where(counts())
    return query.group_by(Receipt.state)


def _back() -> Any:
    """The refunded amounts: of orders, and of receipts."""
    done = Refund.status == RefundStatus.SUCCESS.value
    orders = Refund.select(SQL("'refund of order'"), fn.SUM(Refund.amount_fen))
    receipts = Refund.select(SQL("'refund of receipt'"), fn.SUM(Refund.amount_fen))
    return orders.where(done, Refund.receipt_id.is_null()) + receipts.where(
        done, Refund.receipt_id.is_null(False)
    )
