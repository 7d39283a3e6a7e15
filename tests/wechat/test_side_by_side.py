"""An account on API v2 and one on API v3 in one running product, beside one WeChat, over HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from payments.merchant import Api, Merchant, Merchants
from simulator.http.server import serving
from simulator.options import Options
from tests.support.ports import free_port
from tests.support.rig import APP_ID, MCH_ID, Product, product, until
from tests.support.simulator_rig import merchant_v3, wechats

APIS = ("v2", "v3")


@cache
def shops() -> dict[str, Merchant]:
    """The accounts, by the interface that each uses; their keys are made when a test asks."""
    old = replace(merchant_v3(MCH_ID, APP_ID), api=Api.V2, api_v3_key="", name="old shop")
    other = merchant_v3("1900000999", "wx0000000000000001")
    return {"v2": old, "v3": replace(other, api=Api.V3, api_v2_key="", name="new shop")}


@asynccontextmanager
async def two_shops(folder: Path) -> AsyncIterator[Product]:
    port = free_port()
    ours = Merchants(tuple(shops().values()))
    wechat = f"http://127.0.0.1:{port}"
    async with product(folder, merchants=ours, WECHAT_BASE_URL=wechat) as shop:
        options = Options(
            ours.all[0], shop.origin, port=port, merchants=ours.all, material=wechats(), speed=20
        )
        async with serving(options) as (_, shop.wechat):
            yield shop


async def paid(shop: Product, app_id: str) -> str:
    """An order of this app, paid at WeChat and booked by WeChat's own notify; its number."""
    number = (await shop.order(appId=app_id))["orderNum"]
    answer = await shop.prepay(number)
    assert answer.code == 200, answer.body
    assert shop.wechat
    trade = shop.wechat.trades.by_order(number)
    assert trade
    await shop.fetch(
        f"{shop.settings.wechat_base_url}/pay/{trade.prepay_id}", "POST", b"result=pay"
    )
    await until(lambda: is_(shop, number, "PAID"))
    return number


async def is_(shop: Product, number: str, status: str) -> bool:
    return bool((await shop.read(number))["status"] == status)


async def refund(shop: Product, number: str, fen: int, refund_num: str) -> dict[str, Any]:
    body = {"amountFen": fen, "reason": "预约取消", "refundNum": refund_num}
    answer = await shop.merchant(f"orders/{number}/refunds", "POST", body)
    assert answer.code == 201, answer.body
    found: dict[str, Any] = json.loads(answer.body)
    return found


@pytest.mark.gen_test
async def test_each_account_is_paid_and_refunded_in_part_and_in_full_on_its_interface(
    tmp_path: Path,
) -> None:
    async with two_shops(tmp_path) as shop:
        assert shop.wechat
        numbers = {api: await paid(shop, ours.app_id) for api, ours in shops().items()}
        for api, number in numbers.items():
            trade = shop.wechat.trades.by_order(number)
            assert trade
            assert trade.api == api
            await refund(shop, number, 800, f"PART-{api}")
            await until(lambda number=number: is_(shop, number, "PARTIALLY_REFUNDED"))
            await refund(shop, number, 8000, f"REST-{api}")
            await until(lambda number=number: is_(shop, number, "REFUNDED"))
            events = [e["kind"] for e in await shop.events() if e["orderNum"] == number]
            assert [kind for kind in events if kind.startswith(("order.p", "refund"))] == [
                "order.paid",
                *["refund.requested", "refund.approved", "refund.succeeded"] * 2,
            ]
        alice = await shop.user()
        sums = (await alice.get("receipts"))["sums"]
        assert sums == {
            "receivedFen": 17600,
            "bookedFen": 0,
            "refundedFen": 17600,
            "waitingFen": 0,
        }
        for ours in shops().values():
            page = await alice.get(f"orders?merchant={ours.name.replace(' ', '%20')}")
            assert {order["totalFen"] for order in page["orders"]} == {8800}
            assert len(page["orders"]) == 1
        assert (await alice.get("alerts"))["alerts"] == []


@pytest.mark.gen_test
async def test_a_refund_by_a_double_click_and_two_servers_goes_back_once(tmp_path: Path) -> None:
    async with two_shops(tmp_path) as shop:
        assert shop.wechat
        number = await paid(shop, shops()["v3"].app_id)
        first = await refund(shop, number, 300, "ONE-NUMBER")
        again = await refund(shop, number, 300, "ONE-NUMBER")
        assert (first["refundNum"], first["amountFen"]) == (again["refundNum"], again["amountFen"])
        other = {"amountFen": 400, "reason": "x", "refundNum": "ONE-NUMBER"}
        answer = await shop.merchant(f"orders/{number}/refunds", "POST", other)
        assert (answer.code, json.loads(answer.body)["error"]) == (409, "refund_exists")
        await until(lambda: is_(shop, number, "PARTIALLY_REFUNDED"))
        assert (await shop.read(number))["totalFen"] == 8800
        listed = json.loads((await shop.merchant(f"orders/{number}/refunds")).body)
        assert [each["status"] for each in listed["refunds"]] == ["SUCCESS"]


@pytest.mark.parametrize("api", APIS)
@pytest.mark.gen_test
async def test_a_notify_of_one_account_says_nothing_about_the_other(
    tmp_path: Path, api: str
) -> None:
    """Signed with the right key of one account, it names the app and number of the other."""
    async with two_shops(tmp_path) as shop:
        assert shop.wechat
        ours, theirs = shops()[api], next(s for a, s in shops().items() if a != api)
        number = (await shop.order(appId=theirs.app_id))["orderNum"]
        mine = (await shop.order(appId=ours.app_id))["orderNum"]
        await shop.prepay(mine)
        trade = shop.wechat.trades.by_order(mine)
        assert trade
        says = {"out_trade_no": number, "appid": theirs.app_id, "mch_id": theirs.mch_id}
        message = shop.wechat.payment_desk.pay(trade, says=says)
        delivery = await shop.wechat.notifier.deliver(message)
        assert delivery.ok is False
        assert (await shop.read(number))["status"] == "INIT"
        alice = await shop.user()
        (alert,) = (await alice.get("alerts"))["alerts"]
        assert alert["kind"] == "foreign_merchant"
