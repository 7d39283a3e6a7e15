"""The outside of a v2 call: proving a request, and the three shapes of an answer.

WeChat says no in two ways: `return_code` FAIL is unsigned and carries words only (not readable,
not ours, not signed); `result_code` FAIL is signed and carries a code.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import replace

from payments.errors import Malformed
from payments.merchant import MD5, SIGN_TYPES, Merchant, Merchants
from payments.v2 import signing, wire

OTHER_APP_ID, OTHER_MCH_ID = "wxffffffffffffffff", "1999999999"


class NotHeard(Exception):
    """The request proves nothing: answered unsigned, with words."""


class RefusedV2(Exception):
    """The request is authentic, and the answer is no: `code` in WeChat's words."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(code)
        self.code = code
        self.words = words


def opened(body: bytes, merchants: Merchants) -> tuple[dict[str, str], Merchant]:
    """Read and prove one request; its fields, and whose it is. Raises NotHeard.

    Stricter than the product's own reader: WeChat takes a request without `sign_type` for MD5.
    """
    if not body:
        raise NotHeard("post数据为空")
    try:
        fields = wire.read(body)
    except Malformed as error:
        raise NotHeard("XML格式错误") from error
    if merchants.of_account(fields.get("mch_id")) is None:
        raise NotHeard("商户号mch_id不存在")
    merchant = merchants.find(fields.get("appid"), fields.get("mch_id"))
    if merchant is None:
        raise NotHeard("商户号mch_id与appid不匹配")
    _prove(fields, merchant)
    return fields, merchant


def _prove(fields: Mapping[str, str], merchant: Merchant) -> None:
    sign_type = sign_type_of(fields)
    if sign_type not in SIGN_TYPES:
        raise NotHeard("sign_type参数格式错误")
    if not merchant.api_v2_key:
        raise NotHeard("商户未设置APIv2密钥")
    right = signing.sign(fields, merchant.api_v2_key, sign_type)
    if not hmac.compare_digest(right.encode(), fields.get("sign", "").encode()):
        raise NotHeard("签名错误")


def sign_type_of(fields: Mapping[str, str]) -> str:
    return fields.get("sign_type") or MD5


def peeked(body: bytes) -> dict[str, str]:
    """The fields of a request, proven or not; {} for what cannot be read."""
    try:
        return wire.read(body)
    except Malformed:
        return {}


def unsigned(words: str) -> bytes:
    return wire.write({"return_code": "FAIL", "return_msg": words})


def refusal(refused: RefusedV2, merchant: Merchant, sign_type: str) -> bytes:
    fields = {"result_code": "FAIL", "err_code": refused.code, "err_code_des": refused.words}
    return _answer(fields, merchant, sign_type)


def success(fields: Mapping[str, str], merchant: Merchant, sign_type: str) -> bytes:
    return _answer({"result_code": "SUCCESS", **fields}, merchant, sign_type)


def _answer(fields: Mapping[str, str], merchant: Merchant, sign_type: str) -> bytes:
    head = {"return_code": "SUCCESS", "return_msg": "OK"}
    return signed({**head, **fields}, merchant, sign_type)


def another(merchant: Merchant) -> Merchant:
    """The number and app of another merchant, with keys of its own."""
    v2_key, v3_key = secrets.token_hex(16), secrets.token_hex(16)
    return replace(
        merchant,
        app_id=OTHER_APP_ID,
        mch_id=OTHER_MCH_ID,
        api_v2_key=v2_key,
        api_v3_key=v3_key,
    )


def signed(fields: Mapping[str, str], merchant: Merchant, sign_type: str) -> bytes:
    """Complete `fields` with our names and a fresh nonce, sign and write them."""
    whole = {**named(merchant), **fields}
    sign = signing.sign(whole, merchant.api_v2_key, sign_type)
    return wire.write({**whole, "sign": sign})


def named(merchant: Merchant) -> dict[str, str]:
    """The fields that name the account, with a fresh nonce."""
    nonce = secrets.token_hex(16)
    return {"appid": merchant.app_id, "mch_id": merchant.mch_id, "nonce_str": nonce}
