"""Times in the tables that a clock wrote that was ahead: none is believed for longer than anybody
may set it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from models import IdempotentAnswer, Order, OrderCheck, PrepayAttempt, Refund, RefundCheck
from models.base import rows
from models.user import Role
from payments.causes import Cause
from services.checks.future_times import FutureTimes
from services.orders.due_times import DueTimes
from services.runtime.clock import DAY_MS, HOUR_MS, MINUTE_MS, SystemClock
from tests.support.hook import Ahead
from tests.support.rig import Product, china_text, product

AHEAD_MS = 8 * HOUR_MS


async def cases(shop: Product) -> list[dict[str, Any]]:
    """Every case of the system."""
    found: list[dict[str, Any]] = (await (await shop.user()).get("alerts?kind=system"))["alerts"]
    return found


async def made_ahead(shop: Product, clock: Ahead, **more: Any) -> str:
    """An order that was made while the clock was ahead; now it is right."""
    clock.ms = AHEAD_MS
    number = (await shop.order(**more))["orderNum"]
    clock.ms = 0
    return str(number)


async def times(shop: Product, number: str) -> tuple[int, int]:
    query = Order.select(Order.created_at, Order.expires_at).where(Order.order_num == number)
    ((created, expires),) = await shop.running.store.read(lambda: rows(query))
    return created, expires


@pytest.mark.gen_test
async def test_an_order_of_a_clock_that_was_ahead_expires_by_the_right_time(tmp_path: Path) -> None:
    clock = Ahead()
    async with product(tmp_path, by_hand=True, clock=clock) as shop:
        right = (await shop.order())["orderNum"]
        before = await times(shop, right)
        number = await made_ahead(shop, clock, expiresInMinutes=30)
        correcting = FutureTimes(shop.running.store)
        await correcting.step()
        now = clock.now_ms()
        created, expires = await times(shop, number)
        assert before[0] <= created <= now, "as late as the event before it"
        assert now + 29 * MINUTE_MS < expires <= now + 30 * MINUTE_MS, "its own time, from now on"
        check = OrderCheck.select(OrderCheck.due_at).where(OrderCheck.order_num == number)
        ((due,),) = await shop.running.store.read(lambda: rows(check))
        assert due <= expires
        assert await times(shop, right) == before
        await correcting.step()
        (case,) = await cases(shop)
        assert (case["evidence"]["code"], case["severity"]) == (Cause.TIMES_AHEAD, "high")
        assert case["count"] == 1
        minutes = case["evidence"]["values"]["minutes"]
        assert case["evidence"]["values"]["orders"] == 1
        assert abs(minutes - AHEAD_MS // MINUTE_MS) <= 1


@pytest.mark.gen_test
async def test_a_payment_from_the_time_of_the_wrong_clock_is_booked_when_it_is_right(
    tmp_path: Path,
) -> None:
    clock = Ahead()
    async with product(tmp_path, by_hand=True, clock=clock) as shop:
        await shop.order()
        number = await made_ahead(shop, clock)
        paid = china_text(datetime.fromtimestamp(clock.now_ms() / 1000, UTC))
        assert b"FAIL" in await shop.pay(number, "4200000001", time_end=paid)
        await FutureTimes(shop.running.store).step()
        assert b"SUCCESS" in await shop.pay(number, "4200000001", time_end=paid), "sent again"
        assert (await shop.read(number))["status"] == "PAID"


@pytest.mark.gen_test
async def test_no_time_is_set_back_while_the_clock_is_in_doubt(tmp_path: Path) -> None:
    clock = Ahead()
    async with product(tmp_path, by_hand=True, clock=clock) as shop:
        number = await made_ahead(shop, clock)
        before = await times(shop, number)
        shop.running.store.may_forget = lambda: False
        await FutureTimes(shop.running.store).step()
        assert await times(shop, number) == before
        assert await cases(shop) == []


@pytest.mark.gen_test
async def test_a_key_that_was_used_ahead_is_kept_a_day_from_now(tmp_path: Path) -> None:
    clock = Ahead()
    async with product(tmp_path, by_hand=True, clock=clock) as shop:
        clock.ms = 200 * DAY_MS
        await shop.order()
        clock.ms = 0
        await FutureTimes(shop.running.store).step()
        ((kept_at,),) = await shop.running.store.read(
            lambda: rows(IdempotentAnswer.select(IdempotentAnswer.created_at))
        )
        assert abs(kept_at - clock.now_ms()) < MINUTE_MS


@pytest.mark.gen_test
async def test_a_refund_that_was_asked_for_ahead_waits_for_its_admin_from_now_on(
    tmp_path: Path,
) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        number = (await shop.order())["orderNum"]
        await shop.pay(number)
        support = await shop.user("bob", Role.SUPPORT)
        asked = {"amountFen": 1, "reason": "too much"}
        assert (await support.post(f"orders/{number}/refunds", asked)).code in (200, 201)
        far = SystemClock().now_ms() + AHEAD_MS

        def postpone(_batch: Any, items: Any) -> list[None]:
            Refund.update(created_at=far).execute()
            return [None for _ in items]

        await shop.running.store.write(postpone, None)
        await FutureTimes(shop.running.store).step()
        ((asked_at,),) = await shop.running.store.read(
            lambda: rows(Refund.select(Refund.created_at))
        )
        assert asked_at <= SystemClock().now_ms()


@pytest.mark.gen_test
async def test_a_prepay_of_a_clock_that_was_ahead_is_not_given_out_for_longer(
    tmp_path: Path,
) -> None:
    clock = Ahead()
    async with product(tmp_path, wechat=True, by_hand=True, clock=clock) as shop:
        number, _ = await shop.prepaid()
        known = clock.now_ms() + AHEAD_MS

        def postpone(_batch: Any, items: Any) -> list[None]:
            PrepayAttempt.update(valid_until=known).execute()
            return [None for _ in items]

        await shop.running.store.write(postpone, None)
        await shop.prepay(number)
        ((calls,),) = await shop.running.store.read(
            lambda: rows(PrepayAttempt.select(PrepayAttempt.calls))
        )
        assert calls == 2


@pytest.mark.gen_test
async def test_a_session_of_a_clock_that_was_ahead_is_over(tmp_path: Path) -> None:
    clock = Ahead(AHEAD_MS)
    async with product(tmp_path, by_hand=True, clock=clock) as shop:
        alice = await shop.user()
        assert (await alice.fetch("me")).code == 200
        clock.ms = 0
        assert (await alice.fetch("me")).code == 401


@pytest.mark.gen_test
async def test_wrong_passwords_of_a_clock_that_was_ahead_lock_nobody_out(tmp_path: Path) -> None:
    clock = Ahead(AHEAD_MS)
    async with product(tmp_path, by_hand=True, clock=clock) as shop:
        await shop.user()
        wrong = {"username": "alice", "password": "a wrong password"}
        while (await shop.fetch("/api/v1/login", "POST", wrong)).code != 429:
            pass
        clock.ms = 0
        refused = await shop.fetch("/api/v1/login", "POST", wrong)
        assert refused.code == 401 or int(refused.headers["Retry-After"]) <= 60


@pytest.mark.gen_test
async def test_a_refund_that_wechat_does_not_know_is_asked_about_as_seldom_as_it_was_set(
    tmp_path: Path,
) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        now = SystemClock().now_ms()
        dues = {"RF-1": (12, 20 * HOUR_MS), "RF-2": (12, 30 * HOUR_MS), "RF-3": (1, 2 * HOUR_MS)}

        def postpone(_batch: Any, items: Any) -> list[None]:
            for number, (tries, later) in dues.items():
                check = {"refund_num": number, "due_at": now + later, "tries": tries}
                RefundCheck.insert(check).execute()
            return [None for _ in items]

        await shop.running.store.write(postpone, None)
        await DueTimes(shop.running.store).step()
        found = await shop.running.store.read(
            lambda: dict(rows(RefundCheck.select(RefundCheck.refund_num, RefundCheck.due_at)))
        )
        assert found["RF-1"] == now + 20 * HOUR_MS, "up to a day is meant so"
        assert found["RF-2"] <= SystemClock().now_ms()
        assert found["RF-3"] <= SystemClock().now_ms(), (
            "after its second look it is at most a minute"
        )
