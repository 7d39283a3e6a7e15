"""Each kind of difference between a bill and what is booked here: found alone, and no other."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from models import Order, Receipt, Refund
from models.bills.staging import Staging
from payments.bills.differences import DifferenceKind
from services.bills.match_lines import MatchedBill, MatchProgress, MovedBooking
from services.bills.matching import BillMatch
from tests.bills.made_bills import PAYMENT, REFUND, bill_of, sums_of
from tests.bills.matching.matched_books import (
    ORDER,
    OTHER,
    OTHER_ORDER,
    OTHER_TX,
    REFUND_ID,
    REFUND_NUM,
    TX,
    Books,
    Told,
    books,
)

__all__ = ["books"]

DAY = bill_of(PAYMENT, REFUND, OTHER)
NEW_TX, NEW_ORDER = "4200000001202501020000000009", "NOTOURS1"
UNKNOWN = {**OTHER, "微信订单号": NEW_TX, "商户订单号": NEW_ORDER}
UNKNOWN_REFUND = {**REFUND, "微信退款单号": "5030", "商户退款单号": "NOTOURS2"}
REVOKED = {**REFUND, "交易状态": "REVOKED", "商户退款单号": "0", "申请退款金额": "88.00"}


def with_values(row: Mapping[str, str], **values: str) -> dict[str, str]:
    return {**row, **values}


def wrong_sum(column: str, told: str) -> bytes:
    rows = (PAYMENT, REFUND, OTHER)
    return bill_of(*rows, sums={**sums_of(rows), column: told})


FROM_THE_BILL: dict[str, tuple[bytes, list[Told]]] = {
    "nothing": (DAY, []),
    "a payment that nobody booked": (
        bill_of(PAYMENT, REFUND, OTHER, UNKNOWN),
        [("missing_here", NEW_TX, None, 1000, 1000)],
    ),
    "a payment that is not in the bill": (
        bill_of(PAYMENT, REFUND),
        [("missing_at_wechat", OTHER_TX, 1000, None, -1000)],
    ),
    "another amount": (
        bill_of(PAYMENT, REFUND, with_values(OTHER, 订单金额="10.01")),
        [("amount_differs", OTHER_TX, 1000, 1001, 1)],
    ),
    "a payment that was revoked": (
        bill_of(PAYMENT, REFUND, OTHER, REVOKED),
        [("status_differs", TX, "PAID", "REVOKED", -8800)],
    ),
    "a refund that nobody booked": (
        bill_of(PAYMENT, REFUND, OTHER, UNKNOWN_REFUND),
        [("refund_missing_here", "NOTOURS2", None, 800, 800)],
    ),
    "a refund that is not in the bill": (
        bill_of(PAYMENT, OTHER),
        [("refund_missing_at_wechat", REFUND_NUM, 800, None, -800)],
    ),
    "another amount of a refund": (
        bill_of(PAYMENT, OTHER, with_values(REFUND, 申请退款金额="7.99")),
        [("refund_amount_differs", REFUND_NUM, 800, 799, -1)],
    ),
    "a refund that failed": (
        bill_of(PAYMENT, OTHER, with_values(REFUND, 退款状态="FAIL")),
        [("refund_status_differs", REFUND_NUM, "SUCCESS", "FAIL", -800)],
    ),
    "a refund that has to go another way": (
        bill_of(PAYMENT, OTHER, with_values(REFUND, 退款状态="CHANGE")),
        [("refund_status_differs", REFUND_NUM, "SUCCESS", "CHANGE", -800)],
    ),
    "a refund that was under way when the bill was written": (
        bill_of(PAYMENT, OTHER, with_values(REFUND, 退款状态="PROCESSING")),
        [],
    ),
    "a fee": (
        bill_of(PAYMENT, REFUND, with_values(OTHER, 手续费="0.08")),
        [("fee_differs", OTHER_TX, 6, 8, 2)],
    ),
    "a fee of a refund": (
        bill_of(PAYMENT, OTHER, with_values(REFUND, 手续费="0.05")),
        [("fee_differs", REFUND_NUM, -5, 5, 10)],
    ),
    "a fee within a fen": (bill_of(PAYMENT, REFUND, with_values(OTHER, 手续费="0.07")), []),
    "a row twice": (
        bill_of(PAYMENT, REFUND, OTHER, OTHER, OTHER),
        [("duplicate_row", OTHER_TX, None, 2000, 2000)],
    ),
    "a row twice with a wrong fee": (
        bill_of(PAYMENT, REFUND, *[with_values(OTHER, 手续费="0.08")] * 2),
        [
            ("duplicate_row", OTHER_TX, None, 1000, 1000),
            ("fee_differs", OTHER_TX, 6, 8, 2),
        ],
    ),
    "an unknown row twice": (
        bill_of(PAYMENT, REFUND, OTHER, UNKNOWN, UNKNOWN),
        [
            ("duplicate_row", NEW_TX, None, 1000, 1000),
            ("missing_here", NEW_TX, None, 1000, 1000),
        ],
    ),
    "a refund twice": (
        bill_of(PAYMENT, REFUND, REFUND, OTHER),
        [("duplicate_row", REFUND_NUM, None, 800, 800)],
    ),
    "a row of another merchant": (
        bill_of(PAYMENT, REFUND, OTHER, with_values(UNKNOWN, 商户号="1900000999")),
        [("foreign_row", "line 5", None, 1000, 1000)],
    ),
    "a row of a merchant below this one": (
        bill_of(PAYMENT, REFUND, OTHER, with_values(UNKNOWN, 特约商户号="1900000777")),
        [("foreign_row", "line 5", None, 1000, 1000)],
    ),
    "a sum": (
        wrong_sum("订单总金额", "98.01"),
        [("summary_differs", "订单总金额", "98.00", "98.01", 0)],
    ),
    "the number of rows": (
        wrong_sum("总交易单数", "4"),
        [("summary_differs", "总交易单数", "3", "4", 0)],
    ),
}


@pytest.mark.parametrize("what", FROM_THE_BILL)
def test_what_a_bill_says_otherwise_is_told_and_nothing_else(books: Books, what: str) -> None:
    bill, told = FROM_THE_BILL[what]
    assert books.told(bill) == told
    assert books.told(bill) == told, "the same bill again"


def unpaid(books: Books) -> None:
    Order.delete().where(Order.order_num == ORDER).execute()
    books.unpaid()


def on_no_order(books: Books, **changes: int | str) -> None:
    Order.delete().where(Order.order_num == ORDER).execute()
    books.received(**changes)


def refund_is(**changes: int | str | None) -> None:
    Refund.update(changes).where(Refund.refund_num == REFUND_NUM).execute()


def entered_by_hand(refund_id: str | None) -> None:
    refund_is(refund_num="R1", refund_id=refund_id, origin="wechat", requested_by="bob")


def reported_again(books: Books) -> None:
    """A transaction of the day before, which an order has, is told of another order today."""
    tx = "4200000001202501010000000007"
    books.paid(tx, "X1", at="2025-01-01 10:00:00")
    books.received(tx, order_num="X2", reason="reused_id")


def named_and_not_paid(books: Books) -> None:
    unpaid(books)
    Order.update(transaction_id=TX).where(Order.order_num == ORDER).execute()


IN_THE_BOOKS: dict[str, tuple[Callable[[Books], object], list[Told]]] = {
    "an order that is there and not paid": (unpaid, [("missing_here", TX, None, 8800, 8800)]),
    "an order that is not paid, with the transaction": (
        named_and_not_paid,
        [("missing_here", TX, None, 8800, 8800)],
    ),
    "money on no order": (on_no_order, []),
    "money on no order, of another amount": (
        lambda books: on_no_order(books, fen=8700),
        [("amount_differs", TX, 8700, 8800, 100)],
    ),
    "money of another currency": (lambda books: on_no_order(books, fen=9, currency="HKD"), []),
    "money on no order that the bill has not got": (
        lambda books: books.received("4200000001202501020000000008", 50, order_num="X1"),
        [("missing_at_wechat", "4200000001202501020000000008", 50, None, -50)],
    ),
    "money of a partner's, in the partner's bill": (
        lambda books: books.received("4200000001202501020000000008", reason="partner"),
        [],
    ),
    "a transaction that an order has, reported for another": (
        lambda books: books.received(order_num="X1", reason="reused_id"),
        [],
    ),
    "a transaction of the day before, reported for another order": (reported_again, []),
    "a payment of another account": (
        lambda books: books.paid("4200000001202501020000000008", "X1", mch_id="1900000110"),
        [],
    ),
    "a payment of another day": (
        lambda books: books.paid("4200000001202501030000000008", "X1", at="2025-01-03 08:00:00"),
        [],
    ),
    "a refund of another account under the same number": (
        lambda _: refund_is(mch_id="1900000110"),
        [("refund_missing_here", REFUND_NUM, None, 800, 800)],
    ),
    "an outside refund of another account, entered without a number": (
        lambda _: refund_is(refund_num="R1", refund_id=None, origin="wechat", mch_id="1900000110"),
        [("refund_missing_here", REFUND_NUM, None, 800, 800)],
    ),
    "a refund that an admin rejected": (
        lambda _: refund_is(status="REJECTED"),
        [("refund_missing_here", REFUND_NUM, None, 800, 800)],
    ),
    "a refund of which WeChat has not answered": (lambda _: refund_is(status="APPROVED"), []),
    "a refund under way": (lambda _: refund_is(status="PROCESSING"), []),
    "a refund that WeChat gave up": (
        lambda _: refund_is(status="CLOSED"),
        [("refund_status_differs", REFUND_NUM, "CLOSED", "SUCCESS", 800)],
    ),
    "a refund that was ended, as WeChat could not deliver it": (
        lambda _: refund_is(status="ENDED", ended_from="ABNORMAL"),
        [],
    ),
    "a refund that was not sent yet": (
        lambda books: books.refunded("R2", 5, status="APPROVED", refund_id=None),
        [],
    ),
    "an outside refund entered with WeChat's number": (lambda _: entered_by_hand(REFUND_ID), []),
    "an outside refund entered without a number": (lambda _: entered_by_hand(None), []),
    "an outside refund entered with another of WeChat's numbers": (
        lambda _: entered_by_hand("5039"),
        [
            ("refund_missing_here", REFUND_NUM, None, 800, 800),
            ("refund_missing_at_wechat", "R1", 800, None, -800),
        ],
    ),
}


@pytest.mark.parametrize("what", IN_THE_BOOKS)
def test_what_is_booked_otherwise_is_told_and_nothing_else(books: Books, what: str) -> None:
    change, told = IN_THE_BOOKS[what]
    change(books)
    assert books.told(DAY) == told


def test_a_refund_that_was_entered_by_hand_is_that_of_one_row_alone(books: Books) -> None:
    entered_by_hand(None)
    second = {**REFUND, "微信退款单号": "5031", "商户退款单号": "NOTOURS2"}
    found = [("refund_missing_here", "NOTOURS2", None, 800, 800)]
    assert books.told(bill_of(PAYMENT, REFUND, second, OTHER)) == found


def test_a_difference_names_its_numbers_and_shows_both_sides(books: Books) -> None:
    found = books.match(bill_of(PAYMENT, REFUND, with_values(OTHER, 订单金额="10.01")))[0]
    assert (found.order_num, found.transaction_id, found.refund_num) == (
        OTHER_ORDER,
        OTHER_TX,
        None,
    )
    assert found.evidence == {
        "row": {"line": 4, "at": "2025-01-02T04:00:00.000Z", "fen": 1001, "state": None},
        "booking": {
            "heldBy": "order",
            "at": "2025-01-02T04:00:00.000Z",
            "fen": 1000,
            "status": "PAID",
        },
    }
    missing = books.match(bill_of(PAYMENT, OTHER))[0]
    assert (missing.order_num, missing.transaction_id, missing.refund_num) == (
        ORDER,
        TX,
        REFUND_NUM,
    )


def test_the_sums_are_those_of_both_sides(books: Books) -> None:
    last = books.match(bill_of(PAYMENT, OTHER, UNKNOWN, UNKNOWN, REVOKED))[-1]
    assert last == MatchedBill(
        rows=5,
        differences=4,
        held=0,
        wechat_paid_fen=8800 + 3 * 1000,
        wechat_paid_count=4,
        wechat_refunded_fen=8800,
        wechat_refund_count=1,
        wechat_fee_fen=53 + 3 * 6 - 5,
        wechat_net_fen=8800 + 3 * 1000 - 800 - (53 + 3 * 6 - 5),
        our_paid_fen=9800,
        our_paid_count=2,
        our_refunded_fen=800,
        our_refund_count=1,
    )


def test_a_day_of_which_wechat_has_no_bill_has_nothing_but_what_is_missing(books: Books) -> None:
    Receipt.delete().execute()
    assert sorted(books.told(None)) == [
        ("missing_at_wechat", TX, 8800, None, -8800),
        ("missing_at_wechat", OTHER_TX, 1000, None, -1000),
        ("refund_missing_at_wechat", REFUND_NUM, 800, None, -800),
    ]


def test_a_refund_is_dated_by_the_bill_that_has_it(books: Books) -> None:
    refund_is(accepted_at=None)
    kind = DifferenceKind.REFUND_MISSING_AT_WECHAT
    found = [line for line in books.match(DAY) if isinstance(line, MovedBooking)]
    assert found == [MovedBooking(kind, REFUND_NUM, None, 1735788540000)]


def test_a_match_says_at_each_page_of_the_books_that_it_lives(books: Books) -> None:
    for minutes in range(0, 600, 20):
        at = f"2025-01-02 {10 + minutes // 60}:{minutes % 60:02d}:00"
        books.paid(f"42001{minutes}", f"MORE{minutes}", at=at)
    lines = BillMatch(Staging(books.database), books.task(DAY)).lines()
    assert sum(isinstance(line, MatchProgress) for line in lines) > 30
