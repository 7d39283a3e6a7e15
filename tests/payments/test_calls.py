"""Calls to WeChat as values: what is sent, which answers are used, what the page is given."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from payments.errors import WeChatRefused, WeChatUntrusted
from payments.merchant import HMAC_SHA256, MD5, Merchant
from payments.protocol import LIFETIME_S, Moment, Prepay, PrepayOrder, Proof, WireAnswer
from payments.states import TradeType
from payments.v2 import calls, prepay, signing, trade, wire

KEY = "TestApiV2Key0123456789abcdefGHIJ"
MERCHANT = Merchant("wx8888888888888888", "1900000109", KEY)
HOUR_MS = 3_600_000
NOW, PROOF = Moment(1735787045, "N1"), Proof({}, 1735787045)
PREPAY_ID = "wx201410272009395522657a690389285100"
SIGNED = Path(__file__).parents[1] / "samples" / "v2_sign.json"
VECTORS: dict[str, Any] = {c["name"]: c for c in json.loads(SIGNED.read_text("utf-8"))["cases"]}
ORDER: dict[str, Any] = {
    "order_num": "ORD20250102000001",
    "product_id": "p1",
    "title": "咨询 60 分钟",
    "total_fen": 8800,
    "open_id": None,
    "client_ip": "203.0.113.7",
    "origin": "https://pay.example.com",
    "notify_url": "https://pay.example.com/pay/notify",
    "nonce": "5K8264ILTKCH16CQ2502SI8ZNMTM67VS",
    "now_ms": 1735787045_500,
    "created_ms": 1735787045_000,
    "expires_ms": 1735787045_000 + 2 * HOUR_MS,
}


def answer(key: str = KEY, sign_type: str = MD5, **changes: str | None) -> bytes:
    """A signed answer of WeChat's; None leaves a field out."""
    whole: dict[str, str | None] = {
        "return_code": "SUCCESS",
        "return_msg": "OK",
        "appid": MERCHANT.app_id,
        "mch_id": MERCHANT.mch_id,
        "nonce_str": "N1",
        "result_code": "SUCCESS",
        **changes,
    }
    fields = {name: value for name, value in whole.items() if value is not None}
    return wire.write({"sign": signing.sign(fields, key, sign_type), **fields})


def ok(body: bytes) -> WireAnswer:
    return WireAnswer(200, body)


def prepaid(body: bytes, kind: TradeType) -> Prepay:
    return prepay.read_prepay(ok(body), MERCHANT, kind, PROOF)


# --- what is sent --------------------------------------------------------------------------------


@pytest.mark.parametrize("sign_type", [MD5, HMAC_SHA256])
def test_a_request_is_signed_as_it_says(sign_type: str) -> None:
    merchant = replace(MERCHANT, sign_type=sign_type)
    request = trade.query_request(merchant, "ORDER1", NOW)
    fields = wire.read(request.body)
    assert fields["sign"] == signing.sign(fields, KEY, sign_type)
    assert signing.verify(fields, (KEY,)) == KEY
    assert fields["sign_type"] == sign_type


def test_a_request_without_a_sign_type_is_md5() -> None:
    fields = wire.read(calls.request("/x", {"nonce_str": "N1"}, MERCHANT).body)
    assert fields["sign"] == signing.sign({"nonce_str": "N1"}, KEY, MD5)


def test_query_and_close_name_the_order_and_nothing_more() -> None:
    expected = {
        "appid": MERCHANT.app_id,
        "mch_id": MERCHANT.mch_id,
        "out_trade_no": "ORDER1",
        "nonce_str": "N1",
        "sign_type": HMAC_SHA256,
    }
    for request, path in (
        (trade.query_request(MERCHANT, "ORDER1", NOW), "/pay/orderquery"),
        (trade.close_request(MERCHANT, "ORDER1", NOW), "/pay/closeorder"),
    ):
        assert request.path == path
        fields = wire.read(request.body)
        del fields["sign"]
        assert fields == expected


ORDER_FIELDS = {
    "appid": MERCHANT.app_id,
    "mch_id": MERCHANT.mch_id,
    "nonce_str": ORDER["nonce"],
    "sign_type": HMAC_SHA256,
    "body": "咨询 60 分钟",
    "out_trade_no": "ORD20250102000001",
    "total_fee": "8800",
    "spbill_create_ip": "203.0.113.7",
    "notify_url": "https://pay.example.com/pay/notify",
    "time_start": "20250102110405",
    "time_expire": "20250102130405",
}
SCENE = (
    '{"h5_info":{"type":"Wap","wap_url":"https://pay.example.com","wap_name":"pay.example.com"}}'
)


