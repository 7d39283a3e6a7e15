"""Refunds: the rows of a trade bill against the refunds that are booked here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from models import Refund
from models.base import IF_ANY, as_by_default, exists, rows, tested
from models.bills import RowKind, StagedRow
from payments.bills.differences import DifferenceKind
from payments.refund import TAKEN, RefundOrigin, RefundStatus
from services.bills.bill_dates import china_date
from services.bills.match_lines import FoundDifference, MovedBooking
from services.bills.pairing.bill_span import BillSpan
from services.bills.pairing.found import BillRow, Booking, MoneyNumbers, difference, unequal
from services.bills.pairing.payment_match import PAGE, outside
from services.bills.pairing.time_slices import slices
from services.bills.pairing.two_days import REFUNDS, listed_twice, second_row
from services.settlement.refund_store import BY_WECHAT

FAILED, CHANGED, SUCCEEDED = "FAIL", "CHANGE", "SUCCESS"
"""退款状态 of a row. Another one may still become any of these."""
_BOOKED = tuple(status.value for status in (RefundStatus.APPROVED, *sorted(TAKEN)))
"""WeChat has such a refund, or was asked for it and has not answered yet."""
_HERE = Refund.status.in_(_BOOKED) | (Refund.ended_from == RefundStatus.ABNORMAL.value)
_AT_WECHAT = Refund.status.in_([status.value for status in sorted(TAKEN)]) | (
    Refund.ended_from == RefundStatus.ABNORMAL.value
)
_CONTRADICT = (
    (RefundStatus.SUCCESS, FAILED),
    (RefundStatus.SUCCESS, CHANGED),
    (RefundStatus.CLOSED, SUCCEEDED),
)
"""Ours, and the row's: no later news makes the one of the other. The row says how it was when the
bill was written, so PROCESSING in it contradicts nothing."""
_REFUND = (
    Refund.refund_num,
    Refund.order_num,
    Refund.status,
    Refund.accepted_at,
    Refund.amount_fen,
    Refund.transaction_id,
)
_ROW = (
    StagedRow.line,
    StagedRow.number,
    StagedRow.order_num,
    StagedRow.at,
    StagedRow.fen,
    StagedRow.state,
    StagedRow.transaction_id,
    StagedRow.wechat_num,
)


# --- from the bill's side -------------------------------------------------------------------------


def differing_refunds(
    account: str, span: BillSpan, first: int, last: int
) -> Iterator[tuple[int, FoundDifference | MovedBooking]]:
    """Of the refund rows with these lines, what is not as it is booked: with the line of each. Two
    accounts may have used one number for a refund; only this account's is the row's."""
    states = Refund.id.is_null()
    for ours, wechats in _CONTRADICT:
        states |= (Refund.status == ours.value) & (StagedRow.state == wechats)
    moved = Refund.accepted_at.is_null() | outside(span, Refund.accepted_at)
    of_it = (Refund.refund_num == as_by_default(StagedRow.number)) & (Refund.mch_id == account)
    query = (
        StagedRow.select(*_ROW, *_REFUND)
        .join(Refund, IF_ANY, on=of_it & _HERE)
        .where(
            StagedRow.line.between(first, last),
            StagedRow.kind == RowKind.REFUND,
            states | (Refund.amount_fen != StagedRow.fen) | moved,
        )
        .order_by(StagedRow.line)
    )
    read = [(BillRow(*values[:8]), values[8:]) for values in rows(query)]
    unnamed = _Unnamed(account, [row for row, (number, *_) in read if number is None])
    pairs = [(row, Booking("refund", *held) if held[0] else unnamed.of(row)) for row, held in read]
    twice = listed_twice(account, span, pairs, REFUNDS)
    for row, booking in pairs:
        if booking and booking.number != row.number:
            _rename(row.line, booking.number)
        if booking and row.line in twice:
            numbers = MoneyNumbers(row.order_num, row.transaction_id, row.number)
            yield row.line, second_row(row, booking, numbers, twice[row.line])
            continue
        for each in _compared(span, row, booking):
            yield row.line, each


def _compared(
    span: BillSpan, row: BillRow, booking: Booking | None
) -> Iterator[FoundDifference | MovedBooking]:
    numbers = MoneyNumbers(row.order_num, row.transaction_id, row.number)
    if booking is None:
        kind = DifferenceKind.REFUND_MISSING_HERE
        yield difference(kind, row.number, numbers, wechat=row.fen, row=row.evidence)
        return
    if booking.fen != row.fen:
        kind, sides = DifferenceKind.REFUND_AMOUNT_DIFFERS, (booking.fen, row.fen)
        yield unequal(kind, row, booking, numbers, sides)
    if (booking.status, row.state) in _CONTRADICT:
        moved = row.fen if row.state == SUCCEEDED else -row.fen
        kind, words = DifferenceKind.REFUND_STATUS_DIFFERS, (booking.status, row.state)
        yield unequal(kind, row, booking, numbers, words, moved)
    if booking.at is None or not span.has(booking.at):
        kind = DifferenceKind.REFUND_MISSING_AT_WECHAT
        booked = None if booking.at is None else china_date(booking.at).isoformat()
        yield MovedBooking(kind, booking.number, booked, row.at)


def _rename(line: int, number: str) -> None:
    """From now on the row is known by the number that its refund has here."""
    StagedRow.update(number=number).where(StagedRow.line == line).execute()


class _Unnamed:
    """Outside refunds that are booked under another number than the row's: by WeChat's number, or
    entered by a person with this amount and without WeChat's number. Each is taken once."""

    def __init__(self, account: str, missing: Sequence[BillRow]) -> None:
        orders = sorted({row.order_num for row in missing})
        self._known: dict[str, list[tuple[Booking, str | None, bool]]] = {}
        chosen = (Refund.refund_id, Refund.origin, Refund.requested_by)
        for at in range(0, len(orders), PAGE):
            some = Refund.order_num.in_(orders[at : at + PAGE]), Refund.mch_id == account
            for values in rows(Refund.select(*_REFUND, *chosen).where(*some, _HERE)):
                booking = Booking("refund", *values[:6])
                refund_id, origin, by = values[6:]
                entered = origin == RefundOrigin.WECHAT and by != BY_WECHAT
                found = self._known.setdefault(booking.transaction_id, [])
                found.append((booking, refund_id, entered))

    def of(self, row: BillRow) -> Booking | None:
        known = self._known.get(row.transaction_id, [])
        same = (each for each in known if each[1] and each[1] == row.wechat_num)
        entered = (e for e in known if e[2] and not e[1] and e[0].fen == row.fen)
        found = next(same, None) or next(entered, None)
        if found is None:
            return None
        known.remove(found)
        return found[0]


# --- from our side --------------------------------------------------------------------------------


def unlisted_refunds(account: str, span: BillSpan) -> Iterator[list[Booking]]:
    """The refunds that WeChat took on this day and that stand in no row of the bill, in pages that
    may be empty."""
    listed = StagedRow.select(StagedRow.line).where(
        StagedRow.number == Refund.refund_num, StagedRow.kind == RowKind.REFUND
    )
    query = Refund.select(*_REFUND).where(
        tested(Refund.mch_id == account), _AT_WECHAT, ~exists(listed)
    )
    for some in slices(Refund.accepted_at, span.start, span.end):
        yield [Booking("refund", *values) for values in rows(query.where(some))]
