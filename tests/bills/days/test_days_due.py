"""Days that are due, dead runs, two runs at once, and whom WeChat is asked as."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from models import Order
from payments.bills.differences import BillStatus
from payments.errors import WeChatUntrusted
from payments.merchant import Merchant, Merchants
from services.bills.bill_dates import KEPT_DAYS, start_of
from services.bills.bill_days import (
    STALE_MS,
    DayRun,
    NotMatched,
    claim_days,
    due_days,
    end_unmatched,
)
from services.bills.days_left import end_old_days
from services.runtime.clock import DAY_MS
from tests.bills.test_days_written import (
    DAY,
    IN_DAY,
    NOW,
    day_row,
    differences,
    found,
    match,
    missing,
)
from tests.support.rig import MCH_ID, MERCHANT, MovedClock, product


@pytest.mark.parametrize("first", [DAY, "2026-11-21"])
@pytest.mark.gen_test
async def test_a_day_that_holds_what_a_matched_bill_could_tell_is_looked_at_again(tmp_path, first):
    """Both days were matched at once: neither run saw what the other one wrote."""
    async with product(tmp_path) as shop:
        held = missing("4200A", held=True)
        for number, day in enumerate(sorted([DAY, "2026-11-21"], key=lambda day: day != first)):
            await match(shop, *([held] if day == DAY else []), run=f"r{number}", day=day)
        assert (await day_row(shop))["due_at"] is not None
        assert (await day_row(shop, "2026-11-21"))["due_at"] is None


@pytest.mark.gen_test
async def test_a_day_that_waits_for_the_bill_beside_is_not_due_before(tmp_path):
    async with product(tmp_path) as shop:
        await match(shop, run="r0", day="2026-11-19")
        await match(shop, missing("4200A", held=True))
        assert (await day_row(shop))["due_at"] is None


@pytest.mark.gen_test
async def test_a_day_that_has_become_too_old_is_not_tried_for_ever(tmp_path):
    clock = MovedClock(IN_DAY)
    async with product(tmp_path, clock=clock) as shop:
        of = DayRun(MCH_ID, DAY, "r1")
        await shop.running.store.write(claim_days, of)
        failed = NotMatched(of, BillStatus.FAILED, {"code": "bill_cut"}, clock.ms)
        await shop.running.store.write(end_unmatched, failed)
        clock.ms += 92 * DAY_MS
        found_due = await shop.running.store.read(due_days, clock.ms, (MCH_ID,))
        assert [due for due in found_due if due.date == DAY] == []


@pytest.mark.parametrize(
    ("at", "awaited"),
    [("2026-11-20T15:59:58.000Z", "2026-11-21"), ("2026-11-19T16:00:01.000Z", "2026-11-19")],
)
@pytest.mark.gen_test
async def test_what_waits_for_a_bill_that_wechat_has_no_more_counts(tmp_path, at, awaited):
    """The day beside was never matched, or by a file that nothing has proven."""
    clock = MovedClock(NOW)
    async with product(tmp_path, clock=clock) as shop:
        store = shop.running.store
        await match(shop, missing("4200A", held=True, evidence={"booking": {"at": at}}))
        for day in ("2026-11-19", "2026-11-21"):
            of = DayRun(MCH_ID, day, "r1")
            await store.write(claim_days, of)
            failed = NotMatched(of, BillStatus.FAILED, {"code": "bill_cut"}, clock.ms)
            await store.write(end_unmatched, failed)
        left = start_of(date.fromisoformat(awaited)) + (KEPT_DAYS + 1) * DAY_MS
        clock.ms = left - 1
        await store.write(end_old_days, None)
        assert [row["status"] for row in await differences(shop)] == ["held"]
        assert (await day_row(shop, awaited))["due_at"] is not None
        clock.ms = left
        await store.write(end_old_days, None)
        assert [row["status"] for row in await differences(shop)] == ["open"]
        assert (await day_row(shop, awaited))["due_at"] is None
        assert (await day_row(shop))["open_count"] == 1


@pytest.mark.gen_test
async def test_what_waits_for_a_day_on_which_a_run_works_waits_for_that_run(tmp_path):
    """A run that is at work at midnight may find it; one that has died will not."""
    clock = MovedClock(NOW)
    async with product(tmp_path, clock=clock) as shop:
        store = shop.running.store
        at = {"booking": {"at": "2026-11-19T16:00:01.000Z"}}
        await match(shop, missing("4200A", held=True, evidence=at))
        clock.ms = start_of(date.fromisoformat("2026-11-19")) + (KEPT_DAYS + 1) * DAY_MS
        for day in (DAY, "2026-11-19"):
            await store.write(claim_days, DayRun(MCH_ID, day, "r1"))
            await store.write(end_old_days, None)
            assert [row["status"] for row in await differences(shop)] == ["held"]
            clock.ms += STALE_MS + 1
        await store.write(end_old_days, None)
        assert [row["status"] for row in await differences(shop)] == ["open"]


@pytest.mark.gen_test
async def test_a_day_whose_run_has_died_is_due_and_free_when_it_is_too_old(tmp_path):
    clock = MovedClock(NOW)
    async with product(tmp_path, clock=clock) as shop:
        store = shop.running.store
        await match(shop)
        await store.write(claim_days, DayRun(MCH_ID, DAY, "r2"))
        assert await store.read(due_days, clock.ms, (MCH_ID,)) == []
        clock.ms += STALE_MS + 1
        assert [due.date for due in await store.read(due_days, clock.ms, (MCH_ID,))] == [DAY]
        clock.ms += 92 * DAY_MS
        await store.write(end_old_days, None)
        row = await day_row(shop)
        assert (row["run"], row["step"], row["due_at"]) == (None, None, None)


@pytest.mark.gen_test
async def test_a_run_that_told_a_time_far_ahead_is_dead_too(tmp_path):
    """Its computer's clock was wrong, or this one's was set back."""
    clock = MovedClock(NOW + 30 * DAY_MS)
    async with product(tmp_path, clock=clock) as shop:
        store, one, two = shop.running.store, DayRun(MCH_ID, DAY, "1"), DayRun(MCH_ID, DAY, "2")
        await store.write(claim_days, one)
        clock.ms = NOW
        await store.write(claim_days, two)
        assert (await day_row(shop))["run"] == "2"


@pytest.mark.gen_test
async def test_wechat_is_asked_as_the_app_that_made_the_order(tmp_path):
    first, second = replace(MERCHANT), replace(MERCHANT, app_id="wx9999999999999999")
    async with product(tmp_path, merchants=Merchants((first, second))) as shop:
        ours, theirs = [(await shop.order())["orderNum"] for _ in range(2)]
        other = Order.update(app_id=second.app_id).where(Order.order_num == theirs)
        await shop.running.store.write(lambda _batch, items: [other.execute() for _ in items], None)
        numbers = ours, theirs, "UNKNOWN"
        await match(shop, *(found(order_num=number) for number in numbers))
        asked = []

        class Recording:
            async def ask(self, merchant: Merchant, order_num: str) -> None:
                asked.append((merchant.app_id, order_num))
                if merchant is first:
                    raise WeChatUntrusted("another app's")

        healing = shop.running.bills._tools.healing
        healing._order_query = Recording()
        assert await healing.ask(first, DAY, lambda _count: None)
        assert asked == [
            (first.app_id, ours),
            (second.app_id, theirs),
            (first.app_id, "UNKNOWN"),
            (second.app_id, "UNKNOWN"),
        ]
