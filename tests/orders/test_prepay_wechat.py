"""Prepay while WeChat misbehaves: whatever it answers, or does not, nobody pays the wrong thing."""

from __future__ import annotations

import asyncio
import json

import pytest
from tornado.web import RequestHandler

from payments.merchant import HMAC_SHA256
from payments.v2 import signing, wire
from tests.support.fake_wechat import (
    GOOD,
    Fields,
    answering,
    chunks,
    half,
    hang_up,
    refusing,
    saying,
    shop_with,
    unified,
)
from tests.support.patience import PATIENCE_S
from tests.support.rig import KEY, OPEN_ID, SUCCESS, product

UNTRUSTED = {
    "unsigned": answering(key="0" * 32)
    .replace(b"<sign>", b"<signature>")
    .replace(b"</sign>", b"</signature>"),
    "signed with another key": answering(key="0" * 32),
    "signed, then changed": answering().replace(b"pr=abc", b"pr=evil"),
    "of another app": answering(appid="wx0000000000000000"),
    "of another merchant": answering(mch_id="1900000999"),
    "without an app": answering(appid=None),
    "of another trade type": answering(trade_type="JSAPI"),
    "without a prepay id": answering(prepay_id=None),
    "without a code": answering(code_url=None),
    "with an unknown return_code": answering(return_code="OK"),
    "empty": b"",
    "a web page": b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>",
    "noise": b"\x00\xff\xfe" * 40,
    "cut off": answering()[:-20],
    "JSON": b'{"return_code":"SUCCESS"}',
    "twice a field": answering().replace(b"<xml>", b"<xml><prepay_id>wx1</prepay_id>"),
}


@pytest.mark.gen_test
async def test_an_answer_that_proves_nothing_is_not_used(tmp_path):
    async with shop_with(tmp_path, GOOD) as (shop, fake):
        for what, body in UNTRUSTED.items():
            fake.acts = [saying(body)]
            num = (await shop.order())["orderNum"]
            status, error = await unified(shop, num)
            assert (status, error["error"]) == (502, "wechat_untrusted"), what
            assert set(error) == {"error", "message", "requestId"}
            assert (await shop.read(num))["status"] == "INIT"
            fake.acts = [GOOD]
            assert (await unified(shop, num))[0] == 200, what
        events = await shop.events()
        failed = [e["data"]["code"] for e in events if e["kind"] == "prepay.failed"]
        assert failed == ["wechat_untrusted"] * len(UNTRUSTED)


@pytest.mark.gen_test
async def test_an_odd_http_answer_is_never_followed_nor_believed(tmp_path):
    async with shop_with(tmp_path, GOOD) as (shop, fake):
        elsewhere = saying(answering(), 302, Location=f"{shop.origin}/healthz")
        for act in (elsewhere, saying(answering(), 403), saying(answering(), 404)):
            fake.acts = [act]
            status, error = await unified(shop, (await shop.order())["orderNum"])
            assert (status, error["error"]) == (502, "wechat_untrusted")
        packed = saying(answering(), **{"Content-Encoding": "gzip"})
        fake.acts = [packed]
        assert (await unified(shop, (await shop.order())["orderNum"]))[0] in (200, 502)


@pytest.mark.gen_test
async def test_no_answer_leaves_the_outcome_open(tmp_path):
    async with shop_with(tmp_path, GOOD) as (shop, fake):
        for act in (hang_up, half, saying(answering(), 500), saying(b"", 503)):
            fake.acts = [act, GOOD]
            num = (await shop.order())["orderNum"]
            status, error = await unified(shop, num)
            assert (status, error["error"]) == (504, "wechat_unreachable")
            assert (await shop.read(num))["status"] == "INIT"
            assert (await unified(shop, num))[0] == 200


@pytest.mark.gen_test
async def test_ten_megabytes_are_cut_off_early(tmp_path):
    async with shop_with(tmp_path, saying(b"<xml>" + b"x" * 10_000_000), chunks) as (shop, _fake):
        loop = asyncio.get_running_loop()
        started = loop.time()
        for _ in range(2):
            status, error = await unified(shop, (await shop.order())["orderNum"])
            assert status in (502, 504)
            assert error["error"] in ("wechat_untrusted", "wechat_unreachable")
        assert loop.time() - started < 4
        assert (await shop.fetch("/readyz")).code == 200


