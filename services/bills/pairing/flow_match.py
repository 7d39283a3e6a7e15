"""The third way: a fund-flow bill against the rows of the trade bill, and against our books.

What the trade bill says was paid or paid back must have moved on the account, and what moved there
must be in the trade bill or booked here. Within minutes of midnight the two bills may have it on
different days, so nothing is told there of what one of them lacks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from models import Order, Receipt, Refund
from models.base import IF_ANY, either, exists, rows
from models.bills import RowKind, StagedMovement, StagedRow
from models.bills.staging import CHUNK, Staging
from payments.bills.differences import DifferenceKind
from services.bills.match_lines import FoundDifference
from services.bills.pairing.bill_span import BillSpan
from services.bills.pairing.flow_staging import OF_FLOW
from services.bills.pairing.found import (
    BillRow,
    MoneyNumbers,
    difference,
    repeated_evidence,
    row_evidence,
)
from services.bills.pairing.refund_match import SUCCEEDED


class _Moved(NamedTuple):
    """A staged movement. Times in ms UTC."""

    line: int
    kind: int
    number: str
    voucher: str
    at: int
    fen: int

    @property
    def is_payment(self) -> bool:
        return self.kind == RowKind.PAID_IN

    @property
    def subject(self) -> str:
        """As the trade bill's row would be named."""
        return self.number if self.is_payment else self.voucher or self.number

    @property
    def numbers(self) -> MoneyNumbers:
        if self.is_payment:
            return MoneyNumbers(self.voucher, self.number)
        return MoneyNumbers(refund_num=self.subject)

    @property
    def evidence(self) -> dict[str, Any]:
        return row_evidence(self.line, self.at, self.fen) | OF_FLOW


_MOVED = (
    StagedMovement.line,
    StagedMovement.kind,
    StagedMovement.number,
    StagedMovement.voucher,
    StagedMovement.at,
    StagedMovement.fen,
)


def repeated_movements(staging: Staging) -> Iterator[FoundDifference]:
    """What moved twice, and is not told of the trade bill's row already. All but the first leave
    the table."""
    while numbers := staging.repeated(StagedMovement):
        query = StagedMovement.select(*_MOVED).where(StagedMovement.number.in_(numbers))
        by_key: dict[tuple[str, int], list[_Moved]] = {}
        for values in rows(query.order_by(StagedMovement.line)):
            by_key.setdefault((values[2], values[1]), []).append(_Moved(*values))
        repeated = [found for found in by_key.values() if len(found) > 1]
        staging.drop_lines(StagedMovement, [row.line for found in repeated for row in found[1:]])
        told = _told([found[0].subject for found in repeated])
        for first, *more in repeated:
            if first.subject not in told:
                lines = (row.line for row in (first, *more))
                evidence = repeated_evidence(first.evidence, lines)
                kind, fen = DifferenceKind.DUPLICATE_ROW, sum(row.fen for row in more)
                yield difference(kind, first.subject, first.numbers, wechat=fen, row=evidence)


def _told(subjects: Sequence[str]) -> set[str]:
    query = StagedRow.select(StagedRow.number).where(
        StagedRow.number.in_(subjects), StagedRow.told == 1
    )
    return {number for (number,) in rows(query)} if subjects else set()


# --- from the trade bill's side -------------------------------------------------------------------


