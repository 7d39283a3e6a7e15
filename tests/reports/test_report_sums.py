"""The sums behind the reports follow the money, in the transaction that moves it."""

from __future__ import annotations

from typing import Any

import pytest

from models import Order, Refund, ReportSum
from models.base import plain_rows
from payments.bills.differences import DifferenceKind
from services.bills.bill_days import DayRun, DayTaken, claim_days
from services.bills.match_lines import MatchedBill, MatchLine, MovedBooking
from services.bills.match_ops import MatchEnd, end_matches
from services.bills.match_writer import MatchWriter
from services.orders.products import ProductChange
from tests.refunds.test_receipts import decide, late, listed
from tests.refunds.test_refunds import ask, paid, post, wish
from tests.reports.recount import failures, kept, recounted
from tests.support.fake_refunds import refund_shop
from tests.support.rig import MCH_ID, PRICE, Product, product, transaction

DAY, IN_DAY = "2026-11-20", 1_795_168_800_000
"""A day, and 18:00 on it in China."""


async def looked(shop: Product) -> list[Any]:
    """What is kept and what a recount says; and the failures of both."""

    def read() -> list[Any]:
        database = ReportSum._meta.database
        look = lambda text: [tuple(row) for row in database.execute_sql(text).fetchall()]  # noqa: E731
        return [kept(look), recounted(look), *failures(look)]

    return await shop.running.store.read(read)


async def agree(shop: Product) -> tuple[int, int, int, int]:
    """They do; returns the sums of everything: payments, their fen, refunds, their fen."""
    ours, counted, failed, monitors = await looked(shop)
    assert {key: [int(n) for n in sums] for key, sums in ours.items()} == counted
    assert failed == monitors
    days = [sums for (hours, name, *_), sums in counted.items() if (hours, name) == (24, "")]
    a, b, c, d = (sum(column) for column in zip([0] * 4, *days, strict=True))
    return a, b, c, d


async def moved(shop: Product, *found: MovedBooking, run: str = "r1") -> None:
    """A bill of the day dates these bookings."""

    async def lines() -> Any:
        told: list[MatchLine] = [*found, MatchedBill(rows=len(found))]
        for line in told:
            yield line

    store, of = shop.running.store, DayRun(MCH_ID, DAY, run)
    assert not isinstance(await store.write(claim_days, of), DayTaken)
    bill = await MatchWriter(store, of, lambda _line: None).write(lines())
    await store.write(end_matches, MatchEnd(of, bill, run))


async def day_sums(shop: Product) -> list[tuple[Any, ...]]:
    """Of the day that the bill is of: payments and refunds with their fen."""
    start = IN_DAY - 18 * 3_600_000
    query = ReportSum.select(
        ReportSum.paid_count, ReportSum.paid_fen, ReportSum.refund_count, ReportSum.refunded_fen
    ).where(ReportSum.hours == 24, ReportSum.product_id == "", ReportSum.at == start)
    return await shop.running.store.read(plain_rows, query)


@pytest.mark.gen_test
async def test_the_sums_are_those_of_orders_and_refunds_whatever_happens(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice = await shop.user()
        await shop.running.services.products.save(ProductChange("p2", "Book", 100, True))
        assert await agree(shop) == (0, 0, 0, 0)
        # Paid, told again, refused for its amount twice, failed, paid after a failure.
        number, tx = await paid(shop, wechat), transaction()
        await shop.pay(number, tx, total_fee=str(PRICE))
        other = (await shop.order(productId="p2"))["orderNum"]
        for _ in range(2):
            await shop.pay(other, tx, total_fee="7")
        await shop.pay(other, None, result_code="FAIL", total_fee="100")
        await shop.pay("UNKNOWN-1", None)
        assert await agree(shop) == (1, PRICE, 0, 0)
        assert sum((await looked(shop))[2].values()) == 4  # two payments of the first order too
        await shop.pay(other, None, total_fee="100")
        # Refunded in part, refused, and outside of us.
        _, made = await wish(alice, number, 800)
        assert await agree(shop) == (2, PRICE + 100, 0, 0)
        wechat.finish()
        await ask(shop, made["refund"]["refundNum"])
        assert await agree(shop) == (2, PRICE + 100, 1, 800)
        code, _ = await post(alice, f"orders/{number}/outside-refunds", amountFen=50, reason="电汇")
        assert code == 201
        assert await agree(shop) == (2, PRICE + 100, 2, 850)
        # Late money that is given back is in no report; late money that pays its order is.
        back, kept_order = await late(shop, wechat), await late(shop, wechat)
        receipts = {r["orderNum"]: r for r in await listed(alice)}
        await decide(alice, receipts[back], "returned")
        assert await agree(shop) == (2, PRICE + 100, 2, 850)
        await decide(alice, receipts[kept_order], "reopen")
        assert await agree(shop) == (3, 2 * PRICE + 100, 2, 850)


@pytest.mark.gen_test
async def test_a_bill_that_dates_a_booking_moves_it_in_the_sums(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number = await shop.user(), await paid(shop, wechat)
        _, made = await wish(alice, number, 800)
        refund = made["refund"]["refundNum"]
        tx = (await shop.read(number))["transactionId"]
        payment = MovedBooking(DifferenceKind.MISSING_AT_WECHAT, tx, None, IN_DAY)
        back = MovedBooking(DifferenceKind.REFUND_MISSING_AT_WECHAT, refund, None, IN_DAY)
        await moved(shop, back)  # not done yet, so in no sum
        assert await agree(shop) == (1, PRICE, 0, 0)
        wechat.finish()
        await ask(shop, refund)
        assert (await agree(shop), await day_sums(shop)) == ((1, PRICE, 1, 800), [(0, 0, 1, 800)])
        await moved(shop, payment, back._replace(at=IN_DAY + 3_600_000), run="r2")
        assert await agree(shop) == (1, PRICE, 1, 800)
        assert await day_sums(shop) == [(1, PRICE, 1, 800)]
        await moved(shop, payment, payment._replace(subject=transaction()), run="r3")
        assert await agree(shop) == (1, PRICE, 1, 800)


@pytest.mark.gen_test
async def test_orders_that_test_the_installation_are_in_no_report(tmp_path):
    async with product(tmp_path, MODE="simulation") as shop:
        number = (await shop.order(orderNum="SIM-TEST-1"))["orderNum"]
        await shop.pay(number, None, total_fee="1")
        await shop.pay(number, tx := transaction())
        moved_to = MovedBooking(DifferenceKind.MISSING_AT_WECHAT, tx, None, IN_DAY)
        await moved(shop, moved_to)
        assert await shop.running.store.read(lambda: Order.get().wechat_paid_at) == IN_DAY
        query = ReportSum.select(ReportSum.at)
        assert await shop.running.store.read(plain_rows, query) == []
        assert await shop.running.store.read(lambda: Refund.select().count()) == 0
