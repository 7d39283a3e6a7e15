"""A bill that a person brought is not proven by WeChat: it tells differences, and changes nothing
else."""

from __future__ import annotations

import pytest

from models import Order
from models.base import dicts
from payments.bills.differences import BillStatus, DifferenceKind
from services.bills.bill_days import DayRun, claim_days
from services.bills.match_lines import MatchLine, MovedBooking
from services.bills.match_ops import MatchEnd, end_matches
from services.bills.match_writer import MatchWriter
from services.runtime.clock import DAY_MS
from tests.bills.test_bill_days import a_shop
from tests.bills.test_days_written import (
    DAY,
    END,
    IN_DAY,
    day_row,
    differences,
    found,
    match,
    missing,
    nobody,
    told,
)
from tests.support.rig import MCH_ID, Product, product, transaction

LATER = 4_000_000_000_000
"""When WeChat's own bill is asked for."""


async def bring(shop: Product, *lines: MatchLine, run: str, day: str = DAY) -> None:
    store, of = shop.running.store, DayRun(MCH_ID, day, run)
    await store.write(claim_days, of)
    bill = await MatchWriter(store, of, nobody, proven=False).write(told([*lines, END]))
    await store.write(end_matches, MatchEnd(of, bill, "d9", LATER, from_file=True))


@pytest.mark.gen_test
async def test_a_file_dates_no_booking_and_explains_no_other_day(tmp_path):
    async with product(tmp_path) as shop:
        number, tx = (await shop.order())["orderNum"], transaction()
        await shop.pay(number, tx)
        read = lambda: dicts(Order.select(Order.wechat_paid_at))  # noqa: E731
        before = await shop.running.store.read(read)
        await match(shop, missing(tx), run="r1", day="2026-11-19")
        moved = MovedBooking(DifferenceKind.MISSING_AT_WECHAT, tx, "2026-11-19", IN_DAY)
        await bring(shop, moved, run="r2")
        assert [row["status"] for row in await differences(shop)] == ["open"]
        assert await shop.running.store.read(read) == before
        await match(shop, moved, run="r3")
        assert [row["status"] for row in await differences(shop)] == ["resolved"]
        assert await shop.running.store.read(read) == [{"wechat_paid_at": IN_DAY}]


@pytest.mark.gen_test
async def test_a_file_resolves_nothing_that_wechats_own_bill_had(tmp_path):
    async with product(tmp_path) as shop:
        await match(shop, found(subject="4200A"), missing("4200B", held=True), run="r1")
        await bring(shop, found(subject="4200C"), run="r2")
        rows = [(row["subject"], row["status"]) for row in await differences(shop)]
        assert rows == [("4200A", "open"), ("4200B", "held"), ("4200C", "open")]
        assert (await day_row(shop))["from_file"]
        await match(shop, found(subject="4200A"), run="r3")
        rows = [(row["subject"], row["status"]) for row in await differences(shop)]
        assert rows == [("4200A", "open"), ("4200C", "resolved")]
        assert not (await day_row(shop))["from_file"]


@pytest.mark.gen_test
async def test_what_is_held_over_midnight_is_not_looked_at_again_for_a_file(tmp_path):
    async with product(tmp_path) as shop:
        await match(shop, missing("4200A", held=True), run="r1")
        await bring(shop, run="r2", day="2026-11-21")
        assert (await day_row(shop))["due_at"] is None
        await match(shop, run="r3", day="2026-11-21")
        assert (await day_row(shop))["due_at"] is not None


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_a_day_says_that_its_bill_is_a_file_until_wechat_gives_its_own(tmp_path):
    async with a_shop(tmp_path, "v3") as shop:
        await shop.paid()
        shop.next_morning()
        path, date = tmp_path / "bill.csv", shop.day.isoformat()
        path.write_text("".join(shop.world.bills.desk.bill(MCH_ID, shop.day, "ALL").lines("ALL")))
        row = await shop.matched(file=path)
        assert (row["status"], row["due_at"]) == (BillStatus.MATCHED, shop.clock.ms + DAY_MS)
        alice = await shop.product.user()
        assert (await alice.get(f"bills/{date}"))["day"]["fromFile"]
        shop.clock.ms += DAY_MS
        for _ in range(2):  # the newer day is first
            await shop.product.running.bills.step()
        alice = await shop.product.sign_in("alice")
        day = (await alice.get(f"bills/{date}"))["day"]
        assert (day["fromFile"], day["dueAt"]) == (False, None)
