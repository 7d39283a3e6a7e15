"""The simulator keeps WeChat's promises to merchants and buyers, over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest

from payments.errors import WeChatRefused, WeChatUntrusted
from payments.merchant import HMAC_SHA256, MD5, Api, Merchant, Merchants
from payments.protocol import WireAnswer, WireRequest
from payments.states import TradeType
from payments.v2 import calls, notify, prepay, trade, wire
from simulator import options
from simulator.options import BadOption
from simulator.state.trades import Ordered, Trades
from tests.support.simulator_rig import MERCHANT, NOW, PROOF, Rig, order_fields, run

# Unified order


def test_a_wrong_signature_is_refused_without_a_signature() -> None:
    async def test(rig: Rig) -> None:
        thief = Merchant(MERCHANT.app_id, MERCHANT.mch_id, "x" * 32)
        answer = wire.read(
            await rig.call(prepay.prepay_request(order_fields(), thief, TradeType.NATIVE, NOW))
        )
        assert answer == {"return_code": "FAIL", "return_msg": "签名错误"}
        assert len(rig.world.trades) == 0

    run(test)


@pytest.mark.parametrize(
    "body", [b"", b"no xml", b"<xml><a>1</a><a>2</a></xml>", b"<xml><mch_id>9</mch_id></xml>"]
)
def test_what_is_not_from_the_merchant_is_refused_without_a_signature(body: bytes) -> None:
    async def test(rig: Rig) -> None:
        answer = wire.read(await rig.call(WireRequest("/pay/orderquery", body)))
        assert answer["return_code"] == "FAIL"
        assert "sign" not in answer

    run(test)


@pytest.mark.parametrize("sign_type", [MD5, HMAC_SHA256])
def test_answers_are_signed_with_the_sign_type_of_the_request(sign_type: str) -> None:
    async def test(rig: Rig) -> None:
        merchant = Merchant(MERCHANT.app_id, MERCHANT.mch_id, MERCHANT.api_v2_key, sign_type)
        body = await rig.call(
            prepay.prepay_request(order_fields(merchant), merchant, TradeType.NATIVE, NOW)
        )
        assert len(wire.read(body)["sign"]) == (32 if sign_type == MD5 else 64)
        assert prepay.read_prepay(
            WireAnswer(200, body), merchant, TradeType.NATIVE, PROOF
        ).prepay_id

    run(test)


def test_a_repeated_unified_order_gives_the_same_prepay() -> None:
    async def test(rig: Rig) -> None:
        first = await rig.order()
        assert await rig.order() == first
        assert await rig.order(nonce_str="another") == first

    run(test)


@pytest.mark.parametrize(
    "changes", [{"total_fee": "8801"}, {"body": "coffee"}, {"trade_type": "APP"}, {"attach": "x"}]
)
def test_changed_parameters_are_refused(changes: dict[str, str]) -> None:
    async def test(rig: Rig) -> None:
        await rig.order()
        with pytest.raises(WeChatRefused) as refused:
            await rig.order(**changes)
        assert refused.value.wechat_code == "OUT_TRADE_NO_USED"

    run(test)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"product_id": ""}, "LACK_PARAMS"),
        ({"trade_type": "JSAPI"}, "LACK_PARAMS"),
        ({"body": ""}, "LACK_PARAMS"),
        ({"total_fee": "0"}, "PARAM_ERROR"),
        ({"total_fee": "-1"}, "PARAM_ERROR"),
        ({"total_fee": "8800.0"}, "PARAM_ERROR"),
        ({"out_trade_no": "a b"}, "PARAM_ERROR"),
        ({"notify_url": "https://shop.example.com/pay/notify?a=1"}, "PARAM_ERROR"),
        ({"spbill_create_ip": "here"}, "PARAM_ERROR"),
        ({"body": "茶" * 43}, "PARAM_ERROR"),
        ({"time_expire": "20200101000000"}, "PARAM_ERROR"),
        ({"time_expire": "20209901000000"}, "PARAM_ERROR"),
    ],
)
def test_bad_parameters_are_refused_under_signature(changes: dict[str, str], code: str) -> None:
    async def test(rig: Rig) -> None:
        with pytest.raises(WeChatRefused) as refused:
            await rig.order(**changes)
        assert refused.value.wechat_code == code

    run(test)


def test_a_paid_or_closed_number_is_not_ordered_again() -> None:
    async def test(rig: Rig) -> None:
        paid = await rig.order()
        await rig.pay(paid.prepay_id)
        with pytest.raises(WeChatRefused, match="refused") as refused:
            await rig.order()
        assert refused.value.wechat_code == "ORDERPAID"
        await rig.order(out_trade_no="closed-1")
        await rig.call(trade.close_request(MERCHANT, "closed-1", NOW))
        with pytest.raises(WeChatRefused) as refused:
            await rig.order(out_trade_no="closed-1")
        assert refused.value.wechat_code == "ORDERCLOSED"

    run(test)


# Query and close


def test_query_tells_success_only_after_payment() -> None:
    async def test(rig: Rig) -> None:
        prepaid = await rig.order(attach="our note")
        ask = trade.query_request(MERCHANT, "T20250101000001", NOW)
        assert trade.read_query(await rig.answer(ask), MERCHANT, PROOF) is None
        await rig.pay(prepaid.prepay_id)
        body = await rig.call(ask)
        notice = trade.read_query(WireAnswer(200, body), MERCHANT, PROOF)
        assert notice is not None
        assert notice.total_text == "8800"
        assert wire.read(body)["attach"] == "our note"

    run(test)


def test_query_and_notify_tell_the_same() -> None:
    async def test(rig: Rig) -> None:
        await rig.pay((await rig.order()).prepay_id)
        await rig.deliveries_become(1)
        told = notify.read(rig.product.notifies[0], Merchants((MERCHANT,)))
        body = await rig.call(trade.query_request(MERCHANT, "T20250101000001", NOW))
        assert trade.read_query(WireAnswer(200, body), MERCHANT, PROOF) == told
        assert told.transaction_id
        assert told.transaction_id.startswith("4200")
        assert len(told.transaction_id) == 28

    run(test)


def test_an_unknown_number_does_not_exist() -> None:
    async def test(rig: Rig) -> None:
        for ask, read in (
            (trade.query_request, trade.read_query),
            (trade.close_request, trade.read_close),
        ):
            body = await rig.call(ask(MERCHANT, "nowhere", NOW))
            with pytest.raises(WeChatRefused) as refused:
                read(WireAnswer(200, body), MERCHANT, PROOF)
            assert refused.value.wechat_code == "ORDERNOTEXIST"

    run(test)


def test_close_after_paying_says_orderpaid() -> None:
    async def test(rig: Rig) -> None:
        prepaid = await rig.order()
        await rig.pay(prepaid.prepay_id)
        body = await rig.call(trade.close_request(MERCHANT, "T20250101000001", NOW))
        with pytest.raises(WeChatRefused) as refused:
            trade.read_close(WireAnswer(200, body), MERCHANT, PROOF)
        assert refused.value.wechat_code == "ORDERPAID"

    run(test)


def test_closing_twice_is_fine_and_ends_the_order() -> None:
    async def test(rig: Rig) -> None:
        prepaid = await rig.order()
        for _ in range(2):
            body = await rig.call(trade.close_request(MERCHANT, "T20250101000001", NOW))
            trade.read_close(WireAnswer(200, body), MERCHANT, PROOF)
        await rig.pay(prepaid.prepay_id)
        query = await rig.call(trade.query_request(MERCHANT, "T20250101000001", NOW))
        assert wire.read(query)["trade_state"] == "CLOSED"

    run(test)


# The buyer's page


def test_a_buyer_finds_what_is_to_be_paid_and_only_that() -> None:
    async def test(rig: Rig) -> None:
        assert "None at the moment" in (await rig.fetch("/")).body.decode()
        prepay = await rig.order()
        assert f"/pay/{prepay.prepay_id}" in (await rig.fetch("/")).body.decode()
        await rig.pay(prepay.prepay_id)
        assert f"/pay/{prepay.prepay_id}" not in (await rig.fetch("/")).body.decode()

    run(test)


def test_the_page_shows_the_order_and_then_the_result() -> None:
    async def test(rig: Rig) -> None:
        prepaid = await rig.order(body="<b>Tea</b>")
        by_order = await rig.fetch("/pay/by-order/T20250101000001")
        code = (prepaid.url or "").partition("pr=")[2]
        by_code = await rig.fetch(f"/pay/by-code/{code}")
        assert by_order.headers["Location"] == by_code.headers["Location"]
        page = (await rig.fetch(by_order.headers["Location"])).body.decode()
        for text in ("&lt;b&gt;Tea", "¥88.00", "T20250101000001", "<svg", "Pay"):
            assert text in page
        assert (await rig.pay(prepaid.prepay_id)).code == 303
        after = (await rig.fetch(f"/pay/{prepaid.prepay_id}")).body.decode()
        assert "支付成功" in after
        assert "<form" not in after

    run(test)


def test_a_page_of_another_origin_cannot_pay_or_pull_a_lever() -> None:
    async def test(rig: Rig) -> None:
        prepaid = await rig.order()
        for path in (f"/pay/{prepaid.prepay_id}", "/_control/clock", "/_control/faults"):
            for name, value in (("Origin", "https://evil.example"), ("Host", "evil.example")):
                answer = await rig.fetch(path, method="POST", body="{}", headers={name: value})
                assert answer.code == 403
        assert rig.product.notifies == []

    run(test)


# Control, bounds and start


@pytest.mark.parametrize(
    "body",
    ['{"speed": 0}', '{"speed": true}', '{"jumpSeconds": -1}', '{"jumpSeconds": NaN}', "[]", "{"],
)
def test_an_odd_clock_is_refused_in_json(body: str) -> None:
    async def test(rig: Rig) -> None:
        answer = await rig.fetch("/_control/clock", method="POST", body=body)
        assert answer.code == 400
        assert json.loads(answer.body)["error"] == "bad_request"

    run(test)


def test_trades_come_newest_first_and_limited() -> None:
    async def test(rig: Rig) -> None:
        for number in ("order-1", "order-2", "order-3"):
            await rig.order(out_trade_no=number)
        listed = json.loads((await rig.fetch("/_control/trades?limit=2")).body)["trades"]
        assert [t["orderNum"] for t in listed] == ["order-3", "order-2"]
        one = json.loads((await rig.fetch("/_control/trades?orderNum=order-1")).body)["trades"]
        assert [t["state"] for t in one] == ["NOTPAY"]

    run(test)


def ordered(order_num: str) -> Ordered:
    notify_url = "https://shop.example.com/pay/notify"
    return Ordered(Api.V2, MERCHANT, order_num, 8800, "NATIVE", "tea", notify_url)


def test_only_the_newest_trades_are_kept() -> None:
    trades = Trades(limit=2)
    kept = [trades.open(ordered(f"o-{i}"), {}, 0.0) for i in range(3)]
    assert len(trades) == 2
    assert trades.by_order("o-0") is None
    assert trades.by_prepay(kept[0].prepay_id) is None
    assert trades.by_order("o-2") is kept[2]


def test_an_unsigned_answer_is_not_trusted_by_the_product() -> None:
    async def test(rig: Rig) -> None:
        body = await rig.call(trade.query_request(MERCHANT, "nowhere", NOW))
        false = body.replace(b"ORDERNOTEXIST", b"ORDERPAIDXXXX")
        with pytest.raises(WeChatUntrusted):
            calls.read_answer(WireAnswer(200, false), MERCHANT)

    run(test)


ENVIRONMENT = {
    "PAYWATCH_WECHAT_APP_ID": MERCHANT.app_id,
    "PAYWATCH_WECHAT_MCH_ID": MERCHANT.mch_id,
    "PAYWATCH_WECHAT_API_V2_KEY": MERCHANT.api_v2_key,
}


def test_the_merchant_comes_from_the_environment_and_from_files(tmp_path: Any) -> None:
    (tmp_path / "key").write_text("FromAFile\n")
    files = {"PAYWATCH_WECHAT_API_V2_KEY_FILE": str(tmp_path / "key")}
    assert options.read([], ENVIRONMENT).merchant == MERCHANT
    assert options.read([], {**ENVIRONMENT, **files}).merchant.api_v2_key == "FromAFile"
    assert MERCHANT.api_v2_key not in repr(options.read([], ENVIRONMENT))


@pytest.mark.parametrize(
    ("arguments", "missing", "word"),
    [
        ([], "PAYWATCH_WECHAT_API_V2_KEY", "PAYWATCH_WECHAT_API_V2_KEY"),
        (["--listen", "0.0.0.0:8100"], "", "--allow-remote"),
        (["--listen", "nowhere"], "", "--listen"),
        (["--notify-origin", "ftp://x"], "", "--notify-origin"),
        (["--traffic"], "", "--api-key-file"),
        (["--speed", "nan"], "", "--speed"),
    ],
)
def test_an_odd_setting_is_named(arguments: list[str], missing: str, word: str) -> None:
    environment = {name: value for name, value in ENVIRONMENT.items() if name != missing}
    with pytest.raises(BadOption, match=word):
        options.read(arguments, environment)
