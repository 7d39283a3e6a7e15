"""WeChat is asked for a day's trade bill once a minute, however many processes ask."""

from __future__ import annotations

from dataclasses import replace

import pytest

from commands.bill import BillLine, work_all
from payments.bills.differences import BillStatus
from payments.merchant import Merchants
from services.bills.bill_days import DayRun, claim_days, give_up
from services.bills.bill_turns import BillTurns, DayTurn, take_turns
from services.bills.bills import Bills
from services.runtime.clock import DAY_MS
from services.wechat.bill_client import BillClient
from tests.bills.test_bill_days import BILL_MINUTE, Shop, a_shop
from tests.bills.test_days_written import DAY, NOW, day_row
from tests.support.rig import MCH_ID, MERCHANT, MovedClock, Product, product

OTHER_DAY, OTHER_ACCOUNT = "2026-11-21", "1900000110"


async def days(shop: Product) -> None:
    """Rows of three days."""
    for of in (
        DayRun(*of, "r1") for of in ((MCH_ID, DAY), (MCH_ID, OTHER_DAY), (OTHER_ACCOUNT, DAY))
    ):
        await shop.running.store.write(claim_days, of)
        await shop.running.store.write(give_up, of)


@pytest.mark.gen_test
async def test_a_turn_is_taken_once_a_minute_for_each_account_and_day(tmp_path):
    clock = MovedClock(NOW)
    async with product(tmp_path, clock=clock) as shop:
        await days(shop)

        async def take(mch_id: str = MCH_ID, date: str = DAY) -> int:
            return await shop.running.store.write(take_turns, DayTurn(mch_id, date))

        assert [await take(), await take()] == [0, 60_000]
        assert (await take(OTHER_ACCOUNT), await take(date=OTHER_DAY)) == (0, 0)
        clock.ms += 59_999
        assert await take() == 1
        clock.ms += 1
        assert [await take(), await take()] == [0, 60_000]


@pytest.mark.parametrize("days_ahead", [1, -1])
@pytest.mark.gen_test
async def test_a_time_of_a_wrong_clock_holds_nobody_back(tmp_path, days_ahead):
    clock = MovedClock(NOW)
    async with product(tmp_path, clock=clock) as shop:
        await days(shop)
        store, turn = shop.running.store, DayTurn(MCH_ID, DAY)
        assert await store.write(take_turns, turn) == 0
        clock.ms -= days_ahead * DAY_MS
        assert await store.write(take_turns, turn) == 0


def of_another_process(shop: Shop) -> Bills:
    """All of it that a process keeps in memory is its own."""
    running = shop.product.running
    client = running.bills._tools.client
    own = BillClient(client._wechat, client._download, shop.clock, BillTurns(running.store))
    return Bills(replace(running.bills._tools, client=own), Merchants((MERCHANT,)), BILL_MINUTE)


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_a_command_beside_the_job_waits_for_the_minute_and_says_so(tmp_path, capsys):
    async with a_shop(tmp_path, "v2") as shop:
        await shop.paid()
        shop.next_morning()
        asked_at = shop.clock.ms
        await shop.product.running.bills.step()
        assert (await day_row(shop.product, shop.day.isoformat()))["asked_at"] == asked_at
        shop.clock.ms = asked_at + 15_000
        bills = of_another_process(shop)
        assert await work_all(bills, [MCH_ID], shop.day, None, BillLine()) == []
        assert shop.clock.ms >= asked_at + 60_000
        row = await day_row(shop.product, shop.day.isoformat())
        assert (row["status"], row["asked_at"] >= asked_at + 60_000) == (BillStatus.MATCHED, True)
        words = f"paywatch: {MCH_ID}: waiting 45 s for WeChat's rate limit for bills.\n"
        assert capsys.readouterr().err == words


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_a_bill_from_a_file_takes_no_turn(tmp_path):
    async with a_shop(tmp_path, "v3") as shop:
        await shop.paid()
        shop.next_morning()
        path, now = tmp_path / "bill.csv", shop.clock.ms
        path.write_text("".join(shop.world.bills.desk.bill(MCH_ID, shop.day, "ALL").lines("ALL")))
        for _ in range(2):
            row = await shop.matched(file=path)
            assert (row["status"], row["asked_at"]) == (BillStatus.MATCHED, None)
        assert shop.clock.ms == now
