"""Money of the past, taken over: from then on trades, refunds and books know it as if it had moved
here. For a merchant whose books have a history that this WeChat has not seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from payments.merchant import Merchant
from simulator.bills.bill_desk import BillDesk
from simulator.bills.books import Books
from simulator.bills.days import is_too_old
from simulator.bills.unheard import Unheard
from simulator.state.clock import SimulatedClock
from simulator.state.refunds import MAX_PARTS, AskedRefund, SimulatedRefund, SimulatedRefunds
from simulator.state.trades import Ordered, Trade, Trades, Transaction, china

MAX_LOADED = 200
"""Payments of one load."""
BANK = "CMB_DEBIT"


class BadLoad(ValueError):
    """Nothing was loaded; the text says what is wrong, and where."""


@dataclass(frozen=True)
class LoadedRefund:
    """One that succeeded; `outside`: somebody made it on the merchant platform. Times in seconds
    UTC."""

    refund_num: str
    refund_id: str
    amount_fen: int
    accepted_at: float
    ended_at: float
    outside: bool = False


@dataclass(frozen=True)
class LoadedPayment:
    """One that succeeded. `unheard`: its notify was lost, and queries say that nothing was paid
    until the bill of its day is made."""

    order_num: str
    transaction_id: str
    total_fen: int
    paid_at: float
    open_id: str
    title: str = ""
    trade_type: str = "JSAPI"
    unheard: bool = False
    refunds: tuple[LoadedRefund, ...] = ()

    @property
    def rows(self) -> int:
        """Of the books."""
        return 1 + len(self.refunds)

    @property
    def times(self) -> Iterator[float]:
        """At which money moved."""
        yield self.paid_at
        yield from (refund.accepted_at for refund in self.refunds)


class BookLoader:
    def __init__(
        self,
        trades: Trades,
        refunds: SimulatedRefunds,
        books: Books,
        bills: BillDesk,
        unheard: Unheard,
        clock: SimulatedClock,
    ) -> None:
        self._trades = trades
        self._refunds = refunds
        self._books = books
        self._bills = bills
        self._unheard = unheard
        self._clock = clock

    def load(self, merchant: Merchant, payments: Sequence[LoadedPayment]) -> int:
        """All or none; returns the number of rows. Only into days whose bill is not made, and only
        as many as the books keep. Raises BadLoad."""
        self._check(merchant, payments)
        for payment in payments:
            trade = self._pay(merchant, payment)
            for refund in payment.refunds:
                self._refund(trade, refund)
        return sum(payment.rows for payment in payments)

    def _check(self, merchant: Merchant, payments: Sequence[LoadedPayment]) -> None:
        if len(payments) > MAX_LOADED:
            raise BadLoad(f"At most {MAX_LOADED} payments at once.")
        if sum(payment.rows for payment in payments) > self._books.room:
            raise BadLoad(f"The books have room for {self._books.room} more rows.")
        self._check_numbers(merchant, payments)
        for payment in payments:
            _check_refunds(payment)
        moments = (moment for payment in payments for moment in payment.times)
        for day in sorted({china(self._passed(moment)).date() for moment in moments}):
            self._check_day(merchant, day)

    def _check_numbers(self, merchant: Merchant, payments: Sequence[LoadedPayment]) -> None:
        seen: set[tuple[str, str]] = set()
        for payment in payments:
            if self._trades.by_order(payment.order_num):
                raise BadLoad(f"Order {payment.order_num} is known already.")
            if self._trades.by_transaction(payment.transaction_id):
                raise BadLoad(f"Transaction {payment.transaction_id} is known already.")
            names = [("Order", payment.order_num), ("Transaction", payment.transaction_id)]
            for refund in payment.refunds:
                if self._refunds.find(merchant.mch_id, refund.refund_num):
                    raise BadLoad(f"Refund {refund.refund_num} is known already.")
                names.append(("Refund", refund.refund_num))
            for name in names:
                if name in seen:
                    raise BadLoad(f"{' '.join(name)} stands twice.")
                seen.add(name)

    def _passed(self, moment: float) -> float:
        if moment > self._clock.real():
            raise BadLoad("Only money that moved already: a time is yet to come.")
        return moment

    def _check_day(self, merchant: Merchant, day: date) -> None:
        if self._bills.found(merchant.mch_id, day):
            raise BadLoad(f"The bill of {day.isoformat()} is made already.")
        if is_too_old(day, self._bills.today) or self._books.is_forgotten(day):
            raise BadLoad(f"No bill reaches back to {day.isoformat()}.")

    def _pay(self, merchant: Merchant, payment: LoadedPayment) -> Trade:
        ordered = Ordered(
            merchant.api,
            merchant,
            payment.order_num,
            payment.total_fen,
            payment.trade_type,
            payment.title,
            notify_url="",
            open_id=payment.open_id,
        )
        trade = self._trades.open(ordered, {}, payment.paid_at)
        paid = Transaction(payment.transaction_id, payment.open_id, BANK, payment.paid_at)
        self._trades.book(trade, paid)
        if payment.unheard:
            self._unheard.hide(trade)
        return trade

    def _refund(self, trade: Trade, loaded: LoadedRefund) -> None:
        paid = trade.transactions[0]
        asked = AskedRefund(
            trade.api,
            trade.merchant.mch_id,
            loaded.refund_num,
            paid.id,
            trade.order_num,
            trade.told_fen,
            loaded.amount_fen,
            on_platform=loaded.outside,
        )
        refund = SimulatedRefund(asked, loaded.refund_id, trade, paid, loaded.accepted_at)
        self._refunds.take_over(refund, loaded.ended_at)
        if loaded.outside:
            self._unheard.note_refund(refund)


def _check_refunds(payment: LoadedPayment) -> None:
    if sum(refund.amount_fen for refund in payment.refunds) > payment.total_fen:
        raise BadLoad(f"More goes back of {payment.order_num} than was paid.")
    if len(payment.refunds) > MAX_PARTS:
        raise BadLoad(f"At most {MAX_PARTS} refunds of {payment.order_num}.")
    for refund in payment.refunds:
        if not payment.paid_at <= refund.accepted_at <= refund.ended_at:
            raise BadLoad(f"The times of refund {refund.refund_num} do not follow each other.")
    if payment.unheard and payment.refunds:
        raise BadLoad(f"Nobody can refund {payment.order_num}, of which nobody has heard.")
