"""The merchant's own server later on: closing an order, and hearing of everything."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

from simulator.state.trades import TradeState
from tests.support.rig import SUCCESS, Product, product


async def close(shop: Product, order_num: str) -> tuple[int, dict[str, Any]]:
    response: HTTPResponse = await shop.merchant(f"orders/{order_num}/close", "POST")
    return response.code, json.loads(response.body)


@pytest.mark.gen_test
async def test_an_order_that_wechat_never_saw_is_closed_without_wechat(tmp_path):
    async with product(tmp_path) as shop:  # nobody answers for WeChat here
        num = (await shop.order())["orderNum"]
        status, closed = await close(shop, num)
        assert (status, closed["status"], closed["paidAt"]) == (200, "CLOSED", None)
        assert await close(shop, num) == (200, closed)
        assert await shop.read(num) == closed
        events = await shop.events()
        assert [e["kind"] for e in events] == ["order.created", "order.closed"]
        assert events[-1]["data"]["by"] == "api key shop"
        assert (await close(shop, "NoSuchOrder1"))[1]["error"] == "not_found"


@pytest.mark.gen_test
async def test_an_order_that_wechat_knows_is_closed_there_first(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        num = (await shop.order())["orderNum"]
        await shop.prepay(num)
        assert (await close(shop, num))[1]["status"] == "CLOSED"
        assert shop.wechat.trades.by_order(num).state is TradeState.CLOSED
        assert (await close(shop, num))[0] == 200


@pytest.mark.gen_test
async def test_an_order_that_wechat_cannot_close_now_stays_open(tmp_path):
    async with product(tmp_path) as shop:
        num = (await shop.order())["orderNum"]
        assert (await shop.prepay(num)).code == 504  # WeChat may know it for all we know
        status, error = await close(shop, num)
        assert (status, error["error"]) == (504, "wechat_unreachable")
        assert (await shop.read(num))["status"] == "INIT"


@pytest.mark.gen_test
async def test_closing_finds_out_that_it_was_paid(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        num = (await shop.order())["orderNum"]
        await shop.prepay(num)
        trade = shop.wechat.trades.by_order(num)
        shop.wechat.payment_desk.pay(trade)  # and the notify is lost
        status, error = await close(shop, num)
        assert (status, error["error"]) == (409, "already_paid")
        paid = await shop.read(num)
        assert (paid["status"], paid["serviceStatus"]) == ("PAID", "SERVICE_WAIT")
        assert paid["transactionId"] == trade.transactions[0].id
        kinds = [event["kind"] for event in await shop.events()]
        assert kinds == ["order.created", "prepay.created", "order.paid", "order.healed"]
        assert (await close(shop, num))[1]["error"] == "already_paid"


@pytest.mark.gen_test
async def test_paying_and_closing_at_once_ends_in_one_of_the_two(tmp_path):
    async with product(tmp_path) as shop:
        for _ in range(5):
            num = (await shop.order())["orderNum"]
            (status, _), answer = await asyncio.gather(close(shop, num), shop.pay(num))
            end = (await shop.read(num))["status"]
            assert (status, answer == SUCCESS, end) in ((200, False, "CLOSED"), (409, True, "PAID"))


@pytest.mark.gen_test
async def test_the_feed_has_no_gap_and_goes_on_where_it_was_left(tmp_path):
    async with product(tmp_path) as shop:
        orders = await asyncio.gather(*(shop.order() for _ in range(40)))
        await asyncio.gather(*(shop.pay(order["orderNum"]) for order in orders))
        seen: list[dict[str, Any]] = []
        while True:
            after = seen[-1]["seq"] if seen else 0
            page = json.loads((await shop.merchant(f"events?after={after}&limit=7")).body)
            assert set(page) == {"events", "head", "epoch"}
            assert page["head"] == 80
            if not page["events"]:
                break
            assert len(page["events"]) <= 7
            seen += page["events"]
        assert [event["seq"] for event in seen] == list(range(1, 81))
        assert all(list(e) == ["seq", "kind", "severity", "orderNum", "at", "data"] for e in seen)
        assert sum(event["kind"] == "order.paid" for event in seen) == 40


@pytest.mark.gen_test
async def test_an_odd_place_in_the_feed_is_refused(tmp_path):
    async with product(tmp_path) as shop:
        odd = (
            "after=-1",
            "after=x",
            "after=1.5",
            "after=%D9%A3",
            f"after={10**16}",
            f"after={'9' * 40}",
            "limit=0",
            "limit=1001",
            "limit=-1",
            "limit=1e3",
            "limit=NaN",
        )
        for query in odd:
            answer = await shop.merchant(f"events?{query}")
            assert answer.code == 400, query
            assert json.loads(answer.body)["error"] == "bad_request"


@pytest.mark.gen_test
async def test_a_name_that_comes_twice_in_a_query_is_refused_everywhere(tmp_path):
    async with product(tmp_path) as shop:
        alice, order = await shop.user(), await shop.order()
        answers = [
            await alice.fetch(path)
            for path in (
                "orders?q=aaaa&q=bbbb",
                "orders?status=PAID&status=INIT",
                "orders?limit=1&limit=2",
                "orders?before=5&before=6",
                "events?after=1&after=2",
                "alerts?status=open&status=open",
                "alerts?kind=system&kind=system",
                "alerts?orderNum=a&orderNum=b",
            )
        ]
        answers.append(await shop.merchant("events?limit=1&limit=1"))
        answers.append(await shop.fetch(order["statusUrl"] + "&token=x"))
        for answer in answers:
            body = json.loads(answer.body)
            assert (answer.code, body["error"]) == (400, "bad_request"), answer.effective_url
