"""WeChat's desk for merchants: unified order, query and close of API v2. Bytes in, bytes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from payments.merchant import Merchant
from simulator import envelope, unified
from simulator.clock import Clock
from simulator.envelope import NotHeard, Refused
from simulator.messages import echoed, paid_fields
from simulator.trades import Trade, Trades, TradeState

_STATE_WORDS = {
    TradeState.NOTPAY: "订单未支付",
    TradeState.SUCCESS: "支付成功",
    TradeState.CLOSED: "订单已关闭",
}
_FREE_TO_CHANGE = frozenset({"sign", "sign_type", "nonce_str"})
"""Fields that may differ when the same order is sent again."""


class Desk:
    """Answers the three calls; `origin` is our own address, for the pages of MWEB orders."""

    def __init__(self, merchant: Merchant, trades: Trades, clock: Clock, origin: str) -> None:
        self._merchant = merchant
        self._trades = trades
        self._clock = clock
        self._origin = origin
        self._calls: dict[str, Callable[[Mapping[str, str]], dict[str, str]]] = {
            "unifiedorder": self._unified_order,
            "orderquery": self._query,
            "closeorder": self._close,
        }

    def answer(self, call: str, body: bytes) -> bytes:
        """One call by its name in WeChat's address. Never raises on what came."""
        try:
            fields = envelope.opened(body, self._merchant)
        except NotHeard as error:
            return envelope.unsigned(str(error))
        sign_type = envelope.sign_type_of(fields)
        try:
            result = self._calls[call](fields)
        except Refused as refused:
            return envelope.refusal(refused, self._merchant, sign_type)
        return envelope.success(result, self._merchant, sign_type)

    def _unified_order(self, fields: Mapping[str, str]) -> dict[str, str]:
        now = self._clock.real()
        unified.check(fields, now)
        request = {name: value for name, value in fields.items() if name != "sign"}
        trade = self._trades.by_order(fields["out_trade_no"])
        if trade is None:
            trade = self._trades.open(request, now)
        else:
            _check_again(trade, fields)
            trade.repeat = request
        return self._prepaid(trade)

    def _prepaid(self, trade: Trade) -> dict[str, str]:
        result = {"trade_type": trade.trade_type, "prepay_id": trade.prepay_id}
        if trade.trade_type == "NATIVE":
            result["code_url"] = trade.code_url
        if trade.trade_type == "MWEB":
            result["mweb_url"] = f"{self._origin}/pay/{trade.prepay_id}"
        return result

    def _query(self, fields: Mapping[str, str]) -> dict[str, str]:
        trade = self._find(fields)
        state = {"trade_state": trade.state, "trade_state_desc": _STATE_WORDS[trade.state]}
        if not trade.transactions:
            return {**state, "out_trade_no": trade.order_num, **echoed(trade)}
        named = fields.get("transaction_id")
        asked = (t for t in trade.transactions if t.id == named)
        return {**state, **paid_fields(trade, next(asked, trade.transactions[0]))}

    def _close(self, fields: Mapping[str, str]) -> dict[str, str]:
        """Closing twice is fine. WeChat's five minutes after creation are not demanded."""
        trade = self._find({"out_trade_no": fields.get("out_trade_no", "")})
        if trade.state is TradeState.SUCCESS:
            raise Refused("ORDERPAID", "订单已支付")
        trade.state = TradeState.CLOSED
        return {"result_msg": "OK"}

    def _find(self, fields: Mapping[str, str]) -> Trade:
        """By transaction id, which wins, or by order number."""
        if transaction_id := fields.get("transaction_id"):
            trade = self._trades.by_transaction(transaction_id)
        elif order_num := fields.get("out_trade_no"):
            trade = self._trades.by_order(order_num)
        else:
            raise Refused("LACK_PARAMS", "缺少参数out_trade_no")
        if trade is None:
            raise Refused("ORDERNOTEXIST", "此交易订单号不存在")
        return trade


def _check_again(trade: Trade, fields: Mapping[str, str]) -> None:
    """The same number came again: allowed while unpaid, with the same parameters."""
    if trade.state is TradeState.SUCCESS:
        raise Refused("ORDERPAID", "该订单已支付")
    if trade.state is TradeState.CLOSED:
        raise Refused("ORDERCLOSED", "该订单已关闭")
    if _lasting(trade.request) != _lasting(fields):
        raise Refused("OUT_TRADE_NO_USED", "商户订单号重复")


def _lasting(fields: Mapping[str, str]) -> dict[str, str]:
    return {n: value for n, value in fields.items() if value and n not in _FREE_TO_CHANGE}
