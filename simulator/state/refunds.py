"""The refunds that this WeChat knows to be true: one a number, never more than was paid.

A refund is PROCESSING first; after a short while on the simulator's clock it ends, and the
merchant is told.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from payments.merchant import Api
from payments.refund import RefundStatus
from simulator.state.clock import SimulatedClock
from simulator.state.faults import REFUND_RESULT, Faults
from simulator.state.trades import Trade, Trades, TradeState, Transaction, china

TAKES_S = 2.0
"""On the simulator's clock, from the request to the result."""
MAX_REFUNDS = 20_000
MAX_PARTS = 50
"""Refunds of one transaction."""
RECEIVER = "支付用户零钱"
PLATFORM_TELLS = "https://shop.example.com/pay/notify/refund"
"""The address that is set on the merchant platform; only its path counts."""

ENDED = {
    "success": RefundStatus.SUCCESS,
    "abnormal": RefundStatus.ABNORMAL,
    "closed": RefundStatus.CLOSED,
}
"""How a refund can end, by the word of the lever."""


class RefundRefused(StrEnum):
    """Why a refund is not taken, or not found; each interface has its own word for it."""

    NO_TRADE = "订单不存在"
    NO_REFUND = "退款单查询失败，单号不存在"
    OTHER_AMOUNT = "订单金额或退款金额与之前请求不一致，请核实后再试"
    WRONG_TOTAL = "订单金额与支付时不一致"
    TOO_MUCH = "累计退款金额大于支付金额"
    TOO_MANY = "部分退款次数超限"
    NOT_ABNORMAL = "退款单状态不是退款异常，不能发起异常退款"


class Refusal(Exception):
    def __init__(self, reason: RefundRefused) -> None:
        super().__init__(reason.name)
        self.reason = reason


@dataclass(frozen=True)
class AskedRefund:
    """One refund as a merchant asks for it. Without a transaction it is the order's first."""

    api: Api
    mch_id: str
    refund_num: str
    transaction_id: str | None
    order_num: str | None
    total_fen: int
    refund_fen: int
    notify_url: str = ""
    reason: str = ""
    on_platform: bool = False
    """Somebody made it on the merchant platform, and no call of the merchant's."""


@dataclass
class SimulatedRefund:
    """`notify_url` may be empty: then nobody is told."""

    wanted: AskedRefund
    id: str
    trade: Trade
    transaction: Transaction
    created_at: float
    status: RefundStatus = RefundStatus.PROCESSING
    ended_at: float | None = None

    @property
    def refund_num(self) -> str:
        return self.wanted.refund_num

    @property
    def refund_fen(self) -> int:
        return self.wanted.refund_fen


