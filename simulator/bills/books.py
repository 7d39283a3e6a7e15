"""The books of each China day: a compact row of every payment and refund, by account.

They outlive the trades that WeChat forgets here: a bill needs nothing else. A payment stands on the
day of its success, a refund on the day it was accepted, both in true time, as the messages say.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from payments.refund import RefundStatus
from simulator.bills.days import OLDEST_DAYS
from simulator.state.refunds import SimulatedRefund
from simulator.state.trades import Trade, Transaction, china

MAX_ROWS = 100_000
"""Over all accounts and days. Beyond it the oldest day is forgotten, or of a single day its first
rows."""

REFUND_STATES = {
    RefundStatus.SUCCESS: "SUCCESS",
    RefundStatus.PROCESSING: "PROCESSING",
    RefundStatus.ABNORMAL: "CHANGE",
    RefundStatus.CLOSED: "FAIL",
}
"""The words of a bill."""

_log = logging.getLogger(__name__)

RowKey = tuple[str, str]
"""Transaction and refund id; a payment has no refund id."""


class RowState(StrEnum):
    SUCCESS = "SUCCESS"
    REFUND = "REFUND"
    REVOKED = "REVOKED"
    """A payment that was taken back: a row of its own, beside the payment's."""


@dataclass(frozen=True, slots=True)
class BookedRow:
    """Money that moved once. `at` is true time; `total_fen` is the whole amount of the payment or
    of the refund, `coupon_fen` the part of it that is not settled."""

    state: RowState
    at: float
    app_id: str
    mch_id: str
    transaction_id: str
    order_num: str
    open_id: str
    trade_type: str
    bank_type: str
    total_fen: int
    coupon_fen: int = 0
    currency: str = "CNY"
    title: str = ""
    attach: str = ""
    device: str = ""
    refund_id: str = ""
    refund_num: str = ""
    refund_state: str = ""
    ended_at: float | None = None
    fee_off_fen: int = 0
    """By how much the fee is wrong."""

    @property
    def is_payment(self) -> bool:
        return self.state is RowState.SUCCESS

    @property
    def settled_fen(self) -> int:
        return self.total_fen - self.coupon_fen

    @property
    def key(self) -> RowKey:
        return self.transaction_id, self.refund_id


@dataclass
class _BooksPage:
    """One day of one account. `version` counts the rows that ever came to it."""

    rows: dict[RowKey, BookedRow] = field(default_factory=dict)
    version: int = 0
    lost: int = 0


class Books:
    """`on_forgotten` is called with the last day that was forgotten."""

    def __init__(self, max_rows: int = MAX_ROWS) -> None:
        self._max_rows = max_rows
        self._pages: dict[tuple[str, date], _BooksPage] = {}
        self._count = 0
        self.forgotten_to: date | None = None
        """The last day that nothing is known of any more."""
        self.on_forgotten: Callable[[date], None] = lambda day: None

    def __len__(self) -> int:
        return self._count

    @property
    def room(self) -> int:
        """The number of rows that may come before older ones are forgotten."""
        return self._max_rows - self._count

    def paid(self, trade: Trade, transaction: Transaction) -> None:
        """A payment succeeded."""
        self._enter(_payment(trade, transaction), china(transaction.paid_at).date())

    def refunded(self, refund: SimulatedRefund) -> None:
        """A refund was accepted, or its state is another now."""
        row, day = _refund(refund), china(refund.created_at).date()
        page = self._pages.get((row.mch_id, day))
        if page and row.key in page.rows:
            page.rows[row.key] = row
        elif refund.status is RefundStatus.PROCESSING and refund.ended_at is None:
            self._enter(row, day)

    def rows(self, mch_id: str, day: date) -> list[BookedRow]:
        """In the order in which they came."""
        page = self._pages.get((mch_id, day))
        return list(page.rows.values()) if page else []

    def count(self, mch_id: str, day: date) -> int:
        page = self._pages.get((mch_id, day))
        return len(page.rows) if page else 0

    def version(self, mch_id: str, day: date) -> int:
        """Another number once more money moved."""
        page = self._pages.get((mch_id, day))
        return page.version if page else 0

    def lost(self, mch_id: str, day: date) -> int:
        """Rows of this day that were too many to keep."""
        page = self._pages.get((mch_id, day))
        return page.lost if page else 0

    def is_forgotten(self, day: date) -> bool:
        return self.forgotten_to is not None and day <= self.forgotten_to

    def before(self, mch_id: str, day: date) -> Iterator[BookedRow]:
        """All rows of the account of earlier days."""
        for (owner, written), page in self._pages.items():
            if owner == mch_id and written < day:
                yield from page.rows.values()

    def move(self, row: BookedRow, day: date, to: date) -> None:
        """This row stands on another day."""
        if (page := self._pages.get((row.mch_id, day))) and page.rows.pop(row.key, None):
            self._count -= 1
            self._enter(row, to)

    def _enter(self, row: BookedRow, day: date) -> None:
        if self.is_forgotten(day):
            return
        page = self._pages.setdefault((row.mch_id, day), _BooksPage())
        self._count += row.key not in page.rows
        page.rows[row.key] = row
        page.version += 1
        self._forget_old()

    def _forget_old(self) -> None:
        days = {day for _, day in self._pages}
        newest, oldest = max(days), min(days)
        if (newest - oldest).days > OLDEST_DAYS:
            self._forget_to(newest - timedelta(days=OLDEST_DAYS + 1))
        elif self._count > self._max_rows and oldest < newest:
            self._forget_to(oldest)
        elif self._count > self._max_rows:
            page = max(self._pages.values(), key=lambda page: len(page.rows))
            del page.rows[next(iter(page.rows))]
            page.lost += 1
            self._count -= 1

    def _forget_to(self, day: date) -> None:
        for key in [key for key in self._pages if key[1] <= day]:
            self._count -= len(self._pages.pop(key).rows)
        self.forgotten_to = day
        _log.warning("the books up to %s are forgotten", day)
        self.on_forgotten(day)


def _payment(trade: Trade, transaction: Transaction) -> BookedRow:
    """A negative amount that WeChat told is the order's here: no bill has negative payments."""
    merchant, ordered = trade.merchant, trade.ordered
    return BookedRow(
        RowState.SUCCESS,
        transaction.paid_at,
        merchant.app_id,
        merchant.mch_id,
        transaction.id,
        trade.order_num,
        transaction.open_id,
        trade.trade_type,
        transaction.bank_type,
        trade.told_fen if trade.told_fen > 0 else trade.total_fen,
        transaction.coupon_fen,
        trade.overrides.get("fee_type", "CNY"),
        ordered.title,
        ordered.attach,
        ordered.device,
    )


def _refund(refund: SimulatedRefund) -> BookedRow:
    """Of a coupon that was not settled, the same part goes back as of the whole."""
    paid = _payment(refund.trade, refund.transaction)
    return replace(
        paid,
        state=RowState.REFUND,
        at=refund.created_at,
        total_fen=refund.refund_fen,
        coupon_fen=refund.refund_fen * paid.coupon_fen // paid.total_fen,
        refund_id=refund.id,
        refund_num=refund.refund_num,
        refund_state=REFUND_STATES[refund.status],
        ended_at=refund.ended_at,
    )
