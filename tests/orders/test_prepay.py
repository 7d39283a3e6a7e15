"""Prepay over real HTTP: what the page gets, who may ask, and that WeChat is asked once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

from models import Order, PrepayAttempt
from models.transaction import Batch
from payments.merchant import HMAC_SHA256
from payments.states import OrderStatus
from payments.v2 import signing
from services.orders.products import ProductChange
from tests.support.notify_rig import put
from tests.support.rig import (
    APP_ID,
    KEY,
    OPEN_ID,
    SUCCESS,
    Product,
    product,
    transaction,
    until,
    writers_locked_out,
)

OTHER_OPEN_ID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6p"


def body_of(response: HTTPResponse) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(response.body)
    return found


def refusal(response: HTTPResponse) -> tuple[int, str]:
    """The status and the code of an error, which has exactly its three names and echoes nothing."""
    body = body_of(response)
    assert set(body) == {"error", "message", "requestId"}
    assert body["requestId"] == response.headers["X-Request-Id"]
    assert body["message"].endswith(".")
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    return response.code, body["error"]


def calls_of(order_num: str) -> int:
    """A read: how often WeChat was asked for this order."""
    row = PrepayAttempt.get_or_none(PrepayAttempt.order_num == order_num)
    return row.calls if row else 0


async def calls(shop: Product, order: dict[str, Any]) -> int:
    return await shop.running.store.read(calls_of, order["orderNum"])


@pytest.mark.gen_test
async def test_jsapi_gives_the_six_parameters_signed_for_the_page(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        order = await shop.order(openId=OPEN_ID)
        response = await shop.prepay(order["orderNum"], "JSAPI", openId=OPEN_ID)
        given = body_of(response)
        assert response.code == 200
        assert given.pop("statusUrl") == order["statusUrl"]
        pay_sign = given.pop("paySign")
        assert set(given) == {"appId", "timeStamp", "nonceStr", "package", "signType"}
        assert (given["appId"], given["signType"]) == (APP_ID, HMAC_SHA256)
        assert given["timeStamp"].isdigit()
        assert pay_sign == signing.sign(given, KEY, HMAC_SHA256)
        trade = shop.wechat.trades.by_order(order["orderNum"])
        assert given["package"] == f"prepay_id={trade.prepay_id}"
        assert (trade.total_fen, trade.request["openid"]) == (8800, OPEN_ID)
        assert trade.request["notify_url"] == f"{shop.origin}/pay/notify"
        assert trade.request["spbill_create_ip"] == "127.0.0.1"
        assert (await shop.read(order["orderNum"]))["status"] == "WAIT_PAY"


@pytest.mark.gen_test
async def test_an_md5_merchant_signs_the_page_with_md5(tmp_path):
    async with product(tmp_path, wechat=True, WECHAT_SIGN_TYPE="MD5") as shop:
        order = await shop.order(openId=OPEN_ID)
        given = body_of(await shop.prepay(order["orderNum"], "JSAPI"))
        given.pop("statusUrl")
        assert given.pop("paySign") == signing.sign(given, KEY, "MD5")
        assert given["signType"] == "MD5"


@pytest.mark.gen_test
async def test_native_gives_the_address_of_the_qr_code_and_one_event(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        order = await shop.order()
        first = await shop.prepay(order["orderNum"])
        code_url = shop.wechat.trades.by_order(order["orderNum"]).code_url
        assert body_of(first) == {"codeUrl": code_url, "statusUrl": order["statusUrl"]}
        kinds = [event["kind"] for event in await shop.events()]
        assert kinds == ["order.created", "prepay.created"]


@pytest.mark.gen_test
async def test_eight_at_once_make_one_call_and_get_one_prepay_id(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        order = await shop.order(openId=OPEN_ID)
        asked = [{"openId": OPEN_ID}, {}] * 4  # with and without the openid: the same wish
        answers = await asyncio.gather(
            *(shop.prepay(order["orderNum"], "JSAPI", **more) for more in asked)
        )
        assert {answer.code for answer in answers} == {200}
        given = [body_of(answer) for answer in answers]
        assert len({g["package"] for g in given}) == 1
        assert len({g["nonceStr"] for g in given}) == 8
        assert await calls(shop, order) == 1
        kinds = [event["kind"] for event in await shop.events()]
        assert kinds == ["order.created", "prepay.created"]


@pytest.mark.gen_test
async def test_a_live_prepay_id_is_handed_out_again_without_asking_wechat(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        order = await shop.order()
        first = body_of(await shop.prepay(order["orderNum"]))
        assert body_of(await shop.prepay(order["orderNum"])) == first
        assert await calls(shop, order) == 1


@pytest.mark.gen_test
async def test_both_trade_types_at_once_give_one_prepay_and_one_conflict(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        order = await shop.order(openId=OPEN_ID)
        answers = await asyncio.gather(
            shop.prepay(order["orderNum"], "NATIVE"), shop.prepay(order["orderNum"], "JSAPI")
        )
        assert sorted(answer.code for answer in answers) == [200, 409]
        (conflict,) = (answer for answer in answers if answer.code == 409)
        assert refusal(conflict) == (409, "prepay_conflict")
        again = "JSAPI" if conflict is answers[1] else "NATIVE"
        assert refusal(await shop.prepay(order["orderNum"], again)) == (409, "prepay_conflict")


@pytest.mark.gen_test
async def test_the_price_is_the_orders_also_after_it_changed_and_none_is_taken(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        order = await shop.order()
        change = ProductChange("p1", price_fen=1, must_exist=True)
        await shop.running.services.products.save(change)
        for name in ("totalFen", "total_fee", "price", "amountFen", "nonceStr", "package"):
            answer = await shop.prepay(order["orderNum"], **{name: 1})
            assert refusal(answer) == (400, "bad_request")
        assert (await shop.prepay(order["orderNum"])).code == 200
        assert shop.wechat.trades.by_order(order["orderNum"]).total_fen == 8800


@pytest.mark.gen_test
async def test_the_first_openid_is_kept_and_another_finds_no_order(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        num = (await shop.order())["orderNum"]
        assert refusal(await shop.prepay(num, "JSAPI")) == (400, "bad_request")
        assert (await shop.prepay(num, "JSAPI", openId=OPEN_ID)).code == 200
        other = await shop.prepay(num, "JSAPI", openId=OTHER_OPEN_ID)
        unknown = await shop.prepay("NoSuchOrder1", "JSAPI", openId=OTHER_OPEN_ID)
        assert refusal(other) == refusal(unknown) == (404, "order_not_found")
        assert body_of(other)["message"] == body_of(unknown)["message"]
        assert (await shop.prepay(num, "JSAPI")).code == 200
        assert shop.wechat.trades.by_order(num).request["openid"] == OPEN_ID


@pytest.mark.gen_test
async def test_two_buyers_at_once_do_not_share_an_order(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        num = (await shop.order())["orderNum"]
        answers = await asyncio.gather(
            *(shop.prepay(num, "JSAPI", openId=who) for who in (OPEN_ID, OTHER_OPEN_ID) * 3)
        )
        assert sorted(answer.code for answer in answers) == [200] * 3 + [404] * 3


@pytest.mark.gen_test
async def test_what_cannot_be_read_is_a_bad_request(tmp_path):
    async with product(tmp_path) as shop:
        good = {"orderNum": "NoSuchOrder1", "tradeType": "NATIVE"}
        bodies: list[Any] = [
            b"",
            b"[]",
            b"{",
            b"null",
            b"\xff",
            b'{"orderNum":"a","orderNum":"b"}',
            b"[" * 9000,
            b'{"orderNum":NaN}',
            {},
            {**good, "orderNum": None},
            {**good, "orderNum": 123456},
            {**good, "orderNum": "x"},
            {**good, "orderNum": "a" * 33},
            {**good, "orderNum": "../../etc"},
            {**good, "orderNum": "１２３４５６"},
            {**good, "tradeType": "native"},
            {**good, "tradeType": None},
            {**good, "tradeType": ["NATIVE"]},
            {**good, "openId": ""},
            {**good, "openId": 5},
            {**good, "openId": "<script>"},
            {**good, "openId": "o" * 129},
        ]
        headers = {"Content-Type": "application/json"}
        for body in bodies:
            answer = await shop.fetch("/weixin/prepay", "POST", body, headers)
            assert refusal(answer) == (400, "bad_request"), body
        for kind in ("text/plain", "text/plain; json", "application/x-www-form-urlencoded", ""):
            sent = json.dumps(good).encode()
            answer = await shop.fetch("/weixin/prepay", "POST", sent, {"Content-Type": kind})
            assert refusal(answer) == (400, "bad_request"), kind


def expire(batch: Batch, order_nums: Sequence[str]) -> list[None]:
    """An op: these orders' time is over."""
    Order.update(expires_at=batch.now).where(Order.order_num.in_(list(order_nums))).execute()
    return [None] * len(order_nums)


