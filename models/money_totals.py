"""The sum of all money, of one moment: received = booked + refunded + waiting. Money in another
currency is added up apart, by currency."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from peewee import SQL, fn

from models.base import rows
from models.notify import UNDECIDED, Receipt, ReceiptState
from models.order import Order
from models.refund import Refund
from payments.money import MAX_FEN
from payments.refund import RefundStatus
from payments.states import SETTLED

OURS = "CNY"
_YUAN = SQL(f"'{OURS}'")


@dataclass(frozen=True)
class MoneyTotals:
    """In fen, but for `others`: by currency, what was received and what waits. `paid` is the totals
    of all orders that were paid; of receipts, `accepted` and `waiting` are what is left of those
    in such states. A transaction counts once, wherever it is recorded."""

    paid: int
    accepted: int
    waiting: int
    receipts: int
    refunded_of_orders: int
    refunded_of_receipts: int
    others: tuple[tuple[str, int, int], ...] = ()

    def public(self) -> dict[str, Any]:
        others = [
            {"currency": currency, "received": received, "waiting": waiting}
            for currency, received, waiting in self.others
        ]
        return ({"otherCurrencies": others} if others else {}) | {
            "receivedFen": self.paid + self.receipts,
            "bookedFen": self.paid + self.accepted - self.refunded_of_orders,
            "refundedFen": self.refunded_of_orders + self.refunded_of_receipts,
            "waitingFen": self.waiting,
        }


def read_sums() -> MoneyTotals:
    """A read for the store: all parts in one statement, as only that sees one moment."""
    read = rows(_paid() + _received() + _returned() + _back())
    found = Counter({part: int(fen or 0) for part, currency, fen in read if currency == OURS})
    others = [(currency, part, int(fen)) for part, currency, fen in read if currency != OURS]
    return MoneyTotals(
        paid=found.pop("order", 0),
        refunded_of_orders=found.pop("refund of order", 0),
        refunded_of_receipts=found.pop("refund of receipt", 0),
        accepted=found[ReceiptState.ACCEPTED] - found.pop(_OF_ACCEPTED, 0),
        waiting=sum(found[state] for state in UNDECIDED) - found.pop(_OF_WAITING, 0),
        receipts=sum(found.values()),
        others=tuple(_others(others)),
    )


def _others(parts: list[tuple[str, str, int]]) -> Iterator[tuple[str, int, int]]:
    for currency in sorted({currency for currency, _, _ in parts}):
        fen = {part: amount for each, part, amount in parts if each == currency}
        waiting = sum(amount for part, amount in fen.items() if part in UNDECIDED)
        yield currency, sum(fen.values()), waiting


def _paid() -> Any:
    part = SQL("'order'").alias("part")
    return Order.select(part, _YUAN.alias("currency"), fn.SUM(Order.total_fen)).where(
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


def refundable() -> Any:
    """The condition of a receipt whose refunds are recorded: its money is counted with it, in yuan
    and up to the limit of a refund."""
    return counts() & (Receipt.currency == OURS) & (Receipt.amount_fen <= MAX_FEN)


_RETURNING = Refund.status.in_((RefundStatus.PROCESSING.value, RefundStatus.ABNORMAL.value))


def returning_of(receipt_ids: Iterable[int]) -> dict[int, int]:
    """A read for the store: the amounts of receipts that WeChat is giving back now (fen)."""
    query = Refund.select(Refund.receipt_id, fn.SUM(Refund.amount_fen)).where(
        Refund.receipt_id.in_(list(receipt_ids)), _RETURNING
    )
    return {id_: int(fen) for id_, fen in rows(query.group_by(Refund.receipt_id))}


def undecided() -> Any:
    """The condition of a receipt that waits for a person: WeChat is not giving all of it back."""
    returning = Refund.select(fn.COALESCE(fn.SUM(Refund.amount_fen), 0)).where(
        Refund.receipt_id == Receipt.id, _RETURNING
    )
    left = Receipt.amount_fen > Receipt.refunded_fen + returning
    return (Receipt.state == ReceiptState.WAITING.value) & left


def settled_among(receipt_ids: Iterable[int]) -> set[int]:
    """A read for the store: those of these receipts whose buyer got money another way, because
    WeChat could not deliver a refund. WeChat still holds it."""
    query = Refund.select(Refund.receipt_id).where(
        Refund.receipt_id.in_(list(receipt_ids)), Refund.ended_from == RefundStatus.ABNORMAL.value
    )
    return {id_ for (id_,) in rows(query)}


def _received() -> Any:
    parts = Receipt.state, Receipt.currency
    return Receipt.select(*parts, fn.SUM(Receipt.amount_fen)).where(counts()).group_by(*parts)


_OF_WAITING, _OF_ACCEPTED = "returned of waiting", "returned of accepted"


def _returned() -> Any:
    """The parts that went back of receipts that still wait or were accepted."""
    states = {_OF_WAITING: UNDECIDED, _OF_ACCEPTED: (ReceiptState.ACCEPTED,)}
    waiting, accepted = (
        Receipt.select(SQL(f"'{part}'"), _YUAN, fn.SUM(Receipt.refunded_fen)).where(
            Receipt.state.in_(chosen), Receipt.currency == OURS, counts()
        )
        for part, chosen in states.items()
    )
    return waiting + accepted


def _back() -> Any:
    """The refunded amounts: of orders, and of receipts."""
    done = Refund.status == RefundStatus.SUCCESS.value
    fen = _YUAN, fn.SUM(Refund.amount_fen)
    orders = Refund.select(SQL("'refund of order'"), *fen)
    receipts = Refund.select(SQL("'refund of receipt'"), *fen)
    return orders.where(done, Refund.receipt_id.is_null()) + receipts.where(
        done, Refund.receipt_id.is_null(False)
    )