@dataclass
class SimulatedRefunds:
    """`later` is called with what is to be done, and after how many seconds of the clock; `tell`
    with a refund that has ended, `note` with one that was accepted or has another state. The oldest
    of MAX_REFUNDS are forgotten."""

    trades: Trades
    clock: SimulatedClock
    faults: Faults
    later: Callable[[Callable[[], None], float], None]
    tell: Callable[[SimulatedRefund], None]
    note: Callable[[SimulatedRefund], None]
    _by_number: dict[tuple[str, str], SimulatedRefund] = field(default_factory=dict)
    _by_order: dict[str, list[SimulatedRefund]] = field(default_factory=dict)

    def take(self, wanted: AskedRefund) -> SimulatedRefund:
        """Accept a refund; the same number again is the same refund. Raises Refusal."""
        key = (wanted.mch_id, wanted.refund_num)
        if (known := self._by_number.get(key)) is not None:
            return _the_same(known, wanted)
        trade, transaction = self._paid(wanted)
        self._check_amount(wanted, trade, transaction)
        now = self.clock.real()
        number = (
            f"5030{secrets.randbelow(10**6):06d}{china(now):%Y%m%d}{secrets.randbelow(10**10):010d}"
        )
        refund = SimulatedRefund(wanted, number, trade, transaction, now)
        self._keep(refund)
        fault = self.faults.take(REFUND_RESULT, trade.order_num)
        result = ENDED[fault.kind if fault else "success"]
        self.later(lambda: self._come(refund, result), TAKES_S)
        return refund

    def take_over(self, refund: SimulatedRefund, ended_at: float) -> None:
        """Know a refund that succeeded before; nobody is told. Its number must be new."""
        self._keep(refund)
        refund.status, refund.ended_at = RefundStatus.SUCCESS, ended_at
        self.note(refund)

    def outside(self, trade: Trade, refund_fen: int, *, told: bool = True) -> SimulatedRefund:
        """Somebody refunds on the merchant platform. WeChat tells of it in the format of API v2,
        whichever interface the merchant uses, or with `told` False it is lost. Raises Refusal."""
        return self.take(
            AskedRefund(
                api=Api.V2,
                mch_id=trade.merchant.mch_id,
                refund_num=f"50{secrets.randbelow(10**26):026d}",
                transaction_id=None,
                order_num=trade.order_num,
                total_fen=trade.told_fen,
                refund_fen=refund_fen,
                notify_url=PLATFORM_TELLS if told else "",
                on_platform=True,
            )
        )

    def left(self, trade: Trade) -> int:
        """The amount of a trade that has not gone back."""
        gone = (r.refund_fen for r in self.of_trade(trade) if r.status is not RefundStatus.CLOSED)
        return trade.told_fen - sum(gone)

    def find(self, mch_id: str, refund_num: str) -> SimulatedRefund | None:
        return self._by_number.get((mch_id, refund_num))

    def of_trade(self, trade: Trade) -> list[SimulatedRefund]:
        """Oldest first."""
        return [r for r in self._by_order.get(trade.order_num, ()) if r.trade is trade]

    def by_id(self, mch_id: str, refund_id: str) -> SimulatedRefund | None:
        """The refund with this number of WeChat's."""
        found = (
            r for (owner, _), r in self._by_number.items() if (owner, r.id) == (mch_id, refund_id)
        )
        return next(found, None)

    def named(self, refund_num: str) -> SimulatedRefund | None:
        """The refund with this number, of any merchant."""
        found = (r for (_, number), r in self._by_number.items() if number == refund_num)
        return next(found, None)

    def pay_elsewhere(self, refund: SimulatedRefund) -> None:
        """An abnormal refund is paid to another account: PROCESSING once more, then SUCCESS. Raises
        Refusal."""
        if refund.status is not RefundStatus.ABNORMAL:
            raise Refusal(RefundRefused.NOT_ABNORMAL)
        refund.status, refund.ended_at = RefundStatus.PROCESSING, None
        self.note(refund)
        self.later(lambda: self._come(refund, RefundStatus.SUCCESS), TAKES_S)

    def end(self, refund: SimulatedRefund, status: RefundStatus) -> bool:
        """The refund ends, or an abnormal one ends otherwise; False: it has ended for good."""
        if refund.status not in (RefundStatus.PROCESSING, RefundStatus.ABNORMAL):
            return False
        refund.status, refund.ended_at = status, self.clock.real()
        others = (r.status is RefundStatus.CLOSED for r in self.of_trade(refund.trade))
        refund.trade.state = TradeState.SUCCESS if all(others) else TradeState.REFUND
        self.note(refund)
        self.tell(refund)
        return True

    def _keep(self, refund: SimulatedRefund) -> None:
        if len(self._by_number) >= MAX_REFUNDS:
            self._forget(next(iter(self._by_number.values())))
        self._by_number[refund.wanted.mch_id, refund.refund_num] = refund
        self._by_order.setdefault(refund.trade.order_num, []).append(refund)
        refund.trade.state = TradeState.REFUND
        self.note(refund)

    def _forget(self, refund: SimulatedRefund) -> None:
        del self._by_number[refund.wanted.mch_id, refund.refund_num]
        others = [r for r in self._by_order[refund.trade.order_num] if r is not refund]
        self._by_order[refund.trade.order_num] = others
        if not others:
            del self._by_order[refund.trade.order_num]

    def _come(self, refund: SimulatedRefund, result: RefundStatus) -> None:
        """Its time is over, unless somebody ended it already."""
        if refund.status is RefundStatus.PROCESSING:
            self.end(refund, result)

    def _paid(self, wanted: AskedRefund) -> tuple[Trade, Transaction]:
        if wanted.transaction_id:
            trade = self.trades.by_transaction(wanted.transaction_id)
        else:
            trade = self.trades.by_order(wanted.order_num or "")
        if trade is None or trade.merchant.mch_id != wanted.mch_id:
            raise Refusal(RefundRefused.NO_TRADE)
        transaction = trade.transaction(wanted.transaction_id)
        if transaction is None or wanted.order_num not in (None, trade.order_num):
            raise Refusal(RefundRefused.NO_TRADE)
        return trade, transaction

    def _check_amount(self, wanted: AskedRefund, trade: Trade, transaction: Transaction) -> None:
        if wanted.total_fen != trade.told_fen:
            raise Refusal(RefundRefused.WRONG_TOTAL)
        before = [
            refund.refund_fen
            for refund in self.of_trade(trade)
            if refund.transaction is transaction and refund.status is not RefundStatus.CLOSED
        ]
        if sum(before) + wanted.refund_fen > wanted.total_fen:
            raise Refusal(RefundRefused.TOO_MUCH)
        if len(before) >= MAX_PARTS:
            raise Refusal(RefundRefused.TOO_MANY)


def _the_same(known: SimulatedRefund, wanted: AskedRefund) -> SimulatedRefund:
    first = known.wanted
    if (first.total_fen, first.refund_fen) != (wanted.total_fen, wanted.refund_fen):
        raise Refusal(RefundRefused.OTHER_AMOUNT)
    if wanted.transaction_id not in (None, known.transaction.id):
        raise Refusal(RefundRefused.OTHER_AMOUNT)
    return known
