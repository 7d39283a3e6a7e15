"""A call to API v2, as values: what to send, and how its answer is proven."""

from __future__ import annotations

from dataclasses import replace

from payments.errors import (
    UNSIGNED,
    BadSignature,
    Malformed,
    WeChatRefused,
    WeChatUnreachable,
    WeChatUntrusted,
    meaning_of,
)
from payments.merchant import MD5, Merchant
from payments.protocol import WireAnswer, WireRequest, unexpected
from payments.v2 import signing, wire

XML_TYPE = {"Content-Type": "text/xml; charset=utf-8"}


def request(path: str, fields: dict[str, str], merchant: Merchant) -> WireRequest:
    """Sign `fields` (without `sign`) for `merchant` and write them."""
    signature = signing.sign(fields, merchant.api_v2_key, fields.get("sign_type", MD5))
    return WireRequest(path, wire.write({**fields, "sign": signature}), headers=XML_TYPE)


def with_certificate(sent: WireRequest, merchant: Merchant, purpose: str) -> WireRequest:
    """The request, to be sent with the client certificate. Raises WeChatUntrusted
    (`client_certificate`) when none is configured: then nothing is sent, and it can be once there
    is one. `purpose` begins the sentence."""
    if not (merchant.client_cert and merchant.private_key):
        raise WeChatUntrusted(
            f"{purpose} needs the client certificate: set PAYWATCH_WECHAT_CLIENT_CERT_FILE and"
            " PAYWATCH_WECHAT_MERCHANT_KEY_FILE.",
            doubt="client_certificate",
        )
    return replace(sent, client_cert=merchant.client_cert, client_key=merchant.private_key)


def read_answer(answer: WireAnswer, merchant: Merchant) -> dict[str, str]:
    """Prove an answer and return its fields.

    Raises WeChatRefused for a FAIL (`return_code` FAIL is unsigned: its words are shown, and
    nothing is concluded from it), WeChatUnreachable for a 5xx (it leaves the outcome as open as
    no answer), WeChatUntrusted for what is unreadable, unsigned, wrongly signed or of another
    merchant.
    """
    if answer.status >= 500:
        raise WeChatUnreachable
    if answer.status != 200:
        raise unexpected(answer.status)
    try:
        fields = wire.read_whole(answer.body)
    except Malformed as error:
        raise WeChatUntrusted("WeChat's answer is not readable.") from error
    if fields.get("return_code") != "SUCCESS":
        if fields.get("return_code") == "FAIL":
            words = fields.get("return_msg", "")[:128]
            raise WeChatRefused(UNSIGNED, words, request_id=answer.request_id)
        raise WeChatUntrusted("WeChat's answer has no return_code.")
    try:
        signing.verify(fields, merchant.v2_keys)
    except (BadSignature, Malformed) as error:
        words = "WeChat's answer is unsigned or wrongly signed."
        raise WeChatUntrusted(words, doubt="signature") from error
    if (fields.get("appid"), fields.get("mch_id")) != (merchant.app_id, merchant.mch_id):
        claimed = fields.get("mch_id"), fields.get("appid")
        words = "WeChat's answer is for another merchant or app."
        raise WeChatUntrusted(words, doubt="foreign", claimed=claimed)
    if fields.get("result_code") != "SUCCESS":
        said = (fields.get("err_code") or "UNKNOWN")[:32]
        words = fields.get("err_code_des", "")[:128]
        code = meaning_of(said, words)
        raise WeChatRefused(code, words, said, request_id=answer.request_id)
    return fields
