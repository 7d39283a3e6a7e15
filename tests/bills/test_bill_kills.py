"""A process that is killed while it fetches and matches: the next run ends the same."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
from typing import Any

import pytest

from models import BillDay
from services.runtime.clock import DAY_MS
from tests.bills.test_bill_command import bill, days_ago, of_day
from tests.bills.test_bill_days import Shop
from tests.bills.test_days_written import cases, day_row, differences, told_events
from tests.support.shell import Shell

pytestmark = pytest.mark.one_database

KILLS = int(os.environ.get("PAYWATCH_TEST_KILLS", "3"))
SEED = int(os.environ.get("PAYWATCH_TEST_SEED", "1"))
LONGEST_S = 1.6
"""A whole run takes about this long, most of it the start of two processes."""
CHANGING = {"id", "run", "found_at", "resolved_at", "fetched_at", "updated_at", "asked_at"}


async def outcome(shop: Shop) -> Any:
    """All that a run leaves, without what names the run and the time."""

    def told(row: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in row.items() if name not in CHANGING}

    return (
        told(await day_row(shop.product, shop.day.isoformat())),
        [told(row) for row in await differences(shop.product)],
        await cases(shop.product),
        await told_events(shop.product),
    )


async def killed(shop: Shop, after_s: float) -> None:
    """With the process that it has started."""
    product = shop.product
    shell = Shell(product.folder, int(product.settings.listen.rsplit(":", 1)[1]))
    given = {"PAYWATCH_WECHAT_BASE_URL": product.settings.wechat_base_url}
    process = subprocess.Popen(
        [*shell.program, "bill", *of_day(shop)],
        cwd=shell.folder,
        env=shell.environment(**given),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    await asyncio.sleep(after_s)
    os.killpg(process.pid, signal.SIGKILL)
    await asyncio.to_thread(process.wait)


async def much_later(shop: Shop) -> None:
    """It is known that the run that was killed is dead, and WeChat may be asked again."""
    passed = BillDay.update(updated_at=0, asked_at=0)
    await shop.product.running.store.write(
        lambda _batch, items: [passed.execute() for _ in items], None
    )


@pytest.mark.gen_test
async def test_a_run_that_is_killed_at_any_point_ends_the_same_the_next_time(tmp_path):
    async with days_ago(tmp_path) as shop:
        twice = [await shop.paid() for _ in range(2)]
        unheard, _trade = await shop.product.prepaid()
        for number in twice:
            await shop.control("gaps", gap="double_booking", orderNum=number)
        await shop.control("gaps", gap="unheard_payment", orderNum=unheard)
        shop.clock.ms += 2 * DAY_MS
        chance = random.Random(SEED)
        for number in range(KILLS):
            span = LONGEST_S / KILLS
            await killed(shop, span * number + chance.uniform(0, span))
            await much_later(shop)
        assert (await bill(shop, *of_day(shop)))[0] == 3
        first = await outcome(shop)
        assert sorted(await shop.kinds()) == sorted(
            [
                *(("duplicate_row", "open", number) for number in twice),
                ("missing_here", "resolved", unheard),
            ]
        )
        told = [case for case in await cases(shop.product) if case[0] != "not_there"]
        assert told == [
            ("duplicate_row", "open", 2),
            ("missing_here", "resolved", 1),
        ]
        assert first[0]["unexplained_fen"] == 17600
        await much_later(shop)
        assert (await bill(shop, *of_day(shop)))[0] == 3
        assert await outcome(shop) == first
