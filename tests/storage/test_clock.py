"""A clock that was ahead, that jumps, or that nobody else agrees with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from models import IdempotentAnswer, OrderCheck, RawNotify, RefundCheck
from models.base import rows
from payments.causes import Cause
from services.alerts.outbox import take
from services.checks.clock_watch import ClockWatch, wechat_clock
from services.checks.http_probe import HttpProbe
from services.notify.retention import Retention
from services.orders.due_times import DueTimes
from services.runtime.clock import DAY_MS, HOUR_MS, MINUTE_MS, SystemClock
from services.runtime.leases import Leases
from tests.support.hook import Ahead, webhook
from tests.support.rig import MovedClock, Product, china_text, product

AHEAD_MS = 8 * HOUR_MS
LIMIT_MS = 5 * MINUTE_MS
HOST = "shop-1"


@dataclass
class Steady(MovedClock):
    """As MovedClock, with a counter that does not follow when the time jumps."""

    ticks: float = 0.0

    def monotonic(self) -> float:
        return self.ticks


def watch(shop: Product, clock: Any, wechat: int | None) -> ClockWatch:
    """A watch over the store of the shop, to which WeChat says this time."""

    async def ask() -> int | None:
        return wechat

    return ClockWatch(shop.running.store, clock, ask, HOST)


async def cases(shop: Product) -> list[tuple[str, str]]:
    """Code and severity of every case of the system."""
    found = (await (await shop.user()).get("alerts?kind=system"))["alerts"]
    return [(each["evidence"]["code"], each["severity"]) for each in found]


# --- leases and due times ------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_a_lease_of_a_clock_that_was_ahead_holds_nobody_up(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        store = shop.running.store
        assert await Leases(store, Ahead(AHEAD_MS), "dead").claim("work", 15_000)
        ours = Leases(store, SystemClock(), "ours")
        assert await ours.claim("work", 15_000)
        assert not await Leases(store, SystemClock(), "third").claim("work", 15_000), "a true lease"
        assert await Leases(store, Ahead(AHEAD_MS), "dead").turn("once a minute", MINUTE_MS)
        assert await ours.turn("once a minute", MINUTE_MS)
        assert not await ours.turn("once a minute", MINUTE_MS)


@pytest.mark.gen_test
async def test_what_is_due_later_than_anybody_may_set_is_due_now(tmp_path: Path) -> None:
    async with product(tmp_path, wechat=True, by_hand=True) as shop:
        known, _ = await shop.prepaid()
        unsent = (await shop.order(expiresInMinutes=600))["orderNum"]
        now = SystemClock().now_ms()

        def postpone(_batch: Any, items: Any) -> list[None]:
            OrderCheck.update(due_at=now + AHEAD_MS).where(OrderCheck.order_num == known).execute()
            check = {"refund_num": "RF-000001", "due_at": now + AHEAD_MS, "tries": 0}
            RefundCheck.insert(check).execute()
            return [None for _ in items]

        await shop.running.store.write(postpone, None)
        await DueTimes(shop.running.store).step()
        due = dict(await shop.running.store.read(lambda: rows(
            OrderCheck.select(OrderCheck.order_num, OrderCheck.due_at))))  # fmt: skip
        assert due[known] <= SystemClock().now_ms()
        assert due[unsent] > now + 9 * HOUR_MS, "WeChat does not know it: it waits for its expiry"
        ((refund_due,),) = await shop.running.store.read(
            lambda: rows(RefundCheck.select(RefundCheck.due_at))
        )
        assert refund_due <= SystemClock().now_ms()
        assert await shop.running.reconciler.step() == 2


@pytest.mark.gen_test
async def test_a_message_of_a_clock_that_was_ahead_leaves_at_once(tmp_path: Path) -> None:
    clock = Ahead(AHEAD_MS)
    async with (
        webhook() as hook,
        product(tmp_path, by_hand=True, clock=clock, NOTIFY_URLS=hook.url) as shop,
    ):
        outbox = shop.running.services.outbox
        hook.answers = [500]
        paid = china_text(datetime.fromtimestamp(clock.now_ms() / 1000, UTC))
        await shop.pay((await shop.order())["orderNum"], total_fee="1", time_end=paid)
        await outbox.step()
        assert len(hook.got) == 1
        clock.ms = 0
        (again,) = await shop.running.store.write(take, tuple(outbox._by_id))
        assert again.attempts == 2


# --- nothing is deleted while the clock is in doubt ----------------------------------------------


async def kept(shop: Product) -> tuple[int, int]:
    return await shop.running.store.read(
        lambda: (RawNotify.select().count(), IdempotentAnswer.select().count())
    )


@pytest.mark.gen_test
@pytest.mark.parametrize("wechat", [True, False], ids=["WeChat says so", "nobody to ask"])
async def test_a_clock_200_days_ahead_deletes_nothing(tmp_path: Path, wechat: bool) -> None:
    clock = Ahead()
    async with product(tmp_path, by_hand=True, clock=clock) as shop:
        await shop.pay((await shop.order())["orderNum"])
        true_ms = SystemClock().now_ms()
        ahead = Ahead(200 * DAY_MS)
        doubting = watch(shop, ahead, true_ms if wechat else None)
        store = shop.running.store
        store.may_forget = doubting.is_sure
        if wechat or "sqlite" in shop.settings.database_url:
            await doubting.step()
        assert not doubting.is_sure()
        before = await kept(shop)
        clock.ms = 200 * DAY_MS
        await Retention(store, clock, 180).step()
        await shop.order()
        after = await kept(shop)
        assert after == (before[0], before[1] + 1)
        clock.ms = 0
        right = watch(shop, SystemClock(), true_ms)
        store.may_forget = right.is_sure
        await right.step()
        # The order of the wrong clock left an event that is later than now: told, once.
        assert not right.is_sure()


@pytest.mark.gen_test
async def test_a_clock_that_agrees_lets_old_rows_go(tmp_path: Path) -> None:
    clock = Ahead()
    async with product(tmp_path, by_hand=True, clock=clock) as shop:
        await shop.pay((await shop.order())["orderNum"])
        clock.ms = 200 * DAY_MS
        agreeing = watch(shop, clock, clock.now_ms())
        shop.running.store.may_forget = lambda: agreeing._is_sure
        if "sqlite" not in shop.settings.database_url:
            return  # its server's clock is right, and ours is moved
        await agreeing.step()
        await Retention(shop.running.store, clock, 180).step()
        assert (await kept(shop))[0] == 0
        assert await cases(shop) == []


# --- comparing -----------------------------------------------------------------------------------


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("off_ms", "found"),
    [(4 * MINUTE_MS, None), (6 * MINUTE_MS, "ahead"), (-6 * MINUTE_MS, "behind")],
    ids=["four minutes", "six ahead", "six behind"],
)
async def test_a_clock_more_than_five_minutes_off_is_a_case_once(
    tmp_path: Path, off_ms: int, found: str | None
) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        now = SystemClock().now_ms()
        looking = watch(shop, SystemClock(), now - off_ms)
        await looking.step()
        await looking._compare()
        assert looking.is_sure() is (found is None)
        alerts = (await (await shop.user()).get("alerts"))["alerts"]
        if not found:
            assert alerts == []
            return
        (case,) = alerts
        assert (case["evidence"]["code"], case["count"]) == ("clock_off", 1)
        assert case["severity"] == "high"
        assert case["actual"].startswith("+" if found == "ahead" else "-")
        assert abs(case["evidence"]["values"]["seconds"] - 360) <= 60
        right = watch(shop, SystemClock(), SystemClock().now_ms())
        await right.step()
        (case,) = (await (await shop.sign_in("alice")).get("alerts"))["alerts"]
        detail = await (await shop.sign_in("alice")).get(f"alerts/{case['id']}")
        assert [each["action"] for each in detail["alert"]["history"]] == ["raised", "over"]


@pytest.mark.gen_test
async def test_a_jump_is_a_case_within_a_second_and_doubted_until_the_next_answer(
    tmp_path: Path,
) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        clock = Steady(SystemClock().now_ms())
        told: list[int | None] = [clock.ms, None, clock.ms]

        async def ask() -> int | None:
            return told.pop(0)

        looking = ClockWatch(shop.running.store, clock, ask, HOST)
        await looking.step()
        assert looking.is_sure()
        clock.ms += HOUR_MS
        clock.ticks += 1
        await looking.step()
        assert not looking.is_sure(), "WeChat gave no answer"
        clock.ms -= HOUR_MS
        clock.ticks += 1
        await looking.step()
        (case, severity), *others = await cases(shop)
        assert (case, severity, others) == (Cause.CLOCK_JUMPED, "high", [])
        if "sqlite" in shop.settings.database_url:
            assert looking.is_sure()


@pytest.mark.gen_test
async def test_a_slow_correction_is_no_jump(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        clock = Steady(SystemClock().now_ms())
        looking = watch(shop, clock, clock.ms)
        for _ in range(30):
            clock.ms += MINUTE_MS
            clock.ticks += 1
            await looking.step()
        assert await cases(shop) == []


@pytest.mark.gen_test
async def test_a_start_after_a_clock_that_was_ahead_is_told(tmp_path: Path) -> None:
    clock = Ahead(AHEAD_MS)
    async with product(tmp_path, by_hand=True, clock=clock) as shop:
        await shop.order()
        clock.ms = 0
        looking = watch(shop, SystemClock(), SystemClock().now_ms())
        await looking.step()
        assert await cases(shop) == [(Cause.CLOCK_WENT_BACK, "high")]


@pytest.mark.gen_test
async def test_the_date_of_wechats_answers_is_what_is_compared(tmp_path: Path) -> None:
    async with product(tmp_path, wechat=True, by_hand=True) as shop:
        wechat, probe = shop.settings.wechat_base_url, HttpProbe(None)
        try:
            ask = wechat_clock(probe, wechat)
            told = await ask()
            assert told is not None
            assert abs(told - SystemClock().now_ms()) < LIMIT_MS
            body = {"dateSkewSeconds": 3600}
            assert (await shop.fetch(f"{wechat}/_control/clock", "POST", body)).code == 200
            skewed = await ask()
            assert skewed is not None
            assert skewed - told > 59 * MINUTE_MS
            assert await wechat_clock(probe, "http://127.0.0.1:1")() is None
        finally:
            probe.close()
