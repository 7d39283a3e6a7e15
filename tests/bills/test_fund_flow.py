"""The fund-flow bill: rows with their sign, sums and the chain of balances."""

from __future__ import annotations

import pytest

from payments.bills.fund_flow import (
    MAX_BREAKS,
    BalanceBreak,
    Balances,
    FundFlowBill,
    FundFlowSums,
)
from payments.bills.sums import SumDiffers
from payments.errors import BillRefused
from tests.bills.made_bills import SAMPLES, line_of

pytestmark = pytest.mark.one_database

HEAD = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
    "资金变更提交申请人,备注,业务凭证号"
)
SUM_HEAD = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"


def flow(way: str, amount: str, balance: str, note: str = "") -> str:
    before = ["2025-01-02 11:04:06", "42", "19", "交易", "交易"]
    return line_of([*before, way, amount, balance, "system", note, ""])


IN, OUT = flow("收入", "88.00", "188.00"), flow("支出", "8.00", "180.00")
SUMS = "`2.0,`1.0,`88.00,`1.0,`8.00"


def bill_of(*rows: str, sums: str = SUMS, head: str = HEAD) -> FundFlowBill:
    text = "\n".join([head, *rows, SUM_HEAD, sums, ""])
    return FundFlowBill([text.encode()])


def read(bill: FundFlowBill) -> FundFlowBill:
    for _ in bill:
        pass
    return bill


def refusal(bill: FundFlowBill) -> BillRefused:
    with pytest.raises(BillRefused) as error:
        read(bill)
    return error.value


def test_what_comes_in_and_goes_out_adds_up() -> None:
    bill = bill_of(IN, OUT)
    assert [row.moved_fen for row in bill] == [8800, -800]
    assert bill.sums == FundFlowSums(2, 1, 8800, 1, 800)
    assert bill.differences == ()
    assert bill.balances == Balances(10000, 18000, 0, ())


def test_a_day_without_a_row_has_no_balance() -> None:
    bill = read(bill_of(sums="`0,`0.0,`0.00,`0.0,`0.00"))
    assert bill.sums == FundFlowSums(0, 0, 0, 0, 0)
    assert bill.balances == Balances(None, None, 0, ())


def test_sums_that_the_rows_do_not_have_are_told_by_their_columns() -> None:
    assert read(bill_of(IN, OUT, sums="`3.0,`1,`88.01,`2.0,`0.00")).differences == (
        SumDiffers("资金流水总笔数", "2", "3"),
        SumDiffers("收入金额", "88.00", "88.01"),
        SumDiffers("支出笔数", "1", "2"),
        SumDiffers("支出金额", "8.00", "0.00"),
    )


def test_a_dropped_row_breaks_the_chain_of_balances_at_the_next() -> None:
    late = flow("收入", "1.00", "181.00")
    bill = read(bill_of(IN, late))
    assert bill.balances == Balances(10000, 18100, 1, (BalanceBreak(3, 18900, 18100),))


def test_a_changed_amount_breaks_the_chain_at_its_row() -> None:
    bill = read(bill_of(IN, flow("支出", "8.01", "180.00"), flow("收入", "1.00", "181.00")))
    assert bill.balances.breaks == (BalanceBreak(3, 17999, 18000),)


def test_of_many_breaks_all_are_counted_and_the_first_are_kept() -> None:
    bill = read(bill_of(*[IN] * (MAX_BREAKS + 5)))
    assert bill.balances.break_count == MAX_BREAKS + 4
    assert [broken.line for broken in bill.balances.breaks] == list(range(3, MAX_BREAKS + 3))


def test_a_balance_may_be_negative_and_an_amount_may_not() -> None:
    bill = bill_of(flow("支出", "8.00", "-3.00"))
    assert [row.balance_fen for row in bill] == [-300]
    assert bill.balances.opening_fen == 500
    error = refusal(bill_of(IN, flow("支出", "-8.00", "180.00")))
    assert error.values == {"line": 3, "column": "收支金额(元)", "value": "-8.00"}


@pytest.mark.parametrize("way", ["", "IN", "收", "收入 "])
def test_a_row_without_its_direction_is_refused(way: str) -> None:
    error = refusal(bill_of(flow(way, "8.00", "180.00")))
    assert (error.fault, error.values["column"]) == ("value", "收支类型")


@pytest.mark.parametrize(
    "sums",
    ["`2.5,`1,`88.00,`1,`8.00", "`2,`1,`88.0,`1,`8.00", "`2,`1,`88.00,`1"],
)
def test_a_summary_that_does_not_read_is_refused(sums: str) -> None:
    assert refusal(bill_of(IN, OUT, sums=sums)).values["line"] == 5


def test_full_width_brackets_in_the_head_and_unknown_columns_change_nothing() -> None:
    head = HEAD.replace("(", "（").replace(")", "）")
    rows = list(bill_of(IN, OUT))
    assert list(bill_of(IN, OUT, head=head)) == rows
    assert list(bill_of(IN + ",`x", OUT + ",`", head=head + ",新的")) == rows


@pytest.mark.parametrize(
    ("written", "note"),
    [
        (r"结算总金额\188.00\1元", "结算总金额 88.00 元"),
        (r"a\nb\rc", "a\nb\rc"),
        (r"a\140", "a 40"),
        (r"C:\x\\", r"C:\x\\"),
        ("退,`款", "退,`款"),
    ],
)
def test_a_note_is_shown_without_escapes_and_moves_no_amount(written: str, note: str) -> None:
    bill = bill_of(flow("收入", "88.00", "188.00", written), OUT)
    rows = list(bill)
    assert rows[0].note == note
    assert bill.differences == ()


def test_two_rows_in_one_line_are_refused() -> None:
    assert refusal(bill_of(IN + OUT)).values == {"line": 2, "count": 21, "columns": 11}


def test_a_trade_bill_is_no_fund_flow_bill() -> None:
    trade = (SAMPLES / "trade_ALL_27cols.csv").read_bytes()
    error = refusal(FundFlowBill([trade]))
    assert (error.fault, error.values["line"]) == ("column_missing", 1)
