"""Prepay of API v3 (WeChat: JSAPI, Native, APP, H5 下单) and the parameters that the page needs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from payments.errors import WeChatUntrusted
from payments.merchant import Merchant
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
from payments.v3 import calls, signing, wire

DESCRIPTION_BYTES = 127
MAX_APP_URL = 128
_SCENES = {
    TradeType.JSAPI: ("jsapi", "prepay_id", MAX_PREPAY_ID),
    TradeType.NATIVE: ("native", "code_url", MAX_URL),
    TradeType.APP: ("app", "prepay_id", MAX_PREPAY_ID),
    TradeType.MWEB: ("h5", "h5_url", MAX_URL),
}
"""The last part of the address, what its answer gives, and how long that may be."""


def order_fields(merchant: Merchant, order: PrepayOrder) -> dict[str, Any]:
    """The JSON object of one order. A repeat must resend exactly this: WeChat refuses the same
    number with other parameters. It refuses empty and unknown ones too, so there are none."""
    fields: dict[str, Any] = {
        "appid": merchant.app_id,
        "mchid": merchant.mch_id,
        "description": sendable(order.title, DESCRIPTION_BYTES, order.order_num),
        "out_trade_no": order.order_num,
    }
    if order.expires_ms - order.now_ms >= SHORTEST_LIFE_MS:
        fields["time_expire"] = _wechat_time(order.expires_ms)
    fields["notify_url"] = order.notify_url
    fields["amount"] = {"total": order.total_fen, "currency": "CNY"}
    if order.trade_type is TradeType.JSAPI:
        fields["payer"] = {"openid": order.open_id or ""}
    if order.trade_type is TradeType.MWEB:
        fields["scene_info"] = {
            "payer_client_ip": order.client_ip,
            "h5_info": _h5_info(order.origin),
        }
    return fields


def _h5_info(origin: str) -> dict[str, str]:
    """Where a payment outside WeChat begins: our public address, named by its host."""
    info = {"type": "Wap", "app_name": (urlsplit(origin).hostname or origin)[:32]}
    return {**info, "app_url": origin} if len(origin) <= MAX_APP_URL else info


def _wechat_time(ms: int) -> str:
    """RFC 3339 in China."""
    return datetime.fromtimestamp(ms // 1000, CHINA).isoformat()


def prepay_request(
    fields: Mapping[str, Any], merchant: Merchant, trade_type: TradeType, moment: Moment
) -> WireRequest:
    """The same body each time; the time, the nonce and the signature are new."""
    address = calls.path("pay", "transactions", _SCENES[trade_type][0])
    return calls.post(merchant, address, dict(fields), moment)


def read_prepay(
    answer: WireAnswer, merchant: Merchant, trade_type: TradeType, proof: Proof
) -> Prepay:
    fields = calls.read_answer(answer, proof)
    _, name, longest = _SCENES[trade_type]
    value = wire.text(fields, name)
    if value is None:
        raise WeChatUntrusted(f"WeChat's answer lacks the {name} that the buyer needs.")
    if len(value) > longest:
        raise WeChatUntrusted("A value of WeChat's answer is longer than any such value is.")
    return Prepay(value) if name == "prepay_id" else Prepay("", value)


def page_parameters(
    merchant: Merchant,
    trade_type: TradeType,
    given: Prepay,
    fields: Mapping[str, Any],
    moment: Moment,
) -> dict[str, str]:
    """Signed with our own key: four lines, of which the last is the value of `package` (JSAPI)
    or the bare prepay id (APP)."""
    if trade_type is TradeType.NATIVE:
        return {"codeUrl": given.url or ""}
    if trade_type is TradeType.MWEB:
        return {"mwebUrl": given.url or ""}
    time_s = str(moment.now_s)
    if trade_type is TradeType.APP:
        return {
            "appid": merchant.app_id,
            "partnerid": merchant.mch_id,
            "prepayid": given.prepay_id,
            "package": "Sign=WXPay",
            "noncestr": moment.nonce,
            "timestamp": time_s,
            "sign": _page_sign(merchant, time_s, moment.nonce, given.prepay_id),
        }
    package = f"prepay_id={given.prepay_id}"
    return {
        "appId": merchant.app_id,
        "timeStamp": time_s,
        "nonceStr": moment.nonce,
        "package": package,
        "signType": "RSA",
        "paySign": _page_sign(merchant, time_s, moment.nonce, package),
    }


def _page_sign(merchant: Merchant, time_s: str, nonce: str, last: str) -> str:
    message = signing.lines(merchant.app_id, time_s, nonce, last)
    return signing.sign(message, signing.private_key(merchant.private_key))