def unmoved(span: BillSpan, first: int, last: int) -> Iterator[FoundDifference]:
    """Of the rows with these lines that have no difference yet, those that moved nothing on the
    account, or another amount. A refund that is not done moves nothing for good."""
    row, moved = StagedRow, StagedMovement
    same = (moved.number == row.wechat_num) & (moved.kind == row.kind + RowKind.PAID_IN.value)
    query = (
        row.select(
            *(row.line, row.number, row.order_num, row.at, row.fen, row.state, row.transaction_id),
            *(row.wechat_num, row.kind, row.moved_fen, moved.fen),
        )
        .join(moved, IF_ANY, on=same)
        .where(
            row.line.between(first, last),
            row.kind.in_((RowKind.PAYMENT, RowKind.REFUND)),
            row.state.in_(("", SUCCEEDED)),
            row.told == 0,
            row.moved_fen > 0,
            moved.line.is_null() | (moved.fen != row.moved_fen),
        )
        .order_by(row.line)
    )
    for values in rows(query):
        found, (kind, ours, wechat) = BillRow(*values[:8]), values[8:]
        if wechat is not None or span.neighbour_of(found.at) is None:
            yield _unmoved(found, RowKind(kind), ours, wechat)


def _unmoved(row: BillRow, kind: RowKind, ours: int, wechat: int | None) -> FoundDifference:
    payment = kind is RowKind.PAYMENT
    if wechat is None:
        missing = DifferenceKind.MISSING_AT_WECHAT
        which = missing if payment else DifferenceKind.REFUND_MISSING_AT_WECHAT
    else:
        differs = DifferenceKind.AMOUNT_DIFFERS
        which = differs if payment else DifferenceKind.REFUND_AMOUNT_DIFFERS
    numbers = MoneyNumbers(row.order_num, row.number)
    if not payment:
        numbers = MoneyNumbers(row.order_num, row.transaction_id, row.number)
    evidence = row.evidence | {"missingIn" if wechat is None else "differsIn": OF_FLOW["bill"]}
    return difference(which, row.number, numbers, ours=ours, wechat=wechat, row=evidence)


# --- from the fund-flow bill's side ---------------------------------------------------------------


def unlisted_movements(
    account: str, span: BillSpan, first: int, last: int
) -> Iterator[FoundDifference]:
    """Of the movements with these lines, those that no row of the trade bill has and no booking."""
    row, moved = StagedRow, StagedMovement
    # One mention of the table: MySQL takes a temporary one no more than once in a statement.
    named = either(moved.kind == RowKind.PAID_IN, moved.number, moved.voucher)
    of_it = (row.number == named) & (moved.kind == row.kind + RowKind.PAID_IN.value)
    listed = exists(row.select(row.line).where(of_it))
    query = moved.select(*_MOVED).where(moved.line.between(first, last), ~listed)
    read = [_Moved(*values) for values in rows(query.order_by(moved.line))]
    for at in range(0, len(read), CHUNK):
        some = read[at : at + CHUNK]
        known = _known(account, some)
        for each in some:
            near = span.has(each.at) and span.neighbour_of(each.at) is not None
            if each.number not in known and not near:
                missing = DifferenceKind.MISSING_HERE
                kind = missing if each.is_payment else DifferenceKind.REFUND_MISSING_HERE
                yield difference(
                    kind, each.subject, each.numbers, wechat=each.fen, row=each.evidence
                )


def _known(account: str, moved: Sequence[_Moved]) -> set[str]:
    """The numbers of those that are booked here, or in the trade bill under another number. Several
    refunds may have one voucher, or none: it may be any text."""
    paid = [each.number for each in moved if each.is_payment]
    back = [each for each in moved if not each.is_payment]
    numbers, vouchers = [each.number for each in back], {each.voucher for each in back}
    booked = _column(Refund.refund_num, Refund.mch_id == account, sorted(vouchers))
    found = _column(Order.transaction_id, Order.paid_at.is_null(False), paid)
    found |= _column(Receipt.transaction_id, None, paid)
    found |= {each.number for each in back if each.voucher in booked}
    found |= _column(Refund.refund_id, None, numbers)
    return found | _column(StagedRow.wechat_num, None, numbers)


def _column(field: Any, condition: Any, values: Sequence[str]) -> set[str]:
    """The values among these that the column has."""
    if not values:
        return set()
    query = field.model.select(field).where(field.in_(values))
    return {each for (each,) in rows(query if condition is None else query.where(condition))}
