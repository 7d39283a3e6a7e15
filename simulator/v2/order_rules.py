"""WeChat's rules for the fields of an order and of a refund (WeChat: 统一下单, 申请退款)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from payments.money import parse_fen
from payments.payment_result import CHINA
from payments.states import TradeType
from simulator.v2.envelope import RefusedV2

REQUIRED = (
    "nonce_str",
    "body",
    "out_trade_no",
    "total_fee",
    "spbill_create_ip",
    "notify_url",
    "trade_type",
)
REQUIRED_BY_TYPE = {
    TradeType.JSAPI: "openid",
    TradeType.NATIVE: "product_id",
    TradeType.MWEB: "scene_info",
}
MAX_BYTES = {
    "nonce_str": 32,
    "body": 128,
    "detail": 6000,
    "attach": 127,
    "device_info": 32,
    "fee_type": 16,
    "notify_url": 256,
    "product_id": 32,
    "openid": 128,
    "scene_info": 256,
    "goods_tag": 32,
}
MIN_LIFE_S = 60
REFUND_REQUIRED = ("nonce_str", "out_refund_no", "total_fee", "refund_fee")
REFUND_MAX_BYTES = {"nonce_str": 32, "notify_url": 256, "refund_desc": 80}

REFUND_NUM = re.compile(r"[0-9A-Za-z_\-|*@]{1,64}", re.ASCII)
_ORDER_NUM = re.compile(r"[0-9A-Za-z_\-|*]{1,32}", re.ASCII)


def check(fields: Mapping[str, str], now: float) -> None:
    """Raises RefusedV2 with LACK_PARAMS or PARAM_ERROR and the name of the field."""
    for name in REQUIRED:
        _require(fields, name)
    if fields["trade_type"] not in [*TradeType]:
        raise RefusedV2("PARAM_ERROR", "参数错误:trade_type")
    if needed := REQUIRED_BY_TYPE.get(TradeType(fields["trade_type"])):
        _require(fields, needed)
    _check_forms(fields, MAX_BYTES)
    _check_life(fields.get("time_expire"), now)


def check_refund(fields: Mapping[str, str]) -> None:
    """As `check`, for a refund."""
    for name in REFUND_REQUIRED:
        _require(fields, name)
    if not fields.get("out_trade_no"):
        _require(fields, "transaction_id")
    _check_forms(fields, REFUND_MAX_BYTES)


def _check_forms(fields: Mapping[str, str], longest: Mapping[str, int]) -> None:
    for name, limit in longest.items():
        if len(fields.get(name, "").encode()) > limit:
            raise RefusedV2("PARAM_ERROR", f"参数错误:{name}长度有误")
    for name, good in _FORMS.items():
        if fields.get(name) and not good(fields[name]):
            raise RefusedV2("PARAM_ERROR", f"参数错误:{name}格式有误")


def _require(fields: Mapping[str, str], name: str) -> None:
    if not fields.get(name):
        raise RefusedV2("LACK_PARAMS", f"缺少参数{name}")


def _check_life(time_expire: str | None, now: float) -> None:
    if time_expire and _china_seconds(time_expire) - now < MIN_LIFE_S:
        raise RefusedV2("PARAM_ERROR", "参数错误:time_expire时间过短")


def is_ip(text: str) -> bool:
    try:
        return bool(ip_address(text))
    except ValueError:
        return False


def is_notify_url(text: str) -> bool:
    """A whole address; WeChat calls none with a query string."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "?" not in text


def _is_time(text: str) -> bool:
    try:
        return len(text) == 14 and _china_seconds(text) > 0
    except ValueError:
        return False


def _china_seconds(text: str) -> float:
    return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=CHINA).timestamp()


_FORMS: dict[str, Callable[[str], bool]] = {
    "out_trade_no": lambda text: _ORDER_NUM.fullmatch(text) is not None,
    "total_fee": lambda text: parse_fen(text) is not None,
    "out_refund_no": lambda text: REFUND_NUM.fullmatch(text) is not None,
    "refund_fee": lambda text: parse_fen(text) is not None,
    "fee_type": lambda text: text == "CNY",
    "spbill_create_ip": is_ip,
    "notify_url": is_notify_url,
    "time_start": _is_time,
    "time_expire": _is_time,
}