@pytest.mark.gen_test
async def test_nobody_listening_is_unreachable(tmp_path):
    async with product(tmp_path) as shop:
        status, error = await unified(shop, (await shop.order())["orderNum"])
        assert (status, error["error"]) == (504, "wechat_unreachable")


@pytest.mark.gen_test
async def test_a_refusal_shows_wechats_code_and_words(tmp_path):
    async with shop_with(tmp_path, saying(refusing("NOAUTH", "商户无此接口权限"))) as (shop, _fake):
        num = (await shop.order())["orderNum"]
        status, error = await unified(shop, num)
        assert (status, error["error"]) == (502, "wechat_refused")
        assert error["detail"] == {"code": "NOAUTH", "words": "商户无此接口权限"}
        _created, failed, _alert = await shop.events()
        assert (failed["kind"], failed["orderNum"]) == ("prepay.failed", num)
        assert (failed["data"]["code"], failed["data"]["words"]) == ("NOAUTH", "商户无此接口权限")


@pytest.mark.gen_test
async def test_an_unsigned_fail_is_shown_and_nothing_is_concluded_from_it(tmp_path):
    unsigned = wire.write({"return_code": "FAIL", "return_msg": "签名错误"})
    async with shop_with(tmp_path, saying(unsigned), GOOD) as (shop, fake):
        fake.told = unsigned
        num = (await shop.order(openId=OPEN_ID))["orderNum"]
        status, error = await unified(shop, num)
        assert (status, error["error"]) == (502, "wechat_refused")
        assert error["detail"] == {"code": "FAIL", "words": "签名错误"}
        # It might be there for all we know: neither another type nor other parameters.
        assert (await shop.prepay(num, "JSAPI")).code == 409
        assert (await unified(shop, num))[0] == 200
        assert fake.heard[0] == fake.heard[1]


@pytest.mark.gen_test
async def test_a_repeat_after_a_lost_answer_sends_the_same_bytes(tmp_path):
    async with shop_with(tmp_path, hang_up, saying(b"?"), GOOD) as (shop, fake):
        num = (await shop.order())["orderNum"]
        codes = [(await unified(shop, num))[0] for _ in range(3)]
        assert codes == [504, 502, 200]
        assert len(fake.heard) == 3
        assert len(set(fake.heard)) == 1
        fields = wire.read(fake.heard[0])
        assert fields["sign"] == signing.sign(fields, KEY, HMAC_SHA256)


@pytest.mark.gen_test
async def test_a_refusal_after_a_lost_answer_does_not_free_the_number(tmp_path):
    refused = saying(refusing("NOAUTH"))
    async with shop_with(tmp_path, hang_up, refused, GOOD) as (shop, fake):
        num = (await shop.order(openId=OPEN_ID))["orderNum"]
        fake.told = answering(trade_state="NOTPAY", out_trade_no=num)
        assert (await unified(shop, num))[0] == 504
        assert (await unified(shop, num))[0] == 502
        assert (await shop.prepay(num, "JSAPI")).code == 409
        assert (await unified(shop, num))[0] == 200
        assert len(set(fake.heard)) == 1


@pytest.mark.gen_test
async def test_a_first_refusal_means_that_the_order_was_never_made_there(tmp_path):
    async with shop_with(tmp_path, saying(refusing("NOAUTH"))) as (shop, fake):
        num = (await shop.order(openId=OPEN_ID))["orderNum"]
        assert (await unified(shop, num))[0] == 502
        fake.acts = [saying(answering(trade_type="JSAPI", code_url=None))]
        assert (await shop.prepay(num, "JSAPI")).code == 200


