"""A fault that ended by itself is told as over, and its case ends unless somebody has taken it."""

from __future__ import annotations

from typing import Any

import pytest

from payments.causes import Cause
from services.alerts.detectors import Observation
from services.alerts.monitor import Monitor, observe
from services.alerts.recovery import WELL_MS
from services.runtime.clock import DAY_MS
from tests.support.rig import MovedClock, Product, product, until

NOW = 20_000 * DAY_MS
ABOUT = "watch_late", "notify delay", Cause.NOTIFIES_LATE
BAD = Observation(*ABOUT, 1, "8.0 s", {"p95Ms": 8000, "limitMs": 5000})
WELL = Observation(*ABOUT, 0)


async def case(shop: Product) -> tuple[str, list[str]]:
    """The state and the history of the one system case."""
    (found,) = (await shop.running.services.alerts.page(kind="system"))["alerts"]
    return found["status"], [entry["action"] for entry in found["history"]]


@pytest.mark.gen_test
async def test_a_case_that_nobody_has_taken_ends_when_it_has_stayed_well(tmp_path: Any) -> None:
    clock = MovedClock(NOW)
    async with product(tmp_path, clock=clock, by_hand=True) as shop:
        monitor = Monitor(shop.running.store, clock, shop.settings.merchants)
        for seen in (BAD, WELL):
            await shop.running.store.write(observe, (seen,))
        await monitor.step()
        assert await case(shop) == ("open", ["raised", "over"])
        clock.ms += WELL_MS - 1
        await monitor.step()
        assert (await case(shop))[0] == "open"
        clock.ms += 1
        await monitor.step()
        assert await case(shop) == ("resolved", ["raised", "over", "resolved"])
        await shop.running.store.write(observe, (BAD,))
        assert await case(shop) == ("open", ["raised", "over", "resolved", "reopened"])


@pytest.mark.parametrize("why", ["it came again", "somebody has taken it"])
@pytest.mark.gen_test
async def test_a_case_stays_open_where(tmp_path: Any, why: str) -> None:
    clock = MovedClock(NOW)
    async with product(tmp_path, clock=clock, by_hand=True) as shop:
        monitor = Monitor(shop.running.store, clock, shop.settings.merchants)
        for seen in (BAD, WELL):
            await shop.running.store.write(observe, (seen,))
        clock.ms += 60_000
        if why == "it came again":
            await shop.running.store.write(observe, (BAD,))
        else:
            alice = await shop.user()
            assert (await alice.post("alerts/1/acknowledge", {"version": 1})).code == 200
        clock.ms += WELL_MS
        await monitor.step()
        assert (await case(shop))[0] in ("open", "acknowledged")


@pytest.mark.gen_test
async def test_redis_that_is_back_is_told_once(tmp_path: Any) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        tell = shop.running.locks.on_trouble
        tell(True)
        tell(False)

        async def history() -> list[str]:
            page = await shop.running.services.alerts.page(kind="system")
            return [entry["action"] for each in page["alerts"] for entry in each["history"]]

        async def is_over() -> bool:
            return "over" in await history()

        await until(is_over)
        tell(False)
        await shop.user()  # a write that comes after it
        assert await history() == ["raised", "over"]