@pytest.mark.gen_test
async def test_an_order_that_cannot_be_paid_says_why(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        assert refusal(await shop.prepay("NoSuchOrder1")) == (404, "order_not_found")
        paid, closed, expired, gone = [(await shop.order())["orderNum"] for _ in range(4)]
        assert await shop.pay(paid) == SUCCESS
        assert (await shop.merchant(f"orders/{closed}/close", "POST")).code == 200
        await shop.running.store.write(expire, expired)
        await shop.running.services.products.save(ProductChange("p1", active=False))
        assert refusal(await shop.prepay(paid)) == (409, "already_paid")
        assert refusal(await shop.prepay(closed)) == (409, "order_closed")
        assert refusal(await shop.prepay(expired)) == (409, "order_closed")
        assert refusal(await shop.prepay(gone)) == (409, "product_not_found")
        assert len(shop.wechat.trades) == 0
        statuses = [(await shop.read(num))["status"] for num in (paid, closed, expired, gone)]
        assert statuses == ["PAID", "CLOSED", "INIT", "INIT"]


@pytest.mark.gen_test
async def test_an_order_paid_at_wechat_without_our_knowing_is_booked_by_asking(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        num = (await shop.order())["orderNum"]
        await shop.prepay(num)
        shop.wechat.payment_desk.pay(shop.wechat.trades.by_order(num))  # the notify is lost
        await shop.running.store.write(age, num)
        assert refusal(await shop.prepay(num)) == (409, "already_paid")
        assert (await shop.read(num))["status"] == "PAID"
        kinds = [event["kind"] for event in await shop.events()]
        assert kinds == [
            "order.created",
            "prepay.created",
            "prepay.failed",
            "order.paid",
            "order.healed",
        ]


def age(batch: Batch, order_nums: Sequence[str]) -> list[None]:
    """An op: what WeChat gave for these orders is no longer valid."""
    mine = PrepayAttempt.order_num.in_(list(order_nums))
    PrepayAttempt.update(valid_until=batch.now).where(mine).execute()
    return [None] * len(order_nums)


@pytest.mark.gen_test
async def test_a_prepay_id_near_its_end_is_asked_for_anew_with_the_same_parameters(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        order = await shop.order()
        first = body_of(await shop.prepay(order["orderNum"]))
        await shop.running.store.write(age, order["orderNum"])
        # WeChat refuses the same number with other parameters, so they were the same.
        assert body_of(await shop.prepay(order["orderNum"])) == first
        assert await calls(shop, order) == 2


async def address_told(shop: Product, forwarded: str) -> str:
    """The buyer's address as WeChat hears it."""
    num = (await shop.order())["orderNum"]
    headers = {"X-Forwarded-For": forwarded, "X-Real-IP": "198.51.100.1"}
    wish = {"orderNum": num, "tradeType": "NATIVE"}
    assert (await shop.fetch("/weixin/prepay", "POST", wish, headers)).code == 200
    return str(shop.wechat.trades.by_order(num).request["spbill_create_ip"])


@pytest.mark.gen_test
async def test_the_buyers_address_is_hearsay_unless_a_trusted_proxy_says_it(tmp_path):
    async with product(tmp_path / "direct", wechat=True) as shop:
        assert await address_told(shop, "203.0.113.9") == "127.0.0.1"
    async with product(tmp_path / "proxy", wechat=True, TRUSTED_PROXIES="127.0.0.0/8") as shop:
        for forwarded, told in (
            ("6.6.6.6, 203.0.113.9", "203.0.113.9"),
            ("203.0.113.9, 127.0.0.2", "203.0.113.9"),
            ("2001:db8::1", "2001:db8::1"),
            ("203.0.113.9, junk", "127.0.0.1"),
            ("203.0.113.9:4711", "203.0.113.9"),
            (", ".join(["127.0.0.9"] * 300), "127.0.0.9"),
        ):
            assert await address_told(shop, forwarded) == told, forwarded


@pytest.mark.gen_test
async def test_a_hostile_title_reaches_wechat_as_text_cut_between_characters(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        for title in ("咨" * 100, "é" * 100, "a]]>b<c>&d&amp;", "' OR 1=1 --"):
            num = (await shop.order(title=title))["orderNum"]
            assert (await shop.prepay(num)).code == 200
            body = shop.wechat.trades.by_order(num).request["body"]
            assert title.startswith(body)
            assert len(body.encode()) > 120 or body == title
            assert len(body.encode()) <= 128


@pytest.mark.gen_test
async def test_a_database_that_takes_no_write_is_busy_and_a_repeat_is_fine(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        num = (await shop.order())["orderNum"]
        with writers_locked_out(shop):
            answer, ready = await asyncio.gather(shop.prepay(num), shop.fetch("/readyz"))
        assert refusal(answer) == (503, "busy")
        assert int(answer.headers["Retry-After"]) >= 1
        assert (ready.code, body_of(ready)["ready"]) == (503, False)
        assert (await shop.prepay(num)).code == 200

        async def ready_again() -> bool:  # the answer is kept for a second
            return (await shop.fetch("/readyz")).code == 200

        await until(ready_again)


@pytest.mark.gen_test
async def test_every_state_of_an_order_has_its_answer_and_is_left_as_it_was(tmp_path):
    answers = {
        "PAID": "already_paid",
        "REFUNDING": "already_paid",
        "PARTIALLY_REFUNDED": "already_paid",
        "REFUNDED": "order_closed",
        "CLOSED": "order_closed",
    }
    async with product(tmp_path, wechat=True) as shop:
        for status, code in answers.items():
            num = (await shop.order())["orderNum"]
            await put(shop, num, OrderStatus(status), transaction())
            assert refusal(await shop.prepay(num)) == (409, code), status
            assert (await shop.read(num))["status"] == status
        assert {event["kind"] for event in await shop.events()} == {"order.created"}
        assert len(shop.wechat.trades) == 0
