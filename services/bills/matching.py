"""Matches the bills of one account and day with what is booked here. Runs in a process of its own
(commands/match_bill.py): it reads a million rows, and the loop must not wait for them.

Nothing is told before the bills were read to their ends, so a bill that is refused has told
nothing. No two differences have the same kind and subject. The same bill and the same bookings give
the same lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from models.bills import StagedMovement
from models.bills.staging import Staging
from payments.bills.differences import DifferenceKind
from services.bills.match_lines import FoundDifference, MatchLine, MatchProgress
from services.bills.pairing.bill_span import BillSpan
from services.bills.pairing.bill_staging import KeptDifferences, RepeatedRows, TradeBillStaging
from services.bills.pairing.day_sums import DaySums
from services.bills.pairing.flow_match import repeated_movements, unlisted_movements, unmoved
from services.bills.pairing.flow_staging import FlowBillStaging
from services.bills.pairing.found import Booking, MoneyNumbers, difference
from services.bills.pairing.midnight import Midnights
from services.bills.pairing.payment_match import (
    differing_payments,
    unlisted_payments,
)
from services.bills.pairing.refund_match import differing_refunds, unlisted_refunds
from services.bills.pairing.reversed_match import (
    dated_by_reversal,
    reversed_payments,
    without_reversed,
)

LINES_A_PAGE = 20_000
MATCHING = "matching"


@dataclass(frozen=True)
class MatchTask:
    """What is matched: the day (`YYYY-MM-DD`, in China) of an account (its merchant number), with
    the files of its bills, plain or gzip. Without `trade` WeChat says that nothing moved."""

    account: str
    date: str
    trade: Path | None
    flow: Path | None = None


class BillMatch:
    """One match, over the temporary tables of one connection."""

    def __init__(self, staging: Staging, task: MatchTask) -> None:
        """Raises ValueError for a date that is none."""
        self._staging = staging
        self._task = task
        self._span = BillSpan.of(task.date)
        self._sums = DaySums()

    def lines(self) -> Iterator[MatchLine]:
        """Ends with MatchedBill. Raises BillRefused, before it has told anything but progress."""
        with closing(KeptDifferences()) as kept:
            for line in self._all(kept):
                if isinstance(line, FoundDifference):
                    self._sums.differences += not line.held
                    self._sums.held += line.held
                yield line
        yield self._sums.matched()

    def _all(self, kept: KeptDifferences) -> Iterator[MatchLine]:
        self._staging.open()
        if self._task.trade:
            whose = self._task.account, self._span
            trade = TradeBillStaging(self._staging, *whose, self._task.trade)
            yield from trade.read(kept)
            self._sums.begin(trade)
        if self._task.flow:
            flow = FlowBillStaging(self._staging, self._span, self._task.flow)
            yield from flow.read(kept)
            self._sums.flow_net_fen = flow.net_fen
        self._staging.finish()
        repeated = RepeatedRows(self._staging)
        yield from repeated.taken_out()
        self._sums.take_out(repeated)
        yield from kept.told(self._staging)
        yield from self._rows()
        yield from self._bookings()
        if self._task.flow:
            yield from self._movements()
        yield from Midnights(self._task.account, self._span).told()

    def _rows(self) -> Iterator[MatchLine]:
        """From the bill's side, page by page."""
        self._staging.look_up_books()
        last, whose = self._staging.last_line(), (self._task.account, self._span)
        for page in _pages(last):
            told = []
            back = list(reversed_payments(*page))
            returned = [each for each in back if each.is_returned]
            self._sums.count_returned(returned)
            yield from dated_by_reversal(*whose, returned)
            for line, found in (
                *differing_payments(*whose, *page),
                *differing_refunds(*whose, *page),
                *((each.row.line, each.differs) for each in back if not each.is_returned),
            ):
                if isinstance(found, FoundDifference):
                    told.append(line)
                    self._sums.count_row(found)
                yield found
            self._staging.tell(told)
            yield MatchProgress(MATCHING, min(page[1], last), last)

    def _bookings(self) -> Iterator[MatchLine]:
        """From our side, page by page."""
        self._staging.look_up_bill()
        whose, last = (self._task.account, self._span), self._staging.last_line()
        midnights = Midnights(*whose)
        pages = chain(
            ((DifferenceKind.MISSING_AT_WECHAT, page) for page in unlisted_payments(*whose)),
            (
                (DifferenceKind.REFUND_MISSING_AT_WECHAT, without_reversed(page))
                for page in unlisted_refunds(*whose)
            ),
        )
        for kind, page in pages:
            for booking in page:
                yield self._missing(kind, booking, midnights)
            yield MatchProgress(MATCHING, last, last)

    def _movements(self) -> Iterator[MatchLine]:
        """The fund-flow bill against both, page by page."""
        yield from repeated_movements(self._staging)
        rows, last = self._staging.last_line(), self._staging.last_line(StagedMovement)
        for page in _pages(rows):
            yield from unmoved(self._span, *page)
            yield MatchProgress(MATCHING, min(page[1], rows), rows)
        for page in _pages(last):
            yield from unlisted_movements(self._task.account, self._span, *page)
            yield MatchProgress(MATCHING, min(page[1], last), last)

    def _missing(
        self, kind: DifferenceKind, booking: Booking, midnights: Midnights
    ) -> FoundDifference:
        numbers = MoneyNumbers(booking.order_num, booking.number)
        if kind is DifferenceKind.REFUND_MISSING_AT_WECHAT:
            numbers = MoneyNumbers(booking.order_num, booking.transaction_id, booking.number)
        found = difference(
            kind,
            booking.number,
            numbers,
            ours=booking.fen,
            booking=booking.evidence,
            held=midnights.holds(booking),
        )
        self._sums.count_booking(found)
        return found


def _pages(last: int) -> Iterator[tuple[int, int]]:
    """The first and the last line of each page."""
    for first in range(1, last + 1, LINES_A_PAGE):
        yield first, first + LINES_A_PAGE - 1
