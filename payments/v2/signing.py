"""The signature of API v2 (WeChat: 签名算法).

All fields but `sign`, without the empty ones, sorted by name in byte order, joined raw as
`name=value` with `&`, then `&key=` and the API v2 key; hashed, in upper-case hex.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping

from payments.errors import BadSignature, Malformed
from payments.merchant import HMAC_SHA256, MD5, SIGN_TYPES

_SIGN = re.compile(r"[0-9A-F]{32}|[0-9A-F]{64}", re.ASCII)

# Values are joined raw, so `attach=x&total_fee=1` reads like two fields. No honest value of
# ours holds `&` and then the name of a field that decides; one that does is taken for a forgery.
_AMBIGUOUS = re.compile(
    r"&(?:appid|attach|cash_fee|code_url|coupon_fee(?:_[0-9]+)?|fee_type|key|mch_id|nonce_str"
    r"|openid|out_trade_no|prepay_id|refund_fee|result_code|return_code|settlement_refund_fee"
    r"|settlement_total_fee|sign_type|sub_mch_id|time_end|total_fee|trade_state|trade_type"
    r"|transaction_id)="
)


def string_to_sign(fields: Mapping[str, str], key: str) -> str:
    """The exact text that is hashed. Values must be `str`: an int 0 is not empty, '' is."""
    return f"{''.join(_pairs(fields))}key={key}"


def _pairs(fields: Mapping[str, str]) -> list[str]:
    return [f"{name}={fields[name]}&" for name in sorted(fields) if fields[name] and name != "sign"]


def sign(fields: Mapping[str, str], key: str, sign_type: str) -> str:
    """Sign `fields` with the API v2 key: 32 characters for MD5, 64 for HMAC-SHA256."""
    return _hashed(string_to_sign(fields, key), key, sign_type)


def _hashed(text: str, key: str, sign_type: str) -> str:
    if sign_type == MD5:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest().upper()


def verify(fields: Mapping[str, str], keys: tuple[str, ...]) -> str:
    """Prove that `fields` were signed with one of `keys`; returns that key.

    The length of `sign` chooses the algorithm: orders made with HMAC-SHA256 get notifies
    without `sign_type`, and both algorithms need the same secret, so nothing is weakened.
    Raises Malformed for a `sign_type` WeChat does not know, else BadSignature.
    """
    if fields.get("sign_type") and fields["sign_type"] not in SIGN_TYPES:
        raise Malformed("The sign_type is neither MD5 nor HMAC-SHA256.")
    claimed = fields.get("sign", "")
    if not _SIGN.fullmatch(claimed):
        raise BadSignature("The signature is missing or has the wrong form.", "missing")
    pairs = _pairs(fields)
    joined = "".join(pairs)
    if joined.count("&") > len(pairs) and any(map(_AMBIGUOUS.search, fields.values())):
        raise BadSignature("A value imitates another field of the signed text.", "ambiguous")
    sign_type = MD5 if len(claimed) == 32 else HMAC_SHA256
    for key in keys:
        if hmac.compare_digest(_hashed(f"{joined}key={key}", key, sign_type), claimed):
            return key
    raise BadSignature("The signature is wrong.")
