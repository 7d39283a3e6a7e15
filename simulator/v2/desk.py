"""WeChat's desk of API v2: unified order, query, close and refunds. Bytes in, bytes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from payments.merchant import Api, Merchant, Merchants
from payments.money import parse_fen
from simulator.state.clock import SimulatedClock
from simulator.state.faults import RESTRICTED_WORDS
from simulator.state.refunds import (
    RECEIVER,
    AskedRefund,
    RefundRefused,
    Refusal,
    SimulatedRefund,
    SimulatedRefunds,
)
from simulator.state.trades import Ordered, Trade
from simulator.v2 import envelope, order_rules
from simulator.v2.envelope import NotHeard, RefusedV2
from simulator.v2.messages import STATE_WORDS, V2_STATUS, echoed, paid_fields, success_time
from simulator.v2.trade_ops import TradeOps

Fields = Mapping[str, str]
Call = Callable[[Fields, Merchant], dict[str, str]]

MAX_LISTED = 10
"""Refunds in one answer; their fields stay far below what a message may hold."""
_REFUND_CODES = {RefundRefused.NO_TRADE: "ORDERNOTEXIST", RefundRefused.NO_REFUND: "REFUNDNOTEXIST"}
"""For the other refusals WeChat says ERROR."""


class Desk:
    """Answers the calls; `origin` is our own address, for the pages of MWEB orders."""

    def __init__(
        self,
        merchants: Merchants,
        trade_ops: TradeOps,
        refunds: SimulatedRefunds,
        clock: SimulatedClock,
        origin: str,
    ) -> None:
        self._merchants = merchants
        self._trade_ops = trade_ops
        self._refunds = refunds
        self._clock = clock
        self._origin = origin
        self._calls: dict[str, Call] = {
            "unifiedorder": self._unified_order,
            "orderquery": self._query,
            "closeorder": self._close,
            "refund": self._refund,
            "refundquery": self._refund_query,
        }

    def answer(self, call: str, body: bytes, *, restricted: bool = False) -> bytes:
        """One call by its name in WeChat's address; `restricted`: the merchant may not make it.
        Never raises on what came."""
        try:
            fields, merchant = envelope.opened(body, self._merchants)
        except NotHeard as error:
            return envelope.unsigned(str(error))
        sign_type = envelope.sign_type_of(fields)
        try:
            if restricted:
                raise RefusedV2("RULE_LIMIT", RESTRICTED_WORDS)
            result = self._calls[call](fields, merchant)
        except RefusedV2 as refused:
            return envelope.refusal(refused, merchant, sign_type)
        except Refusal as refusal:
            no = RefusedV2(_REFUND_CODES.get(refusal.reason, "ERROR"), refusal.reason.value)
            return envelope.refusal(no, merchant, sign_type)
        return envelope.success(result, merchant, sign_type)

    def whose(self, body: bytes) -> tuple[str | None, Merchant]:
        """The order that a request names, and the merchant; ours, for who cannot be told."""
        fields = envelope.peeked(body)
        merchant = self._merchants.find(fields.get("appid"), fields.get("mch_id"))
        return self._trade_ops.order_num_of(fields), merchant or self._merchants.default

    def _unified_order(self, fields: Fields, merchant: Merchant) -> dict[str, str]:
        order_rules.check(fields, self._clock.real())
        request = {name: value for name, value in fields.items() if name != "sign"}
        trade = self._trade_ops.take(_ordered(fields, merchant), request)
        result = {"trade_type": trade.trade_type, "prepay_id": trade.prepay_id}
        if trade.trade_type == "NATIVE":
            result["code_url"] = trade.code_url
        if trade.trade_type == "MWEB":
            result["mweb_url"] = f"{self._origin}/pay/{trade.prepay_id}"
        return result

    def _query(self, fields: Fields, merchant: Merchant) -> dict[str, str]:
        named = fields.get("transaction_id") or None
        trade = self._trade_ops.find(merchant, fields.get("out_trade_no"), named)
        shown = trade.told_state
        state = {"trade_state": shown, "trade_state_desc": STATE_WORDS[shown]}
        transaction = self._trade_ops.told(trade, named)
        if transaction is None:
            return {**state, "out_trade_no": trade.order_num, **echoed(trade)}
        return {**state, **paid_fields(trade, transaction)}

    def _close(self, fields: Fields, merchant: Merchant) -> dict[str, str]:
        self._trade_ops.close(self._trade_ops.find(merchant, fields.get("out_trade_no")))
        return {"result_msg": "OK"}

    def _refund(self, fields: Fields, merchant: Merchant) -> dict[str, str]:
        """WeChat demands the client certificate here; over plain http there is none to show."""
        order_rules.check_refund(fields)
        refund = self._refunds.take(
            AskedRefund(
                api=Api.V2,
                mch_id=merchant.mch_id,
                refund_num=fields["out_refund_no"],
                transaction_id=fields.get("transaction_id") or None,
                order_num=fields.get("out_trade_no") or None,
                total_fen=parse_fen(fields["total_fee"]) or 0,
                refund_fen=parse_fen(fields["refund_fee"]) or 0,
                notify_url=fields.get("notify_url", ""),
                reason=fields.get("refund_desc", ""),
            )
        )
        fen = str(refund.refund_fen)
        both = {"out_refund_no": refund.refund_num, "refund_id": refund.id}
        return {**_of_trade(refund), **both, "refund_fee": fen, "cash_refund_fee": fen}

    def _refund_query(self, fields: Fields, merchant: Merchant) -> dict[str, str]:
        """The refunds by any of the numbers that can be named; WeChat numbers the fields of each
        refund."""
        found = self._named_refunds(fields, merchant)
        if not found:
            raise Refusal(RefundRefused.NO_REFUND)
        first = parse_fen(fields.get("offset") or "0") or 0
        shown = found[first : first + MAX_LISTED]
        if not shown:
            raise Refusal(RefundRefused.NO_REFUND)
        result = {**_of_trade(shown[0]), "refund_count": str(len(shown))}
        if len(found) > len(shown):
            result["total_refund_count"] = str(len(found))
        for number, refund in enumerate(shown):
            result |= {f"{name}_{number}": value for name, value in _of_refund(refund).items()}
        return result

    def _named_refunds(self, fields: Fields, merchant: Merchant) -> list[SimulatedRefund]:
        if refund_id := fields.get("refund_id"):
            found = self._refunds.by_id(merchant.mch_id, refund_id)
        elif number := fields.get("out_refund_no"):
            found = self._refunds.find(merchant.mch_id, number)
        else:
            named = fields.get("transaction_id") or None
            trade = self._trade_ops.find(merchant, fields.get("out_trade_no"), named)
            refunds = self._refunds.of_trade(trade)
            return [r for r in refunds if named in (None, r.transaction.id)]
        return [found] if found else []


def _ordered(fields: Fields, merchant: Merchant) -> Ordered:
    return Ordered(
        api=Api.V2,
        merchant=merchant,
        order_num=fields["out_trade_no"],
        total_fen=int(fields["total_fee"]),
        trade_type=fields["trade_type"],
        title=fields["body"],
        notify_url=fields["notify_url"],
        open_id=fields.get("openid", ""),
        sign_type=envelope.sign_type_of(fields),
        attach=fields.get("attach", ""),
        device=fields.get("device_info", ""),
    )


def _of_trade(refund: SimulatedRefund) -> dict[str, str]:
    trade: Trade = refund.trade
    total = str(refund.wanted.total_fen)
    return {
        "transaction_id": refund.transaction.id,
        "out_trade_no": trade.order_num,
        "total_fee": total,
        "cash_fee": total,
        "fee_type": "CNY",
    }


def _of_refund(refund: SimulatedRefund) -> dict[str, str]:
    return {
        "out_refund_no": refund.refund_num,
        "refund_id": refund.id,
        "refund_channel": "ORIGINAL",
        "refund_fee": str(refund.refund_fen),
        "refund_status": V2_STATUS[refund.status],
        "refund_account": "REFUND_SOURCE_UNSETTLED_FUNDS",
        "refund_recv_accout": RECEIVER,
        **success_time(refund, "refund_success_time"),
    }
