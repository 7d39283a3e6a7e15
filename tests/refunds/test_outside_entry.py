"""Refunds of WeChat's own platform that an admin enters, as WeChat does not list them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from models.user import Role
from services.alerts.triage import raise_findings
from services.wechat.call_failures import denied_refund
from tests.refunds.test_outside_refunds import look, order_of, says_refund, sums
from tests.refunds.test_receipts import decide, late, listed
from tests.refunds.test_refunds import ask, post, state
from tests.support.fake_refunds import refund_shop
from tests.support.rig import PRICE, Console, product

__all__ = ["product"]


async def enter(who: Console, number: str, fen: int, **more: Any) -> tuple[int, dict[str, Any]]:
    body = {"amountFen": fen, "reason": "在商户平台退款", **more}
    return await post(who, f"orders/{number}/outside-refunds", **body)


@pytest.mark.gen_test
async def test_what_wechat_does_not_list_is_entered_by_an_admin_once(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, bob = await shop.user(), await shop.user("bob", Role.SUPPORT)
        number, tx = await order_of(shop, wechat)
        await shop.prepay(number)
        says_refund(wechat, number, tx)
        wechat.hides_lists = True
        await look(shop, number)
        assert (await enter(bob, number, 800))[0] == 403
        code, made = await enter(alice, number, 800, refundId="5030000001")
        refund = made["refund"]
        assert (code, refund["origin"], refund["status"]) == (201, "wechat", "SUCCESS")
        assert (refund["refundId"], refund["requestedBy"]) == ("5030000001", "alice")
        code, again = await enter(alice, number, 800, refundId="5030000001")
        assert (code, again["refund"]["refundNum"]) == (201, refund["refundNum"])
        assert (await enter(alice, number, 801, refundId="5030000001"))[0] == 409
        clicks = await asyncio.gather(*(enter(alice, number, 1000) for _ in range(4)))
        assert [code for code, _ in clicks] == [201] * 4
        assert await state(shop, number) == ("PARTIALLY_REFUNDED", 1800)
        code, refused = await enter(alice, number, 7001)
        assert (code, refused["error"], refused["detail"]) == (
            409,
            "not_refundable",
            {"refundableFen": 7000},
        )
        assert await sums(alice) == (PRICE, 7000, 1800, 0)
        why = (await alice.get(f"orders/{number}"))["why"]
        assert (why["code"], why["by"]) == ("partly_refunded_outside", "alice")
        logged = await shop.audited("refund")
        assert [(by, action, subject) for by, action, subject, _ in logged] == [
            ("alice", "refund.entered", number)
        ] * 2
        # WeChat lists it after all: it is the one that was entered
        wechat.hides_lists = False
        wechat.outside(tx, 800, PRICE).refund_id = "5030000001"
        wechat.outside(tx, 1000, PRICE)
        await look(shop, number)
        assert await state(shop, number) == ("PARTIALLY_REFUNDED", 1800)


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "body",
    [
        {"amountFen": 0, "reason": "x"},
        {"amountFen": 1},
        {"amountFen": 1, "reason": "x", "refundNum": "RF-000001"},
        {"amountFen": 1, "reason": "x", "refundId": "a b"},
        {"amountFen": 1, "reason": "x", "refundId": 7},
    ],
)
@pytest.mark.one_database
async def test_an_odd_entry_is_a_bad_request(tmp_path, body):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        number = (await shop.order())["orderNum"]
        assert (await post(alice, f"orders/{number}/outside-refunds", **body))[0] == 400


@pytest.mark.gen_test
async def test_late_money_is_entered_or_decided_as_returned(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice = await shop.user()
        first, second = [await late(shop, wechat) for _ in range(2)]
        assert (await enter(alice, "NOT-OURS-1", 1))[0] == 404
        assert (await enter(alice, first, 3000))[0] == 201
        (newer, older) = await listed(alice)
        assert (older["refundedFen"], older["possible"]) == (3000, ["refund", "returned", "accept"])
        code, answer = await decide(alice, older, "refund")
        assert (code, answer["receipt"]["state"]) == (200, "refunding")
        assert next(iter(wechat.taken.values())).fen == str(PRICE - 3000)
        wechat.finish()
        await ask(shop, answer["receipt"]["refundNum"])
        code, answer = await decide(alice, newer, "returned")
        assert (code, answer["receipt"]["state"]) == (200, "refunded")
        assert answer["receipt"]["refundedFen"] == PRICE
        assert await sums(alice) == (2 * PRICE, 0, 2 * PRICE, 0)
        assert await state(shop, second) == ("CLOSED", 0)
        assert (await enter(alice, second, 1))[0] == 409
        (made,) = [r for r in (await alice.get("refunds"))["refunds"] if r["reason"] == "查过了"]
        assert (made["origin"], made["receiptId"]) == ("wechat", newer["id"])


@pytest.mark.gen_test
async def test_an_order_without_money_has_nothing_to_enter(tmp_path):
    async with refund_shop(tmp_path) as (shop, _):
        alice = await shop.user()
        number = (await shop.order())["orderNum"]
        code, refused = await enter(alice, number, 1)
        assert (code, refused["detail"]) == (409, {"refundableFen": 0})


# --- the case of what was not listed -------------------------------------------------------------


async def unlisted(shop: Any, wechat: Any) -> tuple[str, str]:
    """An order with the case that WeChat says REFUND, and lists no refund."""
    number, tx = await order_of(shop, wechat)
    await shop.prepay(number)
    says_refund(wechat, number, tx)
    wechat.hides_lists = True
    await look(shop, number)
    return number, tx


async def ends(who: Console, number: str) -> list[tuple[str, list[tuple[str, Any]]]]:
    """Of each case of the order its state, and what its history says after the first line."""
    found = []
    for case in (await who.get(f"alerts?orderNum={number}"))["alerts"]:
        history = (await who.get(f"alerts/{case['id']}"))["alert"]["history"]
        lines = [(each["action"], each["note"]) for each in history if each["action"] != "raised"]
        found.append((case["status"], lines))
    return found


@pytest.mark.gen_test
async def test_an_entry_ends_the_case_of_what_was_not_listed(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice = await shop.user()
        number, _ = await unlisted(shop, wechat)
        other, _ = await unlisted(shop, wechat)
        code, made = await enter(alice, number, 800)
        assert code == 201
        why = f"refund_recorded: {made['refund']['refundNum']}"
        assert await ends(alice, number) == [("resolved", [("resolved", why)])]
        assert [state for state, _ in await ends(alice, other)] == ["open"]
        (told,) = [each for each in await shop.events() if each["kind"] == "alert.resolved"]
        assert (told["orderNum"], told["data"]["by"], told["data"]["note"]) == (
            number,
            "system",
            why,
        )


@pytest.mark.gen_test
async def test_a_refund_that_is_listed_later_ends_the_case(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice = await shop.user()
        number, tx = await unlisted(shop, wechat)
        wechat.hides_lists = False
        refund = wechat.outside(tx, 800, PRICE)
        await look(shop, number)
        assert await state(shop, number) == ("PARTIALLY_REFUNDED", 800)
        why = f"refund_recorded: {refund.refund_num}"
        assert await ends(alice, number) == [("resolved", [("resolved", why)])]


@pytest.mark.gen_test
async def test_a_case_that_counts_another_fault_too_stays_open(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice = await shop.user()
        number, tx = await order_of(shop, wechat)
        await shop.running.store.write(raise_findings, denied_refund("RF-000001", number))
        says_refund(wechat, number, tx)
        wechat.hides_lists = True
        await look(shop, number)
        _, made = await enter(alice, number, 800)
        why = f"refund_recorded: {made['refund']['refundNum']}"
        assert await ends(alice, number) == [("open", [("repeated", None), ("over", why)])]