@pytest.mark.parametrize(
    ("trade_type", "open_id", "more"),
    [
        (TradeType.JSAPI, "oUpF8u", {"trade_type": "JSAPI", "openid": "oUpF8u"}),
        (TradeType.NATIVE, "oUpF8u", {"trade_type": "NATIVE", "product_id": "p1"}),
        (TradeType.NATIVE, None, {"trade_type": "NATIVE", "product_id": "p1"}),
        (TradeType.APP, None, {"trade_type": "APP"}),
        (TradeType.MWEB, "oUpF8u", {"trade_type": "MWEB", "scene_info": SCENE}),
    ],
)
def test_a_unified_order_sends_what_its_trade_type_needs(
    trade_type: TradeType, open_id: str | None, more: dict[str, str]
) -> None:
    order = {**ORDER, "open_id": open_id}
    fields = prepay.order_fields(MERCHANT, PrepayOrder(trade_type=trade_type, **order))
    assert fields == {**ORDER_FIELDS, **more}
    request = prepay.prepay_request(fields, MERCHANT, TradeType.NATIVE, NOW)
    assert request.path == "/pay/unifiedorder"
    assert {**fields, "sign": signing.sign(fields, KEY, HMAC_SHA256)} == wire.read(request.body)


def test_a_repeat_is_byte_for_byte_the_first_call() -> None:
    fields = prepay.order_fields(MERCHANT, PrepayOrder(trade_type=TradeType.NATIVE, **ORDER))
    stored = json.loads(json.dumps(fields))
    assert prepay.prepay_request(stored, MERCHANT, TradeType.NATIVE, NOW) == prepay.prepay_request(
        fields, MERCHANT, TradeType.NATIVE, NOW
    )


def test_a_product_id_is_cut_to_what_wechat_takes() -> None:
    long = {**ORDER, "product_id": "p" * 40}
    fields = prepay.order_fields(MERCHANT, PrepayOrder(trade_type=TradeType.NATIVE, **long))
    assert fields["product_id"] == "p" * 32


@pytest.mark.parametrize(("left_ms", "told"), [(359_999, False), (360_000, True)])
def test_wechat_is_told_no_time_that_it_finds_too_near(left_ms: int, told: bool) -> None:
    near = {**ORDER, "expires_ms": ORDER["now_ms"] + left_ms}
    fields = prepay.order_fields(MERCHANT, PrepayOrder(trade_type=TradeType.NATIVE, **near))
    assert ("time_start" in fields, "time_expire" in fields) == (told, told)


def test_the_scene_of_a_long_address_keeps_the_address_and_shortens_its_name() -> None:
    origin = f"https://{'a' * 60}.example.com"
    scene = json.loads(prepay.scene_info(origin))["h5_info"]
    assert (scene["wap_url"], scene["wap_name"]) == (origin, "a" * 32)


# --- which answers are used ----------------------------------------------------------------------


@pytest.mark.parametrize("sign_type", [MD5, HMAC_SHA256])
def test_a_proven_answer_is_read(sign_type: str) -> None:
    fields = calls.read_answer(ok(answer(sign_type=sign_type, extra="1")), MERCHANT)
    assert fields["extra"] == "1"


UNTRUSTED = {
    "nothing": b"",
    "HTML": b"<html><body>502</body></html>",
    "cut off": answer()[:-8],
    "a DOCTYPE": b"<!DOCTYPE xml>" + answer(),
    "no return_code": answer(return_code=None),
    "an unknown return_code": answer(return_code="OK"),
    "unsigned": wire.write({"return_code": "SUCCESS", "result_code": "SUCCESS"}),
    "another key": answer(key="0" * 32),
    "changed after signing": answer().replace(b"N1", b"N2"),
    "an unknown sign_type": wire.write({**wire.read(answer()), "sign_type": "RSA"}),
    "another app": answer(appid="wx0000000000000000"),
    "no app": answer(appid=None),
    "another merchant": answer(mch_id="1900000999"),
    "no merchant": answer(mch_id=None),
    "failed, and unsigned": wire.write({"return_code": "SUCCESS", "result_code": "FAIL"}),
}


