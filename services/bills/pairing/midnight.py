"""Money that crosses midnight: booked here on one day, and in the bill of the day beside."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from models.base import rows
from models.bills import BillDay, BillDifference, RowKind, StagedRow
from payments.bills.differences import DifferenceKind, DifferenceStatus
from services.bills.day_counts import is_over
from services.bills.match_lines import ToldDifference
from services.bills.pairing.bill_span import BillSpan
from services.bills.pairing.found import Booking

_KINDS = {
    DifferenceKind.MISSING_AT_WECHAT: (RowKind.PAYMENT, RowKind.REVERSED),
    DifferenceKind.REFUND_MISSING_AT_WECHAT: (RowKind.REFUND,),
}
"""What may be held, with the rows that explain it."""
PAGE = 500


class Midnights:
    """Those at both ends of a day of an account."""

    def __init__(self, account: str, span: BillSpan) -> None:
        self._account = account
        self._span = span
        before, after = span.beside(-1), span.beside(1)
        columns = BillDay.date, BillDay.status, BillDay.from_file, BillDay.due_at, BillDay.run
        query = BillDay.select(*columns).where(
            BillDay.mch_id == account, BillDay.date.in_([before, after])
        )
        self._coming = {after}
        for date, status, from_file, due_at, run in rows(query):
            is_due = due_at is not None or run is not None
            if is_over(status, from_file, is_due):
                self._coming.discard(date)
            elif is_due:
                self._coming.add(date)

    def holds(self, booking: Booking) -> bool:
        """Whether the bill of a day beside may still have this booking. That of the day after
        comes in any case; that of the day before not where the day is the first of the account,
        or too long ago."""
        beside = None if booking.at is None else self._span.neighbour_of(booking.at)
        return beside in self._coming

    def told(self) -> Iterator[ToldDifference]:
        """What was held on the days beside for the bill of this day, and stands in no row of it."""
        held, last = BillDifference, 0
        query = (
            held.select(held.id, held.date, held.kind, held.subject, held.evidence)
            .where(
                held.mch_id == self._account,
                held.date.in_([self._span.beside(-1), self._span.beside(1)]),
                held.status == DifferenceStatus.HELD.value,
            )
            .order_by(held.id)
            .limit(PAGE)
        )
        while page := rows(query.where(held.id > last)):
            last = page[-1][0]
            waiting = [row for row in page if self._waits(row[1], row[4])]
            for kind, staged in _KINDS.items():
                of_kind = {subject: id_ for id_, _, is_of, subject, _ in waiting if is_of == kind}
                there = _there(list(of_kind), staged)
                yield from (ToldDifference(of_kind[s]) for s in of_kind if s not in there)

    def _waits(self, date: str, evidence: str) -> bool:
        """Whether what is held on that day waits for this bill, not for the other beside it."""
        return awaited_by(date, evidence) == self._span.date


def awaited_by(date: str, evidence: str) -> str | None:
    """The day whose bill is waited for by what is held on `date`."""
    at = datetime.fromisoformat(json.loads(evidence)["booking"]["at"])
    return BillSpan.of(date).neighbour_of(int(at.timestamp() * 1000))


def _there(subjects: Sequence[str], kinds: Sequence[RowKind]) -> set[str]:
    query = StagedRow.select(StagedRow.number).where(
        StagedRow.number.in_(subjects), StagedRow.kind.in_(kinds)
    )
    return {number for (number,) in rows(query)} if subjects else set()
