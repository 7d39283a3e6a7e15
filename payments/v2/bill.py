"""The bills of API v2 (WeChat: 下载交易账单, 下载资金账单): one call brings the bill, or an error
in XML with status 200. Neither is signed; only TLS says that it comes from WeChat."""

from __future__ import annotations

import re

from payments.bills.asking import BillKind, BillNotGiven, BillOutcome, WantedBill, outcome_in
from payments.errors import (
    UNSIGNED,
    Malformed,
    PaymentError,
    WeChatRefused,
    WeChatUnreachable,
    WeChatUntrusted,
)
from payments.merchant import HMAC_SHA256, Merchant
from payments.protocol import Moment, WireAnswer, WireRequest, unexpected
from payments.v2 import calls, wire

TRADE_PATH = "/pay/downloadbill"
FUND_FLOW_PATH = "/pay/downloadfundflow"
PURPOSE = "The fund-flow bill of API v2"

BY_WORDS = {
    "no bill exist": BillOutcome.NONE,
    "bill creating": BillOutcome.BEING_MADE,
    "compressgzip error": BillOutcome.SYSTEM_ERROR,  # also UnCompressGZip Error
    "systemerror": BillOutcome.SYSTEM_ERROR,
    "system error": BillOutcome.SYSTEM_ERROR,
    "frequency limit": BillOutcome.TOO_OFTEN,
    "noauth": BillOutcome.NOT_ENTITLED,
    "api权限已经关闭": BillOutcome.NOT_ENTITLED,
}
"""WeChat's words, which its documents and its servers spell in different case. The number 20002
stands beside the first two, so it decides nothing."""
_DIGEST = re.compile(r"SHA(?:-?1)?=([0-9A-Fa-f]{40})", re.ASCII)


def download_request(merchant: Merchant, wanted: WantedBill, moment: Moment) -> WireRequest:
    """A fund-flow bill needs the client certificate. Raises WeChatUntrusted (`client_certificate`)
    when none is configured: then nothing is sent."""
    fields = {
        "appid": merchant.app_id,
        "mch_id": merchant.mch_id,
        "nonce_str": moment.nonce,
        "bill_date": wanted.day.strftime("%Y%m%d"),
        "tar_type": "GZIP",
    }
    if wanted.kind is BillKind.TRADE:
        of_trades = {**fields, "sign_type": merchant.sign_type, "bill_type": "ALL"}
        return calls.request(TRADE_PATH, of_trades, merchant)
    # WeChat takes no other signature for this call, whatever the merchant uses elsewhere.
    of_funds = {**fields, "sign_type": HMAC_SHA256, "account_type": "Basic"}
    sent = calls.request(FUND_FLOW_PATH, of_funds, merchant)
    return calls.with_certificate(sent, merchant, PURPOSE)


def sha1_of_bill(head: WireAnswer, wanted: WantedBill) -> str | None:
    """The SHA1 that the head of the answer names, in lower-case hex. A trade bill has none: there
    only its own last line can show that it is whole.

    Raises WeChatUntrusted for a fund-flow bill without one.
    """
    if wanted.kind is BillKind.TRADE:
        return None
    found = _DIGEST.search(head.headers.get("digest", ""))
    if not found:
        raise WeChatUntrusted("WeChat's answer has no Digest, so the bill cannot be proven.")
    return found[1].lower()


def download_failure(answer: WireAnswer) -> PaymentError:
    """The error for an answer that is no bill."""
    if answer.status >= 500:
        return WeChatUnreachable()
    if answer.status != 200:
        return unexpected(answer.status)
    try:
        fields = wire.read_whole(answer.body.removeprefix(b"\xef\xbb\xbf"))
    except Malformed:
        return WeChatUntrusted("WeChat's answer is neither a bill nor a readable error.")
    said = fields.get("err_code") or fields.get("error_code") or UNSIGNED
    texts = [fields.get(name, "") for name in ("return_msg", "err_code", "err_code_des")]
    words = " · ".join(text for text in texts if text)[:128]
    refusal = WeChatRefused(UNSIGNED, words, said[:32], request_id=answer.request_id)
    return BillNotGiven(outcome_in(words, BY_WORDS) or BillOutcome.REFUSED, refusal)
