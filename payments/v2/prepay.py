"""Unified order of API v2 (WeChat: 统一下单) and the parameters that the page needs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from payments.errors import WeChatUntrusted
from payments.merchant import Merchant
from payments.states import TradeType
from payments.v2 import calls, signing

PATH = "/pay/unifiedorder"
BODY_BYTES = 127

LIFETIME_S = {
    TradeType.JSAPI: 7200,
    TradeType.NATIVE: 7200,
    TradeType.APP: 7200,
    TradeType.MWEB: 300,
}
"""How long WeChat honours what it gave, in seconds."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass(frozen=True)
class Prepay:
    """What WeChat gave: a prepay id, or the address of a QR code (NATIVE)."""

    prepay_id: str
    code_url: str | None = None


def order_fields(
    merchant: Merchant,
    *,
    order_num: str,
    product_id: str,
    title: str,
    total_fen: int,
    trade_type: TradeType,
    open_id: str | None,
    client_ip: str,
    notify_url: str,
    nonce: str,
) -> dict[str, str]:
    """The fields of one unified order, without the signature. A repeat must resend exactly
    these, also the nonce: WeChat refuses the same number with other parameters."""
    fields = {
        "appid": merchant.app_id,
        "mch_id": merchant.mch_id,
        "nonce_str": nonce,
        "sign_type": merchant.sign_type,
        "body": shortened(title),
        "out_trade_no": order_num,
        "total_fee": str(total_fen),
        "spbill_create_ip": client_ip,
        "notify_url": notify_url,
        "trade_type": trade_type.value,
    }
    if trade_type is TradeType.JSAPI:
        fields["openid"] = open_id or ""
    if trade_type is TradeType.NATIVE:
        fields["product_id"] = product_id[:32]
    return fields


def shortened(title: str) -> str:
    """The product's title within WeChat's 128 bytes, cut between characters."""
    title = _CONTROL.sub(" ", title).strip()
    return title.encode()[:BODY_BYTES].decode(errors="ignore")


def request(fields: dict[str, str], merchant: Merchant) -> calls.WireRequest:
    return calls.request(PATH, fields, merchant)


def read(body: bytes, merchant: Merchant, trade_type: TradeType) -> Prepay:
    """Read WeChat's answer. Raises WeChatRefused or WeChatUntrusted."""
    fields = calls.read_answer(body, merchant)
    prepay_id, code_url = fields.get("prepay_id", ""), fields.get("code_url") or None
    if not prepay_id or fields.get("trade_type") != trade_type.value:
        raise WeChatUntrusted("WeChat's answer lacks the prepay id or names another trade type.")
    if trade_type is TradeType.NATIVE and not code_url:
        raise WeChatUntrusted("WeChat's answer lacks the address for the QR code.")
    return Prepay(prepay_id, code_url)


def page_parameters(
    merchant: Merchant, trade_type: TradeType, given: Prepay, *, timestamp: int, nonce: str
) -> dict[str, str]:
    """What the page hands to WeChat; `timestamp` in seconds. Signed with the same sign type as
    the order (JSAPI: five fields under their mixed-case names)."""
    if trade_type is TradeType.NATIVE:
        return {"codeUrl": given.code_url or ""}
    fields = {
        "appId": merchant.app_id,
        "timeStamp": str(timestamp),
        "nonceStr": nonce,
        "package": f"prepay_id={given.prepay_id}",
        "signType": merchant.sign_type,
    }
    return {**fields, "paySign": signing.sign(fields, merchant.api_v2_key, merchant.sign_type)}
