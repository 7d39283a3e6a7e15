"""Calls to WeChat on API v3 as values: what is sent, and what the page is given."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from payments.apis import APIS
from payments.errors import WeChatRefused
from payments.merchant import Api
from payments.protocol import (
    Moment,
    Prepay,
    PrepayOrder,
    WeChatApi,
    WireRequest,
)
from payments.refund import RefundOrder
from payments.states import TradeType
from payments.v3 import signing, trade, wire
from tests.support.v3_material import MERCHANT, MOMENT, NONCE, NOW_S, OF_PUBLIC_KEY, PUBLIC_ID

API: WeChatApi = APIS[Api.V3]
PREPAY_ID = "wx201410272009395522657a690389285100"
ORDER: dict[str, Any] = {
    "order_num": "ORD20250102000001",
    "product_id": "p1",
    "title": "咨询 60 分钟",
    "total_fen": 8800,
    "open_id": None,
    "client_ip": "203.0.113.7",
    "origin": "https://pay.example.com",
    "notify_url": "https://pay.example.com/pay/notify/v3",
    "nonce": NONCE,
    "now_ms": NOW_S * 1000 + 500,
    "created_ms": NOW_S * 1000,
    "expires_ms": NOW_S * 1000 + 7_200_000,
}
REFUND_ORDER = RefundOrder(
    "RF20250102000001",
    "4200000001202501020000000001",
    8800,
    800,
    "少做了一次",
    "https://pay.example.com/pay/notify/v3",
)
OURS = signing.private_key(MERCHANT.private_key).public_key()


def fields_of(trade_type: TradeType, **changes: Any) -> dict[str, Any]:
    order = PrepayOrder(trade_type=trade_type, **{**ORDER, **changes})
    return API.order_fields(MERCHANT, order)


def without(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}


# --- what is sent --------------------------------------------------------------------------------

REQUESTS: dict[str, tuple[WireRequest, str, str, Any]] = {
    "query": (
        API.query_request(MERCHANT, "A|B*C-1", MOMENT),
        "GET",
        "/v3/pay/transactions/out-trade-no/A%7CB%2AC-1?mchid=1900000109",
        None,
    ),
    "query by WeChat's number": (
        trade.query_by_id_request(MERCHANT, "4200/1", MOMENT),
        "GET",
        "/v3/pay/transactions/id/4200%2F1?mchid=1900000109",
        None,
    ),
    "close": (
        API.close_request(MERCHANT, "ORDER1", MOMENT),
        "POST",
        "/v3/pay/transactions/out-trade-no/ORDER1/close",
        {"mchid": "1900000109"},
    ),
    "refund": (
        API.refund_request(MERCHANT, REFUND_ORDER, MOMENT),
        "POST",
        "/v3/refund/domestic/refunds",
        {
            "transaction_id": "4200000001202501020000000001",
            "out_refund_no": "RF20250102000001",
            "reason": "少做了一次",
            "notify_url": "https://pay.example.com/pay/notify/v3",
            "amount": {"refund": 800, "total": 8800, "currency": "CNY"},
        },
    ),
    "refund query": (
        API.refund_query_request(MERCHANT, "RF@1", MOMENT),
        "GET",
        "/v3/refund/domestic/refunds/RF%401",
        None,
    ),
}


@pytest.mark.parametrize(
    ("request_", "method", "path", "fields"), REQUESTS.values(), ids=list(REQUESTS)
)
def test_a_request_says_what_it_is_for_and_is_signed(
    request_: WireRequest, method: str, path: str, fields: Any
) -> None:
    assert (request_.method, request_.path) == (method, path)
    assert (json.loads(request_.body) if request_.body else None) == fields
    assert request_.client_cert == ""
    headers = dict(request_.headers)
    scheme, _, parameters = headers.pop("Authorization").partition(" ")
    said = dict(part.split("=", 1) for part in parameters.split(","))
    assert scheme == "WECHATPAY2-SHA256-RSA2048"
    signature = said.pop("signature").strip('"')
    assert {name: value.strip('"') for name, value in said.items()} == {
        "mchid": "1900000109",
        "nonce_str": NONCE,
        "timestamp": str(NOW_S),
        "serial_no": MERCHANT.serial,
    }
    message = signing.lines(method, path, str(NOW_S), NONCE, request_.body)
    assert signing.is_signed(message, signature, OURS)
    body_type = {"Content-Type": "application/json"} if request_.body else {}
    assert headers == {"Accept": "application/json", **body_type}


def test_a_merchant_with_a_public_key_asks_for_answers_signed_with_it() -> None:
    request = API.query_request(OF_PUBLIC_KEY, "ORDER1", MOMENT)
    assert request.headers["Wechatpay-Serial"] == PUBLIC_ID


@pytest.mark.parametrize("lacks", [{"private_key": ""}, {"serial": ""}], ids=repr)
def test_without_a_key_of_our_own_nothing_is_sent(lacks: dict[str, str]) -> None:
    with pytest.raises(WeChatRefused) as refusal:
        API.query_request(replace(MERCHANT, **lacks), "ORDER1", MOMENT)
    assert refusal.value.wechat_code == "NOAUTH"


def test_a_refund_without_a_reason_sends_none() -> None:
    bare = replace(REFUND_ORDER, reason="", notify_url="")
    fields = json.loads(API.refund_request(MERCHANT, bare, MOMENT).body)
    assert set(fields) == {"transaction_id", "out_refund_no", "amount"}
    long = replace(REFUND_ORDER, reason="退" * 80)
    assert json.loads(API.refund_request(MERCHANT, long, MOMENT).body)["reason"] == "退" * 26


COMMON = {
    "appid": MERCHANT.app_id,
    "mchid": MERCHANT.mch_id,
    "description": "咨询 60 分钟",
    "out_trade_no": "ORD20250102000001",
    "time_expire": "2025-01-02T13:04:05+08:00",
    "notify_url": "https://pay.example.com/pay/notify/v3",
    "amount": {"total": 8800, "currency": "CNY"},
}
H5 = {"type": "Wap", "app_name": "pay.example.com", "app_url": "https://pay.example.com"}
KINDS: list[tuple[TradeType, str, dict[str, Any]]] = [
    (TradeType.JSAPI, "jsapi", {"payer": {"openid": "oUpF8u"}}),
    (TradeType.NATIVE, "native", {}),
    (TradeType.APP, "app", {}),
    (TradeType.MWEB, "h5", {"scene_info": {"payer_client_ip": "203.0.113.7", "h5_info": H5}}),
]


@pytest.mark.parametrize(("kind", "last", "more"), KINDS)
def test_a_prepay_sends_what_its_trade_type_needs(
    kind: TradeType, last: str, more: dict[str, Any]
) -> None:
    fields = fields_of(kind, open_id="oUpF8u")
    assert fields == {**COMMON, **more}
    request = API.prepay_request(fields, MERCHANT, kind, MOMENT)
    assert request.path == f"/v3/pay/transactions/{last}"
    assert wire.read(request.body) == fields


@pytest.mark.parametrize("kind", list(TradeType))
def test_a_repeat_sends_the_same_bytes_under_a_new_signature(kind: TradeType) -> None:
    fields = fields_of(kind)
    stored = json.loads(json.dumps(fields, ensure_ascii=False, separators=(",", ":")))
    first = API.prepay_request(fields, MERCHANT, kind, MOMENT)
    again = API.prepay_request(stored, MERCHANT, kind, Moment(NOW_S + 60, "another"))
    assert again.body == first.body
    assert again.headers["Authorization"] != first.headers["Authorization"]


@pytest.mark.parametrize(("left_ms", "told"), [(359_999, False), (360_000, True)])
def test_wechat_is_told_no_time_that_it_finds_too_near(left_ms: int, told: bool) -> None:
    fields = fields_of(TradeType.NATIVE, expires_ms=ORDER["now_ms"] + left_ms)
    assert ("time_expire" in fields) is told


def test_a_long_text_is_cut_to_what_wechat_takes() -> None:
    fields = fields_of(TradeType.MWEB, title="中" * 100, origin=f"https://{'a' * 125}.example")
    assert fields["description"] == "中" * 42
    assert fields["scene_info"]["h5_info"] == {"type": "Wap", "app_name": "a" * 32}


# --- what the page is given ----------------------------------------------------------------------


def test_the_page_is_given_wechats_names() -> None:
    def page(kind: TradeType, given_: Prepay) -> dict[str, str]:
        return API.page_parameters(MERCHANT, kind, given_, fields_of(kind), MOMENT)

    assert page(TradeType.NATIVE, Prepay("", "weixin://x")) == {"codeUrl": "weixin://x"}
    assert page(TradeType.MWEB, Prepay("", "https://x")) == {"mwebUrl": "https://x"}
    jsapi = page(TradeType.JSAPI, Prepay(PREPAY_ID))
    assert without(jsapi, "paySign") == {
        "appId": MERCHANT.app_id,
        "timeStamp": str(NOW_S),
        "nonceStr": NONCE,
        "package": f"prepay_id={PREPAY_ID}",
        "signType": "RSA",
    }
    app = page(TradeType.APP, Prepay(PREPAY_ID))
    assert without(app, "sign") == {
        "appid": MERCHANT.app_id,
        "partnerid": MERCHANT.mch_id,
        "prepayid": PREPAY_ID,
        "package": "Sign=WXPay",
        "noncestr": NONCE,
        "timestamp": str(NOW_S),
    }
