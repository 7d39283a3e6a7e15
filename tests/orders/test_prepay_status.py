"""The page that waits: the status of one order, for whoever holds its token."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

from tests.support.patience import PATIENCE_S
from tests.support.rig import SUCCESS, product

SHOP = "https://shop.example.com"


def without_id(response: HTTPResponse) -> tuple[int, dict[str, Any]]:
    body = json.loads(response.body)
    assert body.pop("requestId")
    return response.code, body


@pytest.mark.gen_test
async def test_the_status_address_tells_the_state_and_when_it_was_paid(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        order = await shop.order()
        num, url = order["orderNum"], order["statusUrl"]
        token = r"[0-9a-f]{32,}"
        assert re.fullmatch(f"{shop.origin}/pay/orders/{num}/status\\?token={token}", url)

        async def status() -> dict[str, Any]:
            return json.loads((await shop.fetch(url)).body)

        assert await status() == {"orderNum": num, "status": "INIT", "paidAt": None}
        await shop.prepay(num)
        assert await status() == {"orderNum": num, "status": "WAIT_PAY", "paidAt": None}
        assert await shop.pay(num) == SUCCESS
        paid = await shop.read(num)
        assert await status() == {"orderNum": num, "status": "PAID", "paidAt": paid["paidAt"]}
        assert paid["statusUrl"] == url
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", paid["paidAt"])


@pytest.mark.gen_test
async def test_without_the_right_token_there_is_no_order(tmp_path):
    async with product(tmp_path) as shop:
        mine, other = await shop.order(), await shop.order()
        address, token = mine["statusUrl"].split("?token=")
        others_token = other["statusUrl"].split("=")[1]
        unknown = f"{shop.origin}/pay/orders/NoSuchOrder1/status?token={token}"
        wrong = [
            address,
            f"{address}?token=",
            f"{address}?token={token[:-1]}",
            f"{address}?token={token.upper()}x",
            f"{address}?token={others_token}",
            f"{address}?token=%E4%B8%AD",
            f"{address}?TOKEN={token}",
            unknown,
            f"{shop.origin}/pay/orders/%27%20OR%201=1/status?token={token}",
        ]
        answers = [without_id(await shop.fetch(url)) for url in wrong]
        same = (404, {"error": "order_not_found", "message": "There is no such order."})
        assert answers == [same] * len(wrong)


@pytest.mark.gen_test
async def test_an_unchanged_status_is_a_304(tmp_path):
    async with product(tmp_path) as shop:
        order = await shop.order()
        url, num = order["statusUrl"], order["orderNum"]
        etag = (await shop.fetch(url)).headers["ETag"]
        for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
            answer = await shop.fetch(url, headers={"If-None-Match": known})
            assert (answer.code, answer.body) == (304, b""), known
            assert answer.headers["ETag"] == etag
        await shop.pay(num)
        answer = await shop.fetch(url, headers={"If-None-Match": etag})
        assert answer.code == 200
        assert json.loads(answer.body)["status"] == "PAID"
        assert answer.headers["ETag"] != etag


@pytest.mark.gen_test
async def test_200_pages_that_wait_are_answered_quickly(tmp_path):
    async with product(tmp_path) as shop:
        url = (await shop.order())["statusUrl"]
        async with asyncio.timeout(PATIENCE_S):
            answers = await asyncio.gather(*(shop.fetch(url) for _ in range(200)))
        assert {answer.code for answer in answers} == {200}


@pytest.mark.gen_test
async def test_a_shops_page_may_call_prepay_and_status_and_nothing_else(tmp_path):
    async with product(tmp_path, SHOP_ORIGINS=SHOP) as shop:
        order = await shop.order()
        origin, allowed = {"Origin": SHOP}, "Access-Control-Allow-Origin"
        ask = {**origin, "Access-Control-Request-Method": "POST"}
        before = await shop.fetch("/weixin/prepay", "OPTIONS", None, ask)
        assert (before.code, before.headers[allowed]) == (204, SHOP)
        assert "POST" in before.headers["Access-Control-Allow-Methods"]
        assert "Content-Type" in before.headers["Access-Control-Allow-Headers"]
        before = await shop.fetch(order["statusUrl"], "OPTIONS", None, ask)
        assert "If-None-Match" in before.headers["Access-Control-Allow-Headers"]
        assert "GET" in before.headers["Access-Control-Allow-Methods"]
        wish = {"orderNum": "NoSuchOrder1", "tradeType": "NATIVE"}
        for answer in (
            await shop.fetch("/weixin/prepay", "POST", wish, origin),
            await shop.fetch(order["statusUrl"], headers=origin),
            await shop.fetch(order["statusUrl"] + "x", headers=origin),
        ):
            # Also on an error: the page must be able to read why.
            assert answer.headers[allowed] == SHOP
            assert answer.headers["Vary"].split(", ")[0] == "Origin"
            shown = answer.headers["Access-Control-Expose-Headers"].split(", ")
            assert {"ETag", "Retry-After"} <= set(shown)
            assert "Access-Control-Allow-Credentials" not in answer.headers
        for path in ("/api/v1/me", "/merchant/v1/products", "/healthz", "/login", "/metrics"):
            assert allowed not in (await shop.fetch(path, headers=origin)).headers
            preflight = await shop.fetch(path, "OPTIONS", None, ask)
            assert allowed not in preflight.headers


@pytest.mark.gen_test
async def test_no_other_page_may(tmp_path):
    async with product(tmp_path, SHOP_ORIGINS=SHOP) as shop:
        url = (await shop.order())["statusUrl"]
        foreign = ("https://evil.example", SHOP + ".evil.example", SHOP.upper(), "null", SHOP + "/")
        for origin in foreign:
            for method in ("GET", "OPTIONS"):
                answer = await shop.fetch(url, method, headers={"Origin": origin})
                assert [name for name in answer.headers if name.startswith("Access-")] == []
                assert answer.headers["Vary"] == "Origin, Accept"


@pytest.mark.gen_test
async def test_without_shop_origins_no_page_may(tmp_path):
    async with product(tmp_path) as shop:
        for origin in ("", "null", shop.origin, SHOP):
            answer = await shop.fetch("/weixin/prepay", "OPTIONS", headers={"Origin": origin})
            assert [name for name in answer.headers if name.startswith("Access-")] == []
