"""The operations of both interfaces on the one table of trades; refusals are in API v2's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from payments.merchant import Merchant
from simulator.state.clock import SimulatedClock
from simulator.state.refunds import SimulatedRefunds
from simulator.state.trades import Ordered, Trade, Trades, TradeState, Transaction
from simulator.v2.envelope import RefusedV2

_FREE_TO_CHANGE = frozenset({"sign", "sign_type", "nonce_str"})
"""Fields of API v2 that may differ when the same order is sent again."""


class TradeOps:
    """A number is known once, over all accounts: another account's is taken."""

    def __init__(self, trades: Trades, refunds: SimulatedRefunds, clock: SimulatedClock) -> None:
        self._trades = trades
        self._refunds = refunds
        self._clock = clock

    def take(self, ordered: Ordered, request: Mapping[str, Any]) -> Trade:
        """Open a trade, or find it again for the same order. Raises RefusedV2."""
        trade = self._trades.by_order(ordered.order_num)
        if trade is None:
            return self._trades.open(ordered, request, self._clock.real())
        if trade.is_paid and trade.untold is None:
            raise RefusedV2("ORDERPAID", "该订单已支付")
        if trade.told_state is TradeState.CLOSED:
            raise RefusedV2("ORDERCLOSED", "该订单已关闭")
        if not _is_the_same(trade, ordered, request):
            raise RefusedV2("OUT_TRADE_NO_USED", "商户订单号重复")
        trade.repeat = request
        return trade

    def find(
        self, merchant: Merchant, order_num: str | None, transaction_id: str | None = None
    ) -> Trade:
        """The trade by transaction id, which goes first, or by order number. Raises RefusedV2."""
        if transaction_id:
            trade = self._trades.by_transaction(transaction_id)
        elif order_num:
            trade = self._trades.by_order(order_num)
        else:
            raise RefusedV2("LACK_PARAMS", "缺少参数out_trade_no")
        if trade is None or trade.merchant.mch_id != merchant.mch_id:
            raise RefusedV2("ORDERNOTEXIST", "此交易订单号不存在")
        return trade

    def close(self, trade: Trade) -> None:
        """Closing twice is fine. WeChat's five minutes after creation are not demanded."""
        if trade.untold is not None:
            trade.untold = TradeState.CLOSED
            return
        if trade.is_paid:
            raise RefusedV2("ORDERPAID", "订单已支付")
        trade.state = TradeState.CLOSED

    def told(self, trade: Trade, transaction_id: str | None) -> Transaction | None:
        """The transaction that a query is told: the named one, or the first; None while no money
        moved, or while nobody is to know."""
        return None if trade.untold is not None else trade.transaction(transaction_id)

    def queried(self, trade: Trade) -> list[str] | None:
        """The answer of a query on either interface: the transaction id and the amount, as text;
        None where no money moved."""
        transaction = self.told(trade, None)
        return [transaction.id, str(trade.told_fen)] if transaction else None

    def order_num_of(self, fields: Mapping[str, Any]) -> str | None:
        """The order that a request is about, proven or not, by whatever number it names."""
        if order_num := _text(fields, "out_trade_no"):
            return order_num
        if transaction_id := _text(fields, "transaction_id"):
            trade = self._trades.by_transaction(transaction_id)
            return trade.order_num if trade else None
        if refund_num := _text(fields, "out_refund_no"):
            refund = self._refunds.named(refund_num)
            return refund.trade.order_num if refund else None
        return None


def _is_the_same(trade: Trade, ordered: Ordered, request: Mapping[str, Any]) -> bool:
    """API v3 names the trade type in its address, so it is compared apart."""
    same_kind = (trade.api, trade.trade_type) == (ordered.api, ordered.trade_type)
    return same_kind and _lasting(trade.request) == _lasting(request)


def _lasting(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {n: value for n, value in fields.items() if value and n not in _FREE_TO_CHANGE}


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) and value else None
