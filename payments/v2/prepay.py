"""Unified order of API v2 (WeChat: 统一下单) and the parameters that the page needs."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from payments.errors import WeChatUntrusted
from payments.merchant import MD5, Merchant
from payments.notice import CHINA
from payments.states import TradeType
from payments.v2 import calls, signing

PATH = "/pay/unifiedorder"
BODY_BYTES = 127
MAX_PREPAY_ID, MAX_URL = 128, 512
"""WeChat's tables say 64 for both; its real addresses are longer."""
SHORTEST_LIFE_MS = 6 * 60_000
"""WeChat refuses a time_expire that is nearer than five minutes (in its newer manual, one)."""

LIFETIME_S = {
    TradeType.JSAPI: 7200,
    TradeType.NATIVE: 7200,
    TradeType.APP: 7200,
    TradeType.MWEB: 300,
}
"""How long WeChat honours what it gave, in seconds."""

_URL_FIELDS = {TradeType.NATIVE: "code_url", TradeType.MWEB: "mweb_url"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass(frozen=True)
class Prepay:
    """What WeChat gave: a prepay id, and the text of a QR code (NATIVE) or the address of its
    own page (MWEB)."""

    prepay_id: str
    url: str | None = None


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
    origin: str,
    notify_url: str,
    nonce: str,
    now_ms: int,
    created_ms: int,
    expires_ms: int,
) -> dict[str, str]:
    """The fields of one unified order, without the signature. A repeat must resend exactly
    these, also the nonce: WeChat refuses the same number with other parameters.

    `client_ip` is the buyer's: WeChat compares it (MWEB). `origin` is our public address.
    """
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
    if trade_type is TradeType.MWEB:
        fields["scene_info"] = scene_info(origin)
    if expires_ms - now_ms >= SHORTEST_LIFE_MS:
        fields["time_start"], fields["time_expire"] = (
            _wechat_time(created_ms),
            _wechat_time(expires_ms),
        )
    return fields


def scene_info(origin: str) -> str:
    """Where a payment outside WeChat (MWEB) begins: our public address, named by its host."""
    name = (urlsplit(origin).hostname or origin)[:32]
    scene = {"type": "Wap", "wap_url": origin, "wap_name": name}
    return json.dumps({"h5_info": scene}, ensure_ascii=False, separators=(",", ":"))


def _wechat_time(ms: int) -> str:
    """`yyyyMMddHHmmss` in China."""
    return datetime.fromtimestamp(ms // 1000, CHINA).strftime("%Y%m%d%H%M%S")


def shortened(title: str) -> str:
    """The product's title within WeChat's 128 bytes, cut between characters."""
    title = _CONTROL.sub(" ", title).strip()
    return title.encode()[:BODY_BYTES].decode(errors="ignore")


def request(fields: dict[str, str], merchant: Merchant) -> calls.WireRequest:
    return calls.request(PATH, fields, merchant)


def read(body: bytes, merchant: Merchant, trade_type: TradeType) -> Prepay:
    """Read WeChat's answer. Raises WeChatRefused or WeChatUntrusted."""
    fields = calls.read_answer(body, merchant)
    prepay_id = fields.get("prepay_id", "")
    if not prepay_id or fields.get("trade_type") != trade_type.value:
        raise WeChatUntrusted("WeChat's answer lacks the prepay id or names another trade type.")
    name = _URL_FIELDS.get(trade_type)
    url = fields.get(name, "") if name else None
    if url == "":
        raise WeChatUntrusted("WeChat's answer lacks the address that the buyer needs.")
    if len(prepay_id) > MAX_PREPAY_ID or len(url or "") > MAX_URL:
        raise WeChatUntrusted("A value of WeChat's answer is longer than any such value is.")
    return Prepay(prepay_id, url)


def sign_type_of(fields: dict[str, str]) -> str:
    """How an order was signed; its page must be signed likewise."""
    return fields.get("sign_type") or MD5


def page_parameters(
    merchant: Merchant,
    trade_type: TradeType,
    given: Prepay,
    *,
    sign_type: str,
    timestamp: int,
    nonce: str,
) -> dict[str, str]:
    """What the page or the app hands to WeChat; `timestamp` in seconds, `sign_type` the order's.
    JSAPI signs five fields under mixed-case names, APP six in lower case."""
    if trade_type is TradeType.NATIVE:
        return {"codeUrl": given.url or ""}
    if trade_type is TradeType.MWEB:
        return {"mwebUrl": given.url or ""}
    if trade_type is TradeType.APP:
        app = {
            "appid": merchant.app_id,
            "partnerid": merchant.mch_id,
            "prepayid": given.prepay_id,
            "package": "Sign=WXPay",
            "noncestr": nonce,
            "timestamp": str(timestamp),
        }
        return {**app, "sign": signing.sign(app, merchant.api_v2_key, sign_type)}
    page = {
        "appId": merchant.app_id,
        "timeStamp": str(timestamp),
        "nonceStr": nonce,
        "package": f"prepay_id={given.prepay_id}",
        "signType": sign_type,
    }
    return {**page, "paySign": signing.sign(page, merchant.api_v2_key, sign_type)}
