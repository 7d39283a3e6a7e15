"""The sample bills, each read to the last fen."""

from __future__ import annotations

import pytest

from payments.bills.fund_flow import (
    Balances,
    FlowDirection,
    FundFlowBill,
    FundFlowRow,
    FundFlowSums,
)
from payments.bills.trade import TradeBill, TradeRow, TradeRowState, TradeSums
from payments.errors import BillIsErrorAnswer
from tests.bills.made_bills import SAMPLES

pytestmark = pytest.mark.one_database

AT_11_04_05, AT_11_29 = 1_735_787_045_000, 1_735_788_540_000
SHOES = TradeRow(
    line=2,
    state=TradeRowState.SUCCESS,
    at_ms=AT_11_04_05,
    app_id="wx8888888888888888",
    mch_id="1900000109",
    sub_mch_id="",
    transaction_id="4200000001202501020000000001",
    order_num="ORD20250102000001",
    trade_type="JSAPI",
    currency="CNY",
    settled_fen=8800,
    coupon_fen=0,
    refund_id="",
    refund_num="",
    refund_fen=0,
    refund_coupon_fen=0,
    refund_state="",
    fee_microfen=53_000_000,
    rate_text="0.60%",
    rate=600_000,
    total_fen=8800,
    applied_refund_fen=0,
    title_text="鞋",
)
SHOES_BACK = SHOES._replace(
    state=TradeRowState.REFUND,
    at_ms=AT_11_29,
    settled_fen=0,
    refund_id="50000000012025010200000000001",
    refund_num="RF20250102000001",
    refund_fen=800,
    refund_state="SUCCESS",
    fee_microfen=-5_000_000,
    total_fen=0,
    applied_refund_fen=800,
)
HAT = SHOES._replace(
    line=3,
    at_ms=1_735_787_400_000,
    transaction_id="4200000001202501020000000003",
    order_num="ORD20250102000003",
    trade_type="NATIVE",
    settled_fen=7800,
    fee_microfen=47_000_000,
    total_fen=8800,
    title_text="帽`子",
)
ALL_ROWS = [
    SHOES._replace(title_text="鞋,42码"),
    HAT,
    SHOES_BACK._replace(line=4, title_text="鞋,42码"),
]
ALL_SUMS = TradeSums(3, 16600, 800, 0, 95_000_000, 17600, 800)
ONE_PAYMENT = TradeSums(1, 8800, 0, 0, 53_000_000, 8800, 0)
EXPECTED = {
    "trade_ALL_27cols.csv": (ALL_ROWS, ALL_SUMS),
    "trade_ALL_27cols.csv.gz": (ALL_ROWS, ALL_SUMS),
    "trade_ALL_old_24cols.csv": ([SHOES], ONE_PAYMENT),
    "trade_REFUND_29cols.csv": ([SHOES_BACK], TradeSums(1, 0, 800, 0, -5_000_000, 0, 800)),
    "trade_SUCCESS_20cols_sum4.csv": ([SHOES], ONE_PAYMENT),
    "trade_SUCCESS_20cols_sum7.csv": ([SHOES], ONE_PAYMENT),
    "trade_empty_day.csv": ([], TradeSums(0, 0, 0, 0, 0, 0, 0)),
}


def test_every_sample_is_read_here() -> None:
    others = {"fundflow_Basic.csv", "error_no_bill.xml"}
    assert {path.name for path in SAMPLES.iterdir()} == {*EXPECTED, *others}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_gives_exactly_its_rows_and_sums(name: str) -> None:
    bill = TradeBill([(SAMPLES / name).read_bytes()])
    rows = list(bill)
    assert (rows, bill.sums) == EXPECTED[name]
    assert bill.differences == ()


def test_the_fund_flow_sample_gives_exactly_its_rows_sums_and_balances() -> None:
    bill = FundFlowBill([(SAMPLES / "fundflow_Basic.csv").read_bytes()])
    paid = FundFlowRow(
        line=2,
        direction=FlowDirection.IN,
        at_ms=AT_11_04_05 + 1000,
        business_num="4200000001202501020000000001",
        flow_num="1900000109202501020000000001",
        business_name="交易",
        business_type="交易",
        amount_fen=8800,
        balance_fen=18800,
        applicant="system",
        note_text="结算总金额 88.00 元;含手续费 0.53 元",
        voucher_num="",
    )
    refunded = FundFlowRow(
        line=3,
        direction=FlowDirection.OUT,
        at_ms=AT_11_29,
        business_num="50000000012025010200000000001",
        flow_num="1900000109202501020000000002",
        business_name="退款",
        business_type="退款",
        amount_fen=800,
        balance_fen=18000,
        applicant="1900000109API",
        note_text="退款总金额8.00元;含手续费0.05元",
        voucher_num="RF20250102000001",
    )
    assert list(bill) == [paid, refunded]
    assert [paid.moved_fen, refunded.moved_fen] == [8800, -800]
    assert bill.sums == FundFlowSums(2, 1, 8800, 1, 800)
    assert bill.differences == ()
    assert bill.balances == Balances(10000, 18000, 0, ())


@pytest.mark.parametrize("read", [TradeBill, FundFlowBill])
def test_an_error_of_wechats_in_place_of_a_bill_is_told_with_its_code(
    read: type[TradeBill | FundFlowBill],
) -> None:
    with pytest.raises(BillIsErrorAnswer) as error:
        list(read([(SAMPLES / "error_no_bill.xml").read_bytes()]))
    assert (error.value.wechat_code, error.value.wechat_words) == ("20002", "No Bill Exist")
