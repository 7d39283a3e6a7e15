"""What the product says when WeChat's wire misbehaves, and that the levers do what they say."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from simulator.state.faults import MAX_FAULTS, ON_ANSWERS
from simulator.state.trades import Trade, TradeState
from tests.support.notify_rig import alerts
from tests.support.rig import OPEN_ID, Product, product, until

UNTRUSTED, UNREACHABLE = (502, "wechat_untrusted"), (504, "wechat_unreachable")
ANSWERS = {
    "garbage": UNTRUSTED,
    "unsigned": UNTRUSTED,
    "wrong_signature": UNTRUSTED,
    "other_merchant": UNTRUSTED,
    "redirect": UNTRUSTED,
    "too_large": UNTRUSTED,
    "error_500": UNREACHABLE,
    "lost": UNREACHABLE,
}


def wechat(shop: Product) -> str:
    return shop.settings.wechat_base_url


async def control(shop: Product, **wanted: Any) -> list[dict[str, Any]]:
    """Pull the lever; the faults that wait now."""
    answer = await shop.fetch(f"{wechat(shop)}/_control/faults", "POST", wanted)
    assert answer.code == 200, answer.body
    faults: list[dict[str, Any]] = json.loads(answer.body)["faults"]
    return faults


async def ordered(shop: Product) -> str:
    return str((await shop.order())["orderNum"])


async def prepay(shop: Product, num: str) -> tuple[int, str | None]:
    answer = await shop.prepay(num)
    return answer.code, json.loads(answer.body).get("error")


async def close(shop: Product, num: str) -> tuple[int, str | None]:
    answer = await shop.merchant(f"orders/{num}/close", "POST")
    return answer.code, json.loads(answer.body).get("error")


async def status(shop: Product, num: str) -> str:
    return str((await shop.read(num))["status"])


def trade_of(shop: Product, num: str) -> Trade:
    assert shop.wechat is not None
    trade = shop.wechat.trades.by_order(num)
    assert trade is not None
    return trade


async def pay(shop: Product, num: str) -> Trade:
    """The buyer pays at WeChat's page; the notify follows."""
    trade = trade_of(shop, num)
    paid = await shop.fetch(f"{wechat(shop)}/pay/{trade.prepay_id}", "POST", b"result=pay")
    assert paid.code == 303
    return trade


async def jump(shop: Product, seconds: float) -> None:
    body = {"jumpSeconds": seconds}
    assert (await shop.fetch(f"{wechat(shop)}/_control/clock", "POST", body)).code == 200


# --- on WeChat's answers -------------------------------------------------------------------------


def test_every_fault_on_answers_is_seen_here() -> None:
    assert {*ANSWERS, "slow"} == set(ON_ANSWERS)


@pytest.mark.parametrize("kind", ANSWERS)
@pytest.mark.gen_test
async def test_a_spoiled_prepay_is_refused_and_its_repeat_gets_the_same_prepay(tmp_path, kind):
    async with product(tmp_path, wechat=True) as shop:
        num = await ordered(shop)
        await control(shop, on="unifiedorder", fault=kind)
        assert await prepay(shop, num) == ANSWERS[kind]
        assert await status(shop, num) == "INIT"
        trade = trade_of(shop, num)
        assert trade.repeat is None  # nobody called twice: not curl, and no follower of redirects
        answer = await shop.prepay(num)
        assert (answer.code, json.loads(answer.body)["codeUrl"]) == (200, trade.code_url)
        assert trade.repeat == trade.request
        failed = [e["data"] for e in await shop.events() if e["kind"] == "prepay.failed"]
        assert len(failed) == 1


@pytest.mark.parametrize("kind", ANSWERS)
@pytest.mark.gen_test
async def test_a_spoiled_close_leaves_the_order_open_and_a_repeat_closes_it(tmp_path, kind):
    async with product(tmp_path, wechat=True) as shop:
        num = await ordered(shop)
        await prepay(shop, num)
        await control(shop, on="closeorder", fault=kind)
        assert await close(shop, num) == ANSWERS[kind]
        assert await status(shop, num) == "WAIT_PAY"
        assert trade_of(shop, num).state is TradeState.CLOSED  # WeChat did its part
        assert await close(shop, num) == (200, None)
        assert await status(shop, num) == "CLOSED"


