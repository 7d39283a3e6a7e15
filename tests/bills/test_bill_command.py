"""`paywatch bill`, as a person runs it beside the product."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest

from commands.bill import BillLine, work_all
from services.bills.bill_days import DayRun, DayTaken, claim_days
from services.runtime.clock import DAY_MS
from simulator.state.clock import SimulatedClock
from tests.bills.test_bill_days import Shop
from tests.bills.test_days_written import differences
from tests.bills.test_simulated_calls import away_from_midnight
from tests.simulator.test_product import house
from tests.support.rig import MCH_ID, MovedClock
from tests.support.shell import Shell

pytestmark = pytest.mark.one_database


@asynccontextmanager
async def days_ago(folder: Path) -> AsyncIterator[Shop]:
    """A shop that took money two days ago, so that WeChat has the bill at every hour of today; the
    time of a command is now."""
    await away_from_midnight()
    clock = MovedClock(int(time.time() * 1000) - 2 * DAY_MS)
    wechats = SimulatedClock(real=lambda: clock.ms / 1000)
    made = house(folder, wechats_clock=wechats, clock=clock, by_hand=True)
    async with made as (product, wechat):
        yield Shop(product, wechat, clock)


async def bill(shop: Shop, *words: str) -> tuple[int, str, str]:
    product = shop.product
    shell = Shell(product.folder, int(product.settings.listen.rsplit(":", 1)[1]))
    given = {"PAYWATCH_WECHAT_BASE_URL": product.settings.wechat_base_url}
    return await asyncio.to_thread(lambda: shell.process("bill", *words, **given))


def of_day(shop: Shop) -> tuple[str, str]:
    return "--date", shop.day.isoformat()


@pytest.mark.gen_test
async def test_a_day_that_fits_ends_with_0_and_a_table(tmp_path):
    async with days_ago(tmp_path) as shop:
        await shop.paid()
        shop.clock.ms += 2 * DAY_MS
        status, out, err = await bill(shop, *of_day(shop))
        assert (status, err) == (0, ""), (out, err)
        head, line = out.splitlines()
        assert head.split()[:4] == ["date", "account", "status", "rows"]
        assert line.split() == [
            *(shop.day.isoformat(), MCH_ID, "matched", "1", "88.00", "88.00", "0.00", "0.00"),
            *("0.53", "87.47", "0", "0.00"),
        ]


@pytest.mark.gen_test
async def test_an_open_difference_ends_with_3(tmp_path):
    async with days_ago(tmp_path) as shop:
        number = await shop.paid()
        await shop.control("gaps", gap="double_booking", orderNum=number)
        shop.clock.ms += 2 * DAY_MS
        status, out, err = await bill(shop, *of_day(shop), "--account", MCH_ID)
        assert (status, err) == (3, ""), (out, err)
        assert out.splitlines()[1].split()[-2:] == ["1", "88.00"]
        assert len(await differences(shop.product)) == 1


@pytest.mark.gen_test
async def test_a_bill_that_is_being_made_ends_with_1_and_says_so(tmp_path):
    async with days_ago(tmp_path) as shop:
        await shop.paid()
        shop.clock.ms += 2 * DAY_MS
        await shop.control(f"bills/{shop.day}", faults=[{"fault": "late"}])
        status, out, _err = await bill(shop, *of_day(shop))
        assert status == 1
        assert out.endswith(
            f"{MCH_ID}: WeChat is still making the bill; it is asked again in half an hour.\n"
        )


@pytest.mark.parametrize(
    "words", [("--date", "2099-01-01"), ("--date", "2020-01-01"), ("--date", "yesterday")]
)
@pytest.mark.gen_test
async def test_a_day_without_a_bill_is_bad_usage(tmp_path, words):
    async with days_ago(tmp_path) as shop:
        status, out, err = await bill(shop, *words)
        assert (status, out) == (2, "")
        assert err.count("\n") >= 1


@pytest.mark.gen_test
async def test_a_bill_from_a_file_is_matched_and_one_that_was_cut_is_refused(tmp_path):
    async with days_ago(tmp_path) as shop:
        await shop.paid()
        shop.clock.ms += 2 * DAY_MS
        text = "".join(shop.world.bills.desk.bill(MCH_ID, shop.day, "ALL").lines("ALL"))
        whole, cut = tmp_path / "bill.csv", tmp_path / "cut.csv"
        whole.write_text(text)
        cut.write_text(text[:-40])
        status, out, _ = await bill(shop, *of_day(shop), "--file", str(cut))
        assert (status, "cut" in out.splitlines()[-1]) == (1, True), out
        status, out, _ = await bill(shop, *of_day(shop), "--file", str(whole))
        assert status == 0, out
        status, out, _ = await bill(shop, *of_day(shop), "--file", str(cut))
        assert (status, "cut" in out.splitlines()[-1]) == (1, True), "matched before is not now"


@pytest.mark.gen_test
async def test_a_file_that_is_not_there_is_bad_usage_and_no_news_of_the_day(tmp_path):
    async with days_ago(tmp_path) as shop:
        status, out, err = await bill(shop, *of_day(shop), "--file", str(tmp_path / "none.csv"))
        assert (status, out) == (2, "")
        assert (
            err == f"paywatch: {tmp_path / 'none.csv'} cannot be read: No such file or directory.\n"
        )


@pytest.mark.gen_test
async def test_an_account_that_another_run_works_on_keeps_none_of_the_others():
    done = []

    class Taken:
        async def work(self, mch_id, day, file, tell):
            if mch_id == "1":
                raise DayTaken
            done.append(mch_id)

    undone = await work_all(Taken(), ["1", "2"], date(2026, 11, 23), None, BillLine())
    assert (done, undone) == (["2"], [f"1: {DayTaken.message}"])


@pytest.mark.gen_test
async def test_a_day_that_another_run_works_on_ends_with_1(tmp_path):
    async with days_ago(tmp_path) as shop:
        await shop.paid()
        shop.clock.ms += 2 * DAY_MS
        store = shop.product.running.store
        await store.write(claim_days, DayRun(MCH_ID, shop.day.isoformat(), "r1"))
        status, _out, err = await bill(shop, *of_day(shop))
        assert (status, err) == (1, f"paywatch: {MCH_ID}: {DayTaken.message}\n")
