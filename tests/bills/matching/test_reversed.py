"""A payment that WeChat took back whole: told until all of its money went back here too."""

from __future__ import annotations

import pytest

from models import Order, Refund
from payments.bills.columns import at_ms
from payments.bills.differences import DifferenceKind
from services.bills.match_lines import MovedBooking
from tests.bills.made_bills import PAYMENT, bill_of
from tests.bills.matching.matched_books import ACCOUNT, TX, Books, books
from tests.bills.matching.test_matching import OTHER, REVOKED

__all__ = ["books"]

BILL = bill_of(PAYMENT, OTHER, REVOKED)
BACK_AT = at_ms(REVOKED["交易时间"])


def returned(books: Books, entered_at: str) -> None:
    """A person entered, without WeChat's number, that all of the first payment went back."""
    Refund.delete().execute()
    books.refunded("W1", 8800, at=entered_at, origin="wechat", refund_id=None)
    returned = Order.update(status="REFUNDED", refunded_fen=8800)
    returned.where(Order.transaction_id == TX).execute()


def test_it_is_no_difference_of_an_order_that_went_back_whole(books: Books) -> None:
    returned(books, "2025-01-02 18:00:00")
    *told, last = books.match(BILL)
    assert told == []
    assert (last.wechat_refunded_fen, last.wechat_refund_count) == (8800, 1)
    assert (last.our_refunded_fen, last.our_refund_count) == (8800, 1)


def test_what_was_entered_on_another_day_is_dated_by_it(books: Books) -> None:
    """Else the bill of that day would miss it."""
    returned(books, "2025-01-05 09:00:00")
    kind = DifferenceKind.REFUND_MISSING_AT_WECHAT
    assert books.match(BILL)[:-1] == [MovedBooking(kind, "W1", "2025-01-05", BACK_AT)]


@pytest.mark.parametrize(
    "other", [{"refund_id": "5031"}, {"origin": "paywatch"}, {"mch_id": ACCOUNT[:-1] + "0"}]
)
def test_no_other_refund_is_dated_by_it(books: Books, other: dict[str, str]) -> None:
    returned(books, "2025-01-05 09:00:00")
    Refund.update(**other).execute()
    assert books.match(BILL)[:-1] == []


def test_it_is_told_while_some_of_it_did_not_go_back(books: Books) -> None:
    Order.update(status="PARTIALLY_REFUNDED", refunded_fen=800).where(
        Order.transaction_id == TX
    ).execute()
    assert books.told(BILL) == [
        ("status_differs", TX, "PARTIALLY_REFUNDED", "REVOKED", -8800),
        ("refund_missing_at_wechat", "RF20250102000001", 800, None, -800),
    ]
