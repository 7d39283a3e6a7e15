"""The simulator tells the product of a payment as WeChat does: again and again, for a day."""

from __future__ import annotations

import asyncio
import json

import pytest

from payments.merchant import Merchants
from payments.v2 import notify
from simulator.delivery.notifier import LADDER
from tests.support.patience import PATIENCE_S
from tests.support.simulator_rig import FAIL, MERCHANT, SUCCESS, Rig, run, until


def test_a_notify_is_repeated_along_the_ladder_and_stops_at_success() -> None:
    async def test(rig: Rig) -> None:
        rig.product.answers = [FAIL, FAIL, FAIL, SUCCESS]
        await rig.pay((await rig.order()).prepay_id)
        for count, wait_s in enumerate((*LADDER[:3], 0), start=1):
            await rig.deliveries_become(count)
            await rig.jump(wait_s)
        await rig.jump(86_400)
        await asyncio.sleep(0.1)
        delivered = await rig.deliveries_become(4)
        assert [d["ok"] for d in delivered] == [False, False, False, True]
        assert delivered[0]["answer"] == FAIL.decode()
        assert rig.world.notifier.waiting == 0

    run(test)


def test_the_ladder_has_fifteen_repeats_within_a_day_and_then_ends() -> None:
    async def test(rig: Rig) -> None:
        rig.product.answers = [FAIL]
        await rig.pay((await rig.order()).prepay_id)
        await rig.deliveries_become(1)
        await rig.jump(sum(LADDER) - 5)
        await rig.deliveries_become(15)
        await rig.jump(5)
        await rig.deliveries_become(16)
        await rig.jump(7 * 86_400)
        await asyncio.sleep(0.05)
        assert len(rig.product.notifies) == 16

    assert sum(LADDER) == 86_640
    run(test)


def test_the_clock_jump_fires_what_is_due_and_nothing_else() -> None:
    async def test(rig: Rig) -> None:
        rig.product.answers = [FAIL]
        await rig.pay((await rig.order()).prepay_id)
        await rig.deliveries_become(1)
        await rig.jump(10)
        await asyncio.sleep(0.05)
        assert len(rig.product.notifies) == 1
        await rig.jump(5)
        await rig.deliveries_become(2)

    run(test)


def test_a_faster_clock_repeats_sooner() -> None:
    async def test(rig: Rig) -> None:
        rig.product.answers = [FAIL]
        await rig.pay((await rig.order()).prepay_id)
        await rig.deliveries_become(1)
        faster = await rig.fetch("/_control/clock", method="POST", body='{"speed": 1000}')
        assert json.loads(faster.body)["speed"] == 1000
        await until(lambda: len(rig.product.notifies) >= 4)

    run(test)


def test_a_late_answer_counts_as_failure() -> None:
    async def test(rig: Rig) -> None:
        rig.product.delay_s = PATIENCE_S
        await rig.pay((await rig.order()).prepay_id)
        (late,) = await rig.deliveries_become(1)
        assert (late["ok"], late["status"]) == (False, None)
        assert late["ms"] < PATIENCE_S * 1000  # it was given up before the answer
        rig.product.delay_s = 0
        await rig.jump(15)
        assert (await rig.deliveries_become(2))[1]["ok"]

    run(test, patience_s=0.2)


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (503, SUCCESS),
        (201, SUCCESS),
        (200, b"SUCCESS"),
        (200, b""),
        (200, b"<xml><return_code>success</return_code></xml>"),
        (200, b"<xml a='1'><return_code>SUCCESS</return_code></xml>"),
    ],
)
def test_only_http_200_with_the_success_xml_counts(status: int, answer: bytes) -> None:
    async def test(rig: Rig) -> None:
        rig.product.status, rig.product.answers = status, [answer]
        await rig.pay((await rig.order()).prepay_id)
        (delivery,) = await rig.deliveries_become(1)
        assert (delivery["ok"], delivery["status"]) == (False, status)
        assert rig.world.notifier.waiting == 1

    run(test)


def test_a_product_that_is_away_is_told_again() -> None:
    async def test(rig: Rig) -> None:
        rig.world.notifier._origin = "http://127.0.0.1:1"
        await rig.pay((await rig.order()).prepay_id)
        await until(lambda: rig.world.notifier.waiting == 1)
        (delivery,) = await rig.deliveries()
        assert delivery["status"] is None

    run(test)


def test_paying_twice_takes_the_money_once() -> None:
    async def test(rig: Rig) -> None:
        prepaid = await rig.order()
        await asyncio.gather(*(rig.pay(prepaid.prepay_id) for _ in range(5)))
        await rig.deliveries_become(1)
        found = rig.world.trades.by_prepay(prepaid.prepay_id)
        assert found is not None
        assert len(found.transactions) == 1

    run(test)


def test_a_failed_payment_is_told_and_leaves_the_order_open() -> None:
    async def test(rig: Rig) -> None:
        prepaid = await rig.order()
        await rig.pay(prepaid.prepay_id, "fail")
        await rig.deliveries_become(1)
        told = notify.read(rig.product.notifies[0], Merchants((MERCHANT,)))
        assert (told.result, told.failure_code, told.transaction_id) == ("FAIL", "NOTENOUGH", None)
        await rig.pay(prepaid.prepay_id)
        await rig.deliveries_become(2)

    run(test)
