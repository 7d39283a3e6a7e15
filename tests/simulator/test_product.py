"""Every scenario ends as expected at the real product, over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient

from payments.merchant import Api, Merchant
from services.orders.look_results import LookResult
from simulator.http.server import serving
from simulator.options import Options
from simulator.scenarios.catalogue import SCENARIOS
from simulator.state.clock import SimulatedClock
from tests.support.ports import free_port
from tests.support.rig import MERCHANT, Product, product, until
from tests.support.simulator_rig import merchant_v3, play, wechats

REFUNDS = [
    "refund_partial",
    "refund_full",
    "refund_abnormal",
    "refund_lost_answer",
    "outside_refund",
    "bill_outside_refund",
]
ON_V2 = [n for n, s in SCENARIOS.items() if not s.needs_v3 and "refund" not in n and n != "never"]
ON_V3 = [
    *(name for name, s in SCENARIOS.items() if s.needs_v3),
    "paid",
    "duplicate",
    "late",
    "out_of_order",
    "amount_plus_one",
    "negative",
    "tampered",
    "wrong_signature",
    "other_merchant",
    "unknown_order",
    "second_transaction",
    "after_close",
    "old_number",
    "unsigned_answer",
    "wrong_signature_answer",
    "error_500",
    "lost_answer",
]


@asynccontextmanager
async def house(
    folder: Path,
    merchant: Merchant = MERCHANT,
    wechats_clock: SimulatedClock | None = None,
    **settings: Any,
) -> AsyncIterator[tuple[Product, str]]:
    """The product, and the address of a WeChat beside it that has an API key of the product."""
    port = free_port()
    wechat = f"http://127.0.0.1:{port}"
    async with product(folder, WECHAT_BASE_URL=wechat, **settings) as shop:
        options = Options(
            merchant, shop.origin, port=port, api_key=shop.api_key, material=wechats()
        )
        async with serving(options, wechats_clock) as (_, shop.wechat):
            yield shop, wechat


def full_house(folder: Path, api: str, **more: Any) -> Any:
    """A house whose merchant has the keys of both interfaces and calls on `api`."""
    ours = replace(merchant_v3(MERCHANT.mch_id, MERCHANT.app_id), api=Api(api))
    ((number, pem),) = ours.public_keys
    return house(
        folder,
        ours,
        WECHAT_API=api,
        WECHAT_API_V3_KEY=ours.api_v3_key,
        WECHAT_MERCHANT_SERIAL=ours.serial,
        WECHAT_MERCHANT_KEY=ours.private_key,
        WECHAT_CLIENT_CERT=ours.client_cert,
        WECHAT_PUBLIC_KEY_ID=number,
        WECHAT_PUBLIC_KEY=pem,
        **more,
    )


QUIET: dict[str, Any] = {"storm": {"perSecond": 20, "seconds": 2}}
"""No more than a busy machine takes; the benchmarks have the real storm."""


def wrong(played: dict[str, Any]) -> list[Any]:
    return [step for step in played["steps"] if step["ok"] is False]


@pytest.mark.parametrize("name", ON_V2)
@pytest.mark.gen_test
async def test_the_product_passes_every_scenario(tmp_path, name):
    async with house(tmp_path) as (_shop, wechat):
        played = await play(wechat, name, **QUIET.get(name, {}))
        assert wrong(played) == []
        assert played["asExpected"] is True
        assert any(step["ok"] for step in played["steps"])


@pytest.mark.gen_test
async def test_a_lost_notify_is_found_by_asking(tmp_path):
    async with house(tmp_path) as (shop, wechat):
        playing = asyncio.ensure_future(play(wechat, "never"))

        async def waits() -> bool:
            runs = json.loads((await AsyncHTTPClient().fetch(f"{wechat}/_control/runs")).body)
            steps = [step for run in runs["runs"] for step in run["steps"]]
            return any("WAIT_PAY" in str(step["actual"]) for step in steps)

        await until(waits)
        assert (await shop.running.reconciler.once(lambda _tally: None)).count(LookResult.PAID) == 1
        played = await playing
        assert played["asExpected"] is True, played["steps"]


@pytest.mark.one_database
@pytest.mark.parametrize("api", Api)
@pytest.mark.gen_test
async def test_a_payment_and_its_refund_that_nobody_told_of_are_found_by_asking(tmp_path, api):
    async with full_house(tmp_path, api) as (shop, wechat):
        shop.wechat.clock.set_speed(20)
        playing = asyncio.ensure_future(play(wechat, "outside_refund_lost"))

        async def found() -> bool:
            counts = await shop.running.reconciler.once(lambda _tally: None)
            return counts.count(LookResult.PAID) == 1

        await until(found)
        played = await playing
        assert played["asExpected"] is True, played["steps"]


@pytest.mark.one_database
@pytest.mark.parametrize("name", ON_V3)
@pytest.mark.gen_test
async def test_the_product_passes_the_scenarios_of_api_v3(tmp_path, name):
    async with full_house(tmp_path, "v3") as (shop, wechat):
        played = await play(wechat, name)
        assert wrong(played) == []
        assert {trade.api for trade in shop.wechat.trades.newest(9)} == {Api.V3}


@pytest.mark.one_database
@pytest.mark.parametrize("api", Api)
@pytest.mark.parametrize("name", REFUNDS)
@pytest.mark.gen_test
async def test_the_product_pays_back_once(tmp_path, name, api):
    async with full_house(tmp_path, api) as (shop, wechat):
        shop.wechat.clock.set_speed(20)
        played = await play(wechat, name)
        assert wrong(played) == []
        assert [step["ok"] for step in played["steps"] if step["name"] == "refunds at WeChat"]


@pytest.mark.gen_test
async def test_late_money_goes_back_when_an_admin_decides(tmp_path):
    async with full_house(tmp_path, "v3") as (shop, wechat):
        alice = await shop.user()
        playing = asyncio.ensure_future(play(wechat, "late_money_refund"))

        async def waiting() -> Any:
            return (await alice.get("receipts"))["receipts"]

        (receipt,) = await until(waiting)
        decision = {"action": "refund", "version": receipt["version"], "note": "late"}
        assert (await alice.post(f"receipts/{receipt['id']}/decide", decision)).code == 200
        played = await playing
        assert wrong(played) == []
        assert [step["ok"] for step in played["steps"] if step["name"] == "refunds at WeChat"]


@pytest.mark.gen_test
async def test_scenarios_that_run_at_once_do_not_disturb_each_other(tmp_path):
    names = ["late", "concurrent_duplicate", "lost_answer", "garbage_answer", "out_of_order"]
    async with house(tmp_path) as (shop, wechat):
        played = await asyncio.gather(*(play(wechat, name) for name in names))
        assert [wrong(run) for run in played] == [[]] * len(names)
        assert shop.wechat.faults.as_json() == []


@pytest.mark.gen_test
async def test_a_notify_that_never_comes_is_found_out_by_closing(tmp_path):
    async with house(tmp_path) as (shop, _wechat):
        num = (await shop.order())["orderNum"]
        await shop.prepay(num)
        shop.wechat.payment_desk.pay(shop.wechat.trades.by_order(num))
        assert (await shop.read(num))["status"] == "WAIT_PAY"
        assert (await shop.merchant(f"orders/{num}/close", "POST")).code == 409
        found = await shop.read(num)
        (transaction,) = shop.wechat.trades.by_order(num).transactions
        assert (found["status"], found["transactionId"]) == ("PAID", transaction.id)


@pytest.mark.gen_test
async def test_a_storm_tells_how_far_it_is_while_it_goes(tmp_path):
    async with house(tmp_path) as (_shop, wechat):
        seen: set[int] = set()
        playing = asyncio.ensure_future(play(wechat, "storm"))
        while not playing.done():
            runs = json.loads((await AsyncHTTPClient().fetch(f"{wechat}/_control/runs")).body)
            seen |= {len(run["steps"]) for run in runs["runs"]}
            await asyncio.sleep(0.02)
        steps = (await playing)["steps"]
        assert len(seen) > 2
        told = [(s["name"], s["actual"], s["expected"]) for s in steps if s["ok"] is None]
        assert told[:4] == [("orders done", n, 100) for n in (25, 50, 75, 100)]
        assert told[4:8] == [("notifies done", n, 300) for n in (75, 150, 225, 300)]


@pytest.mark.gen_test
async def test_an_order_that_has_its_prepay_cannot_play_the_faults_of_the_prepay(tmp_path):
    async with house(tmp_path) as (shop, wechat):
        num = (await shop.order())["orderNum"]
        await shop.prepay(num)
        played = await play(wechat, "lost_answer", orderNum=num)
        assert [step["name"] for step in wrong(played)] == ["order without a prepay"]
        assert (await shop.read(num))["status"] == "WAIT_PAY"


@pytest.mark.gen_test
async def test_a_run_that_stops_leaves_no_fault_behind(tmp_path):
    """The prepay of a closed order never reaches WeChat, so its fault is never used."""
    async with house(tmp_path) as (shop, wechat):
        num = (await shop.order())["orderNum"]
        await shop.merchant(f"orders/{num}/close", "POST")
        played = await play(wechat, "lost_answer", orderNum=num)
        assert [step["actual"] for step in wrong(played)] == ["409 order_closed"]
        assert shop.wechat.faults.as_json() == []
