"""Payments: the rows of a trade bill against the orders and the receipts that hold them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from models import Order, Receipt
from models.base import IF_ANY, exists, first_of, rows, tested
from models.bills import RowKind, StagedRow
from models.money_totals import OURS, counts
from payments.bills.differences import DifferenceKind
from payments.payment_rules import CLOCKS_APART_MS, ReceiptReason
from services.bills.bill_dates import china_date
from services.bills.match_lines import FoundDifference, MovedBooking
from services.bills.pairing.bill_span import BillSpan
from services.bills.pairing.found import BillRow, Booking, MoneyNumbers, difference, unequal
from services.bills.pairing.time_slices import slices
from services.bills.pairing.two_days import PAYMENTS, listed_twice, second_row
from services.runtime.clock import DAY_MS

LATEST_PROOF_MS = 3 * DAY_MS
"""WeChat repeats a notify for a day, and an order is asked about until it has expired. What was
booked later than this after the day was found in a bill, or booked by an admin."""
PAGE = 1_000
_BOOKED_AT = first_of(Order.wechat_paid_at, Order.paid_at)
_RECEIVED_AT = first_of(Receipt.wechat_paid_at, Receipt.received_at)
ORDER = (Order.transaction_id, Order.order_num, Order.status, _BOOKED_AT, Order.total_fen)
_RECEIPT = (
    Receipt.transaction_id,
    Receipt.order_num,
    Receipt.state,
    _RECEIVED_AT,
    Receipt.amount_fen,
)
ROW = (StagedRow.line, StagedRow.number, StagedRow.order_num, StagedRow.at, StagedRow.fen)
IS_OF = (Order.transaction_id == StagedRow.number) & Order.paid_at.is_null(False)


def outside(span: BillSpan, at: Any) -> Any:
    """A condition: the time is not of this day."""
    return (at < span.start) | (at >= span.end)


# --- from the bill's side -------------------------------------------------------------------------


def differing_payments(
    account: str, span: BillSpan, first: int, last: int
) -> Iterator[tuple[int, FoundDifference | MovedBooking]]:
    """Of the payment rows with these lines, what is not as it is booked: with the line of each."""
    differs = Order.id.is_null() | (Order.total_fen != StagedRow.fen) | outside(span, _BOOKED_AT)
    query = (
        StagedRow.select(*ROW, *ORDER)
        .join(Order, IF_ANY, on=IS_OF)
        .where(StagedRow.line.between(first, last), StagedRow.kind == RowKind.PAYMENT, differs)
        .order_by(StagedRow.line)
    )
    read = [(BillRow(*values[:5]), values[5:]) for values in rows(query)]
    receipts = _receipts_of([row.number for row, (number, *_) in read if number is None])
    pairs = [
        (row, Booking("order", *held) if held[0] else receipts.get(row.number))
        for row, held in read
    ]
    twice = listed_twice(account, span, pairs, PAYMENTS)
    for row, booking in pairs:
        if booking and row.line in twice:
            numbers = MoneyNumbers(row.order_num, row.number)
            yield row.line, second_row(row, booking, numbers, twice[row.line])
            continue
        for each in _compared(span, row, booking):
            yield row.line, each


def _compared(
    span: BillSpan, row: BillRow, booking: Booking | None
) -> Iterator[FoundDifference | MovedBooking]:
    numbers = MoneyNumbers(row.order_num, row.number)
    if booking is None:
        kind = DifferenceKind.MISSING_HERE
        yield difference(kind, row.number, numbers, wechat=row.fen, row=row.evidence)
        return
    if booking.fen not in (None, row.fen):
        kind, sides = DifferenceKind.AMOUNT_DIFFERS, (booking.fen, row.fen)
        yield unequal(kind, row, booking, numbers, sides)
    if booking.at is not None and not span.has(booking.at):
        kind = DifferenceKind.MISSING_AT_WECHAT
        yield MovedBooking(kind, row.number, china_date(booking.at).isoformat(), row.at)


def _receipts_of(numbers: Sequence[str]) -> dict[str, Booking]:
    """By transaction, the receipts that hold these; of several of one the first."""
    found: dict[str, Booking] = {}
    for at in range(0, len(numbers), PAGE):
        some = Receipt.transaction_id.in_(list(numbers[at : at + PAGE]))
        query = Receipt.select(*_RECEIPT, Receipt.currency).where(some).order_by(Receipt.id)
        for values in rows(query):
            found.setdefault(values[0], _receipt(*values))
    return found


def _receipt(number: str, order_num: str, state: str, at: int, fen: int, currency: str) -> Booking:
    ours = fen if currency == OURS else None
    return Booking("receipt", number, order_num, state, at, ours)


# --- from our side --------------------------------------------------------------------------------


def unlisted_payments(account: str, span: BillSpan) -> Iterator[list[Booking]]:
    """The payments of this day that are booked here and stand in no row of the bill, in pages that
    may be empty."""
    listed = StagedRow.select(StagedRow.line).where(
        StagedRow.number == Order.transaction_id,
        StagedRow.kind.in_((RowKind.PAYMENT, RowKind.REVERSED)),
    )
    orders = Order.select(*ORDER).where(
        tested(Order.mch_id == account), ~outside(span, _BOOKED_AT), ~exists(listed)
    )
    proofs = span.start - CLOCKS_APART_MS, span.end + LATEST_PROOF_MS
    for some in slices(Order.paid_at, *proofs):
        yield [Booking("order", *values) for values in rows(orders.where(some))]
    yield from _unlisted_receipts(account, span)


def _unlisted_receipts(account: str, span: BillSpan) -> Iterator[list[Booking]]:
    """A receipt of a partner's payment is in the partner's bill."""
    listed = StagedRow.select(StagedRow.line).where(
        StagedRow.number == Receipt.transaction_id,
        StagedRow.kind.in_((RowKind.PAYMENT, RowKind.REVERSED)),
    )
    query = Receipt.select(Receipt.id, *_RECEIPT, Receipt.currency).where(
        Receipt.mch_id == account,
        ~outside(span, _RECEIVED_AT),
        Receipt.reason != ReceiptReason.PARTNER,
        counts(),
        ~exists(listed),
    )
    page = last = 0
    while page == PAGE or not last:
        read = rows(query.where(Receipt.id > last).order_by(Receipt.id).limit(PAGE))
        yield [_receipt(*values[1:]) for values in read]
        page, last = len(read), read[-1][0] if read else -1
