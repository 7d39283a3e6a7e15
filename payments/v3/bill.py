"""The bills of API v3 (WeChat: 申请交易账单, 申请资金账单, 下载账单): a signed answer says where a
bill is and what its SHA1 is; the bill itself comes unsigned."""

from __future__ import annotations

from urllib.parse import urlencode

from payments.bills.asking import (
    BillKind,
    BillNotGiven,
    BillOffer,
    BillOutcome,
    WantedBill,
    outcome_in,
    sha1_of,
)
from payments.errors import (
    UNSIGNED,
    PaymentError,
    WeChatRefused,
    WeChatUnreachable,
    WeChatUntrusted,
)
from payments.merchant import Merchant
from payments.protocol import Moment, Proof, WireAnswer, WireRequest, unexpected
from payments.v3 import calls, wire
from payments.v3.places import place_of

CALLS = {
    BillKind.TRADE: ("tradebill", {"bill_type": "ALL"}),
    BillKind.FUND_FLOW: ("fundflowbill", {"account_type": "BASIC"}),
}
PURPOSE = "A bill"
VAGUE = "INVALID_REQUEST"
"""At an application it is about the day, at a download about the token."""

BY_CODE = {
    "NO_STATEMENT_EXIST": BillOutcome.NONE,
    "STATEMENT_CREATING": BillOutcome.BEING_MADE,
    "NO_AUTH": BillOutcome.NOT_ENTITLED,
    "SYSTEM_ERROR": BillOutcome.SYSTEM_ERROR,
}
BY_WORDS = {
    "270522880": BillOutcome.TOO_OLD,
    "270522881": BillOutcome.NONE,
    "270522882": BillOutcome.BEING_MADE,
    "账单日期": BillOutcome.TOO_OLD,
}
"""The meanings of INVALID_REQUEST, which only WeChat's words tell apart: by the numbers of its
errors, or by what they are about."""


def application_request(merchant: Merchant, wanted: WantedBill, moment: Moment) -> WireRequest:
    """Raises WeChatUntrusted (`own_key`) when we have no key: then nothing is sent."""
    calls.check_key(merchant, PURPOSE)
    name, which = CALLS[wanted.kind]
    query = {"bill_date": wanted.day.isoformat(), **which, "tar_type": "GZIP"}
    return calls.get(merchant, f"{calls.path('bill', name)}?{urlencode(query)}", moment)


def read_application(answer: WireAnswer, proof: Proof, origins: tuple[str, ...]) -> BillOffer:
    """Where the bill is. `origins` are the addresses that we call; WeChat's download_url must be of
    one of them, because the download is signed for WeChat alone.

    Raises BillNotGiven, with the outcome REFUSED for an unsigned 4xx, from which nothing is
    concluded but that a 429 came too soon; WeChatUnreachable and WeChatUntrusted.
    """
    try:
        fields = calls.read_answer(answer, proof, calls.NOT_THERE)
    except WeChatRefused as refusal:
        raise BillNotGiven(_outcome(refusal, answer.status), refusal) from refusal
    sha1 = sha1_of(wire.text(fields, "hash_value"))
    if wire.text(fields, "hash_type") != "SHA1" or sha1 is None:
        raise WeChatUntrusted("WeChat's answer names no SHA1 of the bill.")
    origin, path = place_of(wire.text(fields, "download_url") or "", origins, "download_url")
    return BillOffer(origin, path, sha1)


def download_request(merchant: Merchant, offer: BillOffer, moment: Moment) -> WireRequest:
    """The signed GET of exactly the path and query that WeChat named."""
    return calls.get(merchant, offer.path, moment)


def download_failure(answer: WireAnswer) -> PaymentError:
    """The error for an answer to the download that is no bill. It is not signed either, so it says
    only whether and when to ask again."""
    if answer.status < 400:
        return unexpected(answer.status)
    refusal = calls.words_of(answer)
    outcome = BillOutcome.REFUSED
    if isinstance(refusal, WeChatRefused):
        outcome = _meaning(refusal, answer.status)
    if outcome is BillOutcome.REFUSED and answer.status >= 500:
        return WeChatUnreachable()
    if not isinstance(refusal, WeChatRefused):
        return refusal
    if outcome is BillOutcome.REFUSED and refusal.said == VAGUE:
        outcome = BillOutcome.EXPIRED
    return BillNotGiven(outcome, refusal)


def _outcome(refusal: WeChatRefused, status: int) -> BillOutcome:
    if refusal.wechat_code == UNSIGNED and status != calls.TOO_MANY:
        return BillOutcome.REFUSED
    return _meaning(refusal, status)


def _meaning(refusal: WeChatRefused, status: int) -> BillOutcome:
    if status == calls.TOO_MANY:
        return BillOutcome.TOO_OFTEN
    found = BY_CODE.get(refusal.said)
    if refusal.said == VAGUE:
        found = outcome_in(refusal.wechat_words, BY_WORDS)
    return found or BillOutcome.REFUSED
