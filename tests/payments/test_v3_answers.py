"""What WeChat answers on API v3: which answers are used, and what the refused ones mean."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.apis import APIS
from payments.errors import WeChatRefused, WeChatUnreachable, WeChatUntrusted
from payments.merchant import Api
from payments.payment_result import UNPAID_STATES, V3_NAMES
from payments.protocol import (
    Prepay,
    Proof,
    WeChatApi,
    WireAnswer,
)
from payments.refund import RefundStatus
from payments.states import TradeType
from payments.v3 import signing, wire
from tests.support.v3_material import (
    CERTIFICATE,
    KEYS,
    MERCHANT,
    NEXT,
    NOW_S,
    PLATFORM,
    PROOF,
    PUBLIC_ID,
    REFUND,
    TRANSACTION,
    answer,
    signed,
)

API: WeChatApi = APIS[Api.V3]
PREPAY_ID = "wx201410272009395522657a690389285100"


def without(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}


# --- which answers are used ----------------------------------------------------------------------


@pytest.mark.parametrize("serial", [CERTIFICATE, PUBLIC_ID])
def test_a_prepay_answer_gives_an_id_or_an_address(serial: str) -> None:
    for kind, name in ((TradeType.JSAPI, "prepay_id"), (TradeType.APP, "prepay_id")):
        given_ = API.read_prepay(answer({name: PREPAY_ID}, serial=serial), MERCHANT, kind, PROOF)
        assert given_ == Prepay(PREPAY_ID)
    for kind, name in ((TradeType.NATIVE, "code_url"), (TradeType.MWEB, "h5_url")):
        said = answer({name: "weixin://x", "prepay_id": PREPAY_ID}, serial=serial)
        assert API.read_prepay(said, MERCHANT, kind, PROOF) == Prepay("", "weixin://x")


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (TradeType.JSAPI, {}),
        (TradeType.JSAPI, {"prepay_id": ""}),
        (TradeType.JSAPI, {"prepay_id": 1}),
        (TradeType.JSAPI, {"code_url": "weixin://x"}),
        (TradeType.JSAPI, {"prepay_id": "w" * 129}),
        (TradeType.NATIVE, {"prepay_id": PREPAY_ID}),
        (TradeType.MWEB, {"code_url": "weixin://x"}),
        (TradeType.MWEB, {"h5_url": "w" * 513}),
    ],
    ids=repr,
)
def test_a_prepay_answer_without_what_the_buyer_needs_is_not_used(
    kind: TradeType, fields: dict[str, Any]
) -> None:
    with pytest.raises(WeChatUntrusted) as error:
        API.read_prepay(answer(fields), MERCHANT, kind, PROOF)
    assert error.value.doubt == "useless"


def close(said: WireAnswer, proof: Proof = PROOF) -> None:
    API.read_close(said, MERCHANT, proof)


def test_a_close_is_proven_although_it_has_no_body() -> None:
    close(answer(b"", 204))
    with pytest.raises(WeChatUntrusted):
        close(WireAnswer(204, b"", {}))
    with pytest.raises(WeChatUntrusted):
        close(WireAnswer(204, b"", signed(b"{}")))


GOOD = answer({"prepay_id": PREPAY_ID})
CHANGED = {**GOOD.headers, "wechatpay-nonce": "0"}
PROBE = {**GOOD.headers, "wechatpay-signature": "WECHATPAY/SIGNTEST/x"}
DOUBTED: dict[str, tuple[WireAnswer, str]] = {
    "unsigned": (WireAnswer(200, GOOD.body), "signature"),
    "changed after signing": (replace(GOOD, body=GOOD.body + b" "), "signature"),
    "a changed header": (replace(GOOD, headers=CHANGED), "signature"),
    "too old": (replace(GOOD, headers=signed(GOOD.body, now_s=NOW_S - 301)), "signature"),
    "too new": (replace(GOOD, headers=signed(GOOD.body, now_s=NOW_S + 301)), "signature"),
    "a key that we do not know": (answer({"prepay_id": "x"}, serial=NEXT), "unknown_serial"),
    "a probe": (replace(GOOD, headers=PROBE), "probe"),
    "no JSON": (answer(b"x"), "useless"),
    "a list": (answer(b"[]"), "useless"),
    "nothing": (answer(b""), "useless"),
    "a redirect": (answer({"prepay_id": "x"}, 302), "useless"),
    "another success": (answer({"prepay_id": "x"}, 202), "useless"),
    "no content": (answer(b"", 204), "useless"),
    "HTML, refused": (WireAnswer(403, b"<html>Forbidden</html>"), "useless"),
    "refused, wrongly signed": (WireAnswer(400, b"{}", GOOD.headers), "signature"),
    "refused, with a key that we do not know": (
        answer({"code": "ORDER_NOT_EXIST"}, 404, NEXT),
        "unknown_serial",
    ),
    "refused, signed, no JSON": (answer(b"<html>", 400), "useless"),
}


@pytest.mark.parametrize(("said", "doubt"), DOUBTED.values(), ids=list(DOUBTED))
def test_an_answer_that_proves_nothing_is_not_used(said: WireAnswer, doubt: str) -> None:
    with pytest.raises(WeChatUntrusted) as error:
        API.read_prepay(said, MERCHANT, TradeType.JSAPI, PROOF)
    assert (error.value.doubt, error.value.detail) == (doubt, {})


def test_an_answer_with_a_new_key_is_used_once_the_key_is_known() -> None:
    said = answer({"prepay_id": PREPAY_ID}, serial=NEXT)
    key = signing.public_key(KEYS["platform_cert_next"]["cert_pem"])
    known = Proof({**PLATFORM, NEXT: key}, NOW_S)
    assert API.read_prepay(said, MERCHANT, TradeType.JSAPI, known) == Prepay(PREPAY_ID)


def test_a_clock_that_is_wrong_is_named() -> None:
    said, _ = DOUBTED["too old"]
    with pytest.raises(WeChatUntrusted, match="check the clock"):
        API.read_prepay(said, MERCHANT, TradeType.JSAPI, PROOF)


# --- what WeChat refuses -------------------------------------------------------------------------

REFUSALS: list[tuple[int, str, str, str]] = [
    (404, "ORDER_NOT_EXIST", "订单不存在", "ORDERNOTEXIST"),
    (404, "ORDERNOTEXIST", "订单不存在", "ORDERNOTEXIST"),
    (404, "RESOURCE_NOT_EXISTS", "查询的资源不存在", "ORDERNOTEXIST"),
    (400, "ORDER_PAID", "订单已支付", "ORDERPAID"),
    (400, "ORDER_CLOSED", "订单已关闭", "ORDERCLOSED"),
    (401, "SIGN_ERROR", "签名错误", "SIGNERROR"),
    (403, "NO_AUTH", "商户无权限", "NOAUTH"),
    (403, "NOT_ENOUGH", "余额不足", "NOTENOUGH"),
    (403, "OUT_TRADE_NO_USED", "商户订单号重复", "OUT_TRADE_NO_USED"),
    (403, "RULE_LIMIT", "业务规则限制", "RULE_LIMIT"),
    (400, "PARAM_ERROR", "参数错误", "PARAM_ERROR"),
    (400, "APPID_MCHID_NOT_MATCH", "不匹配", "APPID_MCHID_NOT_MATCH"),
    (400, "MCH_NOT_EXISTS", "商户号不存在", "MCHID_NOT_EXIST"),
    (429, "FREQUENCY_LIMITED", "频率超限", "FREQUENCY_LIMITED"),
    (429, "FREQUENCY_LIMIT_EXCEED", "频率超限", "FREQUENCY_LIMITED"),
    (400, "RATELIMIT_EXCEEDED", "频率超限", "FREQUENCY_LIMITED"),
    (429, "A_WORD_NOT_KNOWN_YET", "频率超限", "FREQUENCY_LIMITED"),
    (500, "SYSTEM_ERROR", "系统错误", "SYSTEMERROR"),
    (500, "SYSTEMERROR", "系统错误", "SYSTEMERROR"),
    (400, "INVALID_REQUEST", "无效请求", "INVALID_REQUEST"),
    (400, "INVALID_REQUEST", "该订单已支付", "ORDERPAID"),
    (400, "INVALID_REQUEST", "该订单已关闭", "ORDERCLOSED"),
    (400, "INVALID_REQUEST", "请求重入时，参数与首次请求时不一致", "OUT_TRADE_NO_USED"),
    (403, "TRADE_ERROR", "订单已支付", "ORDERPAID"),
    (400, "PARAM_ERROR", "订单已支付", "PARAM_ERROR"),
    (400, "SOMETHING_NEW", "x", "SOMETHING_NEW"),
]


@pytest.mark.parametrize(("status", "said", "words", "code"), REFUSALS)
def test_a_refusal_comes_in_the_words_of_api_v2(
    status: int, said: str, words: str, code: str
) -> None:
    refused = answer({"code": said, "message": words, "detail": {"issue": "x"}}, status)
    with pytest.raises(WeChatRefused) as refusal:
        close(refused)
    assert (refusal.value.wechat_code, refusal.value.wechat_words) == (code, words)
    assert refusal.value.detail == {"code": said, "words": words}


def test_what_is_not_there_is_the_refund_when_a_refund_was_asked_about() -> None:
    gone = answer({"code": "RESOURCE_NOT_EXISTS", "message": "退款单不存在"}, 404)
    with pytest.raises(WeChatRefused) as refusal:
        API.read_refund_query(gone, MERCHANT, "RF20250102000001", PROOF)
    assert (refusal.value.wechat_code, refusal.value.wechat_words) == (
        "REFUNDNOTEXIST",
        "退款单不存在",
    )
    with pytest.raises(WeChatRefused) as refusal:
        API.read_refund(gone, MERCHANT, PROOF)
    assert refusal.value.wechat_code == "ORDERNOTEXIST"


@pytest.mark.parametrize("fields", [{}, {"code": 1}, {"code": "", "message": 1}], ids=repr)
def test_a_refusal_without_a_code_is_one_all_the_same(fields: dict[str, Any]) -> None:
    with pytest.raises(WeChatRefused) as refusal:
        close(answer(fields, 400))
    assert (refusal.value.wechat_code, refusal.value.wechat_words) == ("UNKNOWN", "")


def test_a_long_refusal_is_cut() -> None:
    with pytest.raises(WeChatRefused) as refusal:
        close(answer({"code": "x" * 90, "message": "y" * 500}, 400))
    assert (refusal.value.wechat_code, refusal.value.wechat_words) == ("x" * 32, "y" * 128)


@pytest.mark.parametrize("status", [400, 401, 404, 429])
def test_nothing_is_concluded_from_an_unsigned_refusal(status: int) -> None:
    """A query that finds nothing closes the order here; anybody between us could say so."""
    said = wire.write({"code": "ORDER_NOT_EXIST", "message": "订单不存在"})
    with pytest.raises(WeChatRefused) as refusal:
        close(WireAnswer(status, said))
    assert (refusal.value.wechat_code, refusal.value.wechat_words) == ("FAIL", "订单不存在")
    assert refusal.value.detail["code"] == "ORDER_NOT_EXIST"
    with pytest.raises(WeChatRefused) as refusal:
        close(WireAnswer(status, b"{}"))
    assert (refusal.value.wechat_code, refusal.value.wechat_words) == ("FAIL", "")


@pytest.mark.parametrize(
    "said",
    [
        WireAnswer(500, wire.write({"code": "SYSTEM_ERROR"})),
        WireAnswer(502, b"<html>Bad Gateway</html>"),
        WireAnswer(503, b""),
        WireAnswer(500, wire.write({"code": "SYSTEM_ERROR"}), GOOD.headers),
        answer({"code": "SYSTEM_ERROR"}, 500, NEXT),
        answer(b"no JSON", 500),
    ],
    ids=lambda said: repr(said.body),
)
def test_a_5xx_that_proves_nothing_leaves_the_outcome_open(said: WireAnswer) -> None:
    with pytest.raises(WeChatUnreachable):
        close(said)


# --- queries -------------------------------------------------------------------------------------


def test_a_paid_order_is_read_in_full() -> None:
    notice = API.read_query(answer(TRANSACTION), MERCHANT, PROOF)
    assert notice is not None
    assert (notice.merchant, notice.signer) == (MERCHANT, MERCHANT)
    assert (notice.result, notice.order_num) == ("SUCCESS", "ORD20250102000001")
    assert (notice.total_text, notice.currency, notice.names) == ("8800", "CNY", V3_NAMES)
    refunded = API.read_query(answer({**TRANSACTION, "trade_state": "REFUND"}), MERCHANT, PROOF)
    assert refunded is not None
    assert refunded.result == "SUCCESS"


def test_a_payment_for_a_merchant_below_ours_is_read_with_its_name() -> None:
    own = without(TRANSACTION, "mchid", "appid")
    named = {"sp_mchid": MERCHANT.mch_id, "sp_appid": MERCHANT.app_id, "sub_mchid": "1900000555"}
    paid = API.read_query(answer({**own, **named}), MERCHANT, PROOF)
    assert paid is not None
    assert (paid.merchant, paid.mch_id, paid.sub_mch_id) == (None, MERCHANT.mch_id, "1900000555")


@pytest.mark.parametrize("state", UNPAID_STATES)
def test_an_unpaid_order_is_none(state: str) -> None:
    bare = without(TRANSACTION, "transaction_id", "success_time", "payer", "trade_type")
    assert API.read_query(answer({**bare, "trade_state": state}), MERCHANT, PROOF) is None


@pytest.mark.parametrize("state", ["", "success", "SOMETHING_NEW", 1, None], ids=repr)
def test_a_state_that_is_not_understood_is_not_taken_for_unpaid(state: Any) -> None:
    with pytest.raises(WeChatUntrusted) as error:
        API.read_query(answer({**TRANSACTION, "trade_state": state}), MERCHANT, PROOF)
    assert error.value.doubt == "odd_state"


@pytest.mark.parametrize(
    ("fields", "claimed"),
    [
        ({**TRANSACTION, "mchid": "1900000999"}, ("1900000999", "wx8888888888888888")),
        ({**TRANSACTION, "appid": "wx0"}, ("1900000109", "wx0")),
        (without(TRANSACTION, "appid", "mchid"), (None, None)),
        ({**TRANSACTION, "mchid": "x" * 999}, ("x" * 999, "wx8888888888888888")),
    ],
)
@pytest.mark.parametrize("state", ["SUCCESS", "NOTPAY"])
def test_an_answer_about_anothers_order_is_not_used(
    fields: dict[str, Any], claimed: tuple[str | None, str | None], state: str
) -> None:
    with pytest.raises(WeChatUntrusted) as error:
        API.read_query(answer({**fields, "trade_state": state}), MERCHANT, PROOF)
    assert (error.value.doubt, error.value.claimed) == ("foreign", claimed)


# --- refunds -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("PROCESSING", RefundStatus.PROCESSING),
        ("SUCCESS", RefundStatus.SUCCESS),
        ("CLOSED", RefundStatus.CLOSED),
        ("ABNORMAL", RefundStatus.ABNORMAL),
        ("SOMETHING_NEW", None),
    ],
)
def test_a_refund_is_read_from_either_answer(said: str, status: RefundStatus | None) -> None:
    told = answer({**REFUND, "status": said})
    first = API.read_refund(told, MERCHANT, PROOF)
    assert first == API.read_refund_query(told, MERCHANT, "RF20250102000001", PROOF)
    assert (first.status, first.said, first.proven) == (status, said, True)
    assert (first.signer, first.merchant, first.mch_id) == (MERCHANT, MERCHANT, "1900000109")
    assert (first.total_text, first.refund_text) == ("8800", "800")
    assert (first.refund_num, first.refund_id) == (REFUND["out_refund_no"], REFUND["refund_id"])


@pytest.mark.parametrize(
    ("fields", "doubt"),
    [
        (without(REFUND, "status"), "useless"),
        ({**REFUND, "status": ""}, "useless"),
        ({**REFUND, "mchid": "1900000999"}, "foreign"),
    ],
)
def test_a_refund_that_is_not_ours_or_says_nothing_is_not_used(
    fields: dict[str, Any], doubt: str
) -> None:
    with pytest.raises(WeChatUntrusted) as error:
        API.read_refund(answer(fields), MERCHANT, PROOF)
    assert error.value.doubt == doubt


def test_an_answer_about_another_refund_is_not_used() -> None:
    with pytest.raises(WeChatUntrusted, match="another refund"):
        API.read_refund_query(answer(REFUND), MERCHANT, "RF2", PROOF)


# --- whatever comes ------------------------------------------------------------------------------

ANSWERS = st.builds(
    WireAnswer,
    st.sampled_from([200, 204, 302, 400, 404, 429, 500]),
    st.binary(max_size=80) | st.just(GOOD.body) | st.just(wire.write(TRANSACTION)),
    st.just({}) | st.just(dict(GOOD.headers)),
)
READERS = [
    lambda said: API.read_query(said, MERCHANT, PROOF),
    lambda said: API.read_refund(said, MERCHANT, PROOF),
    lambda said: API.read_refund_query(said, MERCHANT, "RF", PROOF),
    lambda said: API.read_close(replace(said, status=400), MERCHANT, PROOF),
]


@given(st.sampled_from(READERS), ANSWERS)
def test_whatever_comes_is_refused_untrusted_or_unreachable(reader: Any, said: WireAnswer) -> None:
    with pytest.raises((WeChatRefused, WeChatUntrusted, WeChatUnreachable)):
        reader(said)
