"""The trade bill: what changes in a bill is refused with its line or told by its column."""

from __future__ import annotations

from decimal import Decimal

import pytest

from payments.bills.sums import SumDiffers
from payments.bills.trade import TradeBill, TradeRowState
from payments.errors import BillIsErrorAnswer
from tests.bills.made_bills import (
    ALL,
    PAYMENT,
    REFUND,
    SUMS,
    bill_of,
    line_of,
    read_whole,
    refusal,
    rows_of,
    sums_of,
)

pytestmark = pytest.mark.one_database

MONEY = [*SUMS.values(), "代金券金额"]
TITLE = {**PAYMENT, "商品名称": "*"}


def changed(row: dict[str, str], column: str, by: str) -> dict[str, str]:
    return {**row, column: str(Decimal(row[column]) + Decimal(by))}


# --- what reads well, but does not add up --------------------------------------------------------


@pytest.mark.parametrize(("sum_name", "column"), SUMS.items())
@pytest.mark.parametrize("row", [PAYMENT, REFUND], ids=["payment", "refund"])
def test_a_changed_amount_is_told_by_its_column(
    sum_name: str, column: str, row: dict[str, str]
) -> None:
    told = sums_of([PAYMENT, row])
    bill = read_whole(bill_of(PAYMENT, changed(row, column, "0.01"), sums=told))
    ours = str(Decimal(told[sum_name]) + Decimal("0.01"))
    assert bill.differences == (SumDiffers(sum_name, ours, told[sum_name]),)


def test_a_dropped_row_is_told_by_the_number_of_rows_and_its_sums() -> None:
    bill = read_whole(bill_of(PAYMENT, sums=sums_of([PAYMENT, REFUND])))
    assert bill.differences == (
        SumDiffers("总交易单数", "1", "2"),
        SumDiffers("退款总金额", "0.00", "8.00"),
        SumDiffers("手续费总金额", "0.53", "0.48"),
        SumDiffers("申请退款总金额", "0.00", "8.00"),
    )


def test_an_added_row_is_told_by_the_number_of_rows_and_its_sums() -> None:
    bill = read_whole(bill_of(PAYMENT, PAYMENT, sums=sums_of([PAYMENT])))
    assert [differs.column for differs in bill.differences] == [
        "总交易单数",
        "应结订单总金额",
        "手续费总金额",
        "订单总金额",
    ]


def test_rows_of_another_merchant_are_read_and_add_to_the_sums() -> None:
    bill = TradeBill([bill_of(PAYMENT, {**PAYMENT, "商户号": "1900000110"})])
    assert [row.mch_id for row in bill] == ["1900000109", "1900000110"]
    assert bill.differences == ()


def test_the_sums_are_there_after_the_last_row_and_not_before() -> None:
    bill = TradeBill([bill_of(PAYMENT, REFUND)])
    next(iter(bill))
    with pytest.raises(AttributeError):
        _ = bill.differences


def test_a_fee_in_parts_of_a_fen_is_summed_exactly() -> None:
    rows = [{**PAYMENT, "手续费": fee} for fee in ("0.52800", "0.00001", "0.00000001")]
    bill = TradeBill([bill_of(*rows)])
    assert [row.fee_microfen for row in bill] == [52_800_000, 1000, 1]
    assert (bill.sums.fee_microfen, bill.differences) == (52_801_001, ())
    other = read_whole(bill_of(*rows, sums={**sums_of(rows), "手续费总金额": "0.52801"}))
    assert other.differences == (SumDiffers("手续费总金额", "0.52801001", "0.52801"),)


# --- what does not read --------------------------------------------------------------------------

NO_AMOUNTS = ["", "88", "88.0", "+88.00", "-88.00", "088.00", "88.001", "8,8.00", "８８.00"]
NO_AMOUNTS += [" 88.00", "88.00 ", "8e1.00", "88。00", ".00", "8_8.00", "٨٨.٠٠", "1" * 14 + ".00"]


@pytest.mark.parametrize("column", [column for column in MONEY if column != "手续费"])
@pytest.mark.parametrize("text", NO_AMOUNTS)
def test_what_is_no_amount_is_refused_with_line_column_and_value(column: str, text: str) -> None:
    bill = bill_of(PAYMENT, {**PAYMENT, column: text}, sums=sums_of([PAYMENT]))
    error = refusal(bill)
    assert (error.fault, error.code) == ("value", "bill_refused")
    assert error.values == {"line": 3, "column": column, "value": text}
    assert text not in str(error) or not text.strip()


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("交易时间", "2025-01-02 11:04"),
        ("交易时间", "2025-02-30 11:04:05"),
        ("交易时间", "2025-01-02T11:04:05"),
        ("交易时间", "2025-01-02 11:04:61"),
        ("交易时间", "2025-01-02 11:04:5"),
        ("交易时间", "２０２５-01-02 11:04:05"),
        ("商户号", ""),
        ("微信订单号", ""),
        ("微信订单号", "4200 0000"),
        ("商户订单号", "订单"),
        ("商户订单号", "x" * 65),
        ("交易状态", ""),
        ("交易状态", "PAID"),
        ("交易状态", "success"),
        ("手续费", "--0.53"),
        ("手续费", "0.5"),
        ("手续费", "0.530000001"),
        ("费率", "0.60"),
        ("费率", "-0.60%"),
        ("费率", "0.6000001%"),
        ("费率", "%"),
    ],
)
def test_a_value_that_wechat_does_not_write_is_refused_with_its_line(
    column: str, text: str
) -> None:
    bill = bill_of(PAYMENT, REFUND, {**PAYMENT, column: text}, sums=sums_of([PAYMENT]))
    error = refusal(bill)
    assert error.fault == "value"
    assert error.values == {"line": 4, "column": column, "value": text}


