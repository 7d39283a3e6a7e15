"""The tiles of the live monitor, against traffic that is known."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from assembly.build import build
from assembly.database import ready_database
from commands.supervise import listen
from models import Counter, Order
from models.transaction import Batch
from services.runtime.clock import DAY_MS, HOUR_MS, MINUTE_MS, day_start, rfc3339
from services.runtime.counters import FAILED_COUNT, PAID_COUNT, PAID_FEN, PENDING_STEPS, STEPS_SINCE
from services.views.summary import Summary
from tests.support.rig import Product, product

TILES = {
    "paidFen",
    "paidCount",
    "successRate",
    "pendingCount",
    "oldestPendingAt",
    "openAlerts",
    "criticalAlerts",
    "notifyP95Ms",
}
NOON = day_start(1_735_800_000_000) + 12 * HOUR_MS + 30_000
"""Half a minute past noon in China, some day."""


@dataclass(frozen=True)
class Stopped:
    """A clock that stands."""

    ms: int

    def now_ms(self) -> int:
        return self.ms

    def monotonic(self) -> float:
        return self.ms / 1000


@dataclass(frozen=True)
class Count:
    name: str
    at: int
    value: int


def write_counts(_batch: Batch, counts: Sequence[tuple[Count, ...]]) -> list[None]:
    for count in (count for group in counts for count in group):
        Counter.create(name=count.name, at=count.at, value=count.value)
    return [None] * len(counts)


def count_since(_batch: Batch, times: Sequence[int]) -> list[None]:
    """An op: from this time on the steps are counted."""
    for at in times:
        Counter.update(value=at).where(Counter.name == STEPS_SINCE).execute()
    return [None] * len(times)


def write_paid(_batch: Batch, times: Sequence[tuple[int, ...]]) -> list[None]:
    """An op: orders of one yuan that were paid at these times."""
    for number, at in enumerate(at for group in times for at in group):
        Order.create(
            order_num=f"past-{number:04d}",
            product_id="p1",
            title="t",
            total_fen=100,
            status="PAID",
            app_id="a",
            mch_id="m",
            transaction_id=f"tx{number}",
            status_token="t",
            created_at=at,
            updated_at=at,
            paid_at=at,
            expires_at=at,
        )
    return [None] * len(times)


async def at(shop: Product, now: int) -> dict[str, Any]:
    return await Summary(shop.running.store, Stopped(now)).get()


@pytest.mark.gen_test
async def test_an_empty_shop_has_zeros_and_no_rates(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        summary = await alice.get("summary")
        assert set(summary) == {"at", "today", "yesterday", "minutes", "yesterdayMinutes"}
        assert set(summary["today"]) == set(summary["yesterday"]) == TILES
        nothing = {"paidFen": 0, "paidCount": 0, "successRate": None, "notifyP95Ms": None}
        live = {"pendingCount": 0, "oldestPendingAt": None, "openAlerts": 0, "criticalAlerts": 0}
        assert summary["today"] == {**nothing, **live}
        assert {name: summary["yesterday"][name] for name in nothing} == nothing
        for minutes in (summary["minutes"], summary["yesterdayMinutes"]):
            assert len(minutes) == 60
            quiet = {"paidCount": 0, "paidFen": 0, "failedCount": 0, "notifyP95Ms": None}
            calm = {"pendingCount": 0, "openAlerts": 0}
            assert minutes == [{"at": minute["at"], **quiet, **calm} for minute in minutes]


@pytest.mark.gen_test
async def test_todays_tiles_count_what_really_happened(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        orders = [await shop.order() for _ in range(7)]
        nums = [order["orderNum"] for order in orders]
        china = datetime.now(UTC) + timedelta(hours=8)
        for num in nums[:3]:
            await shop.pay(num, f"4200{num}", time_end=f"{china:%Y%m%d%H%M%S}")
            await shop.pay(num, f"4200{num}")  # a repeat counts nothing
        await shop.pay(nums[3], result_code="FAIL", err_code="NOTENOUGH")
        for _ in range(3):
            await shop.pay(nums[4], total_fee="1")  # one failure, one case, however often
        await shop.pay("nosuch-order")
        await shop.merchant(f"orders/{nums[5]}/close", "POST")
        summary = await alice.get("summary")
        today = summary["today"]
        assert (today["paidCount"], today["paidFen"]) == (3, 26_400)
        assert today["successRate"] == pytest.approx(3 / 6)
        assert (today["openAlerts"], today["criticalAlerts"]) == (2, 1)
        assert today["pendingCount"] == 3
        assert today["oldestPendingAt"] == orders[3]["createdAt"]
        assert 0 < today["notifyP95Ms"] <= 3000
        minutes = summary["minutes"]
        sums = {n: sum(m[n] for m in minutes) for n in ("paidCount", "paidFen", "failedCount")}
        assert sums == {"paidCount": 3, "paidFen": 26_400, "failedCount": 3}
        assert (minutes[-1]["pendingCount"], minutes[-1]["openAlerts"]) == (3, 2)
        assert max(m["notifyP95Ms"] or 0 for m in minutes) == pytest.approx(
            today["notifyP95Ms"], abs=1000
        )
        assert minutes[-1]["at"] <= summary["at"]
        assert (await alice.get("summary"))["yesterday"]["paidCount"] == 0


@pytest.mark.gen_test
async def test_deciding_on_alerts_moves_their_tiles(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        await shop.pay("nosuch-order")
        await shop.pay((await shop.order())["orderNum"], total_fee="-1")

        async def tiles() -> tuple[int, int]:
            today = (await alice.get("summary"))["today"]
            return today["openAlerts"], today["criticalAlerts"]

        assert await tiles() == (2, 1)
        await alice.post("alerts/2/acknowledge", {"version": 1})
        assert await tiles() == (2, 1)
        await alice.post("alerts/2/resolve", {"version": 2})
        assert await tiles() == (1, 0)
        await alice.post("alerts/2/reopen", {"version": 3})
        await alice.post("alerts/1/resolve", {"version": 1})
        assert await tiles() == (1, 1)


@pytest.mark.gen_test
async def test_yesterday_is_counted_up_to_the_same_second(tmp_path):
    async with product(tmp_path) as shop:
        then = NOON - DAY_MS
        minute = then - then % MINUTE_MS
        seconds = (minute - 1, minute, minute + 29_999, then, then + 1, minute + 45_000)
        await shop.running.store.write(write_paid, seconds)
        counts = (
            Count(PAID_COUNT, day_start(then) - MINUTE_MS, 900),  # the day before
            Count(PAID_COUNT, day_start(then), 4),
            Count(PAID_FEN, day_start(then), 4000),
            Count(FAILED_COUNT, day_start(then), 6),
            Count(PAID_COUNT, minute - MINUTE_MS, 1),
            Count(PAID_FEN, minute - MINUTE_MS, 100),
            Count(PAID_COUNT, minute, 5),
            Count(PAID_FEN, minute, 500),  # also what came later
            Count(PAID_COUNT, minute + MINUTE_MS, 700),
            Count(PAID_COUNT, day_start(NOON), 20),
            Count(PAID_FEN, day_start(NOON), 50_000),
        )
        await shop.running.store.write(write_counts, counts)
        summary = await at(shop, NOON)
        assert summary["at"] == rfc3339(NOON)
        yesterday, today = summary["yesterday"], summary["today"]
        assert (yesterday["paidCount"], yesterday["paidFen"]) == (4 + 1 + 3, 4000 + 100 + 300)
        assert yesterday["successRate"] == pytest.approx(8 / 14)
        assert (today["paidCount"], today["paidFen"]) == (20, 50_000)


@pytest.mark.gen_test
async def test_the_day_begins_at_midnight_in_china(tmp_path):
    async with product(tmp_path) as shop:
        midnight = day_start(NOON)
        assert rfc3339(midnight)[11:] == "16:00:00.000Z"
        counts = (
            Count(PAID_COUNT, midnight - MINUTE_MS, 3),
            Count(PAID_COUNT, midnight, 5),
        )
        await shop.running.store.write(write_counts, counts)
        assert (await at(shop, midnight - 1))["today"]["paidCount"] == 3
        assert (await at(shop, midnight))["today"]["paidCount"] == 5
        assert (await at(shop, midnight))["yesterday"]["paidCount"] == 0


@pytest.mark.gen_test
async def test_the_last_hour_is_sixty_minutes_one_by_one(tmp_path):
    async with product(tmp_path) as shop:
        now = NOON - NOON % MINUTE_MS
        counts = tuple(
            Count(PAID_COUNT, now - ago * MINUTE_MS, ago + 1) for ago in (0, 1, 59, 60, 1440, 1499)
        )
        await shop.running.store.write(write_counts, counts)
        summary = await at(shop, NOON)
        minutes, before = summary["minutes"], summary["yesterdayMinutes"]
        assert [m["paidCount"] for m in minutes] == [60, *[0] * 57, 2, 1]
        assert [m["at"] for m in minutes] == [
            rfc3339(now - ago * MINUTE_MS) for ago in range(59, -1, -1)
        ]
        assert [m["paidCount"] for m in before] == [1500, *[0] * 58, 1441]


@pytest.mark.gen_test
async def test_the_95th_notify_of_a_hundred_sets_the_delay(tmp_path):
    async with product(tmp_path) as shop:
        hour = NOON - NOON % HOUR_MS
        counts = (
            Count("notify_delay_100", hour, 94),
            Count("notify_delay_500", hour, 2),
            Count("notify_delay_over", hour, 4),
        )
        await shop.running.store.write(write_counts, counts)
        assert 300 < (await at(shop, NOON))["today"]["notifyP95Ms"] <= 500


@pytest.mark.gen_test
async def test_what_was_pending_is_known_minute_by_minute_since_it_is_counted(tmp_path):
    async with product(tmp_path) as shop:
        now = NOON - NOON % MINUTE_MS
        since = now - DAY_MS - 30 * MINUTE_MS
        counts = (
            Count("orders_pending", 0, 7),
            *(
                Count(PENDING_STEPS, now - ago * MINUTE_MS, step)
                for ago, step in ((0, 2), (1, -1), (59, 3), (600, -4), (1440, 5), (1450, -6))
            ),
        )
        await shop.running.store.write(write_counts, counts)
        await shop.running.store.write(count_since, since)
        summary = await at(shop, NOON)
        minutes, before = summary["minutes"], summary["yesterdayMinutes"]
        assert [m["pendingCount"] for m in minutes] == [6] * 58 + [5, 7]
        known = [m["pendingCount"] for m in before]
        assert known == [None] * 29 + [8] * 20 + [2] * 10 + [7]


@pytest.mark.gen_test
async def test_a_database_of_the_simulation_goes_to_production_and_back(tmp_path):
    """Orders of the simulator are in no figure of the simulation; elsewhere they are."""
    async with product(tmp_path, MODE="simulation") as shop:
        for number in ("SIM-0000001", "SIM-0000002", "ORDER-0001"):
            await shop.order(orderNum=number)
        assert await pending(shop) == 1
        await again(shop, "production")
        assert await pending(shop) == 3
        await shop.merchant("orders/SIM-0000001/close", "POST")
        assert await pending(shop) == 2
        for mode, count in (("production", 2), ("simulation", 1), ("simulation", 1)):
            await again(shop, mode)
            assert await pending(shop) == count, mode


async def again(shop: Product, mode: str) -> None:
    """Start anew over the same database."""
    await shop.running.stop()
    settings = replace(shop.settings, mode=mode)
    shop.running = build(settings, ready_database(settings.database_url))
    await shop.running.start(listen("127.0.0.1", settings.listen_port))


async def pending(shop: Product) -> int:
    return int((await at(shop, time.time_ns() // 1_000_000))["today"]["pendingCount"])
