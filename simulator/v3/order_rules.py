"""WeChat's rules for the objects of API v3: orders, closes, refunds."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from payments.merchant import Api, Merchant
from payments.states import TradeType
from simulator.state.refunds import AskedRefund
from simulator.state.trades import Ordered
from simulator.v2.order_rules import MIN_LIFE_S, REFUND_NUM, is_ip, is_notify_url
from simulator.v3.envelope import odd
from simulator.v3.shapes import Flag, Row, Shapes, Table, Text, Whole

TYPES = {
    "jsapi": TradeType.JSAPI,
    "native": TradeType.NATIVE,
    "app": TradeType.APP,
    "h5": TradeType.MWEB,
}
"""The trade type by the last word of the address."""

_ORDER_NUM = re.compile(r"[0-9A-Za-z_\-|*]{6,32}", re.ASCII)


def _is_order_num(text: str) -> bool:
    return _ORDER_NUM.fullmatch(text) is not None


def _is_refund_num(text: str) -> bool:
    return REFUND_NUM.fullmatch(text) is not None


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _is_yuan(text: str) -> bool:
    return text == "CNY"


_GOODS = Table(
    {
        "merchant_goods_id": Text(32, needed=True),
        "wechatpay_goods_id": Text(32),
        "goods_name": Text(256),
        "quantity": Whole(needed=True),
        "unit_price": Whole(needed=True, least=0),
    }
)
_STORE = Table(
    {
        "id": Text(32, needed=True),
        "name": Text(256),
        "area_code": Text(32),
        "address": Text(512),
    }
)
_H5 = Table(
    {
        "type": Text(32, needed=True),
        "app_name": Text(64),
        "app_url": Text(128),
        "bundle_id": Text(128),
        "package_name": Text(128),
    }
)
_SCENE: Shapes = {
    "payer_client_ip": Text(45, needed=True, form=is_ip),
    "device_id": Text(32),
    "store_info": _STORE,
}
_ORDER: Shapes = {
    "appid": Text(32, needed=True),
    "mchid": Text(32, needed=True),
    "description": Text(127, needed=True),
    "out_trade_no": Text(32, needed=True, form=_is_order_num),
    "time_expire": Text(64, form=_is_time),
    "attach": Text(128),
    "notify_url": Text(255, needed=True, form=is_notify_url),
    "goods_tag": Text(32),
    "support_fapiao": Flag(),
    "amount": Table(
        {"total": Whole(needed=True), "currency": Text(16, form=_is_yuan)}, needed=True
    ),
    "detail": Table(
        {"cost_price": Whole(least=0), "invoice_id": Text(32), "goods_detail": Row(_GOODS)}
    ),
    "scene_info": Table(_SCENE),
    "settle_info": Table({"profit_sharing": Flag()}),
}
ORDERS = {
    "jsapi": Table({**_ORDER, "payer": Table({"openid": Text(128, needed=True)}, needed=True)}),
    "native": Table(_ORDER),
    "app": Table(_ORDER),
    "h5": Table(
        {
            **_ORDER,
            "scene_info": Table({**_SCENE, "h5_info": replace(_H5, needed=True)}, needed=True),
        }
    ),
}
CLOSE = Table({"mchid": Text(32, needed=True)})
_FROM = Table({"account": Text(32, needed=True), "amount": Whole(needed=True)})
_REFUNDED_GOODS = Table(
    {
        "merchant_goods_id": Text(32, needed=True),
        "wechatpay_goods_id": Text(32),
        "goods_name": Text(256),
        "unit_price": Whole(needed=True),
        "refund_amount": Whole(needed=True),
        "refund_quantity": Whole(needed=True),
    }
)
REFUND = Table(
    {
        "transaction_id": Text(32),
        "out_trade_no": Text(32),
        "out_refund_no": Text(64, needed=True, form=_is_refund_num),
        "reason": Text(80, in_bytes=True),
        "notify_url": Text(256, form=is_notify_url),
        "funds_account": Text(32),
        "amount": Table(
            {
                "refund": Whole(needed=True),
                "total": Whole(needed=True),
                "currency": Text(16, needed=True, form=_is_yuan),
                "from": Row(_FROM),
            },
            needed=True,
        ),
        "goods_detail": Row(_REFUNDED_GOODS),
    }
)

_ABNORMAL: Shapes = {
    "out_refund_no": Text(64, needed=True, form=_is_refund_num),
    "type": Text(32, needed=True),
}
ABNORMAL = {
    "MERCHANT_BANK_CARD": Table(_ABNORMAL),
    "USER_BANK_CARD": Table(
        {
            **_ABNORMAL,
            "bank_type": Text(16, needed=True),
            "bank_account": Text(1024, needed=True),
            "real_name": Text(1024, needed=True),
        }
    ),
}
"""Where an abnormal refund can be paid, and what must be said of it (M/4013071193)."""


def check_abnormal(fields: Any) -> str:
    """The refund number of a checked request to pay an abnormal refund elsewhere. Raises
    RefusedV3."""
    kind = fields.get("type")
    if kind not in ABNORMAL:
        raise odd("/type", kind, "异常退款处理方式有误")
    ABNORMAL[kind].check(fields)
    number: str = fields["out_refund_no"]
    return number


def check_order(kind: str, fields: Any, now: float) -> None:
    """Check one order of `/v3/pay/transactions/{kind}`. Raises RefusedV3."""
    ORDERS[kind].check(fields)
    expires = fields.get("time_expire")
    if expires and datetime.fromisoformat(expires).timestamp() - now < MIN_LIFE_S:
        raise odd("/time_expire", expires, "time_expire时间过短")


def ordered(kind: str, fields: Any, merchant: Merchant) -> Ordered:
    """The content of a checked order."""
    return Ordered(
        api=Api.V3,
        merchant=merchant,
        order_num=fields["out_trade_no"],
        total_fen=fields["amount"]["total"],
        trade_type=TYPES[kind].value,
        title=fields["description"],
        notify_url=fields["notify_url"],
        open_id=fields.get("payer", {}).get("openid", ""),
        attach=fields.get("attach", ""),
        device=fields.get("scene_info", {}).get("device_id", ""),
    )


def refund(fields: Any, merchant: Merchant) -> AskedRefund:
    """Check one refund. Raises RefusedV3."""
    REFUND.check(fields)
    if "transaction_id" not in fields and "out_trade_no" not in fields:
        raise odd("/transaction_id", None, "transaction_id与out_trade_no须传其一")
    return AskedRefund(
        api=Api.V3,
        mch_id=merchant.mch_id,
        refund_num=fields["out_refund_no"],
        transaction_id=fields.get("transaction_id"),
        order_num=fields.get("out_trade_no"),
        total_fen=fields["amount"]["total"],
        refund_fen=fields["amount"]["refund"],
        notify_url=fields.get("notify_url", ""),
        reason=fields.get("reason", ""),
    )
