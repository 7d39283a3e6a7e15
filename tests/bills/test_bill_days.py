"""A day of the product beside the simulated WeChat: its bill is fetched, matched and healed."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from payments.bills.differences import BillStatus
from payments.errors import BadRequest, WeChatUnreachable
from services.bills.bill_dates import china_date, ready_at, start_of
from services.bills.bill_days import DayRun, DayTaken, claim_days, give_up
from services.bills.bill_run import BillRun
from services.bills.healing import Healing
from services.bills.match_ops import ASK_AGAIN_MS
from services.runtime.clock import DAY_MS
from services.settlement.order_query import OrderQuery
from simulator.state.clock import SimulatedClock
from tests.bills.test_days_written import cases, day_row, differences, told_events
from tests.bills.test_simulated_calls import away_from_midnight
from tests.simulator.test_product import full_house, house
from tests.support.rig import MCH_ID, MovedClock, Product, until

APIS = pytest.mark.parametrize("api", ["v2", pytest.param("v3", marks=pytest.mark.one_database)])
BILL_MINUTE = 605


class Shop:
    """The product and its WeChat over a day and the morning after it."""

    def __init__(self, product: Product, wechat: str, clock: MovedClock) -> None:
        self.product, self.wechat, self.clock = product, wechat, clock
        self.day: date = china_date(clock.ms)
        assert product.wechat
        self.world = product.wechat

    async def paid(self) -> str:
        """The number of an order that is paid at WeChat and here."""
        number, trade = await self.product.prepaid()
        self.world.notifier.begin(self.world.payment_desk.pay(trade))

        async def is_paid() -> bool:
            return bool((await self.product.read(number))["status"] == "PAID")

        await until(is_paid)
        return number

    async def control(self, path: str, **wanted: Any) -> Any:
        url = f"{self.wechat}/_control/{path}"
        answer = await self.product.fetch(url, "POST", wanted)
        assert answer.code in (200, 201), answer.body
        return json.loads(answer.body)

    def next_morning(self) -> None:
        """Five past ten of the day after, for both."""
        self.clock.ms = max(self.clock.ms, ready_at(self.day, BILL_MINUTE))

    async def matched(self, **given: Any) -> dict[str, Any]:
        """The day after its bill was worked through."""
        await self.product.running.bills.work(MCH_ID, self.day, **given)
        return await day_row(self.product, self.day.isoformat())

    async def kinds(self) -> list[tuple[str, str, str | None]]:
        """The differences: kind, status, order number."""
        found = await differences(self.product)
        return [(row["kind"], row["status"], row["order_num"]) for row in found]


@asynccontextmanager
async def a_shop(folder: Path, api: str) -> AsyncIterator[Shop]:
    await away_from_midnight()
    clock = MovedClock(int(time.time() * 1000))
    both = {"clock": clock, "wechats_clock": SimulatedClock(real=lambda: clock.ms / 1000)}
    made = (house if api == "v2" else partial(full_house, api=api))(folder, by_hand=True, **both)
    async with made as (product, wechat):
        yield Shop(product, wechat, clock)


@APIS
@pytest.mark.gen_test
async def test_a_day_without_a_difference_is_matched(tmp_path, api):
    async with a_shop(tmp_path, api) as shop:
        for _ in range(3):
            await shop.paid()
        shop.next_morning()
        day = await shop.matched()
        assert (day["status"], day["problem"]) == (BillStatus.MATCHED, None)
        assert (day["rows_count"], day["wechat_paid_count"], day["our_paid_count"]) == (3, 3, 3)
        assert day["wechat_paid_fen"] == day["our_paid_fen"] == 26400
        assert (day["wechat_fee_fen"], day["wechat_net_fen"]) == (159, 26241)
        without = api == "v2"  # it needs the client certificate, and there is none
        assert day["flow_net_fen"] == (None if without else 26241)
        assert await differences(shop.product) == []
        assert [e["unexplainedFen"] for e in await told_events(shop.product)] == [0]
        folder = shop.product.running.bills._tools.folder
        assert list(folder.glob(f"{MCH_ID}-{shop.day}-*")) == []


@APIS
@pytest.mark.gen_test
async def test_a_payment_that_nobody_told_of_is_found_and_healed_by_asking(tmp_path, api):
    async with a_shop(tmp_path, api) as shop:
        await shop.paid()
        number, _trade = await shop.product.prepaid()
        await shop.control("gaps", gap="unheard_payment", orderNum=number)
        assert (await shop.product.read(number))["status"] == "WAIT_PAY"
        shop.next_morning()
        day = await shop.matched()
        assert await shop.kinds() == [("missing_here", "resolved", number)]
        assert (await differences(shop.product))[0]["resolution"] == "healed"
        assert (await shop.product.read(number))["status"] == "PAID"
        assert (day["status"], day["unexplained_fen"]) == (BillStatus.MATCHED, 0)
        assert (day["our_paid_fen"], day["our_paid_count"]) == (17600, 2), "both sides are equal"
        assert await cases(shop.product) == [("missing_here", "resolved", 1)]


@pytest.mark.gen_test
async def test_a_refund_on_wechats_platform_is_found_and_recorded(tmp_path):
    async with a_shop(tmp_path, "v2") as shop:
        number = await shop.paid()
        await shop.control("gaps", gap="outside_refund", orderNum=number, fen=300)
        shop.next_morning()
        day = await shop.matched()
        assert await shop.kinds() == [("refund_missing_here", "resolved", number)]
        alice = await shop.product.user()
        (refund,) = (await alice.get(f"orders/{number}"))["refunds"]
        assert (refund["origin"], refund["amountFen"]) == ("wechat", 300)
        status = (await shop.product.read(number))["status"]
        assert status in ("REFUNDING", "PARTIALLY_REFUNDED"), "it may have arrived meanwhile"
        assert (day["status"], day["open_count"]) == (BillStatus.MATCHED, 0)


@APIS
@pytest.mark.parametrize(
    ("gap", "kind"), [("wrong_fee", "fee_differs"), ("double_booking", "duplicate_row")]
)
@pytest.mark.gen_test
async def test_what_no_question_can_heal_stays_open(tmp_path, api, gap, kind):
    async with a_shop(tmp_path, api) as shop:
        number = await shop.paid()
        await shop.control("gaps", gap=gap, orderNum=number)
        shop.next_morning()
        day = await shop.matched()
        assert [found[0] for found in await shop.kinds()].count(kind) == 1
        assert day["status"] == BillStatus.DIFFERENCES
        assert day["unexplained_fen"] == (8800 if kind == "duplicate_row" else 0)
        again = await shop.matched()
        changing = ("updated_at", "fetched_at", "asked_at")
        assert {**again, **{name: day[name] for name in changing}} == day


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_a_day_on_which_nothing_moved_is_no_fault(tmp_path):
    async with a_shop(tmp_path, "v3") as shop:
        await shop.product.order()
        shop.next_morning()
        day = await shop.matched()
        assert (day["status"], day["problem"], day["digest"]) == (BillStatus.NONE, None, None)


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_a_bill_that_is_being_made_is_asked_for_again_in_half_an_hour(tmp_path):
    async with a_shop(tmp_path, "v3") as shop:
        await shop.paid()
        day = shop.day.isoformat()
        await shop.control(f"bills/{day}", faults=[{"fault": "late"}])
        shop.next_morning()
        found = await shop.matched()
        assert found["status"] == BillStatus.WAITING
        assert json.loads(found["problem"])["code"] == "bill_being_made"
        assert found["due_at"] - shop.clock.ms == 1_800_000


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_a_bill_with_a_wrong_hash_is_not_used(tmp_path):
    async with a_shop(tmp_path, "v3") as shop:
        await shop.paid()
        await shop.control(f"bills/{shop.day}", faults=[{"fault": "wrong_hash", "times": 9}])
        shop.next_morning()
        found = await shop.matched()
        assert found["status"] == BillStatus.FAILED
        assert json.loads(found["problem"])["code"] == "wechat_untrusted"
        assert found["due_at"] > shop.clock.ms
        assert (found["rows_count"], found["wechat_paid_fen"]) == (0, 0)


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_the_job_works_through_the_days_from_the_first_order_on(tmp_path):
    async with a_shop(tmp_path, "v3") as shop:
        await shop.paid()
        shop.clock.ms = start_of(shop.day) + DAY_MS + 60_000
        bills = shop.product.running.bills
        await bills.step()
        assert (await day_row(shop.product, shop.day.isoformat()))["status"] == BillStatus.WAITING
        shop.next_morning()
        await bills.step()
        assert (await day_row(shop.product, shop.day.isoformat()))["status"] == BillStatus.MATCHED


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_neither_today_nor_a_day_too_old_nor_another_account_is_asked_for(tmp_path):
    async with a_shop(tmp_path, "v2") as shop:
        bills = shop.product.running.bills
        for days in (0, -1, 91):
            with pytest.raises(BadRequest):
                await bills.work(MCH_ID, china_date(shop.clock.ms - days * DAY_MS))
        with pytest.raises(BadRequest):
            await bills.work("1900000999", china_date(shop.clock.ms - DAY_MS))


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_a_bill_that_was_downloaded_by_hand_is_matched(tmp_path):
    async with a_shop(tmp_path, "v3") as shop:
        await shop.paid()
        shop.next_morning()
        made = shop.world.bills.desk.bill(MCH_ID, shop.day, "ALL")
        path = tmp_path / "bill.csv"
        path.write_text("".join(made.lines("ALL")))
        day = await shop.matched(file=path)
        assert (day["status"], day["rows_count"]) == (BillStatus.MATCHED, 1)
        assert path.exists(), "it is not ours"


@pytest.mark.gen_test
async def test_what_wechat_did_not_answer_is_asked_again_by_itself(tmp_path, monkeypatch):
    async with a_shop(tmp_path, "v3") as shop:
        number, _trade = await shop.product.prepaid()
        await shop.control("gaps", gap="unheard_payment", orderNum=number)
        shop.next_morning()

        async def silent(_self, _merchant, _order_num):
            raise WeChatUnreachable

        with monkeypatch.context() as away:
            away.setattr(OrderQuery, "ask", silent)
            day = await shop.matched()
        assert await shop.kinds() == [("missing_here", "open", number)]
        assert day["due_at"] == shop.clock.ms + ASK_AGAIN_MS
        shop.clock.ms += ASK_AGAIN_MS
        await shop.product.running.bills.step()
        assert await shop.kinds() == [("missing_here", "resolved", number)]
        assert (await day_row(shop.product, shop.day.isoformat()))["due_at"] is None


@pytest.mark.gen_test
async def test_a_run_that_is_killed_before_it_asked_leaves_the_day_due(tmp_path, monkeypatch):
    async with a_shop(tmp_path, "v3") as shop:
        number, _trade = await shop.product.prepaid()
        await shop.control("gaps", gap="unheard_payment", orderNum=number)
        shop.next_morning()

        async def killed(*_given):
            raise asyncio.CancelledError

        with monkeypatch.context() as away:
            away.setattr(Healing, "ask", killed)
            with pytest.raises(asyncio.CancelledError):
                await shop.product.running.bills.work(MCH_ID, shop.day)
        assert (await day_row(shop.product, shop.day.isoformat()))["due_at"] is not None


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_a_run_that_lost_its_day_leaves_the_files_of_the_next_one(tmp_path, monkeypatch):
    async with a_shop(tmp_path, "v3") as shop:
        await shop.paid()
        shop.next_morning()
        folder = shop.product.running.bills._tools.folder
        theirs = folder / f"{MCH_ID}-{shop.day}-trade-0123456789abcdef"

        async def late(_self, _kind, _to):
            theirs.write_text("another run's")
            raise DayTaken

        monkeypatch.setattr(BillRun, "_fetch", late)
        with pytest.raises(DayTaken):
            await shop.product.running.bills.work(MCH_ID, shop.day)
        assert theirs.exists()
        theirs.unlink()


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_a_dropped_bill_is_matched_in_its_turn_and_removed(tmp_path):
    async with a_shop(tmp_path, "v3") as shop:
        await shop.paid()
        shop.next_morning()
        path, day, bills = tmp_path / "dropped", shop.day.isoformat(), shop.product.running.bills
        made = shop.world.bills.desk.bill(MCH_ID, shop.day, "ALL")
        path.write_text("".join(made.lines("ALL")))
        other = DayRun(MCH_ID, day, "other")
        await shop.product.running.store.write(claim_days, other)
        await bills.take_file(MCH_ID, day, path)
        await bills.work_dropped()
        assert path.exists(), "another run works on the day"
        assert not bills.dropped.is_set(), "it is tried again in a while, not at once"
        await shop.product.running.store.write(give_up, other)
        await bills.work_dropped()
        row = await day_row(shop.product, day)
        assert (row["status"], row["rows_count"], row["step"]) == (BillStatus.MATCHED, 1, None)
        assert not path.exists()


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_who_asks_for_a_day_sees_it_queued_and_the_job_takes_it(tmp_path):
    async with a_shop(tmp_path, "v3") as shop:
        await shop.paid()
        shop.next_morning()
        bills = shop.product.running.bills
        await bills.fetch(MCH_ID, shop.day.isoformat())
        assert (await day_row(shop.product, shop.day.isoformat()))["step"] == "queued"
        assert bills.woken.is_set()
        await bills.step()
        row = await day_row(shop.product, shop.day.isoformat())
        assert (row["status"], row["step"]) == (BillStatus.MATCHED, None)
