"""A case, its unmatched payment and its refund are one thread, from whichever end it is decided."""

from __future__ import annotations

from typing import Any

import pytest

from tests.refunds.test_receipts import decide, late, listed, pay
from tests.refunds.test_refunds import ask, post
from tests.support.fake_refunds import refund_shop
from tests.support.rig import PRICE, Console


async def case_of(who: Console) -> dict[str, Any]:
    (alert,) = (await who.get("alerts"))["alerts"]
    return alert


async def resolve(who: Console, alert: dict[str, Any], reason: str) -> tuple[int, dict[str, Any]]:
    body = {"version": alert["version"], "reason": reason, "note": "customer was told"}
    return await post(who, f"alerts/{alert['id']}/resolve", **body)


@pytest.mark.gen_test
async def test_a_case_ends_as_refunded_only_once_the_money_went_back(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice = await shop.user()
        await late(shop, wechat)
        case, (receipt,) = await case_of(alice), await listed(alice)
        code, answer = await resolve(alice, case, "refunded")
        assert (code, answer["error"]) == (409, "not_refunded"), answer
        assert answer["detail"]["receiptId"] == receipt["id"]
        assert (await case_of(alice))["status"] == "open"
        one = {"alerts": [{"id": case["id"], "version": case["version"]}], "reason": "refunded"}
        _, bulk = await post(alice, "alerts/bulk/resolve", **one)
        assert [each["error"] for each in bulk["results"]] == ["not_refunded"]

        _, answer = await decide(alice, receipt, "refund")
        case = await case_of(alice)
        assert case["status"] == "open"  # it is on its way, and not back
        assert (await resolve(alice, case, "refunded"))[0] == 409
        wechat.finish()
        number = answer["receipt"]["refundNum"]
        assert await ask(shop, number) is True
        case = await case_of(alice)
        assert (case["status"], case["history"][-1]["by"]) == ("resolved", "system")
        assert case["history"][-1]["note"] == f"refunded: {number}"
        tiles = (await alice.get("summary"))["today"]
        assert (tiles["openAlerts"], tiles["criticalAlerts"]) == (0, 0)


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("deed", "outcome"), [("accept", "receipt_accepted"), ("reopen", "receipt_booked")]
)
async def test_a_decision_on_an_unmatched_payment_ends_its_case_with_the_reason(
    tmp_path, deed, outcome
):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number = await shop.user(), await late(shop, wechat)
        (receipt,) = await listed(alice)
        assert [each["status"] for each in receipt["alerts"]] == ["open"]
        _, answer = await decide(alice, receipt, deed)
        case = await case_of(alice)
        entry = case["history"][-1]
        assert (case["status"], entry["by"], entry["note"]) == (
            "resolved",
            "alice",
            f"{outcome}: 查过了",
        )
        (told,) = answer["receipt"]["alerts"]
        assert (told["id"], told["status"]) == (case["id"], "resolved")
        shown = await alice.get(f"alerts/{case['id']}")
        assert (shown["receipt"]["state"], shown["receipts"]) == (
            answer["receipt"]["state"],
            [shown["receipt"]],
        )
        last = (await shop.events())[-1]
        assert (last["kind"], last["orderNum"]) == ("receipt.decided", number)
        await shop.pay(number, receipt["transactionId"])  # as WeChat does after a FAIL
        assert (await case_of(alice))["status"] == "resolved"


@pytest.mark.gen_test
async def test_a_case_with_two_payments_ends_with_the_second(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number = await shop.user(), await late(shop, wechat)
        await pay(shop, wechat, number, PRICE)
        second, first = await listed(alice)
        await decide(alice, first, "accept")
        case = await case_of(alice)
        assert (case["status"], case["history"][-1]["action"]) == ("open", "over")
        assert (await resolve(alice, case, "refunded"))[0] == 409
        await decide(alice, second, "accept")
        assert (await case_of(alice))["status"] == "resolved"


@pytest.mark.gen_test
async def test_money_returned_on_the_platform_ends_the_case_that_says_refund_it(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice = await shop.user()
        await late(shop, wechat, paid=1)
        (receipt,) = await listed(alice)
        assert (await decide(alice, receipt, "returned"))[0] == 200
        case = await case_of(alice)
        assert (case["kind"], case["status"]) == ("amount_mismatch", "resolved")
        assert case["history"][-1]["note"].startswith("refunded: ")


@pytest.mark.gen_test
async def test_a_refund_that_wechat_refuses_leaves_the_case_open(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice = await shop.user()
        await late(shop, wechat)
        wechat.faults = ["ERROR"]
        (receipt,) = await listed(alice)
        await decide(alice, receipt, "refund")
        alerts = (await alice.get("alerts"))["alerts"]
        assert {a["status"] for a in alerts if a["kind"] == "illegal_transition"} == {"open"}


@pytest.mark.gen_test
async def test_money_without_an_order_number_has_one_thread_too(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice = await shop.user()
        await pay(shop, wechat, "NOTOURS1", 7)
        (receipt,) = await listed(alice)
        await decide(alice, receipt, "accept")
        assert (await case_of(alice))["status"] == "resolved"
