"""Order query and close of API v2 (WeChat: 查询订单, 关闭订单)."""

from __future__ import annotations

from payments.merchant import Merchant, Merchants
from payments.payment_result import PaymentResult
from payments.protocol import Moment, Proof, WireAnswer, WireRequest, holds_money
from payments.v2 import calls
from payments.v2.notify import notice_of

QUERY_PATH = "/pay/orderquery"
CLOSE_PATH = "/pay/closeorder"


def query_request(merchant: Merchant, order_num: str, moment: Moment) -> WireRequest:
    return calls.request(QUERY_PATH, _about(merchant, order_num, moment.nonce), merchant)


def close_request(merchant: Merchant, order_num: str, moment: Moment) -> WireRequest:
    return calls.request(CLOSE_PATH, _about(merchant, order_num, moment.nonce), merchant)


def _about(merchant: Merchant, order_num: str, nonce: str) -> dict[str, str]:
    return {
        "appid": merchant.app_id,
        "mch_id": merchant.mch_id,
        "out_trade_no": order_num,
        "nonce_str": nonce,
        "sign_type": merchant.sign_type,
    }


def read_query(answer: WireAnswer, merchant: Merchant, proof: Proof) -> PaymentResult | None:
    """The payment behind an order number, or None while WeChat holds none.

    Only `trade_state` SUCCESS (or REFUND: paid, and refunded since) means money; `result_code`
    SUCCESS merely says that the question was understood. Raises WeChatRefused (its code is
    ORDERNOTEXIST when WeChat never had the order) or WeChatUntrusted, also (odd_state) for a
    `trade_state` that WeChat's manual does not have: what is not understood is not taken for
    unpaid.
    """
    fields = calls.read_answer(answer, merchant)
    if not holds_money(fields.get("trade_state")):
        return None
    return notice_of(fields, Merchants((merchant,)), merchant.v2_keys[0])


def read_close(answer: WireAnswer, merchant: Merchant, proof: Proof) -> None:
    """Returns when the order is closed at WeChat; closing twice is fine. Raises WeChatRefused
    (ORDERPAID: it was paid meanwhile) or WeChatUntrusted."""
    calls.read_answer(answer, merchant)
