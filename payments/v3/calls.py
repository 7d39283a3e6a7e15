"""A call to API v3, as values: what to send, and how its answer is proven."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from payments.errors import (
    UNSIGNED,
    BadSignature,
    Malformed,
    WeChatRefused,
    WeChatUnreachable,
    WeChatUntrusted,
    meaning_of,
)
from payments.merchant import Merchant
from payments.protocol import Moment, Proof, WireAnswer, WireRequest, unexpected
from payments.v3 import signing, wire

OK, NO_CONTENT, TOO_MANY = 200, 204, 429

CANONICAL = {
    "ORDER_NOT_EXIST": "ORDERNOTEXIST",
    "ORDER_PAID": "ORDERPAID",
    "ORDER_CLOSED": "ORDERCLOSED",
    "SYSTEM_ERROR": "SYSTEMERROR",
    "SIGN_ERROR": "SIGNERROR",
    "NO_AUTH": "NOAUTH",
    "NOT_ENOUGH": "NOTENOUGH",
    "MCH_NOT_EXISTS": "MCHID_NOT_EXIST",
    "FREQUENCY_LIMIT": "FREQUENCY_LIMITED",
    "FREQUENCY_LIMIT_EXCEED": "FREQUENCY_LIMITED",
    "RATELIMIT_EXCEEDED": "FREQUENCY_LIMITED",
}
"""API v2's word for what API v3 calls otherwise; a word that is not here is the same in both."""
NOT_THERE = "RESOURCE_NOT_EXISTS"
"""API v3's one word for "not found"; its meaning depends on the call."""
_STALE = "The time of WeChat's answer is too far from ours: check the clock of this machine."
_UNSIGNED = "WeChat's answer is unsigned or wrongly signed."


def can_sign(merchant: Merchant) -> bool:
    """Whether we have a key of our own, without which no call can be made."""
    return bool(merchant.private_key and merchant.serial)


def check_key(merchant: Merchant, purpose: str) -> None:
    """Raises WeChatUntrusted (`own_key`) when we have no key: then nothing is sent, and it can be
    once there is one. `purpose` begins the sentence."""
    if not can_sign(merchant):
        raise WeChatUntrusted(
            f"{purpose} on API v3 needs our own key: set PAYWATCH_WECHAT_MERCHANT_KEY_FILE and"
            " PAYWATCH_WECHAT_MERCHANT_SERIAL.",
            doubt="own_key",
        )


def path(*parts: str) -> str:
    """`/v3/…`, each part percent-encoded: a number may hold `|` and `*`."""
    return "/v3/" + "/".join(quote(part, safe="") for part in parts)


def post(merchant: Merchant, address: str, fields: wire.Fields, moment: Moment) -> WireRequest:
    return _request(merchant, "POST", address, wire.write(fields), moment)


def get(merchant: Merchant, address: str, moment: Moment) -> WireRequest:
    return _request(merchant, "GET", address, b"", moment)


def put(merchant: Merchant, address: str, fields: wire.Fields, moment: Moment) -> WireRequest:
    return _request(merchant, "PUT", address, wire.write(fields), moment)


def upload(
    merchant: Merchant, address: str, meta: bytes, body: bytes, kind: str, moment: Moment
) -> WireRequest:
    """A file: WeChat has only its description signed, not the body that is sent."""
    made = _request(merchant, "POST", address, meta, moment)
    return replace(made, body=body, headers={**made.headers, "Content-Type": kind})


def _request(
    merchant: Merchant, method: str, address: str, body: bytes, moment: Moment
) -> WireRequest:
    """Signed. With a public key of WeChat's its answer is asked to be signed with that one.

    Raises WeChatRefused (NOAUTH) when we have no key to sign with: then nothing is sent.
    """
    if not can_sign(merchant):
        raise WeChatRefused(
            "NOAUTH",
            "API v3 needs our own key: set PAYWATCH_WECHAT_MERCHANT_KEY_FILE and"
            " PAYWATCH_WECHAT_MERCHANT_SERIAL.",
        )
    headers = {
        "Accept": "application/json",
        "Authorization": signing.authorization(merchant, method, address, body, moment),
    }
    if body:
        headers["Content-Type"] = "application/json"
    if merchant.public_keys:
        headers["Wechatpay-Serial"] = merchant.public_keys[0][0]
    return WireRequest(address, body, method, headers)


