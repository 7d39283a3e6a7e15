"""The demo's invented history beside its WeChat: the bills of its days have what the database has,
but for the four gaps of yesterday."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import date
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest

from assembly.database import CommandError
from commands import demo_history
from commands.demo_history import past
from commands.demo_wechat import tell_wechat
from models import BillDay, Refund
from models.base import dicts, rows
from payments.bills.differences import BillStatus
from services.bills.bill_dates import china_date
from services.demo.seed_history import Gap, PastOrder, SeedHistory, write_history
from services.runtime.clock import DAY_MS, MINUTE_MS, day_start
from simulator.state.clock import SimulatedClock
from tests.bills.test_days_written import cases, differences
from tests.simulator.test_product import house
from tests.support.rig import MCH_ID, MERCHANT, MovedClock, Product

GOODS = (("p1", "咨询，60 分钟", 8800), ("book", "练习手册", 6800))


async def days(shop: Product) -> list[dict[str, Any]]:
    return await shop.running.store.read(lambda: dicts(BillDay.select().order_by(BillDay.date)))


async def matched(shop: Product) -> list[dict[str, Any]]:
    """All days, as the leased job works through them."""
    shop.running.bills.woken.set()
    while shop.running.bills.woken.is_set():
        await shop.running.bills.step()
    return await days(shop)


async def changes(shop: Product, wechat: str, day: date) -> list[tuple[str, str, str | None]]:
    """What the simulator says must be found."""
    told = json.loads((await shop.fetch(f"{wechat}/_control/bills/{day}")).body)
    return [(each["kind"], each["orderNum"], each["refundNum"]) for each in told["changes"]]


@pytest.mark.gen_test
async def test_past_days_match_and_yesterday_has_the_four_gaps(tmp_path, monkeypatch):
    """At a minute past midnight, when a real WeChat has no bill of yesterday yet."""
    monkeypatch.setattr(demo_history, "EARLIER_DAYS", 2)
    clock = MovedClock(day_start(int(time.time() * 1000)) + MINUTE_MS)
    both = {"clock": clock, "wechats_clock": SimulatedClock(real=lambda: clock.ms / 1000)}
    async with house(tmp_path, MERCHANT, by_hand=True, BILL_TIME="00:00", **both) as (shop, wechat):
        orders = past(clock.ms, GOODS, 8.0, Random(7))
        await shop.running.store.write(write_history, SeedHistory(MERCHANT, orders))
        await asyncio.to_thread(tell_wechat, int(urlsplit(wechat).port or 0), orders)
        *earlier, yesterday = await matched(shop)

        assert [(day["status"], day["unexplained_fen"]) for day in earlier] == [
            (BillStatus.MATCHED, 0)
        ] * 2
        assert all(day["rows_count"] > 10 for day in earlier)
        assert any(day["wechat_refund_count"] for day in (*earlier, yesterday))
        gaps = {order.gap: order for order in orders if order.gap}
        found = await differences(shop)
        shown = {(each["kind"], each["order_num"], each["refund_num"]) for each in found}
        wanted = await changes(shop, wechat, china_date(clock.ms - DAY_MS))
        assert (shown, len(found)) == (set(wanted), 4)
        ends = {each["order_num"]: (each["status"], each["resolution"]) for each in found}
        healed, stays = ("resolved", "healed"), ("open", None)
        assert ends == {
            gaps[Gap.UNHEARD_PAYMENT].order_num: healed,
            gaps[Gap.OUTSIDE_REFUND].order_num: healed,
            gaps[Gap.WRONG_FEE].order_num: stays,
            gaps[Gap.DOUBLE_BOOKING].order_num: stays,
        }
        assert (yesterday["status"], yesterday["open_count"], yesterday["unexplained_fen"]) == (
            BillStatus.DIFFERENCES,
            2,
            gaps[Gap.DOUBLE_BOOKING].total_fen,
        )
        assert await cases(shop) == [
            ("duplicate_row", "open", 1),
            ("fee_differs", "open", 1),
            ("missing_here", "resolved", 1),
            ("refund_missing_here", "resolved", 1),
        ]
        await healed_well(shop, gaps)


async def healed_well(shop: Product, gaps: dict[Gap | None, PastOrder]) -> None:
    unheard, outside = gaps[Gap.UNHEARD_PAYMENT], gaps[Gap.OUTSIDE_REFUND]
    assert (await shop.read(unheard.order_num))["status"] == "PAID"
    query = Refund.select(Refund.origin, Refund.amount_fen).where(
        Refund.order_num == outside.order_num
    )
    found = await shop.running.store.read(lambda: rows(query))
    assert found == [("wechat", outside.refunds[0].amount_fen)]


@pytest.mark.gen_test
async def test_a_wechat_that_knows_the_history_already_ends_the_start_with_its_reason(tmp_path):
    async with house(tmp_path, MERCHANT, by_hand=True) as (shop, wechat):
        orders = past(shop.running.services.feed._clock.now_ms(), GOODS, 1.0, Random(7))
        port = int(urlsplit(wechat).port or 0)
        await asyncio.to_thread(tell_wechat, port, orders)
        with pytest.raises(CommandError, match="is known already"):
            await asyncio.to_thread(tell_wechat, port, orders)
        assert shop.wechat
        rows_count = sum(1 + len(o.refunds) for o in orders if o.is_paid_at_wechat)
        assert len(shop.wechat.bills.books) == rows_count
        assert shop.wechat.bills.books.count(MCH_ID, china_date(orders[-1].ended_at)) > 0
