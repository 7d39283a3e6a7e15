"""The order's own story has what bills said of it and how that ended, and no bill floods it."""

from __future__ import annotations

from typing import Any

import pytest

from payments.bills.differences import DifferenceKind, Resolution
from services.bills.order_news import MOST_TOLD
from tests.bills.test_days_written import DAY, day_row, found, match, missing
from tests.support.rig import MCH_ID, PRICE, Product, product, transaction


async def told(shop: Product, number: str) -> list[dict[str, Any]]:
    events = (event for event in await shop.events() if event["orderNum"] == number)
    return [event for event in events if event["kind"].startswith(("bill.", "order.paid"))]


@pytest.mark.gen_test
async def test_both_facts_of_what_heals_stand_in_the_timeline_of_the_order(tmp_path):
    async with product(tmp_path) as shop:
        number, tx = (await shop.order())["orderNum"], transaction()
        await shop.prepay(number)
        await match(shop, found(subject=tx, order_num=number, ours=None, refund_num=None))
        await shop.pay(number, tx)
        await shop.running.bills.heal()
        events = await told(shop, number)
        assert [each["kind"] for each in events] == ["bill.differs", "order.paid", "bill.resolved"]
        about = {
            "date": DAY,
            "account": MCH_ID,
            "difference": "missing_here",
            "ours": None,
            "wechat": 8800,
            "differenceFen": 8800,
            "transactionId": tx,
            "refundNum": None,
            "title": "咨询 60 分钟",
            "customer": None,
            "amountFen": PRICE,
        }
        differs, _, resolved = [each["data"] for each in events]
        assert differs == about
        assert resolved == about | {"resolution": "healed", "by": None}
        page = await (await shop.user()).get(f"orders/{number}")
        (shown,) = page["differences"]
        assert (shown["date"], shown["kind"], shown["status"]) == (DAY, "missing_here", "resolved")
        assert {"bill.differs", "bill.resolved"} <= {each["kind"] for each in page["timeline"]}


@pytest.mark.gen_test
async def test_what_a_person_resolves_and_what_comes_back_is_told_too(tmp_path):
    async with product(tmp_path) as shop:
        number = (await shop.order())["orderNum"]
        line = found(DifferenceKind.AMOUNT_DIFFERS, "4200A", order_num=number)
        await match(shop, line)
        alice = await shop.user()
        words = {"reason": Resolution.EXPLAINED.value, "note": "两次付款"}
        await alice.post("differences/1/resolve", words)
        await match(shop, run="r2", digest="d2")
        await match(shop, line._replace(wechat=8801, difference_fen=1), run="r3", digest="d3")
        await match(shop, run="r4", digest="d4")
        events = [(each["kind"], each["data"].get("by")) for each in await told(shop, number)]
        assert events == [
            ("bill.differs", None),
            ("bill.resolved", "alice"),
            ("bill.differs", None),
            ("bill.resolved", None),
        ]
        assert (await day_row(shop))["told_count"] == 1


@pytest.mark.gen_test
async def test_a_day_with_any_number_of_differences_tells_the_first_hundred(tmp_path):
    async with product(tmp_path) as shop:
        number = (await shop.order())["orderNum"]
        lines = [found(subject=f"4200{n}", order_num=number) for n in range(MOST_TOLD + 5)]
        await match(shop, found(order_num="NOT-OURS"), *lines)
        assert len(await told(shop, number)) == MOST_TOLD
        await match(shop, run="r2", digest="d2")
        assert len(await told(shop, number)) == 2 * MOST_TOLD
        assert await told(shop, "NOT-OURS") == []
        page = await (await shop.user()).get(f"orders/{number}")
        assert len(page["differences"]) == 50


@pytest.mark.gen_test
async def test_what_is_held_is_told_when_it_counts(tmp_path):
    async with product(tmp_path) as shop:
        number = (await shop.order())["orderNum"]
        line = missing("4200A", order_num=number, held=True)
        await match(shop, line)
        assert await told(shop, number) == []
        assert (await (await shop.user()).get(f"orders/{number}"))["differences"] == []
        await match(shop, line._replace(held=False), run="r2")
        assert [each["kind"] for each in await told(shop, number)] == ["bill.differs"]