@pytest.mark.gen_test
async def test_a_busy_wechat_is_asked_again_a_little_later(tmp_path):
    acts = [saying(refusing(code)) for code in ("SYSTEMERROR", "FREQUENCY_LIMITED")]
    async with shop_with(tmp_path, *acts, GOOD) as (shop, fake):
        assert (await unified(shop, (await shop.order())["orderNum"]))[0] == 200
        assert len(set(fake.heard)) == 1
        fake.acts, fake.heard = [acts[0]], []
        status, error = await unified(shop, (await shop.order())["orderNum"])
        assert (status, error["detail"]["code"]) == (502, "SYSTEMERROR")
        assert len(fake.heard) == 3


@pytest.mark.gen_test
async def test_a_number_that_wechat_knows_with_other_parameters_is_a_conflict(tmp_path):
    async with shop_with(tmp_path, saying(refusing("OUT_TRADE_NO_USED"))) as (shop, _fake):
        status, error = await unified(shop, (await shop.order())["orderNum"])
        assert (status, error["error"]) == (409, "prepay_conflict")


@pytest.mark.gen_test
async def test_the_notify_may_come_before_the_prepay_answer_and_wins(tmp_path):
    async with shop_with(tmp_path) as (shop, fake):

        async def notify_first(handler: RequestHandler, fields: Fields) -> None:
            assert await shop.pay(fields["out_trade_no"], trade_type="NATIVE") == SUCCESS
            await handler.finish(answering())

        fake.acts = [notify_first]
        num = (await shop.order())["orderNum"]
        status, error = await unified(shop, num)
        assert (status, error["error"]) == (409, "already_paid")
        assert (await shop.read(num))["status"] == "PAID"
        assert [e["kind"] for e in await shop.events()] == ["order.created", "order.paid"]


@pytest.mark.gen_test
async def test_an_order_closed_while_wechat_is_asked_stays_closed(tmp_path):
    async with shop_with(tmp_path) as (shop, fake):

        async def close_first(handler: RequestHandler, fields: Fields) -> None:
            closed = await shop.merchant(f"orders/{fields['out_trade_no']}/close", "POST")
            assert closed.code == 200
            await handler.finish(answering())

        fake.acts = [close_first]
        num = (await shop.order())["orderNum"]
        status, error = await unified(shop, num)
        assert (status, error["error"]) == (409, "order_closed")
        assert (await shop.read(num))["status"] == "CLOSED"


@pytest.mark.gen_test
async def test_a_buyer_who_goes_away_does_not_cancel_the_call(tmp_path):
    asked, answer = asyncio.Event(), asyncio.Event()

    async def late(handler: RequestHandler, _fields: Fields) -> None:
        asked.set()
        await answer.wait()
        await handler.finish(answering())

    async with shop_with(tmp_path, late) as (shop, fake):
        num = (await shop.order())["orderNum"]
        body = json.dumps({"orderNum": num, "tradeType": "NATIVE"})
        head = f"POST /weixin/prepay HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
        host, port = shop.settings.listen_host, shop.settings.listen_port
        _, buyer = await asyncio.open_connection(host, port)
        buyer.write(f"{head}Content-Type: application/json\r\n\r\n{body}".encode())
        async with asyncio.timeout(PATIENCE_S):
            await asked.wait()
        second = asyncio.create_task(unified(shop, num))
        buyer.transport.abort()
        await asyncio.sleep(0.05)
        answer.set()
        assert (await second)[0] == 200
        assert len(fake.heard) == 1
        assert (await shop.read(num))["status"] == "WAIT_PAY"


@pytest.mark.gen_test
async def test_a_slow_wechat_holds_up_no_notify(tmp_path):
    answer = asyncio.Event()

    async def late(handler: RequestHandler, _fields: Fields) -> None:
        await answer.wait()
        await handler.finish(answering())

    async with shop_with(tmp_path, late) as (shop, _fake):
        nums = [(await shop.order())["orderNum"] for _ in range(24)]
        waiting = [asyncio.create_task(shop.prepay(num)) for num in nums]
        await asyncio.sleep(0.1)
        async with asyncio.timeout(PATIENCE_S):
            assert await shop.pay(nums[0]) == SUCCESS
        answer.set()
        codes = [(await task).code for task in waiting]
        assert codes == [409] + [200] * 23