@pytest.mark.parametrize("body", UNTRUSTED.values(), ids=list(UNTRUSTED))
def test_an_answer_that_proves_nothing_is_not_used(body: bytes) -> None:
    with pytest.raises(WeChatUntrusted):
        calls.read_answer(ok(body), MERCHANT)


@pytest.mark.parametrize(
    ("what", "doubt", "claimed"),
    [
        ("HTML", "useless", (None, None)),
        ("unsigned", "signature", (None, None)),
        ("another key", "signature", (None, None)),
        ("another app", "foreign", ("1900000109", "wx0000000000000000")),
        ("no merchant", "foreign", (None, "wx8888888888888888")),
    ],
)
def test_why_an_answer_is_not_used_is_known(what: str, doubt: str, claimed: Any) -> None:
    with pytest.raises(WeChatUntrusted) as error:
        calls.read_answer(ok(UNTRUSTED[what]), MERCHANT)
    assert (error.value.doubt, error.value.claimed, error.value.detail) == (doubt, claimed, {})


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (wire.write({"return_code": "FAIL", "return_msg": "签名错误"}), "FAIL", "签名错误"),
        (wire.write({"return_code": "FAIL"}), "FAIL", ""),
        (wire.write({"return_code": "FAIL", "return_msg": "x" * 500}), "FAIL", "x" * 128),
        (
            answer(result_code="FAIL", err_code="ORDERPAID", err_code_des="该订单已支付"),
            "ORDERPAID",
            "该订单已支付",
        ),
        (answer(result_code="FAIL"), "UNKNOWN", ""),
        (answer(result_code=None), "UNKNOWN", ""),
        (answer(result_code="FAIL", err_code="x" * 90, err_code_des="y" * 500),
         "x" * 32, "y" * 128),
    ],
)  # fmt: skip
def test_a_refusal_comes_with_wechats_code_and_words(body: bytes, code: str, words: str) -> None:
    with pytest.raises(WeChatRefused) as refusal:
        calls.read_answer(ok(body), MERCHANT)
    assert (refusal.value.wechat_code, refusal.value.wechat_words) == (code, words)


def test_a_prepay_answer_gives_its_id_and_the_qr_address() -> None:
    jsapi = prepaid(answer(trade_type="JSAPI", prepay_id="wx1"), TradeType.JSAPI)
    assert jsapi == Prepay("wx1")
    url = "weixin://wxpay/bizpayurl?pr=abc"
    body = answer(trade_type="NATIVE", prepay_id="wx2", code_url=url)
    assert prepaid(body, TradeType.NATIVE) == Prepay("wx2", url)
    body = answer(trade_type="APP", prepay_id="wx3", mweb_url=url)
    assert prepaid(body, TradeType.APP) == Prepay("wx3")


@pytest.mark.parametrize("length", [64, 512])
def test_an_address_is_not_cut_where_wechats_table_ends(length: int) -> None:
    url = "https://wx.tenpay.com/".ljust(length, "w")
    body = answer(trade_type="MWEB", prepay_id="wx4", mweb_url=url)
    assert prepaid(body, TradeType.MWEB) == Prepay("wx4", url)


@pytest.mark.parametrize(
    ("trade_type", "fields"),
    [
        (TradeType.JSAPI, {"trade_type": "JSAPI"}),
        (TradeType.JSAPI, {"trade_type": "JSAPI", "prepay_id": ""}),
        (TradeType.JSAPI, {"trade_type": "NATIVE", "prepay_id": "wx1"}),
        (TradeType.JSAPI, {"prepay_id": "wx1"}),
        (TradeType.NATIVE, {"trade_type": "NATIVE", "prepay_id": "wx1"}),
        (TradeType.NATIVE, {"trade_type": "NATIVE", "prepay_id": "wx1", "code_url": ""}),
        (TradeType.MWEB, {"trade_type": "MWEB", "prepay_id": "wx1"}),
        (TradeType.MWEB, {"trade_type": "MWEB", "prepay_id": "wx1", "code_url": "weixin://x"}),
        (TradeType.MWEB, {"trade_type": "MWEB", "prepay_id": "wx1", "mweb_url": "h" * 513}),
        (TradeType.APP, {"trade_type": "APP", "prepay_id": "w" * 129}),
        (TradeType.APP, {"trade_type": "JSAPI", "prepay_id": "wx1"}),
    ],
)
def test_a_prepay_answer_that_lacks_what_the_page_needs_is_not_used(
    trade_type: TradeType, fields: dict[str, str]
) -> None:
    with pytest.raises(WeChatUntrusted):
        prepaid(answer(**fields), trade_type)