@pytest.mark.parametrize("kind", ANSWERS)
@pytest.mark.gen_test
async def test_a_spoiled_query_books_nothing_and_a_repeat_does(tmp_path, kind):
    async with product(tmp_path, wechat=True) as shop:
        num = await ordered(shop)
        await prepay(shop, num)
        shop.wechat.payment_desk.pay(trade_of(shop, num))  # and nobody tells
        await control(shop, on="orderquery", fault=kind)
        assert await close(shop, num) == ANSWERS[kind]
        assert await status(shop, num) == "WAIT_PAY"
        assert await close(shop, num) == (409, "already_paid")
        assert await status(shop, num) == "PAID"


@pytest.mark.gen_test
async def test_a_slow_answer_is_waited_for(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        num = await ordered(shop)
        await control(shop, on="unifiedorder", fault="slow", seconds=0.5)
        assert await prepay(shop, num) == (200, None)


@pytest.mark.gen_test
async def test_clearing_lets_an_answer_go_that_was_held_back(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        num = await ordered(shop)
        await control(shop, on="unifiedorder", fault="slow", seconds=60)
        asking = asyncio.ensure_future(prepay(shop, num))

        async def is_at_wechat() -> bool:
            return shop.wechat.trades.by_order(num) is not None

        await until(is_at_wechat)
        assert await status(shop, num) == "INIT"
        await control(shop, clear=True)
        assert await asking == (200, None)


@pytest.mark.gen_test
async def test_an_answer_that_nobody_waits_for_any_more_troubles_nobody(tmp_path, caplog):
    async with product(tmp_path, wechat=True) as shop:
        await control(shop, on="orderquery", fault="slow", seconds=2)
        host, _, port = wechat(shop).removeprefix("http://").partition(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            b"POST /pay/orderquery HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n"
        )
        await writer.drain()

        async def is_held() -> bool:
            return shop.wechat.faults.as_json() == []

        await until(is_held)
        writer.transport.abort()
        await control(shop, clear=True)
        assert (await shop.fetch(f"{wechat(shop)}/healthz")).code == 200
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


# --- how often, and for whom ---------------------------------------------------------------------


@pytest.mark.gen_test
async def test_a_fault_happens_as_often_as_was_said(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        num = await ordered(shop)
        (fault,) = await control(shop, on="unifiedorder", fault="garbage", times=2)
        assert (fault["times"], fault["hits"]) == (2, 0)
        assert await prepay(shop, num) == UNTRUSTED
        (fault,) = json.loads((await shop.fetch(f"{wechat(shop)}/_control/faults")).body)["faults"]
        assert (fault["times"], fault["hits"]) == (1, 1)
        assert await prepay(shop, num) == UNTRUSTED
        assert await prepay(shop, num) == (200, None)


@pytest.mark.gen_test
async def test_a_fault_without_a_number_of_times_stays_until_it_is_cleared(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        num = await ordered(shop)
        await control(shop, on="unifiedorder", fault="unsigned", times=None)
        for _ in range(3):
            assert await prepay(shop, num) == UNTRUSTED
        assert await control(shop, clear=True) == []
        assert await prepay(shop, num) == (200, None)


@pytest.mark.gen_test
async def test_a_fault_of_one_order_leaves_the_others_alone(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        num, other = await ordered(shop), await ordered(shop)
        await control(shop, on="unifiedorder", fault="lost", orderNum=num, times=None)
        assert await prepay(shop, other) == (200, None)
        assert await close(shop, other) == (200, None)
        assert await prepay(shop, num) == UNREACHABLE


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"on": "unifiedorder"},
        {"on": "micropay", "fault": "lost"},
        {"on": "refund_result", "fault": "lost"},
        {"on": "unifiedorder", "fault": "drop"},
        {"on": "notify", "fault": "garbage"},
        {"on": ["notify"], "fault": "drop"},
        {"on": "notify", "fault": "drop", "times": 0},
        {"on": "notify", "fault": "drop", "times": True},
        {"on": "notify", "fault": "drop", "times": 10_001},
        {"on": "notify", "fault": "drop", "orderNum": 1},
        {"on": "notify", "fault": "drop", "orderNum": "x" * 33},
        {"on": "notify", "fault": "duplicate", "copies": 17},
        {"on": "notify", "fault": "delay", "seconds": 86_401},
        {"on": "notify", "fault": "delay", "seconds": "1"},
        {"on": "unifiedorder", "fault": "slow", "seconds": 61},
        {"on": "unifiedorder", "fault": "slow", "seconds": -1},
        {"on": "notify", "fault": "drop", "often": 1},
        {"clear": 1},
    ],
)
@pytest.mark.gen_test
async def test_an_odd_fault_is_refused_and_does_not_wait(tmp_path, wanted):
    async with product(tmp_path, wechat=True) as shop:
        answer = await shop.fetch(f"{wechat(shop)}/_control/faults", "POST", wanted)
        assert (answer.code, json.loads(answer.body)["error"]) == (400, "bad_request")
        assert shop.wechat.faults.as_json() == []


@pytest.mark.gen_test
async def test_only_so_many_faults_wait(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        for _ in range(MAX_FAULTS):
            await control(shop, on="notify", fault="drop")
        body = {"on": "notify", "fault": "drop"}
        answer = await shop.fetch(f"{wechat(shop)}/_control/faults", "POST", body)
        assert answer.code == 400
        assert len(shop.wechat.faults.as_json()) == MAX_FAULTS


# --- on the notifies -----------------------------------------------------------------------------


async def deliveries_become(shop: Product, trade: Trade, count: int) -> None:
    async def are_there() -> bool:
        return len(trade.deliveries) >= count

    await until(are_there)
    assert len(trade.deliveries) == count


@pytest.mark.gen_test
async def test_a_dropped_notify_comes_again_along_the_ladder(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        num = await ordered(shop)
        await prepay(shop, num)
        await control(shop, on="notify", fault="drop", times=2)
        trade = await pay(shop, num)
        await deliveries_become(shop, trade, 1)
        await jump(shop, 15)
        await deliveries_become(shop, trade, 2)
        assert await status(shop, num) == "WAIT_PAY"
        await jump(shop, 15)
        await deliveries_become(shop, trade, 3)
        assert [(d.ok, d.answer[:4]) for d in trade.deliveries][:2] == [(False, "lost")] * 2
        assert await status(shop, num) == "PAID"


@pytest.mark.gen_test
async def test_a_delayed_notify_comes_when_its_time_is_there(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        num = await ordered(shop)
        await prepay(shop, num)
        await control(shop, on="notify", fault="delay", seconds=3600, orderNum=num)
        trade = await pay(shop, num)

        async def waits() -> bool:
            return shop.wechat.notifier.waiting == 1 and shop.wechat.faults.as_json() == []

        await until(waits)
        await jump(shop, 3000)
        assert (await status(shop, num), len(trade.deliveries)) == ("WAIT_PAY", 0)
        await jump(shop, 600)
        await deliveries_become(shop, trade, 1)
        assert await status(shop, num) == "PAID"


@pytest.mark.gen_test
async def test_a_duplicated_notify_pays_once(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        num = await ordered(shop)
        await prepay(shop, num)
        await control(shop, on="notify", fault="duplicate", copies=9)
        trade = await pay(shop, num)
        await deliveries_become(shop, trade, 9)
        assert all(delivery.ok for delivery in trade.deliveries)
        assert shop.wechat.notifier.waiting == 0
        kinds = [e["kind"] for e in await shop.events() if e["orderNum"] == num]
        assert (kinds.count("order.paid"), kinds.count("notify.duplicate")) == (1, 8)


@pytest.mark.gen_test
async def test_a_restricted_merchant_is_refused_before_an_order_is_made(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        num = await ordered(shop)
        await control(shop, on="unifiedorder", fault="restricted")
        assert await prepay(shop, num) == (502, "wechat_refused")
        assert shop.wechat.trades.by_order(num) is None
        (case,) = await alerts(shop)
        assert case["evidence"]["code"] == "receiving_restricted"
        told = {row["name"]: row["wechat"] for row in case["evidence"]["fields"]}
        assert (told["code"], told["words"]) == ("RULE_LIMIT", "收款功能已被限制")
        assert (await shop.prepay(num, "JSAPI", openId=OPEN_ID)).code == 200
