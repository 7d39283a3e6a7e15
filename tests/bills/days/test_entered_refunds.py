"""A refund that a person entered is expected in a bill, and no bill misses it too early."""

from __future__ import annotations

import pytest

from models import Refund
from models.base import dicts
from payments.bills.differences import DifferenceKind
from services.bills.bill_days import DayRun, claim_days, due_days
from services.bills.match_lines import MatchedBill
from services.bills.match_ops import MatchEnd, end_matches
from tests.bills.made_bills import PAYMENT, bill_of
from tests.bills.matching.matched_books import OTHER, Books, books
from tests.bills.test_days_written import DAY, NOW, day_row, found, match
from tests.support.rig import MCH_ID, MovedClock, Product, product, transaction

__all__ = ["books"]
KIND = DifferenceKind.REFUND_MISSING_HERE


async def paid(shop: Product) -> str:
    number: str = (await shop.order())["orderNum"]
    await shop.pay(number, transaction())
    return number


@pytest.mark.gen_test
async def test_it_is_expected_on_the_day_of_the_entry_and_its_own_day_is_matched_again(tmp_path):
    async with product(tmp_path) as shop:
        number, other = await paid(shop), await paid(shop)
        await match(shop, found(KIND, "R1", order_num=number, refund_num="R1"))
        await match(shop, found(KIND, "R2", order_num=other, refund_num="R2"), day="2026-11-19")
        alice = await shop.user()
        body = {"amountFen": 800, "reason": "在商户平台退款"}
        await alice.post(f"orders/{number}/outside-refunds", body)
        read = lambda: dicts(Refund.select())  # noqa: E731
        (refund,) = await shop.running.store.read(read)
        assert refund["accepted_at"] == refund["created_at"]
        assert (await day_row(shop))["due_at"] == refund["created_at"]
        assert (await day_row(shop, "2026-11-19"))["due_at"] > refund["created_at"], "in its turn"


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.gen_test
async def test_one_that_comes_while_a_run_works_has_the_day_matched_once_more(tmp_path, is_known):
    """Also where the run has not yet written what it misses; the run itself goes on to its end."""
    async with product(tmp_path, clock=MovedClock(NOW)) as shop:
        number, store = await paid(shop), shop.running.store
        await match(shop, *([found(KIND, "R1", order_num=number)] if is_known else []))
        working = DayRun(MCH_ID, DAY, "r2")
        await store.write(claim_days, working)
        alice = await shop.user()
        await alice.post(f"orders/{number}/outside-refunds", {"amountFen": 800, "reason": "退款"})
        assert await store.read(due_days, NOW, (MCH_ID,)) == [], "one run at a time"
        await store.write(end_matches, MatchEnd(working, MatchedBill(rows=1), "d2"))
        (due,) = await store.read(due_days, NOW, (MCH_ID,))
        assert due.date == DAY
        last = DayRun(MCH_ID, DAY, "r3")
        await store.write(claim_days, last)
        await store.write(end_matches, MatchEnd(last, MatchedBill(rows=1), "d2"))
        assert await store.read(due_days, NOW, (MCH_ID,)) == []


def test_the_bill_of_the_day_of_the_entry_misses_it(books: Books) -> None:
    Refund.update(
        refund_num="OUT1", origin="wechat", requested_by="alice", refund_id=None
    ).execute()
    told = [("refund_missing_at_wechat", "OUT1", 800, None, -800)]
    assert books.told(bill_of(PAYMENT, OTHER)) == told