def read_answer(
    answer: WireAnswer,
    proof: Proof,
    not_there: str = "ORDERNOTEXIST",
    longest: int = wire.MAX_BYTES,
) -> wire.Fields:
    """Prove an answer and return its fields; a 204 has none. `not_there` is API v2's word for
    the thing that was asked about, when WeChat does not have it; `longest` in bytes.

    Raises WeChatRefused for a signed error (its code in API v2's word), and with the code FAIL
    for an unsigned 4xx, whose words are shown, and nothing is concluded from it;
    WeChatUnreachable for a 5xx that proves nothing (it leaves the outcome as open as no answer);
    WeChatUntrusted for everything else that is unreadable, unsigned or wrongly signed. Its doubt
    is `unknown_serial` when newer keys of WeChat's may prove it.
    """
    prove_success(answer, proof, not_there)
    return {} if answer.status == NO_CONTENT else _readable(answer, longest)


def prove_success(answer: WireAnswer, proof: Proof, not_there: str) -> None:
    """Raises as `read_answer`, but for what the body holds."""
    if answer.status not in (OK, NO_CONTENT):
        raise _failure(answer, proof, not_there)
    _prove(answer, proof)


def of_us(fields: wire.Fields, merchant: Merchant) -> wire.Fields:
    """The fields of an answer about a payment, which names its merchant and app (or them as those
    of a service provider); raises WeChatUntrusted (foreign) for another's."""
    mch_id = wire.first_text(fields, "mchid", "sp_mchid")
    named = mch_id, wire.first_text(fields, "appid", "sp_appid")
    if named != (merchant.mch_id, merchant.app_id):
        words = "WeChat's answer is for another merchant or app."
        raise WeChatUntrusted(words, doubt="foreign", claimed=named)
    return fields


def _prove(answer: WireAnswer, proof: Proof) -> None:
    try:
        signing.verify(answer.headers, answer.body, proof.keys, proof.now_s)
    except BadSignature as error:
        raise _untrusted(error) from error


def _untrusted(error: BadSignature) -> WeChatUntrusted:
    doubt = error.reason if error.reason in ("unknown_serial", "probe") else "signature"
    return WeChatUntrusted(_STALE if error.reason == "stale" else _UNSIGNED, doubt=doubt)


def _readable(answer: WireAnswer, longest: int = wire.MAX_BYTES) -> wire.Fields:
    try:
        return wire.read(answer.body, longest)
    except Malformed as error:
        raise WeChatUntrusted("WeChat's answer is not readable.") from error


def _failure(
    answer: WireAnswer, proof: Proof, not_there: str
) -> WeChatRefused | WeChatUnreachable | WeChatUntrusted:
    if answer.status < 400:
        return unexpected(answer.status)
    try:
        _prove(answer, proof)
        return _refusal(_readable(answer), answer, not_there)
    except WeChatUntrusted as doubt:
        if answer.status >= 500:
            return WeChatUnreachable()
        unsigned = not answer.headers.get("wechatpay-signature")
        return words_of(answer) if unsigned else doubt


def words_of(answer: WireAnswer) -> WeChatRefused | WeChatUntrusted:
    """The error for an unsigned 4xx, which may come from WeChat or from a server in between."""
    try:
        fields = wire.read(answer.body)
    except Malformed:
        return unexpected(answer.status)
    said, words = _said(fields)
    return WeChatRefused(UNSIGNED, words, said, issue=_issue(fields), request_id=answer.request_id)


def _refusal(fields: wire.Fields, answer: WireAnswer, not_there: str) -> WeChatRefused:
    said, words = _said(fields)
    code = not_there if said == NOT_THERE else CANONICAL.get(said or "", said or "UNKNOWN")
    if said and answer.status == TOO_MANY:
        code = "FREQUENCY_LIMITED"
    code = meaning_of(code, words)
    return WeChatRefused(code, words, said, issue=_issue(fields), request_id=answer.request_id)


def _issue(fields: wire.Fields) -> str | None:
    """The field that WeChat's `detail` names, as a JSON pointer, and what is wrong with it. The
    value stays out: it may be a buyer's."""
    detail = fields.get("detail")
    if not isinstance(detail, dict):
        return None
    issue = wire.text(detail, "issue") or wire.text(detail, "detail", "issue")
    return " · ".join(filter(None, (wire.text(detail, "field"), issue)))[:128] or None


def _said(fields: wire.Fields) -> tuple[str | None, str]:
    code, words = wire.text(fields, "code"), wire.text(fields, "message")
    return code[:32] if code else None, (words or "")[:128]
