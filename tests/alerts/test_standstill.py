"""Whatever waits longer than it may is a case. Each kind of the list is made to wait by deeds of
the real product, whose jobs do nothing here."""

from __future__ import annotations

import pytest

from models import AlertMessage, OrderCheck, RefundCheck
from models.alert import MessageState
from payments.merchant import Merchants
from services.alerts.monitor import Monitor
from services.alerts.standstill import SOON_MS, WAITS
from services.runtime.clock import DAY_MS, MINUTE_MS, SystemClock
from tests.orders.test_healing import change
from tests.support.notify_rig import alerts
from tests.support.rig import MERCHANT, PRICE, MovedClock, Product, product

DECIDED_BY_PEOPLE = {"receipts_not_decided"}


async def let_all_wait(shop: Product) -> None:
    """WeChat does not answer. An open order, a refund that was sent, a prepay that nobody watches,
    unmatched money, and the message of its case. What waits for an admin's approval has a case of
    its own (tests/refunds/test_second_person.py)."""
    alice, number = await shop.user(), (await shop.order())["orderNum"]
    await shop.pay(number)
    asked = await alice.post(f"orders/{number}/refunds", {"amountFen": 100, "reason": "r"})
    assert asked.code in (200, 201), asked.body
    watched, unwatched = [(await shop.order())["orderNum"] for _ in range(2)]
    for number in (watched, unwatched):
        assert (await shop.prepay(number)).code == 504
    await change(shop, OrderCheck.delete().where(OrderCheck.order_num == unwatched))
    await shop.pay((await shop.order())["orderNum"], total_fee=str(PRICE + 1))


async def told(shop: Product) -> set[str]:
    """The causes of the cases about ourselves that stand in the list of waits."""
    causes = {wait.cause.value for wait in WAITS}
    return {case["evidence"]["code"] for case in await alerts(shop, kind="system")} & causes


@pytest.mark.gen_test
async def test_what_waits_for_too_long_is_told_and_nothing_before(tmp_path):
    clock = MovedClock(SystemClock().now_ms())
    async with product(tmp_path, by_hand=True, clock=clock) as shop:
        watch = Monitor(shop.running.store, clock, Merchants((MERCHANT,)))
        await let_all_wait(shop)
        clock.ms += SOON_MS - MINUTE_MS
        await watch.step()
        assert await told(shop) == set()
        clock.ms += 3 * MINUTE_MS
        await watch.step()
        assert await told(shop) == {wait.cause.value for wait in WAITS} - DECIDED_BY_PEOPLE
        clock.ms += DAY_MS
        await watch.step()
        assert await told(shop) == {wait.cause.value for wait in WAITS}


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_a_wait_is_told_once_with_its_count_and_the_case_says_when_it_is_over(tmp_path):
    clock = MovedClock(SystemClock().now_ms())
    async with product(tmp_path, by_hand=True, clock=clock) as shop:
        watch = Monitor(shop.running.store, clock, Merchants((MERCHANT,)))
        for _ in range(3):
            await shop.prepay((await shop.order())["orderNum"])
        await change(shop, OrderCheck.update(due_at=clock.ms))
        clock.ms += SOON_MS + 2 * MINUTE_MS
        for _ in range(3):
            await watch.step()
        (case,) = [c for c in await alerts(shop) if c["evidence"]["code"] == "orders_not_asked"]
        assert (case["count"], case["severity"]) == (1, "high")
        assert case["evidence"]["values"] == {"count": 3, "minutes": 7}
        await change(shop, OrderCheck.delete())
        await watch.step()
        history = (await shop.running.services.alerts.get(case["id"]))["history"]
        assert [entry["action"] for entry in history] == ["raised", "over"]


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_what_is_done_in_time_is_no_wait(tmp_path):
    clock = MovedClock(SystemClock().now_ms())
    async with product(tmp_path, by_hand=True, clock=clock) as shop:
        watch = Monitor(shop.running.store, clock, Merchants((MERCHANT,)))
        await let_all_wait(shop)
        clock.ms += 2 * DAY_MS
        later = clock.ms + MINUTE_MS
        await change(shop, OrderCheck.update(due_at=later))
        await change(shop, RefundCheck.update(due_at=later))
        await change(shop, AlertMessage.update(state=MessageState.SENT))
        await watch.step()
        assert await told(shop) == DECIDED_BY_PEOPLE | {"prepays_unwatched"}
