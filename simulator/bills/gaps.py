"""The four ways in which a merchant's books and WeChat's come apart, planted about one order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from simulator.bills.bill_desk import BillDesk
from simulator.bills.bill_faults import ON_ROWS, PlantedFault
from simulator.bills.unheard import Unheard
from simulator.state.faults import BadFault
from simulator.state.refunds import Refusal, SimulatedRefunds
from simulator.state.trades import Trade, Trades, TradeState, china

UNHEARD, OUTSIDE, FEE, TWICE = "unheard_payment", "outside_refund", "wrong_fee", "double_booking"
GAPS = (UNHEARD, OUTSIDE, FEE, TWICE)
FEE_OFF_FEN = 10


class BadGap(ValueError):
    """It cannot be planted about this order; the text says why."""


@dataclass(frozen=True)
class PlantedGap:
    """`day` is the day of the bill that shows it, `kind` the difference."""

    gap: str
    account: str
    day: date
    kind: str
    order_num: str

    def as_json(self) -> dict[str, Any]:
        return {
            "gap": self.gap,
            "account": self.account,
            "date": self.day.isoformat(),
            "kind": self.kind,
            "orderNum": self.order_num,
        }


class Gaps:
    """The two at WeChat itself happen at once; the two of the bill wait for it to be made."""

    def __init__(
        self, trades: Trades, refunds: SimulatedRefunds, bills: BillDesk, unheard: Unheard
    ) -> None:
        self._trades = trades
        self._refunds = refunds
        self._bills = bills
        self._unheard = unheard
        self._plant: dict[str, Callable[[Trade, int], tuple[date, str]]] = {
            UNHEARD: self._pay_unheard,
            OUTSIDE: self._refund_outside,
            FEE: lambda trade, fen: self._fault("wrong_fee", trade, fen or FEE_OFF_FEN),
            TWICE: lambda trade, fen: self._fault("duplicate_row", trade, fen),
        }

    def plant(self, gap: str, order_num: str, fen: int = 0) -> PlantedGap:
        """`fen` is by how much the fee is wrong, or how much goes back (0: all). Raises BadGap."""
        trade = self._trades.by_order(order_num)
        if trade is None:
            raise BadGap("There is no such order.")
        if (gap == UNHEARD) != (trade.state is TradeState.NOTPAY):
            raise BadGap(f"The order is {trade.state}.")
        try:
            day, kind = self._plant[gap](trade, fen)
        except BadFault as error:
            raise BadGap(str(error)) from error
        except Refusal as refusal:
            raise BadGap(refusal.reason.value) from refusal
        return PlantedGap(gap, trade.merchant.mch_id, day, kind, order_num)

    def _pay_unheard(self, trade: Trade, _fen: int) -> tuple[date, str]:
        self._unheard.pay(trade)
        return _paid_on(trade), "missing_here"

    def _refund_outside(self, trade: Trade, fen: int) -> tuple[date, str]:
        refund = self._refunds.outside(trade, fen or self._refunds.left(trade), told=False)
        return self._unheard.note_refund(refund), "refund_missing_here"

    def _fault(self, fault: str, trade: Trade, fen: int) -> tuple[date, str]:
        day, account = _paid_on(trade), trade.merchant.mch_id
        if self._bills.found(account, day):
            raise BadGap("The bill of its day is made already.")
        self._bills.faults.add(
            [PlantedFault(fault, day, account, order_num=trade.order_num, fen=fen)]
        )
        return day, str(ON_ROWS[fault])


def _paid_on(trade: Trade) -> date:
    """The China day of the first payment."""
    return china(trade.transactions[0].paid_at).date()
