"""Unified order of API v2 (WeChat: 统一下单) and the parameters that the page needs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from payments.errors import WeChatUntrusted
from payments.merchant import MD5, Merchant
from payments.payment_result import CHINA
from payments.protocol import (
    MAX_PREPAY_ID,
    MAX_URL,
    SHORTEST_LIFE_MS,
    Moment,
    Prepay,
    PrepayOrder,
    Proof,
    WireAnswer,
    WireRequest,
    sendable,
)
from payments.states import TradeType
from payments.v2 import calls, signing

PATH = "/pay/unifiedorder"
BODY_BYTES = 127
_URL_FIELDS = {TradeType.NATIVE: "code_url", TradeType.MWEB: "mweb_url"}


def order_fields(merchant: Merchant, order: PrepayOrder) -> dict[str, Any]:
    """The fields of one unified order, without the signature. A repeat must resend exactly
    these, also the nonce: WeChat refuses the same number with other parameters.

    The buyer's `client_ip` is compared by WeChat (MWEB).
    """
    fields = {
        "appid": merchant.app_id,
        "mch_id": merchant.mch_id,
        "nonce_str": order.nonce,
        "sign_type": merchant.sign_type,
        "body": sendable(order.title, BODY_BYTES, order.order_num),
        "out_trade_no": order.order_num,
        "total_fee": str(order.total_fen),
        "spbill_create_ip": order.client_ip,
        "notify_url": order.notify_url,
        "trade_type": order.trade_type.value,
    }
    if order.trade_type is TradeType.JSAPI:
        fields["openid"] = order.open_id or ""
    if order.trade_type is TradeType.NATIVE:
        fields["product_id"] = order.product_id[:32]
    if order.trade_type is TradeType.MWEB:
        fields["scene_info"] = scene_info(order.origin)
    if order.expires_ms - order.now_ms >= SHORTEST_LIFE_MS:
        fields["time_start"] = _wechat_time(order.created_ms)
        fields["time_expire"] = _wechat_time(order.expires_ms)
    return fields


def scene_info(origin: str) -> str:
    """Where a payment outside WeChat (MWEB) begins: our public address, named by its host."""
    name = (urlsplit(origin).hostname or origin)[:32]
    scene = {"type": "Wap", "wap_url": origin, "wap_name": name}
    return json.dumps({"h5_info": scene}, ensure_ascii=False, separators=(",", ":"))


def _wechat_time(ms: int) -> str:
    """`yyyyMMddHHmmss` in China."""
    return datetime.fromtimestamp(ms // 1000, CHINA).strftime("%Y%m%d%H%M%S")


def prepay_request(
    fields: Mapping[str, Any], merchant: Merchant, trade_type: TradeType, moment: Moment
) -> WireRequest:
    """Signed anew each time with the stored fields; they bring their own nonce."""
    return calls.request(PATH, dict(fields), merchant)


def read_prepay(
    answer: WireAnswer, merchant: Merchant, trade_type: TradeType, proof: Proof
) -> Prepay:
    fields = calls.read_answer(answer, merchant)
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


def page_parameters(
    merchant: Merchant,
    trade_type: TradeType,
    given: Prepay,
    fields: Mapping[str, Any],
    moment: Moment,
) -> dict[str, str]:
    """Signed as the order was. JSAPI signs five fields under mixed-case names, APP six in lower
    case."""
    sign_type = str(fields.get("sign_type") or MD5)
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
            "noncestr": moment.nonce,
            "timestamp": str(moment.now_s),
        }
        return {**app, "sign": signing.sign(app, merchant.api_v2_key, sign_type)}
    page = {
        "appId": merchant.app_id,
        "timeStamp": str(moment.now_s),
        "nonceStr": moment.nonce,
        "package": f"prepay_id={given.prepay_id}",
        "signType": sign_type,
    }
    return {**page, "paySign": signing.sign(page, merchant.api_v2_key, sign_type)}
