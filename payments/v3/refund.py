"""Refund and refund query of API v3 (WeChat: 退款申请, 查询单笔退款)."""

from __future__ import annotations

from typing import Any

from payments.errors import WeChatUntrusted
from payments.merchant import Merchant, Merchants
from payments.protocol import Moment, Proof, WireAnswer, WireRequest, sendable
from payments.refund import MAX_REASON_BYTES, RefundOrder, RefundResult
from payments.v3 import calls, wire
from payments.v3.notify import refund_of

ADDRESS = ("refund", "domestic", "refunds")
TO_MERCHANT = "MERCHANT_BANK_CARD"
"""WeChat's word for the merchant's own bank account, to which an abnormal refund can be paid."""


def refund_request(merchant: Merchant, refund: RefundOrder, moment: Moment) -> WireRequest:
    """The same body for the same refund; API v3 needs no client certificate for it."""
    fields: dict[str, Any] = {
        "transaction_id": refund.transaction_id,
        "out_refund_no": refund.refund_num,
        "reason": sendable(refund.reason, MAX_REASON_BYTES),
        "notify_url": refund.notify_url,
        "amount": {"refund": refund.refund_fen, "total": refund.total_fen, "currency": "CNY"},
    }
    sent = {name: value for name, value in fields.items() if value}
    calls.check_key(merchant, "A refund")
    return calls.post(merchant, calls.path(*ADDRESS), sent, moment)


def read_refund(answer: WireAnswer, merchant: Merchant, proof: Proof) -> RefundResult:
    """Mostly PROCESSING: WeChat took the request, which is not yet money with the buyer."""
    return _result(answer, merchant, proof, "ORDERNOTEXIST")


def abnormal_request(
    merchant: Merchant, refund_num: str, refund_id: str, moment: Moment
) -> WireRequest:
    """Have an abnormal refund paid to the merchant's bank account (发起异常退款, M/4013071193)."""
    calls.check_key(merchant, "A refund")
    fields = {"out_refund_no": refund_num, "type": TO_MERCHANT}
    address = calls.path(*ADDRESS, refund_id, "apply-abnormal-refund")
    return calls.post(merchant, address, fields, moment)


def read_abnormal(answer: WireAnswer, merchant: Merchant, proof: Proof) -> RefundResult:
    return _result(answer, merchant, proof, "REFUNDNOTEXIST")


def refund_query_request(merchant: Merchant, refund_num: str, moment: Moment) -> WireRequest:
    calls.check_key(merchant, "A refund")
    return calls.get(merchant, calls.path(*ADDRESS, refund_num), moment)


def read_refund_query(
    answer: WireAnswer, merchant: Merchant, refund_num: str, proof: Proof
) -> RefundResult:
    result = _result(answer, merchant, proof, "REFUNDNOTEXIST")
    if result.refund_num != refund_num:
        raise WeChatUntrusted("WeChat's answer is about another refund than was asked about.")
    return result


def _result(answer: WireAnswer, merchant: Merchant, proof: Proof, not_there: str) -> RefundResult:
    fields = calls.read_answer(answer, proof, not_there)
    if wire.text(fields, "status") is None:
        raise WeChatUntrusted("WeChat's answer does not say what became of the refund.")
    result = refund_of(fields, Merchants((merchant,)), merchant, "status")
    if result.merchant is None:
        words = "WeChat's answer is for another merchant."
        raise WeChatUntrusted(words, doubt="foreign", claimed=(result.mch_id, None))
    return result
