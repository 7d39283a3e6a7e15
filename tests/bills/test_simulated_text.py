"""The bills that the simulator writes: WeChat's columns, escapes, sums and fees."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest

from payments.refund import RefundStatus
from simulator.bills.bill_desk import BillRefusal, NoBill
from simulator.bills.books import REFUND_STATES
from simulator.bills.escapes import escaped
from simulator.bills.fees import fee_fen, percent
from simulator.state.trades import MAX_TRADES, Trades
from tests.bills.simulated_books import DAY, SHOP, DayBooks, at, read_bill

FIRST = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,"
    "交易状态,付款银行,货币种类,应结订单金额,代金券金额,"
)
OF_REFUND = "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,"
HEADS = {
    "ALL": f"{FIRST}{OF_REFUND}商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注",
    "SUCCESS": f"{FIRST}商品名称,商户数据包,手续费,费率,订单金额,费率备注",
    "REFUND": f"{FIRST}退款申请时间,退款成功时间,{OF_REFUND}"
    "商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注",
}
SUM_HEAD = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)
OLD_HEAD = (
    "交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,"
    "货币种类,总金额,代金券或立减优惠金额,微信退款单号,商户退款单号,退款金额,代金券或立减优惠退款金额,退款类型,"
    "退款状态,商品名称,商户数据包,手续费,费率"
)
OLD_SUM_HEAD = "总交易单数,总交易额,总退款金额,总代金券或立减优惠退款金额,手续费总金额"
SUMMED = {
    "应结订单总金额": "应结订单金额",
    "退款总金额": "退款金额",
    "充值券退款总金额": "充值券退款金额",
    "手续费总金额": "手续费",
    "订单总金额": "订单金额",
    "申请退款总金额": "申请退款金额",
}


def a_day() -> DayBooks:
    """A payment with a coupon that is not settled, one without, and a refund of the second."""
    books = DayBooks()
    books.pay(8800, at(11, 4, 5), coupon_fen=500, title="鞋,42码", attach="shop=1")
    other = books.pay(7800, at(11, 10))
    books.refund(other, 800, at(11, 29))
    return books


@pytest.mark.parametrize(("part", "columns"), [("ALL", 27), ("SUCCESS", 20), ("REFUND", 29)])
def test_each_type_of_bill_has_wechats_head_and_sums(part: str, columns: int) -> None:
    lines = a_day().data(part).decode().split("\n")
    assert (lines[0], len(HEADS[part].split(","))) == (HEADS[part], columns)
    sums = "总交易单数,应结订单总金额,手续费总金额,订单总金额" if part == "SUCCESS" else SUM_HEAD
    assert (lines[-3], lines[-1]) == (sums, "")


def test_rows_are_written_to_the_letter() -> None:
    books = a_day()
    first, second = (trade.transactions[0].id for trade in reversed(list(books.trades.newest(2))))
    lines = books.data().decode().split("\n")
    one = "`wx8888888888888888,`1900000109,`0,`,"
    assert lines[1] == (
        f"`2026-03-02 11:04:05,{one}`{first},`ORD000000001,`oBuyer,`NATIVE,`SUCCESS,`CMB_DEBIT,"
        "`CNY,`83.00,`5.00,`0,`0,`0.00,`0.00,`,`,`鞋\\ 42码,`shop=1,`0.50,`0.60%,`88.00,`0.00,`"
    )
    assert lines[3] == (
        f"`2026-03-02 11:29:00,{one}`{second},`ORD000000003,`oBuyer,`NATIVE,`REFUND,`CMB_DEBIT,"
        "`CNY,`0.00,`0.00,`50300000000000000000000000005,`RF000000005,`8.00,`0.00,`ORIGINAL,"
        "`SUCCESS,`鞋,`,`-0.05,`0.60%,`0.00,`8.00,`"
    )
    assert lines[5] == "`3,`161.00,`8.00,`0.00,`0.92,`166.00,`8.00"


def test_a_refund_bill_says_when_the_refund_was_accepted_and_when_it_came() -> None:
    books = a_day()
    books.refund(books.pay(500), 100, at(11, 30), RefundStatus.PROCESSING)
    rows = books.read("REFUND").rows
    times = [(row["交易时间"], row["退款申请时间"], row["退款成功时间"]) for row in rows]
    assert times == [
        ("2026-03-02 11:29:00", "2026-03-02 11:29:00", "2026-03-02 11:29:02"),
        ("2026-03-02 11:30:00", "2026-03-02 11:30:00", ""),
    ]


@pytest.mark.parametrize(
    ("text", "payment", "refund"),
    [
        ("\\", "\\\\", "\\\\"),
        ("'", "\\'", "'"),
        ('"', '\\"', '\\"'),
        ("`", "\\`", "\\140"),
        ("a,b", "a\\ b", "a\\ b"),
        ("\n\r\t", "\\n\\r\\t", "\\n\\r\\t"),
        ("\ue000", "\\ ", "\\ "),
        ("\x1a", "\\\x1a", "\\\x1a"),
        ("\\,`", "\\\\\\ \\`", "\\\\\\ \\140"),
    ],
)
def test_free_text_is_escaped_by_the_kind_of_row(text: str, payment: str, refund: str) -> None:
    assert (escaped(text, on_payment=True), escaped(text, on_payment=False)) == (payment, refund)


@pytest.mark.parametrize(
    ("fen", "fee"),
    [(0, 0), (83, 0), (84, 1), (249, 1), (250, 2), (8800, 53), (100_000_000, 600_000)],
)
def test_a_fee_is_the_rate_of_the_amount_half_a_fen_up(fen: int, fee: int) -> None:
    assert (fee_fen(fen, 60), percent(60), percent(105)) == (fee, "0.60%", "1.05%")


def test_an_accounts_own_rate_is_in_its_rows() -> None:
    books = a_day()
    books.desk.rates[SHOP.mch_id] = 38
    first = books.read().rows[0]
    assert (first["手续费"], first["费率"]) == ("0.32", "0.38%")


def drawn(seed: int) -> DayBooks:
    """A day of payments and refunds by chance."""
    chance, books = Random(seed), DayBooks()
    for _ in range(60):
        fen = chance.randrange(1, 100_000)
        coupon = chance.choice([0, 0, fen // 3])
        trade = books.pay(fen, at(chance.randrange(24), chance.randrange(60)), coupon)
        if chance.random() < 0.4:
            status = chance.choice(list(REFUND_STATES))
            books.refund(trade, chance.randrange(1, fen + 1), at(chance.randrange(24)), status)
    return books


@pytest.mark.parametrize("seed", range(5))
def test_the_sums_are_those_of_the_rows_and_of_the_books(seed: int) -> None:
    books = drawn(seed)
    bill = books.read()
    assert int(bill.sums["总交易单数"]) == len(bill.rows) == len(books.books.rows(SHOP.mch_id, DAY))
    for name, column in SUMMED.items():
        assert Decimal(bill.sums[name]) == bill.total(column), name
    for row in bill.rows:
        base = Decimal(row["应结订单金额"]) - Decimal(row["退款金额"])
        right = fee_fen(int(abs(base) * 100), 60) * (1 if base > 0 else -1)
        assert Decimal(row["手续费"]) * 100 == right
    times = [row["交易时间"] for row in bill.rows]
    assert times == sorted(times)
    parts = books.read("SUCCESS").rows, books.read("REFUND").rows
    assert len(parts[0]) + len(parts[1]) == len(bill.rows)


@pytest.mark.parametrize("seed", range(5))
def test_the_fund_flow_moves_the_balance_by_the_net_of_the_trade_bill(seed: int) -> None:
    books = drawn(seed)
    trade, flow = books.read(), books.read("BASIC")
    balance = Decimal("1000000.00")
    for row in flow.rows:
        balance += Decimal(row["收支金额(元)"]) * (1 if row["收支类型"] == "收入" else -1)
        assert Decimal(row["账户结余(元)"]) == balance
    for way, name in (("收入", "收入"), ("支出", "支出")):
        found = flow.by(收支类型=way)
        assert float(flow.sums[f"{name}笔数"]) == len(found)
        amounts = (Decimal(row["收支金额(元)"]) for row in found)
        assert Decimal(flow.sums[f"{name}金额"]) == sum(amounts, Decimal(0))
    numbers = [row["资金流水单号"] for row in flow.rows]
    assert (len(set(numbers)), flow.sums["资金流水总笔数"]) == (len(numbers), f"{len(numbers)}.0")
    sums = {name: Decimal(text) for name, text in trade.sums.items()}
    failed = [row for row in trade.rows if row["退款状态"] == "FAIL"]
    back = sum((Decimal(r["退款金额"]) + Decimal(r["手续费"]) for r in failed), Decimal(0))
    net = sums["应结订单总金额"] - sums["退款总金额"] - sums["手续费总金额"] + back
    assert balance - Decimal("1000000.00") == net


def test_the_next_day_begins_with_the_balance_of_the_day_before() -> None:
    books = a_day()
    closing = books.read("BASIC").rows[-1]["账户结余(元)"]
    next_day = DAY + timedelta(days=1)
    books.pay(1, at(9, day=next_day))
    (only,) = books.read("BASIC", next_day).rows
    assert Decimal(only["账户结余(元)"]) == Decimal(closing) + Decimal("0.01")


def test_the_old_form_has_24_columns_and_fees_of_five_decimals() -> None:
    books = a_day()
    books.plant("old_head")
    lines = books.data().decode().split("\n")
    assert (lines[0], lines[-3]) == (OLD_HEAD, OLD_SUM_HEAD)
    bill = read_bill(books.data())
    first = bill.rows[0]
    assert (first["总金额"], first["手续费"]) == ("88.00", "0.53000")
    assert list(bill.sums.values()) == ["3", "166.00", "8.00", "0.00", "0.95000"]


def test_the_books_outlive_the_trades() -> None:
    books = a_day()
    before = books.books.rows(SHOP.mch_id, DAY)
    books.trades = Trades(limit=1)
    books.trades.on_booked = books.books.paid
    for _ in range(3):
        books.pay(100)
    assert len(books.trades) == 1
    assert books.books.rows(SHOP.mch_id, DAY)[:3] == before
    assert len(books.read().rows) == 6
    assert books.max_rows > MAX_TRADES


def test_too_many_rows_forget_the_oldest_day_and_its_bill_is_too_old_then() -> None:
    books = DayBooks(max_rows=4)
    yesterday = DAY - timedelta(days=1)
    for _ in range(2):
        books.pay(100, at(11, day=yesterday))
    assert len(books.read(day=yesterday).rows) == 2
    for _ in range(3):
        books.pay(100, at(11))
    assert len(books.books) == 3
    with pytest.raises(BillRefusal) as refused:
        books.data(day=yesterday)
    assert refused.value.reason is NoBill.TOO_OLD
    for _ in range(2):
        books.pay(100, at(11))
    assert (len(books.books), books.books.lost(SHOP.mch_id, DAY)) == (4, 1)


def test_a_payment_of_a_year_ago_costs_no_day_that_can_be_asked_for() -> None:
    books = a_day()
    books.pay(100, at(11, day=DAY - timedelta(days=365)))
    oldest = DAY - timedelta(days=92)
    books.pay(100, at(11, day=oldest))
    assert len(books.read().rows) == 3
    assert len(books.books.rows(SHOP.mch_id, oldest)) == 1
    assert len(books.books) == 4


def test_a_coupon_goes_back_in_the_part_that_is_refunded() -> None:
    books = DayBooks()
    trade = books.pay(8800, coupon_fen=500)
    books.refund(trade, 4400)
    row = books.read().rows[1]
    assert (row["申请退款金额"], row["退款金额"], row["手续费"]) == ("44.00", "41.50", "-0.25")


def test_a_negative_amount_that_wechat_told_is_the_orders_in_the_bill() -> None:
    books = DayBooks()
    trade = books.pay(8800)
    trade.overrides = {"total_fee": "-8800"}
    books.books.paid(trade, replace(trade.transactions[0], id="4200000000000000000000000009"))
    assert [row["订单金额"] for row in books.read().rows] == ["88.00", "88.00"]
