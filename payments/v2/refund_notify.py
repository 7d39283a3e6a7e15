"""The refund result notify of API v2 (WeChat: 退款结果通知): bytes in, a claim out.

It has no signature. `req_info` is AES-256-ECB under the MD5 of the API v2 key, which proves only
that the sender has the key, so what it says is confirmed by a query before it counts.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from payments.errors import BadSignature, Malformed
from payments.merchant import Merchants
from payments.refund import RefundResult
from payments.v2 import wire
from payments.v2.refund import result_of

ROOT = "root"
_WRONG = "req_info does not open with our API v2 key."
"""The same reason for every fault, so that a sender of noise learns nothing about the checks that
it passed."""

_NO_KEY = "The account that is named has no API v2 key."


def read(body: bytes, merchants: Merchants) -> RefundResult:
    """Read and open one refund notify. Raises Malformed, then BadSignature (nothing in it is
    sealed, or not with a key of ours); nothing else.

    A `return_code` of FAIL proves nothing, as in a payment notify.
    """
    outer = wire.read(body)
    if outer.get("return_code") != "SUCCESS" or not outer.get("req_info"):
        raise BadSignature("There is no sealed req_info in the message.", "missing")
    named = merchants.of_account(outer.get("mch_id"))
    if named and not named.v2_keys:
        raise BadSignature(_NO_KEY, "no_key")
    inner, key = _open(outer["req_info"], merchants.v2_keys)
    mch_id = outer.get("mch_id") or None
    merchant = merchants.find(outer.get("appid"), mch_id)
    foreign = merchant is None or key not in merchant.v2_keys
    said = inner.get("refund_status") or None
    return result_of(
        inner,
        next(ours for ours in merchants if key in ours.v2_keys),
        None if foreign else merchant,
        mch_id,
        said,
        inner.get("success_time"),
        proven=False,
    )


def _open(sealed: str, keys: tuple[str, ...]) -> tuple[dict[str, str], str]:
    try:
        data = base64.b64decode(sealed.encode("ascii"), validate=True)
    except ValueError as error:
        raise BadSignature(_WRONG, "sealed") from error
    for key in keys:
        try:
            return wire.read(decrypt(data, key), ROOT), key
        except (Malformed, ValueError):  # another key's, or nobody's: noise
            continue
    raise BadSignature(_WRONG, "sealed")


def _cipher(key: str) -> Cipher[modes.ECB]:
    secret = hashlib.md5(key.encode(), usedforsecurity=False).hexdigest().encode()
    return Cipher(algorithms.AES256(secret), modes.ECB())  # noqa: S305 - WeChat's choice


def decrypt(data: bytes, key: str) -> bytes:
    """Raises ValueError for what was not encrypted with this API v2 key."""
    decryptor, unpadder = _cipher(key).decryptor(), padding.PKCS7(128).unpadder()
    padded = decryptor.update(data) + decryptor.finalize()
    return unpadder.update(padded) + unpadder.finalize()


def encrypt(plain: bytes, key: str) -> bytes:
    encryptor, padder = _cipher(key).encryptor(), padding.PKCS7(128).padder()
    padded = padder.update(plain) + padder.finalize()
    return encryptor.update(padded) + encryptor.finalize()
