"""The forms of a trade bill: old and new heads, columns in any order, titles and their escapes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.bills.sums import SumDiffers
from payments.bills.trade import TradeBill
from tests.bills.made_bills import (
    ALL,
    PAYMENT,
    REFUND,
    bill_of,
    read_whole,
    refusal,
    rows_of,
    sums_of,
)

pytestmark = pytest.mark.one_database

TITLE = {**PAYMENT, "商品名称": "*"}


# --- heads ---------------------------------------------------------------------------------------

OLD = {
    "特约商户号": "子商户号",
    "应结订单金额": "总金额",
    "代金券金额": "代金券或立减优惠金额",
    "充值券退款金额": "代金券或立减优惠退款金额",
}
OLDEST = {**OLD, "代金券金额": "企业红包金额", "充值券退款金额": "企业红包退款金额"}
OLD_SUMS = {
    "总交易单数": "总交易单数",
    "应结订单总金额": "总交易额",
    "退款总金额": "总退款金额",
    "充值券退款总金额": "总代金券或立减优惠退款金额",
    "手续费总金额": "手续费总金额",
}


@pytest.mark.parametrize("names", [OLD, OLDEST])
def test_an_old_head_gives_the_same_rows(names: dict[str, str]) -> None:
    columns = ALL[:24]
    sums = {old: sums_of([PAYMENT, REFUND])[new] for new, old in OLD_SUMS.items()}
    new = bill_of(PAYMENT, REFUND)
    told = bill_of(PAYMENT, REFUND, columns=columns, sums=sums).decode()
    head, rest = told.split("\r\n", 1)
    old_head = ",".join(names.get(name, name) for name in head.split(","))
    old = f"{old_head}\r\n{rest}".encode()
    assert rows_of(old) == rows_of(new)
    assert read_whole(old).differences == ()


def test_an_old_summary_is_told_by_the_names_of_today() -> None:
    sums = {old: sums_of([PAYMENT])[new] for new, old in OLD_SUMS.items()}
    bill = read_whole(bill_of(PAYMENT, columns=ALL[:24], sums={**sums, "总交易额": "1.00"}))
    assert bill.differences == (SumDiffers("应结订单总金额", "88.00", "1.00"),)


@given(st.permutations([*ALL, "新的", "另一个", "另一个"]))
def test_columns_may_stand_anywhere_with_any_number_of_unknown_ones(columns: list[str]) -> None:
    unknown = {"新的": "`任,何", "另一个": ""}
    rows = [{**PAYMENT, **unknown}, {**REFUND, **unknown}]
    bill = TradeBill([bill_of(*rows, columns=columns)])
    assert list(bill) == rows_of(bill_of(PAYMENT, REFUND))
    assert bill.differences == ()


def test_unknown_sums_are_passed_over() -> None:
    sums = {"新": "x", **sums_of([PAYMENT]), "总": "1,5"}
    assert read_whole(bill_of(PAYMENT, sums=sums)).differences == ()


def test_a_success_bill_has_no_refund_columns_and_a_refund_in_it_is_refused() -> None:
    columns = [*ALL[:14], "商品名称", "商户数据包", "手续费", "费率", "订单金额", "费率备注"]
    four = ("总交易单数", "应结订单总金额", "手续费总金额", "订单总金额")
    sums = {name: sums_of([PAYMENT])[name] for name in four}
    bill = TradeBill([bill_of(PAYMENT, columns=columns, sums=sums)])
    assert list(bill) == rows_of(bill_of(PAYMENT))
    assert bill.differences == ()
    error = refusal(bill_of(REFUND, columns=columns, sums=sums))
    assert error.values == {"line": 2, "column": "微信退款单号", "value": ""}


# --- titles --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "on_payment", "on_refund"),
    [
        ("鞋", "鞋", "鞋"),
        (r"a\\b", r"a\b", r"a\b"),
        (r"\'x\'", "'x'", r"\'x\'"),
        (r"\"x\"", '"x"', '"x"'),
        (r"a\`b", "a`b", r"a\`b"),
        (r"a\140b", r"a\140b", "a`b"),
        ("a\\ b", "a b", "a b"),
        (r"1\n2\r3\t4", "1\n2\r3\t4", "1\n2\r3\t4"),
        ("a\\\x1ab", "a\x1ab", "a\x1ab"),
        (r"a\\nb", r"a\nb", r"a\nb"),
        (r"a\\\nb", "a\\\nb", "a\\\nb"),
        (r"a\\\\nb", r"a\\nb", r"a\\nb"),
        (r"a\\140", r"a\140", r"a\140"),
        ("end\\", "end\\", "end\\"),
        (r"C:\windows", r"C:\windows", r"C:\windows"),
        ("a,b`c", "a,b`c", "a,b`c"),
    ],
)
def test_escapes_are_undone_once_from_the_left(
    written: str, on_payment: str, on_refund: str
) -> None:
    rows = [{**row, "商品名称": written} for row in (PAYMENT, REFUND)]
    assert [row.title for row in rows_of(bill_of(*rows))] == [on_payment, on_refund]


ROW = rows_of(bill_of(TITLE))[0]


@pytest.mark.parametrize(
    ("title", "attach", "read"),
    [
        ("鞋,42码", "a,b", "鞋,42码"),
        (",", ",", ","),
        ("`", "`", "`"),
        ("`,", "`,`", "`,"),
        ("鞋,`42`,码", "", "鞋,`42`,码"),
        (",`,`,`", "x", ",`,`,`"),
        ("鞋,`0.00", "0.00,`x", "鞋,`0.00,`0.00"),
    ],
)
def test_a_raw_comma_and_backtick_in_a_title_move_no_amount(
    title: str, attach: str, read: str
) -> None:
    bill = TradeBill([bill_of({**PAYMENT, "商品名称": title, "商户数据包": attach})])
    (row,) = bill
    assert row._replace(title_text="*") == ROW
    assert row.title_text.startswith(read)
    assert bill.differences == ()


def test_a_device_number_may_hold_them_too() -> None:
    (row,) = rows_of(bill_of({**TITLE, "设备号": "a,`b"}))
    assert row == ROW


def test_a_payment_without_an_order_number_is_read() -> None:
    """It is matched by its transaction id."""
    (row,) = rows_of(bill_of({**TITLE, "商户订单号": ""}))
    assert row == ROW._replace(order_num="")


def test_a_row_that_can_be_joined_in_two_ways_is_refused() -> None:
    first = ["设备号", "交易类型", "商品名称"]
    columns = [*first, *(column for column in ALL if column not in first)]
    row = {**PAYMENT, "设备号": "A", "交易类型": "B", "商品名称": "C,`D"}
    error = refusal(bill_of(row, columns=columns))
    assert (error.fault, error.values) == ("value_count", {"line": 2, "count": 28, "columns": 27})


def test_two_rows_in_one_line_are_refused() -> None:
    for columns in (ALL, ALL[:24]):
        bill = bill_of(PAYMENT, REFUND, PAYMENT, columns=columns).decode()
        lines = bill.split("\r\n")
        glued = "\r\n".join([lines[0], lines[1] + lines[2], *lines[3:]])
        assert refusal(glued.encode()).values["line"] == 2
