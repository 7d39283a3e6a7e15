"""Money of the past that is loaded into the simulator: bills, queries and refunds know it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from payments.payment_result import CHINA
from payments.refund import RefundStatus
from simulator.bills.days import OLDEST_DAYS
from simulator.bills.loading import MAX_LOADED
from tests.bills.simulated_books import read_bill
from tests.bills.test_simulated_calls import applied, file_of, today
from tests.support.simulator_rig import MERCHANT, Rig, proven, run_v3


def noon(days_ago: int, seconds: int = 0) -> str:
    """A time of a China day."""
    day = (datetime.now(CHINA) - timedelta(days=days_ago)).replace(hour=12, minute=0, second=0)
    return (day + timedelta(seconds=seconds)).astimezone(UTC).isoformat()


def payment(number: int, days_ago: int = 2, **given: Any) -> dict[str, Any]:
    return {
        "orderNum": f"OLD{number}",
        "transactionId": f"4200{number:024d}",
        "totalFen": 8800,
        "paidAt": noon(days_ago),
        "openId": "oBuyer",
        "title": "鞋",
        **given,
    }


def refund(number: int, days_ago: int = 2, **given: Any) -> dict[str, Any]:
    return {
        "refundNum": f"ROLD{number}",
        "refundId": f"5030{number:024d}",
        "amountFen": 300,
        "acceptedAt": noon(days_ago, 60),
        "endedAt": noon(days_ago, 62),
        **given,
    }


async def load(rig: Rig, *payments: dict[str, Any], **given: Any) -> tuple[int, Any]:
    body = json.dumps({"payments": payments, **given})
    answer = await rig.fetch("/_control/books", method="POST", body=body)
    return answer.code, json.loads(answer.body)


async def bill_of(rig: Rig, days_ago: int) -> Any:
    day = today(rig) - timedelta(days=days_ago)
    return read_bill((await file_of(rig, (await applied(rig, day))["download_url"]))[1])


async def state_of(rig: Rig, order_num: str) -> str:
    path = f"/v3/pay/transactions/out-trade-no/{order_num}?mchid={MERCHANT.mch_id}"
    return str(proven(await rig.call_v3("GET", path))["trade_state"])


def test_what_is_loaded_stands_in_the_bills_of_its_days() -> None:
    async def test(rig: Rig) -> None:
        loaded = await load(
            rig, payment(1, 3, refunds=[refund(1, 2)]), payment(2, 2), account=MERCHANT.mch_id
        )
        assert loaded == (201, {"account": MERCHANT.mch_id, "rows": 3, "kept": 3})
        assert [row["商户订单号"] for row in (await bill_of(rig, 3)).rows] == ["OLD1"]
        bill = await bill_of(rig, 2)
        rows = {(row["交易状态"], row["商户订单号"], row["商户退款单号"]) for row in bill.rows}
        assert rows == {("REFUND", "OLD1", "ROLD1"), ("SUCCESS", "OLD2", "0")}
        (back,) = bill.by(交易状态="REFUND")
        assert (back["申请退款金额"], back["退款状态"]) == ("3.00", "SUCCESS")

    run_v3(test)


def test_queries_and_refunds_know_what_was_loaded_and_nobody_is_told() -> None:
    async def test(rig: Rig) -> None:
        await load(rig, payment(1), payment(2, refunds=[refund(2)]))
        assert await state_of(rig, "OLD1") == "SUCCESS"
        assert await state_of(rig, "OLD2") == "REFUND"
        found = await rig.call_v3("GET", "/v3/refund/domestic/refunds/ROLD2")
        assert proven(found)["status"] == RefundStatus.SUCCESS
        asked = {
            "out_trade_no": "OLD1",
            "out_refund_no": "NEW1",
            "amount": {"refund": 8800, "total": 8800, "currency": "CNY"},
        }
        answer = await rig.call_v3("POST", "/v3/refund/domestic/refunds", asked)
        assert proven(answer)["status"] == RefundStatus.PROCESSING
        assert rig.product.notifies == []

    run_v3(test)


def test_an_unheard_payment_and_an_outside_refund_are_told_by_the_bill() -> None:
    async def test(rig: Rig) -> None:
        given = payment(1, unheard=True), payment(2, refunds=[refund(2, outside=True)])
        await load(rig, *given)
        assert await state_of(rig, "OLD1") == "NOTPAY"
        assert len((await bill_of(rig, 2)).rows) == 3
        assert await state_of(rig, "OLD1") == "SUCCESS"
        day = today(rig) - timedelta(days=2)
        told = json.loads((await rig.fetch(f"/_control/bills/{day}")).body)
        found = [(c["kind"], c["orderNum"], c["refundNum"]) for c in told["changes"]]
        assert found == [("missing_here", "OLD1", None), ("refund_missing_here", "OLD2", "ROLD2")]

    run_v3(test)


TO_COME = {"paidAt": noon(-2)}
TOO_OLD = {"paidAt": noon(OLDEST_DAYS + 2)}


@pytest.mark.parametrize(
    ("payments", "words"),
    [
        ([payment(1, orderNum="KNOWN")], "Order KNOWN is known already."),
        ([payment(1, transactionId=payment(9)["transactionId"])], f"{9:024d} is known already."),
        ([payment(1, refunds=[refund(9)])], "Refund ROLD9 is known already."),
        ([payment(1), payment(2, orderNum="OLD1")], "Order OLD1 stands twice."),
        ([payment(1, **TO_COME)], "a time is yet to come."),
        ([payment(1, **TOO_OLD)], "No bill reaches back to"),
        ([payment(1, refunds=[refund(1, amountFen=8801)])], "More goes back of OLD1"),
        ([payment(1, refunds=[refund(1, 3)])], "do not follow each other."),
        ([payment(1, unheard=True, refunds=[refund(1)])], "of which nobody has heard."),
        ([payment(n) for n in range(10, 11 + MAX_LOADED)], f"At most {MAX_LOADED} payments"),
    ],
)
def test_what_cannot_have_been_is_refused_and_nothing_is_loaded(
    payments: list[dict[str, Any]], words: str
) -> None:
    async def test(rig: Rig) -> None:
        known = payment(9, orderNum="KNOWN", refunds=[refund(9)])
        assert (await load(rig, known))[0] == 201
        code, told = await load(rig, payment(500), *payments)
        assert (code, told["error"]) == (409, "refused")
        assert words in told["message"]
        assert len(rig.world.bills.books) == 2
        assert rig.world.trades.by_order("OLD500") is None

    run_v3(test)


def test_a_day_whose_bill_is_made_takes_no_more() -> None:
    async def test(rig: Rig) -> None:
        await load(rig, payment(1))
        await bill_of(rig, 2)
        code, told = await load(rig, payment(2, 3), payment(3))
        assert (code, told["message"]) == (
            409,
            f"The bill of {today(rig) - timedelta(days=2)} is made already.",
        )
        assert (await load(rig, payment(2, 3)))[0] == 201

    run_v3(test)


def test_what_the_books_cannot_keep_is_refused() -> None:
    async def test(rig: Rig) -> None:
        rig.world.bills.books._max_rows = 2
        assert (await load(rig, payment(1, 3)))[0] == 201
        code, told = await load(rig, payment(2, 3), payment(3, 2))
        assert (code, told["message"]) == (409, "The books have room for 1 more rows.")

    run_v3(test)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"orderNum": "a b"}, "payments[0].orderNum has 1 to 32 letters"),
        ({"totalFen": 0}, "payments[0].totalFen is a whole number of fen"),
        ({"totalFen": 1.0}, "payments[0].totalFen is a whole number of fen"),
        ({"paidAt": "2026-01-01T00:00:00"}, "payments[0].paidAt is a time as"),
        ({"paidAt": "0001-01-01T00:00:00Z"}, "payments[0].paidAt is a time as"),
        ({"paidAt": 5}, "payments[0].paidAt is a time as"),
        ({"title": "a\nb"}, "payments[0].title is a text in one line"),
        ({"tradeType": "CASH"}, "payments[0].tradeType is one of"),
        ({"unheard": 1}, "payments[0].unheard is true or false"),
        ({"else": 1}, "payments[0] is an object of"),
        ({"refunds": {}}, "payments[0].refunds is a list"),
        ({"refunds": [{}]}, "payments[0].refunds[0].refundNum is needed"),
    ],
)
def test_a_field_that_does_not_read_is_named(given: dict[str, Any], words: str) -> None:
    async def test(rig: Rig) -> None:
        code, told = await load(rig, {**payment(1), **given})
        assert (code, told["error"]) == (400, "bad_request")
        assert words in told["message"]
        assert len(rig.world.bills.books) == 0

    run_v3(test)


def test_an_account_that_is_not_known_has_no_books() -> None:
    async def test(rig: Rig) -> None:
        assert (await load(rig, payment(1), account="1"))[0] == 404
        assert (await load(rig, payment(1), more=1))[0] == 400

    run_v3(test)
