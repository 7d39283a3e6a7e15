"""Orders and a clock that was behind, or is in doubt: none is taken for over by a wrong time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models import OrderCheck
from models.base import rows
from payments.causes import Cause
from services.checks.clock_watch import ClockWatch
from services.runtime.clock import HOUR_MS, MINUTE_MS, SystemClock
from tests.orders.test_reconciler import age
from tests.storage.test_future_times import cases, times
from tests.support.hook import Ahead
from tests.support.rig import Product, product

BEHIND_MS = 8 * HOUR_MS


def watch(shop: Product, wechat: int | None) -> ClockWatch:
    """A watch of the right clock, to which WeChat says this time."""

    async def ask() -> int | None:
        return wechat

    return ClockWatch(shop.running.store, SystemClock(), ask, "shop-1")


async def made_behind(shop: Product, clock: Ahead, **more: Any) -> str:
    """An order that was made while the clock was behind; now it is right."""
    clock.ms = -BEHIND_MS
    number = (await shop.order(**more))["orderNum"]
    clock.ms = 0
    return str(number)


@pytest.mark.gen_test
async def test_an_order_of_a_clock_that_was_behind_has_its_time_from_now_on(tmp_path: Path) -> None:
    clock = Ahead()
    async with product(tmp_path, by_hand=True, clock=clock) as shop:
        right, old = [(await shop.order())["orderNum"] for _ in range(2)]
        await age(shop, old)
        number = await made_behind(shop, clock, expiresInMinutes=30)
        others = await times(shop, right), await times(shop, old)
        created, expires = await times(shop, number)
        assert expires < clock.now_ms() - 7 * HOUR_MS
        await watch(shop, clock.now_ms()).step()
        now = clock.now_ms()
        after = await times(shop, number)
        assert after[0] == created, "older than it is; its payments are none the less its own"
        assert now + 29 * MINUTE_MS < after[1] <= now + 30 * MINUTE_MS
        assert (await times(shop, right), await times(shop, old)) == others
        (case,) = await cases(shop)
        assert (case["evidence"]["code"], case["severity"]) == (Cause.TIMES_BEHIND, "high")
        assert case["evidence"]["values"]["orders"] == 1
        assert abs(case["evidence"]["values"]["minutes"] - BEHIND_MS // MINUTE_MS) <= 1
        # A new start finds the same events, and gives nothing twice.
        await watch(shop, clock.now_ms()).step()
        assert await times(shop, number) == after


@pytest.mark.gen_test
async def test_what_is_paid_or_cannot_be_told_stays(tmp_path: Path) -> None:
    clock = Ahead()
    async with product(tmp_path, by_hand=True, clock=clock) as shop:
        clock.ms = -BEHIND_MS
        first = (await shop.order())["orderNum"]  # nothing before it says that the clock was wrong
        clock.ms = 0
        await shop.order()
        paid = await made_behind(shop, clock)
        await shop.pay(paid)
        before = await times(shop, first), await times(shop, paid)
        await watch(shop, clock.now_ms()).step()
        assert (await times(shop, first), await times(shop, paid)) == before


@pytest.mark.gen_test
async def test_without_a_witness_nothing_is_given(tmp_path: Path) -> None:
    clock = Ahead()
    async with product(tmp_path, by_hand=True, clock=clock) as shop:
        await shop.order()
        number = await made_behind(shop, clock)
        before = await times(shop, number)
        for wechat in (None, clock.now_ms() - BEHIND_MS):
            if wechat or "sqlite" in shop.settings.database_url:
                await watch(shop, wechat).step()
        assert await times(shop, number) == before


@pytest.mark.gen_test
async def test_no_order_is_closed_for_its_age_while_the_clock_is_in_doubt(tmp_path: Path) -> None:
    async with product(tmp_path, wechat=True, by_hand=True) as shop:
        number, trade = await shop.prepaid()
        unsent = (await shop.order())["orderNum"]
        for each in (number, unsent):
            await age(shop, each)
        now = SystemClock().now_ms()
        doubting = watch(shop, now - BEHIND_MS)
        shop.running.store.may_expire = doubting.may_expire
        assert not doubting.may_expire(), "not compared yet"
        await doubting.step()
        assert not doubting.may_expire()
        assert await shop.running.reconciler.step() == 2
        assert (trade.state, (await shop.read(number))["status"]) == ("NOTPAY", "WAIT_PAY")
        assert (await shop.read(unsent))["status"] == "INIT"
        due = await shop.running.store.read(lambda: rows(OrderCheck.select(OrderCheck.due_at)))
        assert all(at > SystemClock().now_ms() for (at,) in due), "asked again later, not at once"
        right = watch(shop, SystemClock().now_ms())
        shop.running.store.may_expire = right.may_expire
        await right.step()
        if not right.may_expire():  # the events of a case are a second old at most
            await right._compare()
        for each in (number, unsent):
            await age(shop, each)
        await shop.running.reconciler.step()
        assert (trade.state, (await shop.read(number))["status"]) == ("CLOSED", "CLOSED")
        assert (await shop.read(unsent))["status"] == "CLOSED"


@pytest.mark.gen_test
async def test_where_nobody_can_be_asked_orders_end_as_always(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        number = (await shop.order())["orderNum"]
        await age(shop, number, ms=0)
        alone = watch(shop, None)
        shop.running.store.may_expire = alone.may_expire
        await alone.step()
        await shop.running.reconciler.step()
        assert (await shop.read(number))["status"] == "CLOSED"