PAID = {
    "trade_state": "SUCCESS",
    "out_trade_no": "ORDER1",
    "transaction_id": "42001",
    "total_fee": "8800",
    "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
    "time_end": "20250102110405",
}


@pytest.mark.parametrize("state", ["SUCCESS", "REFUND"])
def test_a_query_finds_money_that_came_also_when_it_was_refunded_since(state: str) -> None:
    notice = trade.read_query(ok(answer(**{**PAID, "trade_state": state})), MERCHANT, PROOF)
    assert notice
    assert (notice.merchant, notice.result) == (MERCHANT, "SUCCESS")
    assert (notice.order_num, notice.transaction_id) == ("ORDER1", "42001")
    assert notice.total_text == "8800"


@pytest.mark.parametrize("state", ["NOTPAY", "CLOSED", "REVOKED", "USERPAYING", "PAYERROR"])
def test_a_query_finds_no_money_in_any_other_state(state: str | None) -> None:
    assert trade.read_query(ok(answer(**{**PAID, "trade_state": state})), MERCHANT, PROOF) is None


def test_a_query_of_an_unknown_order_and_an_unproven_answer_are_errors() -> None:
    with pytest.raises(WeChatRefused, match="refused") as refusal:
        trade.read_query(ok(answer(result_code="FAIL", err_code="ORDERNOTEXIST")), MERCHANT, PROOF)
    assert refusal.value.wechat_code == "ORDERNOTEXIST"
    with pytest.raises(WeChatUntrusted):
        trade.read_query(ok(answer(key="0" * 32, **PAID)), MERCHANT, PROOF)


def test_a_close_is_done_or_says_why_not() -> None:
    trade.read_close(ok(answer()), MERCHANT, PROOF)
    with pytest.raises(WeChatRefused) as refusal:
        trade.read_close(ok(answer(result_code="FAIL", err_code="ORDERPAID")), MERCHANT, PROOF)
    assert refusal.value.wechat_code == "ORDERPAID"


# --- what the page is given ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sign_type", "vector", "algorithm"),
    [
        (MD5, "sort_is_byte_order_uppercase_first", "md5"),
        (HMAC_SHA256, "jsapi_paysign_hmac", "hmac_sha256"),
    ],
)
def test_the_jsapi_page_gets_five_fields_and_their_signature(
    sign_type: str, vector: str, algorithm: str
) -> None:
    case = VECTORS[vector]
    page = prepay.page_parameters(
        MERCHANT,
        TradeType.JSAPI,
        Prepay(PREPAY_ID),
        {"sign_type": sign_type},
        Moment(1735787045, "5K8264ILTKCH16CQ"),
    )
    assert page == {**case["params"], "paySign": case[algorithm]}


@pytest.mark.parametrize(("sign_type", "algorithm"), [(MD5, "md5"), (HMAC_SHA256, "hmac_sha256")])
def test_the_app_gets_six_lower_case_fields_and_their_signature(
    sign_type: str, algorithm: str
) -> None:
    case = VECTORS["app_params"]
    app = prepay.page_parameters(
        MERCHANT,
        TradeType.APP,
        Prepay(PREPAY_ID),
        {"sign_type": sign_type},
        Moment(1735787045, "5K8264ILTKCH16CQ"),
    )
    assert app == {**case["params"], "sign": case[algorithm]}


@pytest.mark.parametrize(
    ("kind", "name"), [(TradeType.NATIVE, "codeUrl"), (TradeType.MWEB, "mwebUrl")]
)
def test_a_page_that_needs_only_an_address_gets_only_that(kind: TradeType, name: str) -> None:
    given = Prepay("wx1", "https://wx.tenpay.com/x")
    page = prepay.page_parameters(MERCHANT, kind, given, {}, NOW)
    assert page == {name: "https://wx.tenpay.com/x"}


def test_an_order_without_a_sign_type_was_signed_with_md5() -> None:
    page = prepay.page_parameters(MERCHANT, TradeType.JSAPI, Prepay("wx1"), {}, NOW)
    assert page["signType"] == MD5


def test_what_wechat_gave_lives_as_long_as_wechat_says() -> None:
    lives = {"JSAPI": 7200, "NATIVE": 7200, "APP": 7200, "MWEB": 300}
    assert {kind.value: s for kind, s in LIFETIME_S.items()} == lives
