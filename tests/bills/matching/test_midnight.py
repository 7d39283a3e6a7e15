"""Money that is booked on one day and stands in the bill of the day beside: held, then told or
explained."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from models import BillDay, BillDifference
from payments.bills.columns import at_ms
from payments.bills.differences import BillStatus, DifferenceKind
from services.bills.match_lines import FoundDifference, MovedBooking, ToldDifference
from services.runtime.clock import DAY_MS
from tests.bills.made_bills import PAYMENT, REFUND, bill_of
from tests.bills.matching.matched_books import REFUND_NUM, TX, Books, opened_books

BEFORE, DATE, AFTER = "2025-01-01", "2025-01-02", "2025-01-03"
LATE, EARLY = "2025-01-02 23:59:58", "2025-01-02 00:00:01"
NEXT = bill_of({**PAYMENT, "交易时间": "2025-01-03 00:00:00"})
ELSEWHERE = {**PAYMENT, "微信订单号": "4200777", "商户订单号": "ELSE1"}


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    with opened_books(tmp_path) as found:
        yield found


def held(books: Books, bill: bytes | None = None, date: str = DATE) -> list[tuple[str, bool]]:
    found = books.match(bill, date)
    return [(line.subject, line.held) for line in found if isinstance(line, FoundDifference)]


def kept(books: Books, date: str = DATE) -> int:
    """What is held of this day, written down as the service does."""
    (found,) = [line for line in books.match(None, date) if isinstance(line, FoundDifference)]
    assert found.held
    return books.keep(found, date)


@pytest.mark.parametrize("at", [LATE, EARLY])
def test_what_is_booked_near_midnight_is_held_for_the_bill_beside(books: Books, at: str) -> None:
    books.paid(at=at)
    books.day(BEFORE, BillStatus.WAITING)
    assert held(books) == [(TX, True)]
    assert books.match(None)[-1][:3] == (0, 0, 1), "neither a difference nor in our sums"
    assert books.match(None)[-1].our_paid_fen == 0


@pytest.mark.parametrize(("at", "beside"), [(LATE, AFTER), (EARLY, BEFORE)])
@pytest.mark.parametrize("status", [BillStatus.MATCHED, BillStatus.DIFFERENCES, BillStatus.NONE])
def test_it_is_told_at_once_where_the_bill_beside_is_matched(
    books: Books, at: str, beside: str, status: BillStatus
) -> None:
    books.paid(at=at)
    books.day(beside, status)
    assert held(books) == [(TX, False)]


@pytest.mark.parametrize("status", [BillStatus.WAITING, BillStatus.FAILED])
def test_a_bill_beside_that_is_not_matched_yet_may_still_have_it(
    books: Books, status: BillStatus
) -> None:
    books.paid(at=LATE)
    books.day(AFTER, status)
    books.day(BEFORE, BillStatus.MATCHED)
    assert held(books) == [(TX, True)]


@pytest.mark.parametrize(("at", "beside"), [(LATE, AFTER), (EARLY, BEFORE)])
def test_a_file_beside_is_not_the_last_word_while_wechats_own_bill_is_to_come(
    books: Books, at: str, beside: str
) -> None:
    books.paid(at=at)
    books.day(beside, BillStatus.MATCHED)
    BillDay.update(from_file=True, due_at=at_ms(at) + DAY_MS).execute()
    assert held(books) == [(TX, True)]
    BillDay.update(due_at=None).execute()  # WeChat does not give it any more
    assert held(books) == [(TX, False)]


def test_on_the_first_day_no_bill_of_the_day_before_is_waited_for(books: Books) -> None:
    books.paid(at=EARLY)
    assert held(books) == [(TX, False)]


def test_at_noon_nothing_is_held(books: Books) -> None:
    books.paid()
    assert held(books) == [(TX, False)]


def test_a_refund_is_held_too(books: Books) -> None:
    books.refunded(at=LATE)
    assert held(books) == [(REFUND_NUM, True)]


def test_the_bill_beside_that_has_it_explains_it(books: Books) -> None:
    books.paid(at=LATE)
    kept(books)
    kind = DifferenceKind.MISSING_AT_WECHAT
    assert books.match(NEXT, AFTER)[:-1] == [
        MovedBooking(kind, TX, DATE, at_ms("2025-01-03 00:00:00"))
    ]


def test_the_bill_beside_that_has_not_got_it_tells_it(books: Books) -> None:
    books.paid(at=LATE)
    number = kept(books)
    books.paid("4200777", "ELSE1", at="2025-01-03 10:00:00")
    bill = bill_of({**ELSEWHERE, "交易时间": "2025-01-03 10:00:00"})
    assert books.match(bill, AFTER)[:-1] == [ToldDifference(number)]


def test_a_day_beside_without_a_bill_tells_it(books: Books) -> None:
    books.paid(at=LATE)
    number = kept(books)
    assert books.match(None, AFTER)[:-1] == [ToldDifference(number)]


def test_what_is_held_for_the_other_midnight_is_not_told(books: Books) -> None:
    books.paid(at=EARLY)
    books.day(BEFORE, BillStatus.WAITING)
    number = kept(books)
    assert books.match(None, AFTER)[:-1] == []
    assert books.match(None, BEFORE)[:-1] == [ToldDifference(number)]


def test_what_is_told_or_of_another_account_is_not_told_again(books: Books) -> None:
    books.paid(at=LATE)
    kept(books)
    BillDifference.update(status="open").execute()
    assert books.match(None, AFTER)[:-1] == []
    BillDifference.update(status="held", mch_id="1900000110").execute()
    assert books.match(None, AFTER)[:-1] == []


def test_a_refund_of_the_night_is_dated_by_the_bill_that_has_it(books: Books) -> None:
    books.paid()
    books.refunded(at="2025-01-03 00:20:00")
    bill = bill_of(PAYMENT, {**REFUND, "交易时间": "2025-01-02 23:58:00"})
    kind = DifferenceKind.REFUND_MISSING_AT_WECHAT
    assert books.match(bill)[:-1] == [
        MovedBooking(kind, REFUND_NUM, AFTER, at_ms("2025-01-02 23:58:00"))
    ]


def test_a_payment_explained_by_the_next_days_bill_is_found_at_any_hour(books: Books) -> None:
    books.paid()
    kind = DifferenceKind.MISSING_AT_WECHAT
    other = {**ELSEWHERE, "交易时间": "2025-01-03 10:00:00"}
    books.paid("4200777", "ELSE1", at="2025-01-03 10:00:00")
    assert books.match(bill_of(PAYMENT, other), AFTER)[:-1] == [
        MovedBooking(kind, TX, DATE, at_ms(PAYMENT["交易时间"]))
    ]
