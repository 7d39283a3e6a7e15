"""Everything that can go wrong with a payment, as one tree.

PaymentError                    `code` is the word a caller sees, `message` one plain sentence
  ProtocolError                 they sent what the manual does not allow
    Malformed                   not readable as a message of WeChat's
    BadSignature                no proof that it comes from WeChat; never retried
    BillRefused                 a bill that does not read as a whole; nothing of it is used
      BillIsErrorAnswer         an error of WeChat's in place of a bill
  WeChatRefused                 WeChat said FAIL: `wechat_code`, `wechat_words`
  WeChatUntrusted               an answer of WeChat's that proves nothing
  WeChatUnreachable             no answer: the outcome is UNKNOWN, a repeat is safe
  OrderError                    our own rules
    BadRequest, OrderNotFound, ProductNotFound, OrderExists, AlreadyPaid, OrderIsClosed,
    PrepayConflict, IdempotencyMismatch, InProgress, NotRefundable, RefundExists, NotOffered
  Busy                          we cannot take it now; come again
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class PaymentError(Exception):
    """The root. `code` is stable and public; `message` is for people; neither echoes input."""

    code = "payment_error"
    message = "The payment could not be handled."

    def __init__(self, message: str | None = None, **detail: Any) -> None:
        super().__init__(message or self.message)
        self.message = message or self.message
        self.detail = detail


class ProtocolError(PaymentError):
    code = "protocol_error"


class Malformed(ProtocolError):
    code = "malformed"
    message = "This is not a message in WeChat's format."


class BadSignature(ProtocolError):
    code = "bad_signature"
    message = "The signature does not prove that this comes from WeChat."

    def __init__(self, message: str | None = None, reason: str = "wrong") -> None:
        """`reason` in one word: missing, ambiguous, wrong, stale (its time is too far from ours),
        unknown_serial, sealed (the resource does not open with our key), algorithm, no_key
        (the account has no key for this kind of message), or probe (WeChat tries whether we
        verify)."""
        super().__init__(message)
        self.reason = reason


class BillRefused(ProtocolError):
    code = "bill_refused"
    message = "The bill does not read as a whole; nothing of it was used."

    def __init__(
        self, fault: str, message: str | None = None, values: Mapping[str, int | str] | None = None
    ) -> None:
        """`fault` is a code of `payments.bills.faults.BillFault`; `values` has its `line` (the
        first is 1), `column` and `value`, where it has them."""
        super().__init__(message)
        self.fault = fault
        self.values = dict(values or {})


class BillIsErrorAnswer(BillRefused):
    code = "bill_is_error_answer"

    def __init__(self, message: str, wechat_code: str, wechat_words: str) -> None:
        """`wechat_code` is WeChat's code, such as 20002, and empty where the text has none."""
        values = {"wechatCode": wechat_code, "wechatWords": wechat_words}
        super().__init__("error_answer", message, values)
        self.wechat_code = wechat_code
        self.wechat_words = wechat_words


UNSIGNED = "FAIL"
"""The code of a refusal that nothing proves: API v2's `return_code` FAIL, or an unsigned 4xx of API
v3. It may come from a server on the way, so nothing is concluded from it."""


GONE = ("ORDERCLOSED", "ORDERNOTEXIST")
"""WeChat's words for an order that nobody can pay."""
VAGUE = ("INVALID_REQUEST", "TRADE_ERROR")
"""Codes of WeChat's that have several meanings."""
BY_WORDS = {
    "已支付": "ORDERPAID",
    "已关闭": "ORDERCLOSED",
    "已失效": "ORDERCLOSED",
    "参数与首次请求时不一致": "OUT_TRADE_NO_USED",
    "商户订单号重复": "OUT_TRADE_NO_USED",
}
"""The sentences of WeChat that tell the meanings of a vague code apart, with API v2's word."""


def meaning_of(code: str, words: str) -> str:
    """API v2's word for a refusal; the code itself where its words tell no more."""
    if code not in VAGUE:
        return code
    return next((meant for known, meant in BY_WORDS.items() if known in words), code)


class WeChatRefused(PaymentError):
    code = "wechat_refused"
    message = "WeChat refused the request."

    def __init__(
        self,
        wechat_code: str,
        wechat_words: str,
        said: str | None = None,
        *,
        issue: str | None = None,
        request_id: str | None = None,
    ) -> None:
        """`wechat_code` is API v2's word for the reason; `said` is the word that came, where API
        v3 has another. `issue` is the text of API v3's `detail`: the field and what is wrong with
        it, without the value. `request_id` is by what WeChat finds the call in its own log."""
        super().__init__(None, code=said or wechat_code, words=wechat_words)
        self.wechat_code = wechat_code
        self.wechat_words = wechat_words
        self.said = said or wechat_code
        self.issue = issue
        self.request_id = request_id


class WeChatUntrusted(PaymentError):
    code = "wechat_untrusted"
    message = "The answer does not prove that it comes from WeChat; it was not used."

    def __init__(
        self,
        message: str | None = None,
        doubt: str = "useless",
        claimed: tuple[str | None, str | None] = (None, None),
    ) -> None:
        """`doubt` in one word: useless (not readable, or without what it must hold), signature,
        unknown_serial (newer keys of WeChat's may prove it), probe (WeChat tries whether we
        verify), sealed (it does not open with our API v3 key), foreign (`claimed` is the merchant
        number and the app that it names), odd_state (a state that its manual does not have, in
        `claimed`), certificate or client_certificate (theirs or ours is of
        no use; nothing was sent), own_key (we have none to sign with; nothing was sent)."""
        super().__init__(message)
        self.doubt = doubt
        self.claimed = claimed


class WeChatUnreachable(PaymentError):
    code = "wechat_unreachable"
    message = "WeChat did not answer; the outcome is unknown and a repeat is safe."


class OrderError(PaymentError):
    code = "order_error"


class BadRequest(OrderError):
    code = "bad_request"
    message = "The request is not understood."


class OrderNotFound(OrderError):
    code = "order_not_found"
    message = "There is no such order."


class ProductNotFound(OrderError):
    code = "product_not_found"
    message = "There is no such product, or it is no longer sold."


class OrderExists(OrderError):
    code = "order_exists"
    message = "This order number is taken."


class AlreadyPaid(OrderError):
    code = "already_paid"
    message = "This order is paid."


class OrderIsClosed(OrderError):
    code = "order_closed"
    message = "This order is closed or has expired."
    at_wechat = "WeChat has closed this order number; take a new number."


class PrepayConflict(OrderError):
    code = "prepay_conflict"
    message = "This order number was already sent to WeChat with another trade type."
    number_used = "WeChat has used this order number before; take a new number."


class IdempotencyMismatch(OrderError):
    code = "idempotency_mismatch"
    message = "This Idempotency-Key was used before with another request."


class InProgress(OrderError):
    code = "in_progress"
    message = "The first request with this Idempotency-Key is still running."


class NotRefundable(OrderError):
    """`detail["refundableFen"]` is what may be refunded at most."""

    code = "not_refundable"
    message = "The order was not paid, or this amount is more than can still be refunded."


class RefundExists(OrderError):
    code = "refund_exists"
    message = "This refund number belongs to another refund."


class NotOffered(OrderError):
    code = "not_offered"
    message = "WeChat does not offer this on the interface of this account."


class Busy(PaymentError):
    code = "busy"
    message = "The service is busy; please try again in a moment."
