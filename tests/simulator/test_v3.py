"""The simulator speaks API v3 as WeChat does, over HTTP; the client side is made by hand."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from payments.protocol import Moment, WireAnswer
from payments.v2 import trade as v2_trade
from payments.v3 import signing
from tests.support.simulator_rig import (
    MERCHANT,
    NOW,
    ORDER_NUM,
    PROOF,
    Rig,
    merchant_v3,
    order_v3,
    proven,
    run_v3,
    wechats,
)

BY_ORDER = f"/v3/pay/transactions/out-trade-no/{ORDER_NUM}"


async def query(rig: Rig, path: str = BY_ORDER, mch_id: str = MERCHANT.mch_id) -> WireAnswer:
    return await rig.call_v3("GET", f"{path}?mchid={mch_id}")


async def close(rig: Rig) -> WireAnswer:
    return await rig.call_v3("POST", f"{BY_ORDER}/close", {"mchid": MERCHANT.mch_id})


def said(answer: WireAnswer) -> tuple[int, str]:
    """The status and the code of a refusal, which WeChat signs as any answer."""
    return answer.status, proven(answer)["code"]


# --- orders --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "gives", "begins", "trade_type"),
    [
        ("jsapi", "prepay_id", "wx", "JSAPI"),
        ("app", "prepay_id", "wx", "APP"),
        ("native", "code_url", "weixin://wxpay/bizpayurl?pr=", "NATIVE"),
        ("h5", "h5_url", "http://127.0.0.1:", "MWEB"),
    ],
)
def test_each_kind_of_order_gives_what_the_page_needs(
    kind: str, gives: str, begins: str, trade_type: str
) -> None:
    async def test(rig: Rig) -> None:
        answer = await rig.order_v3(kind)
        assert answer.status == 200
        assert answer.headers["wechatpay-serial"].startswith("PUB_KEY_ID_")
        given = proven(answer)
        assert set(given) == {gives}
        assert given[gives].startswith(begins)
        trade = rig.world.trades.by_order(ORDER_NUM)
        assert trade is not None
        assert (trade.trade_type, trade.total_fen, trade.title) == (
            trade_type,
            8800,
            "龙井茶 & Tea",
        )

    run_v3(test)


def test_the_same_order_again_gives_the_same_and_another_is_refused() -> None:
    async def test(rig: Rig) -> None:
        first = proven(await rig.order_v3())
        assert proven(await rig.order_v3()) == first
        for changes in ({"description": "coffee"}, {"amount": {"total": 1, "currency": "CNY"}}):
            assert said(await rig.order_v3(**changes)) == (403, "OUT_TRADE_NO_USED")
        assert said(await rig.order_v3("app")) == (403, "OUT_TRADE_NO_USED")

    run_v3(test)


@pytest.mark.parametrize(
    ("kind", "changes", "field"),
    [
        ("native", {"amount": {"total": 0}}, "/amount/total"),
        ("native", {"amount": {"total": "8800"}}, "/amount/total"),
        ("native", {"amount": {"total": True}}, "/amount/total"),
        ("native", {"amount": {"total": 88.0}}, "/amount/total"),
        ("native", {"amount": {"total": 1, "currency": "USD"}}, "/amount/currency"),
        ("native", {"amount": {"total": 1, "note": "x"}}, "/amount/note"),
        ("native", {"amount": 8800}, "/amount"),
        ("native", {"product_id": "tea"}, "/product_id"),
        ("native", {"description": "奶茶🧋大杯"}, "/description"),
        ("native", {"attach": "𠮷"}, "/attach"),
        ("native", {"attach": None}, "/attach"),
        ("native", {"out_trade_no": "short"}, "/out_trade_no"),
        ("native", {"notify_url": "https://shop.example.com/n?a=1"}, "/notify_url"),
        ("native", {"time_expire": "20250102110405"}, "/time_expire"),
        ("native", {"time_expire": "2025-01-02T11:04:05+08:00"}, "/time_expire"),
        ("native", {"detail": {"goods_detail": [{}]}}, "/detail/goods_detail/0/merchant_goods_id"),
        ("native", {"mchid": "1900000999"}, "/mchid"),
        ("jsapi", {"payer": {}}, "/payer/openid"),
        ("h5", {"scene_info": {"payer_client_ip": "203.0.113.9"}}, "/scene_info/h5_info"),
        ("h5", {"scene_info": {"payer_client_ip": "here"}}, "/scene_info/payer_client_ip"),
    ],
)
def test_an_odd_field_is_named(kind: str, changes: dict[str, Any], field: str) -> None:
    async def test(rig: Rig) -> None:
        answer = await rig.order_v3(kind, **changes)
        assert said(answer) == (400, "PARAM_ERROR")
        assert proven(answer)["detail"]["field"] == field
        assert len(rig.world.trades) == 0

    run_v3(test)


def test_an_app_of_another_account_is_refused() -> None:
    async def test(rig: Rig) -> None:
        answer = await rig.order_v3(appid="wxffffffffffffffff")
        assert said(answer) == (400, "APPID_MCHID_NOT_MATCH")

    run_v3(test)


# --- who asks ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "old_s"),
    [
        ({"private_key": wechats().certificate.private}, 0),
        ({"serial": "AB12"}, 0),
        ({"mch_id": "1900000999"}, 0),
        ({}, 301),
        ({}, -310),
    ],
)
def test_a_request_that_proves_nothing_is_refused(change: dict[str, str], old_s: int) -> None:
    async def test(rig: Rig) -> None:
        moment = Moment(int(time.time()) - old_s, "n")
        path = f"{BY_ORDER}?mchid={MERCHANT.mch_id}"
        caller = replace(merchant_v3(), **change)  # type: ignore[arg-type]
        proof = signing.authorization(caller, "GET", path, b"", moment)
        assert said(await rig.call_v3("GET", path, Authorization=proof)) == (401, "SIGN_ERROR")

    run_v3(test)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Authorization": ""}, 401, "SIGN_ERROR"),
        ({"Authorization": 'WECHATPAY2-SHA256-RSA2048 mchid="1900000109"'}, 401, "SIGN_ERROR"),
        ({"Authorization": 'Bearer mchid="1900000109"'}, 401, "SIGN_ERROR"),
        ({"Accept": ""}, 400, "PARAM_ERROR"),
        ({"User-Agent": ""}, 400, "PARAM_ERROR"),
    ],
)
def test_a_request_without_what_it_must_carry_is_refused(
    headers: dict[str, str], status: int, code: str
) -> None:
    async def test(rig: Rig) -> None:
        answer = await rig.call_v3("GET", f"{BY_ORDER}?mchid={MERCHANT.mch_id}", **headers)
        assert said(answer) == (status, code)

    run_v3(test)


def test_the_query_of_the_address_is_part_of_what_is_signed() -> None:
    async def test(rig: Rig) -> None:
        proof = signing.authorization(
            merchant_v3(), "GET", BY_ORDER, b"", Moment(int(time.time()), "n")
        )
        path = f"{BY_ORDER}?mchid={MERCHANT.mch_id}"
        answer = await rig.call_v3("GET", path, Authorization=proof)
        assert said(answer) == (401, "SIGN_ERROR")
        assert proven(answer)["detail"]["sign_information"]["url"] == path

    run_v3(test)


def test_an_address_that_does_not_exist_is_refused() -> None:
    async def test(rig: Rig) -> None:
        for method, path in (("GET", "/v3/nothing"), ("GET", "/v3/pay/transactions/native")):
            assert said(await rig.call_v3(method, path)) == (404, "RESOURCE_NOT_EXISTS")

    run_v3(test)


def test_each_of_several_merchants_has_its_own_key_and_its_own_orders() -> None:
    other = merchant_v3("1900000222", "wx2222222222222222")

    async def test(rig: Rig) -> None:
        theirs = {**order_v3(), "appid": other.app_id, "mchid": other.mch_id}
        answer = await rig.call_v3("POST", "/v3/pay/transactions/native", theirs, other)
        assert answer.status == 200
        assert said(await query(rig)) == (404, "ORDER_NOT_EXIST")
        assert said(await rig.order_v3()) == (403, "OUT_TRADE_NO_USED")
        path = f"{BY_ORDER}?mchid={other.mch_id}"
        assert proven(await rig.call_v3("GET", path, None, other))["mchid"] == other.mch_id
        stolen = replace(other, private_key=merchant_v3().private_key)
        assert said(await rig.call_v3("GET", path, None, stolen)) == (401, "SIGN_ERROR")

    run_v3(test, merchants=(merchant_v3(), other))


# --- query and close -----------------------------------------------------------------------------


def test_a_query_tells_whether_the_order_is_paid() -> None:
    async def test(rig: Rig) -> None:
        assert said(await query(rig)) == (404, "ORDER_NOT_EXIST")
        await rig.order_v3("jsapi")
        waiting = proven(await query(rig))
        assert waiting["trade_state"] == "NOTPAY"
        assert "transaction_id" not in waiting
        transaction_id = await _pay(rig)
        paid = proven(await query(rig))
        assert (paid["trade_state"], paid["transaction_id"]) == ("SUCCESS", transaction_id)
        assert paid["amount"]["total"] == 8800
        assert paid["payer"] == {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}
        assert proven(await query(rig, f"/v3/pay/transactions/id/{transaction_id}")) == paid
        assert said(await query(rig, mch_id="1900000999")) == (400, "PARAM_ERROR")

    run_v3(test)


async def _pay(rig: Rig) -> str:
    trade = rig.world.trades.by_order(ORDER_NUM)
    assert trade is not None
    await rig.pay(trade.prepay_id)
    return trade.transactions[0].id


def test_closing_has_no_body_and_may_be_repeated() -> None:
    async def test(rig: Rig) -> None:
        await rig.order_v3()
        for _ in range(2):
            answer = await close(rig)
            assert (answer.status, proven(answer)) == (204, None)
        assert proven(await query(rig))["trade_state"] == "CLOSED"
        assert said(await rig.order_v3()) == (400, "ORDER_CLOSED")

    run_v3(test)


def test_a_paid_order_cannot_be_closed_or_ordered_again() -> None:
    async def test(rig: Rig) -> None:
        await rig.paid_v3()
        assert said(await close(rig)) == (400, "ORDER_PAID")
        assert said(await rig.order_v3()) == (400, "ORDER_PAID")

    run_v3(test)


def test_an_order_of_either_interface_is_known_to_the_other() -> None:
    async def test(rig: Rig) -> None:
        await rig.order_v3()
        asked = v2_trade.query_request(merchant_v3(), ORDER_NUM, NOW)
        assert v2_trade.read_query(await rig.answer(asked), merchant_v3(), PROOF) is None
        await _pay(rig)
        notice = v2_trade.read_query(await rig.answer(asked), merchant_v3(), PROOF)
        assert notice is not None
        assert (notice.order_num, notice.total_text) == (ORDER_NUM, "8800")
        await rig.order(merchant_v3(), out_trade_no="T20250101000002")
        path = "/v3/pay/transactions/out-trade-no/T20250101000002"
        assert proven(await query(rig, path))["trade_state"] == "NOTPAY"
        answer = await rig.order_v3(out_trade_no="T20250101000002")
        assert said(answer) == (403, "OUT_TRADE_NO_USED")

    run_v3(test)


@pytest.mark.parametrize("written", [str.lower, lambda serial: f"0{serial}", str])
def test_a_serial_is_a_number_however_it_is_written(written: Any) -> None:
    merchant = replace(merchant_v3(), serial=written(merchant_v3().serial))

    async def test(rig: Rig) -> None:
        answer = await rig.call_v3("POST", "/v3/pay/transactions/native", order_v3(), merchant)
        assert answer.status == 200, answer.body

    run_v3(test)


@pytest.mark.parametrize(("count", "status"), [(127, 200), (128, 400)])
def test_a_description_is_counted_in_characters(count: int, status: int) -> None:
    async def test(rig: Rig) -> None:
        assert (await rig.order_v3(description="茶" * count)).status == status

    run_v3(test)
