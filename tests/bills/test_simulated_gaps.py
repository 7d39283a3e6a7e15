"""The four ways in which books and WeChat come apart, each in the bill of its day."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from simulator.bills.days import made_from
from simulator.bills.unheard import MAX_UNHEARD
from simulator.state.trades import TradeState
from tests.bills.simulated_books import DayBooks, ReadBill, read_bill
from tests.bills.test_simulated_calls import applied, away_from_midnight, file_of, pay, today
from tests.simulator.test_refunds import Desk, both
from tests.support.simulator_rig import MERCHANT, ORDER_NUM, Rig, merchant_v3, proven, run_v3

QUERY = f"/v3/pay/transactions/out-trade-no/{ORDER_NUM}?mchid={MERCHANT.mch_id}"


async def the_bill(rig: Rig) -> ReadBill:
    day = today(rig)
    await rig.jump(max(0.0, made_from(day) - rig.world.clock.now()))
    return read_bill((await file_of(rig, (await applied(rig, day))["download_url"]))[1])


async def changes(rig: Rig) -> list[dict[str, Any]]:
    told = json.loads((await rig.fetch(f"/_control/bills/{today(rig)}")).body)
    return list(told["changes"])


@both
def test_an_unheard_payment_is_told_by_nobody_before_the_bill(api: str) -> None:
    async def test(rig: Rig) -> None:
        await away_from_midnight()
        await (rig.order_v3() if api == "v3" else rig.order(merchant_v3()))
        gap = await rig.control("gaps", gap="unheard_payment", orderNum=ORDER_NUM)
        assert (gap["kind"], gap["date"]) == ("missing_here", today(rig).isoformat())
        assert proven(await rig.call_v3("GET", QUERY))["trade_state"] == "NOTPAY"
        assert Desk(rig, api).trade.state is TradeState.SUCCESS
        again = await (rig.order_v3() if api == "v3" else rig.order(merchant_v3()))
        assert again
        close = f"{QUERY.split('?')[0]}/close"
        closed = await rig.call_v3("POST", close, {"mchid": MERCHANT.mch_id})
        assert closed.status == 204
        assert proven(await rig.call_v3("GET", QUERY))["trade_state"] == "CLOSED"
        (row,) = (await the_bill(rig)).rows
        asked = proven(await rig.call_v3("GET", QUERY))
        assert (asked["trade_state"], asked["transaction_id"]) == ("SUCCESS", row["微信订单号"])
        (change,) = await changes(rig)
        assert (change["kind"], change["orderNum"], change["wechat"]) == (
            "missing_here",
            ORDER_NUM,
            8800,
        )
        assert rig.product.notifies == []

    run_v3(test)


def test_a_refund_on_the_platform_is_in_the_bill_and_untold() -> None:
    async def test(rig: Rig) -> None:
        await away_from_midnight()
        pay(rig, ORDER_NUM, 8800)
        await rig.control("gaps", gap="outside_refund", orderNum=ORDER_NUM, fen=300)
        (row,) = (await the_bill(rig)).by(交易状态="REFUND")
        (change,) = await changes(rig)
        assert (change["kind"], change["refundNum"], change["wechat"]) == (
            "refund_missing_here",
            row["商户退款单号"],
            300,
        )
        assert rig.product.notifies == []

    run_v3(test)


def test_a_wrong_fee_and_a_double_booking_wait_for_the_bill() -> None:
    async def test(rig: Rig) -> None:
        await away_from_midnight()
        for number in ("ORD1", "ORD2", "ORD3"):
            pay(rig, number, 8800)
        await rig.control("gaps", gap="wrong_fee", orderNum="ORD2")
        await rig.control("gaps", gap="double_booking", orderNum="ORD3")
        bill = await the_bill(rig)
        fees = {(row["商户订单号"], row["手续费"]) for row in bill.rows}
        assert fees == {("ORD1", "0.53"), ("ORD2", "0.63"), ("ORD3", "0.53")}
        assert (len(bill.by(商户订单号="ORD3")), len(bill.rows)) == (2, 4)
        assert Decimal(bill.sums["订单总金额"]) == Decimal("352.00")
        found = [(c["kind"], c["orderNum"], c["differenceFen"]) for c in await changes(rig)]
        assert found == [("fee_differs", "ORD2", 10), ("duplicate_row", "ORD3", 8800)]
        body = json.dumps({"gap": "double_booking", "orderNum": "ORD1"})
        answer = await rig.fetch("/_control/gaps", method="POST", body=body)
        assert answer.code == 409

    run_v3(test)


@pytest.mark.parametrize("gap", ["unheard_payment", "outside_refund", "wrong_fee"])
def test_an_order_in_the_wrong_state_is_refused(gap: str) -> None:
    async def test(rig: Rig) -> None:
        if gap == "unheard_payment":
            pay(rig, ORDER_NUM, 8800)
        else:
            await rig.order_v3()
        body = json.dumps({"gap": gap, "orderNum": ORDER_NUM})
        answer = await rig.fetch("/_control/gaps", method="POST", body=body)
        assert answer.code == 409

    run_v3(test)


def test_a_thousand_payments_are_kept_silent_and_the_oldest_is_told() -> None:
    books = DayBooks()
    first = books.ordered(100)
    books.unheard.pay(first)
    for _ in range(MAX_UNHEARD):
        assert first.told_state is TradeState.NOTPAY
        books.unheard.pay(books.ordered(100))
    assert first.told_state is TradeState.SUCCESS
    assert len(books.read().rows) == MAX_UNHEARD + 1
