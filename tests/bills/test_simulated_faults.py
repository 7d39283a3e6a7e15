"""Each fault of a bill changes what it says, and no other line."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from payments.refund import RefundStatus
from simulator.bills.bill_desk import BillRefusal, NoBill
from simulator.bills.bill_faults import BILL_FAULTS, ON_ROWS, PlantedFault
from simulator.bills.downloads import begun
from simulator.bills.fees import fee_fen
from simulator.state.faults import BadFault
from tests.bills.simulated_books import DAY, NEXT_DAY, SHOP, DayBooks, ReadBill, at


def a_day() -> DayBooks:
    """Three payments and two refunds; one of the payments was made on the day before."""
    books = DayBooks()
    old = books.pay(4400, at(20, day=DAY - timedelta(days=1)))
    for fen in (8800, 7800, 6600):
        trade = books.pay(fen)
    books.refund(trade, 600)
    books.refund(old, 400)
    return books


def lines_of(bill: ReadBill) -> Counter[tuple[str, ...]]:
    return Counter(tuple(row.values()) for row in bill.rows)


def changed(kind: str, **given: Any) -> tuple[list[Any], list[Any], list[dict[str, Any]]]:
    """Rows that the fault took away, those that it put there, and what the lever says of them."""
    good, books = a_day().read(), a_day()
    books.plant(kind, **given)
    bad = books.read()
    assert int(bad.sums["总交易单数"]) == len(bad.rows)
    for name, column in (("订单总金额", "订单金额"), ("手续费总金额", "手续费")):
        assert Decimal(bad.sums[name]) == bad.total(column)
    names = good.head
    gone = [dict(zip(names, row, strict=True)) for row in lines_of(good) - lines_of(bad)]
    new = [dict(zip(names, row, strict=True)) for row in lines_of(bad) - lines_of(good)]
    return gone, new, books.changes()


def test_a_dropped_payment_is_missing_at_wechat() -> None:
    (gone,), new, (change,) = changed("row_dropped")
    assert (gone["订单金额"], new) == ("88.00", [])
    assert (change["kind"], change["ours"], change["differenceFen"]) == (
        "missing_at_wechat",
        8800,
        -8800,
    )
    assert change["transactionId"] == gone["微信订单号"]


def test_a_dropped_refund_is_missing_at_wechat() -> None:
    (gone,), new, (change,) = changed("refund_missing", count=1)
    assert (gone["申请退款金额"], new) == ("6.00", [])
    assert (change["kind"], change["refundNum"], change["differenceFen"]) == (
        "refund_missing_at_wechat",
        gone["商户退款单号"],
        -600,
    )


@pytest.mark.parametrize(
    ("kind", "account"), [("row_added", SHOP.mch_id), ("foreign_row", "1999999999")]
)
def test_an_added_payment_is_nobodys_here(kind: str, account: str) -> None:
    gone, new, changes = changed(kind, count=2)
    assert (gone, len(new), {row["商户号"] for row in new}) == ([], 2, {account})
    assert {c["kind"] for c in changes} == {ON_ROWS[kind]}
    told = {(c["transactionId"], c["wechat"], c["differenceFen"]) for c in changes}
    fens = {row["微信订单号"]: int(Decimal(row["订单金额"]) * 100) for row in new}
    assert told == {(number, fen, fen) for number, fen in fens.items()}
    assert all(row["交易时间"].startswith(DAY.isoformat()) for row in new)


def test_an_added_refund_is_of_a_payment_of_the_day() -> None:
    gone, (new,), (change,) = changed("refund_added")
    paid = a_day().read().rows[0]
    assert (gone, new["微信订单号"], new["交易状态"]) == ([], paid["微信订单号"], "REFUND")
    assert (change["kind"], change["wechat"], new["申请退款金额"]) == (
        "refund_missing_here",
        8800 // 3,
        "29.33",
    )


def test_yesterdays_refund_is_of_a_payment_of_the_day_before() -> None:
    gone, (new,), (change,) = changed("yesterdays_refund")
    (paid,) = a_day().read(day=DAY - timedelta(days=1)).rows
    assert (gone, new["商户订单号"]) == ([], paid["商户订单号"])
    assert new["交易时间"].startswith(DAY.isoformat())
    assert (change["kind"], change["wechat"]) == ("refund_missing_here", 4400 // 3)


@pytest.mark.parametrize(
    ("kind", "column", "amounts", "difference"),
    [
        ("amount_changed", "订单金额", ("88.00", "88.07"), "amount_differs"),
        ("refund_amount_changed", "申请退款金额", ("6.00", "6.07"), "refund_amount_differs"),
    ],
)
def test_a_changed_amount_has_the_fee_of_what_it_says(
    kind: str, column: str, amounts: tuple[str, str], difference: str
) -> None:
    (gone,), (new,), (change,) = changed(kind, fen=7)
    assert (gone[column], new[column]) == amounts
    fee = fee_fen(int(Decimal(new[column]) * 100), 60)
    assert abs(Decimal(new["手续费"])) * 100 == fee
    assert (change["kind"], change["differenceFen"]) == (difference, 7)


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("FAIL", "refund_status_differs"),
        ("CHANGE", "refund_status_differs"),
        ("PROCESSING", None),
    ],
)
def test_a_refund_has_another_state(state: str, kind: str | None) -> None:
    (gone,), (new,), (change,) = changed("refund_state", state=state)
    assert new == {**gone, "退款状态": state}
    assert (change["kind"], change["ours"], change["wechat"]) == (kind, "SUCCESS", state)


def test_a_payment_is_revoked_by_a_row_of_its_own() -> None:
    gone, (new,), (change,) = changed("revoked")
    assert (gone, new["交易状态"], new["订单金额"], new["申请退款金额"]) == (
        [],
        "REVOKED",
        "0.00",
        "88.00",
    )
    assert (change["kind"], change["wechat"]) == ("status_differs", "REVOKED")


@pytest.mark.parametrize(
    ("of", "fees"), [("payment", ("0.53", "0.56")), ("refund", ("-0.04", "-0.07"))]
)
def test_a_wrong_fee_is_off_by_so_many_fen(of: str, fees: tuple[str, str]) -> None:
    number = a_day().read("REFUND").rows[0]["商户退款单号"] if of == "refund" else None
    (gone,), (new,), (change,) = changed("wrong_fee", fen=3, refund_num=number)
    assert new == {**gone, "手续费": fees[1]}
    assert gone["手续费"] == fees[0]
    assert change["kind"] == "fee_differs"
    assert [change["ours"], change["wechat"]] == [int(Decimal(fee) * 100) for fee in fees]


def test_a_row_stands_twice() -> None:
    gone, (new,), (change,) = changed("duplicate_row")
    assert (gone, new) == ([], a_day().read().rows[0])
    assert (change["kind"], change["differenceFen"]) == ("duplicate_row", 8800)


def test_titles_with_every_character_leave_the_numbers() -> None:
    gone, new, changes = changed("comma_and_backtick", count=5)
    assert len(new) == len(gone) == 5
    payment, refund = (next(r for r in new if r["交易状态"] == s) for s in ("SUCCESS", "REFUND"))
    assert payment["商品名称"] == "鞋\\ 42码 \\`新\\` \\'a\\' \\\"b\\\" \\\\ c"
    assert refund["商品名称"] == "鞋\\ 42码 \\140新\\140 'a' \\\"b\\\" \\\\ c"
    assert {change["kind"] for change in changes} == {None}


def test_old_titles_stand_as_they_are() -> None:
    books = a_day()
    books.plant("comma_and_backtick")
    books.plant("raw_titles")
    assert "`鞋,42码 `新` 'a' \"b\" \\ c,`" in books.data().decode()


def test_a_payment_near_midnight_is_in_the_bill_of_the_next_day() -> None:
    books = a_day()
    late = books.pay(300, at(23, 59, 59))
    books.plant("midnight", order_num=late.order_num)
    number = late.transactions[0].id
    assert books.read().by(微信订单号=number) == []
    (change,) = books.changes()
    assert (change["kind"], change["transactionId"]) == (None, number)
    (row,) = books.read(day=NEXT_DAY).by(微信订单号=number)
    assert row["交易时间"] == "2026-03-02 23:59:59"
    books.pay(100)
    assert (len(books.read().rows), books.changes()) == (6, [change])


def test_a_wrong_sum_is_one_difference_with_both_texts() -> None:
    books = a_day()
    right = books.read().sums["订单总金额"]
    books = a_day()
    books.plant("summary_wrong", column="订单总金额", fen=5)
    bill = books.read()
    (change,) = books.changes()
    assert Decimal(bill.sums["订单总金额"]) - bill.total("订单金额") == Decimal("0.05")
    assert (change["kind"], change["note"], change["differenceFen"]) == (
        "summary_differs",
        "订单总金额",
        None,
    )
    assert (change["ours"], change["wechat"]) == (right, bill.sums["订单总金额"])


def test_forms_leave_every_value() -> None:
    good = a_day().read()
    for kind in ("bom", "crlf", "unknown_columns"):
        books = a_day()
        books.plant(kind)
        bad = books.read()
        kept = [{name: row[name] for name in good.head} for row in bad.rows]
        assert (kept, books.changes()) == (good.rows, [])
        assert set(good.sums) <= set(bad.sums)
        assert (len(bad.head) > 27) == (kind == "unknown_columns")
        assert books.data().startswith("\ufeff".encode()) == (kind == "bom")
        assert (b"\r\n" in books.data()) == (kind == "crlf")


def test_a_fault_can_be_of_one_of_the_two_bills() -> None:
    for bill, rows in (("trade", (4, 10)), ("fundflow", (5, 8)), ("both", (4, 8))):
        books = a_day()
        books.plant("row_dropped", bill=bill)
        assert (len(books.read().rows), len(books.read("BASIC").rows)) == rows
        assert books.changes()[0]["bill"] == bill


def test_faults_take_different_rows_and_the_named_one() -> None:
    books = a_day()
    named = books.read().rows[2]["商户订单号"]
    books = a_day()
    books.plant("wrong_fee", order_num=named)
    books.plant("amount_changed")
    books.plant("row_dropped")
    found = {change["kind"]: change["orderNum"] for change in (books.read() and books.changes())}
    assert len(set(found.values())) == 3
    assert found["fee_differs"] == named


def test_a_bill_is_made_once_and_again_when_it_is_corrected() -> None:
    books = a_day()
    books.plant("row_dropped")
    refund = books.refund(books.pay(200), 100, status=RefundStatus.PROCESSING)
    first = books.data()
    assert books.changes()[0]["kind"] == "missing_at_wechat"
    books.plant("row_added")
    refund.status, refund.ended_at = RefundStatus.SUCCESS, at(12, day=NEXT_DAY)
    books.books.refunded(refund)
    assert books.data() == first
    states = [row["退款状态"] for row in books.read().by(商户退款单号=refund.refund_num)]
    assert states == ["PROCESSING"]
    books.desk.correct(SHOP.mch_id, DAY)
    books.faults.clear(None, DAY)
    corrected = books.read()
    assert (len(corrected.rows), books.changes()) == (7, [])
    states = [row["退款状态"] for row in corrected.by(商户退款单号=refund.refund_num)]
    assert states == ["SUCCESS"]


def test_money_that_moves_after_a_clock_was_put_forward_joins_the_bill_of_its_day() -> None:
    books = a_day()
    books.plant("row_dropped")
    books.plant("row_added")
    first, changes = books.read(), books.changes()
    books.pay(100)
    again = books.read()
    assert lines_of(first) <= lines_of(again)
    assert (len(again.rows), books.changes()) == (len(first.rows) + 1, changes)


def test_late_none_and_the_next_or_every_bill() -> None:
    books = a_day()
    books.plant("late")
    with pytest.raises(BillRefusal) as refused:
        books.data()
    assert refused.value.reason is NoBill.CREATING
    books.faults.clear(None, DAY)
    books.plant("none")
    with pytest.raises(BillRefusal) as refused:
        books.data()
    assert refused.value.reason is NoBill.NOTHING_MOVED
    kinds = Counter(change["kind"] for change in books.changes())
    assert kinds == {"missing_at_wechat": 3, "refund_missing_at_wechat": 2}
    books = a_day()
    books.plant("row_dropped", None)
    assert len(books.read().rows) == 4
    books.pay(100, at(9, day=NEXT_DAY))
    assert len(books.read(day=NEXT_DAY).rows) == 1


def test_a_download_is_cut_in_the_middle_of_a_row_once() -> None:
    for kind in ("cut", "truncated"):
        books = a_day()
        whole = books.data().decode()
        made = books.desk.made(SHOP.mch_id, DAY)
        books.plant(kind)
        short = begun(books.faults, made, "ALL", gzip=False)
        text = "".join(short.lines())
        assert whole.startswith(text)
        assert not text.endswith("\n")
        assert 1 < text.count("\n") < whole.count("\n")
        assert (short.is_cut, short.is_short) == (kind == "cut", kind == "truncated")
        assert "".join(begun(books.faults, made, "ALL", gzip=False).lines()) == whole


@pytest.mark.parametrize(
    "wanted",
    [
        {"kind": "nothing"},
        {"kind": "late", "times": 0},
        {"kind": "row_dropped", "count": 0},
        {"kind": "row_dropped", "bill": "some"},
        {"kind": "refund_state", "state": "DONE"},
        {"kind": "summary_wrong", "column": "总"},
        {"kind": "wrong_fee", "fen": 10**9},
        {"kind": "late", "order_num": "x" * 33},
    ],
)
def test_a_fault_out_of_bounds_is_refused(wanted: dict[str, Any]) -> None:
    with pytest.raises(BadFault):
        PlantedFault(**wanted)


def test_a_hundred_faults_may_wait() -> None:
    books = a_day()
    for _ in range(100):
        books.plant("late")
    with pytest.raises(BadFault):
        books.plant("late")
    assert len(BILL_FAULTS) == len(set(BILL_FAULTS))
