"""Payments that nobody is told of: no notify, and every query says that nothing was paid, until the
bill of their day is made."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from simulator.bills.planted import PlantedChange
from simulator.state.refunds import SimulatedRefund
from simulator.state.trades import Trade, TradeState, china

MAX_UNHEARD = 1_000


class Unheard:
    """`pay` takes the money of a trade. The oldest beyond MAX_UNHEARD are told of."""

    def __init__(self, pay: Callable[[Trade], object]) -> None:
        self._pay = pay
        self._silent: list[Trade] = []
        self._changes: dict[tuple[str, date], list[PlantedChange]] = {}

    def pay(self, trade: Trade) -> PlantedChange:
        """The buyer pays; the merchant learns it from the bill alone. Raises NotPayable."""
        self._pay(trade)
        return self.hide(trade)

    def hide(self, trade: Trade) -> PlantedChange:
        """The merchant learns of a trade that is paid from the bill alone."""
        trade.untold = TradeState.NOTPAY
        self._silent.append(trade)
        if len(self._silent) > MAX_UNHEARD:
            self._silent.pop(0).untold = None
        paid = trade.transactions[0]
        change = PlantedChange(
            "unheard_payment", "missing_here", trade.order_num, paid.id, wechat=trade.told_fen
        )
        self.note(trade, china(paid.paid_at).date(), change)
        return change

    def note_refund(self, refund: SimulatedRefund) -> date:
        """A refund on the merchant platform that is untold; returns the day of the bill that tells
        it."""
        trade, day = refund.trade, china(refund.created_at).date()
        numbers = trade.order_num, refund.transaction.id, refund.refund_num
        change = PlantedChange(
            "outside_refund", "refund_missing_here", *numbers, wechat=refund.refund_fen
        )
        self.note(trade, day, change)
        return day

    def note(self, trade: Trade, day: date, change: PlantedChange) -> None:
        """A change that happened at WeChat itself, and to no bill."""
        if len(self._changes) > MAX_UNHEARD:
            del self._changes[next(iter(self._changes))]
        self._changes.setdefault((trade.merchant.mch_id, day), []).append(change)

    def changes(self, account: str, day: date) -> list[PlantedChange]:
        return list(self._changes.get((account, day), ()))

    def tell(self, account: str, day: date) -> None:
        """From now on queries about the payments of this day say what is true."""
        heard = [trade for trade in self._silent if _is_of(trade, account, day)]
        for trade in heard:
            trade.untold = None
        self._silent = [trade for trade in self._silent if trade.untold is not None]


def _is_of(trade: Trade, account: str, day: date) -> bool:
    paid = (china(transaction.paid_at).date() for transaction in trade.transactions)
    return trade.merchant.mch_id == account and day in paid
