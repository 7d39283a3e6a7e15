"""A payment or a refund that stands in the bills of two days is told once, on the second."""

from __future__ import annotations

from typing import Any

import pytest

from models import BillDay, Order, Receipt, Refund
from payments.bills.columns import at_ms
from payments.bills.differences import BillStatus, DifferenceKind
from services.bills.match_lines import FoundDifference, MovedBooking
from tests.bills.made_bills import PAYMENT, REFUND, bill_of
from tests.bills.matching.matched_books import OTHER, REFUND_NUM, TX, Books, books

__all__ = ["books"]

NEXT = "2025-01-03"
AGAIN = {**PAYMENT, "交易时间": "2025-01-03 11:04:05"}
REFUND_AGAIN = {**REFUND, "交易时间": "2025-01-03 11:29:00"}
LATE = at_ms("2025-01-03 09:00:00")
"""The bill of the first day is matched before."""
FETCHED = at_ms("2025-01-03 08:00:00")


def matched(status: BillStatus = BillStatus.DIFFERENCES, **changes: Any) -> None:
    values = {"mch_id": "1900000109", "date": "2025-01-02", "status": status, "updated_at": 1}
    BillDay.insert({**values, "digest": "d", "fetched_at": FETCHED, **changes}).execute()


def test_the_second_row_is_told_and_names_the_other_day(books: Books) -> None:
    matched()
    *told, last = books.match(bill_of(AGAIN, REFUND_AGAIN), NEXT)
    assert [(each.kind, each.subject, each.ours, each.wechat) for each in told] == [
        ("duplicate_row", f"2025-01-02 {TX}", None, 8800),
        ("duplicate_row", f"2025-01-02 {REFUND_NUM}", None, 800),
    ]
    assert [each.evidence["row"]["alsoIn"] for each in told] == ["2025-01-02"] * 2
    assert [each.refund_num for each in told] == [None, REFUND_NUM]
    assert (last.our_paid_fen, last.our_refunded_fen) == (0, 0)
    assert (last.wechat_paid_fen, last.wechat_refunded_fen) == (8800, 800)


def test_one_that_stands_there_twice_too_has_a_difference_of_its_own(books: Books) -> None:
    matched()
    told = books.told(bill_of(AGAIN, AGAIN), NEXT)
    assert [subject for _, subject, *_ in told] == [TX, f"2025-01-02 {TX}"]


def test_money_that_is_on_no_order_is_told_too(books: Books) -> None:
    Order.delete().where(Order.transaction_id == TX).execute()
    books.received()
    matched()
    assert [each[:2] for each in books.told(bill_of(AGAIN), NEXT)] == [
        ("duplicate_row", f"2025-01-02 {TX}")
    ]


NOT_TWICE = {
    "the other day has no match": {"digest": None, "status": BillStatus.WAITING},
    "WeChat had no bill of it": {"digest": None, "status": BillStatus.NONE},
    "it is another account's": {"mch_id": "1900000999"},
}


@pytest.mark.parametrize("why", NOT_TWICE)
def test_where_no_other_bill_has_it_the_booking_moves(books: Books, why: str) -> None:
    matched(**NOT_TWICE[why])
    found = books.match(bill_of(AGAIN), NEXT)[:-1]
    at = at_ms(AGAIN["交易时间"])
    assert found == [MovedBooking(DifferenceKind.MISSING_AT_WECHAT, TX, "2025-01-02", at)]


@pytest.mark.parametrize("at", ["2025-01-02 23:59:58", "2025-01-02 23:51:00"])
def test_money_that_crosses_midnight_moves(books: Books, at: str) -> None:
    Order.update(wechat_paid_at=at_ms(at)).where(Order.transaction_id == TX).execute()
    matched()
    found = books.match(bill_of({**PAYMENT, "交易时间": "2025-01-03 00:00:01"}), NEXT)
    assert [type(each) for each in found[:-1]] == [MovedBooking]


def test_one_that_the_other_bill_missed_moves(books: Books) -> None:
    matched()
    kind = DifferenceKind.MISSING_AT_WECHAT
    books.keep(FoundDifference(kind, TX, ours=8800, evidence={"booking": None}))
    assert [type(each) for each in books.match(bill_of(AGAIN), NEXT)[:-1]] == [MovedBooking]


@pytest.mark.parametrize("is_known", [False, True])
def test_what_was_booked_after_the_other_match_is_told_where_that_one_had_it(
    books: Books, is_known: bool
) -> None:
    Order.update(paid_at=LATE).where(Order.transaction_id == TX).execute()
    matched()
    if is_known:
        books.keep(FoundDifference(DifferenceKind.MISSING_HERE, TX, wechat=8800))
    told = [type(each) for each in books.match(bill_of(AGAIN), NEXT)[:-1]]
    assert told == [FoundDifference if is_known else MovedBooking]


def test_the_first_day_says_the_same_when_it_is_matched_again(books: Books) -> None:
    matched()
    assert Receipt.select().count() == 0
    assert Refund.select().count() == 1
    assert books.told(bill_of(PAYMENT, REFUND, OTHER)) == []