def test_a_leap_second_is_the_second_before_it() -> None:
    leap, before = (
        rows_of(bill_of({**PAYMENT, "交易时间": f"2016-12-31 23:59:{second}"}))[0].at_ms
        for second in ("60", "59")
    )
    assert leap == before == 1_483_199_999_000


def test_a_refund_without_a_refund_id_is_refused() -> None:
    for none in ("", "0"):
        error = refusal(bill_of({**REFUND, "微信退款单号": none}))
        assert error.values == {"line": 2, "column": "微信退款单号", "value": ""}
    (revoked,) = rows_of(bill_of({**REFUND, "交易状态": "REVOKED", "微信退款单号": "0"}))
    assert (revoked.state, revoked.refund_id) == (TradeRowState.REVOKED, "")


def test_a_long_value_is_shortened_in_the_refusal() -> None:
    error = refusal(bill_of({**PAYMENT, "商户订单号": "x" * 500}))
    assert error.values["value"] == "x" * 80


@pytest.mark.parametrize(
    ("old", "new", "fault", "values"),
    [
        ("`CNY,", "", "value_count", {"count": 26, "columns": 27}),
        ("`CNY,", "`CNY,`CNY,", "value_count", {"count": 28, "columns": 27}),
        ("`CMB", "CMB", "value_count", {"count": 26, "columns": 27}),
        ("`CMB", "\n`CMB", "value_count", {"count": 10, "columns": 27}),
        ("`2025", "2025", "line", {}),
        ("`2025", "\r\n`2025", "line", {}),
        ("`2025", "总和\r\n`2025", "line", {}),
        ("`2025", "总交易单数\r\n`2025", "column_missing", {"column": "应结订单总金额"}),
    ],
)
def test_a_line_that_is_not_a_row_is_refused_with_its_line(
    old: str, new: str, fault: str, values: dict[str, int | str]
) -> None:
    whole, row = bill_of(PAYMENT, REFUND, PAYMENT).decode(), line_of(REFUND.values())
    error = refusal(whole.replace(row, row.replace(old, new, 1)).encode())
    assert (error.fault, error.values) == (fault, {"line": 3, **values})


@pytest.mark.parametrize("sum_name", ["总交易单数", *SUMS])
@pytest.mark.parametrize("text", ["", "x", "-1", "1.5", "1,0", "１"])
def test_a_sum_that_does_not_read_is_refused_with_its_line(sum_name: str, text: str) -> None:
    error = refusal(bill_of(PAYMENT, sums={**sums_of([PAYMENT]), sum_name: text}))
    assert error.fault == "value"
    assert error.values == {"line": 4, "column": sum_name, "value": text}


def test_a_summary_that_lacks_a_needed_sum_is_refused() -> None:
    for needed in ("总交易单数", "应结订单总金额", "手续费总金额"):
        sums = {name: text for name, text in sums_of([PAYMENT]).items() if name != needed}
        error = refusal(bill_of(PAYMENT, sums=sums))
        assert (error.fault, error.values) == ("column_missing", {"line": 3, "column": needed})


def test_a_summary_of_another_number_of_values_is_refused() -> None:
    whole = bill_of(PAYMENT).removesuffix(b"\r\n")
    for bill, count in ((whole[: whole.rindex(b",`")], 6), (whole + b",`0.00", 8)):
        error = refusal(bill + b"\r\n")
        assert error.fault == "value_count"
        assert error.values == {"line": 4, "count": count, "columns": 7}


@pytest.mark.parametrize("needed", ["交易时间", "商户号", "微信订单号", "商户订单号", "交易状态"])
def test_a_head_without_a_needed_column_is_refused(needed: str) -> None:
    columns = [column for column in ALL if column != needed]
    error = refusal(bill_of(PAYMENT, columns=columns))
    assert (error.fault, error.values) == ("column_missing", {"line": 1, "column": needed})


def test_a_column_that_stands_twice_is_refused() -> None:
    error = refusal(bill_of(PAYMENT, columns=[*ALL, "订单金额"]))
    assert (error.fault, error.values) == ("column_twice", {"line": 1, "column": "订单金额"})


def test_another_text_that_begins_like_an_error_is_no_bill_either() -> None:
    for text, code in (
        (b'{"code":"NO_STATEMENT_EXIST","message":"x"}', "NO_STATEMENT_EXIST"),
        (b"\xef\xbb\xbf <html>\n<body>502</body>\n</html>\n", ""),
        (b"<xml><err_code>NO_BILL_EXIST</err_code></xml>\r\n", "NO_BILL_EXIST"),
        (b'{"a":' * 5000, ""),
    ):
        error = refusal(text)
        assert isinstance(error, BillIsErrorAnswer)
        assert (error.fault, error.wechat_code) == ("error_answer", code)
