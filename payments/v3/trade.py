"""Order query and close of API v3 (WeChat: 查询订单, 关闭订单)."""

from __future__ import annotations

from urllib.parse import urlencode

from payments.merchant import Merchant, Merchants
from payments.payment_result import PaymentResult
from payments.protocol import Moment, Proof, WireAnswer, WireRequest, holds_money
from payments.v3 import calls, wire
from payments.v3.notify import notice_of


def query_request(merchant: Merchant, order_num: str, moment: Moment) -> WireRequest:
    address = calls.path("pay", "transactions", "out-trade-no", order_num)
    return calls.get(merchant, _asked_by(address, merchant), moment)


def query_by_id_request(merchant: Merchant, transaction_id: str, moment: Moment) -> WireRequest:
    """The query by WeChat's transaction id, which a paid order has; `read_query` reads the
    answer."""
    address = calls.path("pay", "transactions", "id", transaction_id)
    return calls.get(merchant, _asked_by(address, merchant), moment)


def _asked_by(address: str, merchant: Merchant) -> str:
    return f"{address}?{urlencode({'mchid': merchant.mch_id})}"


def close_request(merchant: Merchant, order_num: str, moment: Moment) -> WireRequest:
    address = calls.path("pay", "transactions", "out-trade-no", order_num, "close")
    return calls.post(merchant, address, {"mchid": merchant.mch_id}, moment)


def read_query(answer: WireAnswer, merchant: Merchant, proof: Proof) -> PaymentResult | None:
    """The payment behind an order number, or None while WeChat holds none.

    Raises WeChatRefused (its code is ORDERNOTEXIST when WeChat never had the order) or
    WeChatUntrusted, also (odd_state) for a `trade_state` that its manual does not have: what is
    not understood is not taken for unpaid.
    """
    fields = calls.of_us(calls.read_answer(answer, proof), merchant)
    if not holds_money(wire.text(fields, "trade_state")):
        return None
    return notice_of(fields, Merchants((merchant,)), merchant)


def read_close(answer: WireAnswer, merchant: Merchant, proof: Proof) -> None:
    """Returns when the order is closed at WeChat (204, or 200 with or without a body, signed);
    closing twice is fine. Raises WeChatRefused (ORDERPAID: it was paid meanwhile) or
    WeChatUntrusted."""
    calls.prove_success(answer, proof, "ORDERNOTEXIST")
