"""Payments that WeChat took back whole (REVOKED): the rows of a trade bill against the orders that
hold them. Where all money of the order went back here too, both sides say the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from models import Order, Refund
from models.base import rows
from models.bills import RowKind, StagedRow
from payments.bills.differences import DifferenceKind
from payments.bills.trade import TradeRowState
from payments.refund import TAKEN, RefundOrigin
from payments.states import OrderStatus
from services.bills.bill_dates import china_date
from services.bills.match_lines import FoundDifference, MovedBooking
from services.bills.pairing.bill_span import BillSpan
from services.bills.pairing.found import BillRow, Booking, MoneyNumbers, unequal
from services.bills.pairing.payment_match import IS_OF, ORDER, PAGE, ROW

RETURNED = OrderStatus.REFUNDED.value


class ReversedPayment(NamedTuple):
    """A row, and the order that its payment is booked on."""

    row: BillRow
    booking: Booking

    @property
    def is_returned(self) -> bool:
        """All of it went back here too."""
        return self.booking.status == RETURNED

    @property
    def differs(self) -> FoundDifference:
        """Its money went back, and we do not know."""
        row, booking = self
        numbers = MoneyNumbers(booking.order_num, row.number)
        kind, words = DifferenceKind.STATUS_DIFFERS, (booking.status, TradeRowState.REVOKED.value)
        return unequal(kind, row, booking, numbers, words, -row.fen)


def reversed_payments(first: int, last: int) -> Iterator[ReversedPayment]:
    """Those of the rows with these lines whose payment is booked."""
    query = (
        StagedRow.select(*ROW, StagedRow.state, *ORDER)
        .join(Order, on=IS_OF)
        .where(StagedRow.line.between(first, last), StagedRow.kind == RowKind.REVERSED)
        .order_by(StagedRow.line)
    )
    for values in rows(query):
        yield ReversedPayment(BillRow(*values[:6]), Booking("order", *values[6:]))


def dated_by_reversal(
    account: str, span: BillSpan, returned: Sequence[ReversedPayment]
) -> Iterator[MovedBooking]:
    """The refunds that a person entered for these rows, as far as they are of another day: the bill
    of that day has none of them."""
    at_of = {each.row.number: each.row.at for each in returned}
    kind, numbers = DifferenceKind.REFUND_MISSING_AT_WECHAT, list(at_of)
    for start in range(0, len(numbers), PAGE):
        query = Refund.select(Refund.refund_num, Refund.transaction_id, Refund.accepted_at).where(
            Refund.transaction_id.in_(numbers[start : start + PAGE]),
            Refund.mch_id == account,
            Refund.origin == RefundOrigin.WECHAT.value,
            Refund.refund_id.is_null(),
            Refund.status.in_([status.value for status in TAKEN]),
        )
        for number, transaction_id, at in rows(query.order_by(Refund.id)):
            if at is None or not span.has(at):
                booked = None if at is None else china_date(at).isoformat()
                yield MovedBooking(kind, number, booked, at_of[transaction_id])


def without_reversed(found: Sequence[Booking]) -> list[Booking]:
    """Of refunds without a row of their own, those of payments that no row takes back whole."""
    numbers = sorted({refund.transaction_id for refund in found})
    back: set[str] = set()
    for start in range(0, len(numbers), PAGE):
        query = StagedRow.select(StagedRow.number).join(Order, on=IS_OF)
        some = StagedRow.number.in_(numbers[start : start + PAGE])
        of_kind = StagedRow.kind == RowKind.REVERSED, Order.status == RETURNED
        back |= {number for (number,) in rows(query.where(some, *of_kind))}
    return [refund for refund in found if refund.transaction_id not in back]
