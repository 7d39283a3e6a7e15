"""The payment result notify of API v2 (WeChat: 支付结果通知): bytes in, proof out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from payments.errors import BadSignature
from payments.merchant import Merchants
from payments.payment_result import PaymentResult, china_time
from payments.v2 import signing, usual, wire

_AMOUNT = re.compile(
    r"(?:total|cash|coupon|settlement_total|refund|settlement_refund)_fee|coupon_fee_[0-9]+",
    re.ASCII,
)


@lru_cache(maxsize=256)
def _amounts_of(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `names` that are amounts; kept, because nearly all messages have the same names."""
    return tuple(filter(_AMOUNT.fullmatch, names))


def read(body: bytes, merchants: Merchants) -> PaymentResult:
    """Read and prove one notify. Raises Malformed, then BadSignature; nothing else. One that is
    only too large is proven all the same: WeChat's own must not be lost in silence.

    WeChat does not sign a `return_code` of FAIL, so it proves nothing. Every message that is signed
    with one of our keys becomes a PaymentResult, also when it cannot be used; the rules then name
    its fault.
    """
    try:
        fields = wire.read(body)
    except wire.Oversized as error:
        return _proven(error, merchants)._replace(too_large=True)
    key = signing.verify(fields, merchants.v2_keys)
    usual.learn(fields, body)
    return notice_of(fields, merchants, key)


def _proven(oversized: wire.Oversized, merchants: Merchants) -> PaymentResult:
    """Raises Malformed where nothing proves it."""
    try:
        key = signing.verify(oversized.fields, merchants.v2_keys)
    except BadSignature:
        raise oversized from None
    return notice_of(oversized.fields, merchants, key)


def notice_of(fields: Mapping[str, str], merchants: Merchants, key: str) -> PaymentResult:
    """Put verified `fields` into our words. `key` is the one that the signature proved: it
    speaks only for the merchants that own it."""
    mch_id = fields.get("mch_id") or None
    owners = merchants.owners_of(key)
    below = fields.get("sub_mch_id") or None
    merchant = None if below else merchants.find(fields.get("appid"), mch_id)
    succeeded = fields.get("return_code") == "SUCCESS"
    return PaymentResult(
        signer=next((ours for ours in owners if ours.mch_id == mch_id), owners[0]),
        merchant=merchant if merchant in owners else None,
        app_id=fields.get("appid") or None,
        mch_id=mch_id,
        result=(fields.get("result_code") or None) if succeeded else None,
        order_num=fields.get("out_trade_no") or None,
        transaction_id=fields.get("transaction_id") or None,
        amounts={name: fields[name] for name in _amounts_of(tuple(fields))},
        currency=fields.get("fee_type") or "CNY",
        open_id=fields.get("openid") or None,
        trade_type=fields.get("trade_type") or None,
        paid_at=china_time(fields.get("time_end")),
        failure_code=fields.get("err_code") or None,
        failure_words=fields.get("err_code_des") or None,
        sub_mch_id=below,
        goes_back=fields.get("trade_state") == "REFUND",
    )
