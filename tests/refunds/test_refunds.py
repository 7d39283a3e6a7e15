"""Refunds from the request to the money, over HTTP, beside a WeChat that refunds."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from models import Order
from models.user import Role
from tests.support.fake_refunds import FORGE, LOSE, LOSE_BEFORE, FakeRefunds, refund_shop
from tests.support.rig import PRICE, Console, Product, product, transaction

__all__ = ["product"]
LARGE = 500_000


async def paid(shop: Product, fake: FakeRefunds, fen: int = PRICE) -> str:
    """The number of a paid order of so many fen."""
    order = await shop.order(quantity=fen // PRICE)
    number, tx = order["orderNum"], transaction()
    assert order["totalFen"] == fen
    fake.orders[tx] = number
    await shop.pay(number, tx, total_fee=str(fen))
    return number


async def wish(who: Console, order_num: str, fen: int, **more: Any) -> tuple[int, dict[str, Any]]:
    body = {"amountFen": fen, "reason": "不想要了", **more}
    response = await who.post(f"orders/{order_num}/refunds", body)
    return response.code, json.loads(response.body)


async def post(who: Console, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
    response = await who.post(path, body)
    return response.code, json.loads(response.body)


async def state(shop: Product, order_num: str) -> tuple[str, int]:
    def read() -> tuple[str, int]:
        row = Order.get(Order.order_num == order_num)
        return row.status, row.refunded_fen

    return await shop.running.store.read(read)


async def ask(shop: Product, refund_num: str) -> bool:
    return await shop.running.services.refunds.ask(refund_num)


@pytest.mark.gen_test
async def test_an_order_is_refunded_in_part_and_then_in_full(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number = await shop.user(), await paid(shop, wechat)
        code, made = await wish(alice, number, 800)
        first = made["refund"]
        assert (code, first["status"], first["requestedBy"]) == (201, "PROCESSING", "alice")
        assert await state(shop, number) == ("REFUNDING", 0)
        assert await ask(shop, first["refundNum"]) is False
        wechat.finish()
        assert await ask(shop, first["refundNum"]) is True
        assert await state(shop, number) == ("PARTIALLY_REFUNDED", 800)
        _, made = await wish(alice, number, 8000)
        wechat.finish()
        await ask(shop, made["refund"]["refundNum"])
        assert await state(shop, number) == ("REFUNDED", PRICE)
        shown = await alice.get(f"orders/{number}")
        assert [(r["amountFen"], r["status"]) for r in shown["refunds"]] == [
            (8000, "SUCCESS"),
            (800, "SUCCESS"),
        ]
        assert (shown["order"]["paidFen"], shown["order"]["refundedFen"]) == (PRICE, PRICE)
        assert shown["refunds"][0]["succeededAt"] == "2025-01-02T03:05:00.000Z"
        once = ["refund.requested", "refund.approved", "refund.succeeded"]
        kinds = [e["kind"] for e in await shop.events() if e["kind"].startswith("refund")]
        assert kinds == once * 2
        code, refused = await wish(alice, number, 1)
        assert (code, refused["error"]) == (409, "not_refundable")
        assert refused["detail"] == {"refundableFen": 0}


@pytest.mark.gen_test
async def test_no_more_is_reserved_than_was_paid_whoever_asks_at_once(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number = await shop.user(), await paid(shop, wechat)
        bob = await shop.user("bob", Role.SUPPORT)
        answers = await asyncio.gather(
            *(wish(who, number, 3000) for who in (alice, bob, alice, bob, alice))
        )
        assert sorted(code for code, _ in answers) == [201, 201, 409, 409, 409]
        assert (await wish(bob, number, 2801))[0] == 409
        assert (await wish(bob, number, 2800))[0] == 201


@pytest.mark.gen_test
async def test_the_same_number_is_the_same_refund_and_a_double_click_sends_one(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number = await shop.user(), await paid(shop, wechat)
        other = await paid(shop, wechat)
        answers = await asyncio.gather(
            *(wish(alice, number, 800, refundNum="RF-000001") for _ in range(5))
        )
        assert [code for code, _ in answers] == [201] * 5
        assert (wechat.sent, list(wechat.taken)) == (["RF-000001"], ["RF-000001"])
        for order_num, fen in ((number, 801), (other, 800)):
            code, refused = await wish(alice, order_num, fen, refundNum="RF-000001")
            assert (code, refused["error"]) == (409, "refund_exists")


@pytest.mark.gen_test
async def test_support_asks_and_one_of_two_admins_approves_or_rejects(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, bob = await shop.user(), await shop.user("bob", Role.SUPPORT)
        dora, number = await shop.user("dora"), await paid(shop, wechat)
        _, made = await wish(bob, number, 800)
        refund_num = made["refund"]["refundNum"]
        assert (made["refund"]["status"], wechat.sent) == ("REQUESTED", [])
        assert await state(shop, number) == ("PAID", 0)
        assert (await post(bob, f"refunds/{refund_num}/approve"))[0] == 403
        answers = await asyncio.gather(
            post(alice, f"refunds/{refund_num}/approve"),
            post(dora, f"refunds/{refund_num}/approve"),
            post(alice, f"refunds/{refund_num}/approve"),
            post(dora, f"refunds/{refund_num}/reject", note="nein"),
        )
        assert sorted(code for code, _ in answers) == [200, 409, 409, 409]
        conflict = next(body for code, body in answers if code == 409)
        assert (conflict["error"], conflict["refund"]["refundNum"]) == ("conflict", refund_num)
        ended = (await alice.get("refunds"))["refunds"][0]["status"]
        assert wechat.sent == ([refund_num] if ended == "PROCESSING" else [])


@pytest.mark.gen_test
async def test_a_rejected_refund_frees_its_amount_and_says_why(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, bob = await shop.user(), await shop.user("bob", Role.SUPPORT)
        number = await paid(shop, wechat)
        _, made = await wish(bob, number, PRICE)
        path = f"refunds/{made['refund']['refundNum']}/reject"
        code, answer = await post(alice, path, note="谈好了 13812345678")
        refund = answer["refund"]
        assert (code, refund["status"], refund["decidedBy"]) == (200, "REJECTED", "alice")
        assert refund["failure"] == "谈好了 138****5678"
        assert (await state(shop, number), wechat.sent) == (("PAID", 0), [])
        assert (await wish(bob, number, PRICE))[0] == 201


@pytest.mark.gen_test
async def test_from_the_limit_on_nobody_approves_what_they_asked_for(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number = await shop.user(), await paid(shop, wechat, 88_00 * 100)
        dora = await shop.user("dora")
        _, made = await wish(alice, number, LARGE)
        path = f"refunds/{made['refund']['refundNum']}/approve"
        assert (made["refund"]["status"], wechat.sent) == ("REQUESTED", [])
        code, refused = await post(alice, path)
        assert (code, refused["error"]) == (403, "second_admin")
        code, answer = await post(dora, path)
        assert (code, answer["refund"]["status"]) == (200, "PROCESSING")
        assert answer["refund"]["decidedBy"] == "dora"
        _, small = await wish(alice, number, 1)
        assert small["refund"]["status"] == "PROCESSING"


@pytest.mark.gen_test
async def test_a_lost_answer_is_asked_about_and_sent_again_with_the_same_number(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice = await shop.user()
        for fault in (LOSE, LOSE_BEFORE, FORGE, "SYSTEMERROR", "FREQUENCY_LIMITED", "STRANGE"):
            number = await paid(shop, wechat)
            wechat.faults = [fault]
            code, made = await wish(alice, number, 800)
            refund_num = made["refund"]["refundNum"]
            assert (code, made["refund"]["status"]) == (201, "APPROVED"), fault
            assert await state(shop, number) == ("REFUNDING", 0)
            assert await ask(shop, refund_num) is False
            wechat.finish()
            assert await ask(shop, refund_num) is True
            assert await state(shop, number) == ("PARTIALLY_REFUNDED", 800)
            again = 1 if fault in (LOSE, FORGE) else 2
            assert wechat.sent.count(refund_num) == again, fault
        assert len(wechat.taken) == len(set(wechat.sent)) == 6


@pytest.mark.one_case
@pytest.mark.gen_test
@pytest.mark.parametrize("code", ["ERROR", "TRADE_OVERDUE", "PARAM_ERROR"])
async def test_what_wechat_refuses_for_good_goes_back_to_paid(tmp_path, code):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number = await shop.user(), await paid(shop, wechat)
        wechat.faults = [code]
        _, made = await wish(alice, number, 800)
        assert (made["refund"]["status"], made["refund"]["failure"]) == ("REFUSED", f"{code}: 不行")
        assert await state(shop, number) == ("PAID", 0)
        (failed,) = [e for e in await shop.events() if e["kind"] == "refund.failed"]
        assert (failed["data"]["status"], failed["data"]["amountFen"]) == ("REFUSED", 800)
        assert (await wish(alice, number, PRICE))[1]["refund"]["status"] == "PROCESSING"


@pytest.mark.gen_test
async def test_a_refund_that_wechat_closes_or_cannot_deliver_is_told(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number = await shop.user(), await paid(shop, wechat)
        _, made = await wish(alice, number, 800)
        refund_num = made["refund"]["refundNum"]
        wechat.finish("CHANGE")
        assert await ask(shop, refund_num) is False
        assert await state(shop, number) == ("REFUNDING", 0)
        (case,) = (await alice.get("alerts"))["alerts"]
        assert (case["kind"], case["orderNum"]) == ("refund_anomaly", number)
        wechat.finish("REFUNDCLOSE")
        code, answer = await post(alice, f"refunds/{refund_num}/ask")
        assert (code, answer["refund"]["status"]) == (200, "CLOSED")
        assert await state(shop, number) == ("PAID", 0)
        kinds = [e["kind"] for e in await shop.events() if e["kind"].startswith("refund")]
        assert kinds[2:] == ["refund.failed", "refund.failed"]


@pytest.mark.gen_test
async def test_only_what_was_paid_is_refunded_and_only_what_makes_sense_is_asked(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, charlie = await shop.user(), await shop.user("charlie", Role.VIEWER)
        unpaid = (await shop.order())["orderNum"]
        assert (await wish(alice, unpaid, 1))[1]["error"] == "not_refundable"
        assert (await wish(alice, "NOTOURS1", 1))[0] == 404
        assert (await wish(charlie, unpaid, 1))[0] == 403
        for body in ({"amountFen": 0}, {"amountFen": "1"}, {"refundNum": "短"}, {"total": 1}):
            response = await alice.post(f"orders/{unpaid}/refunds", {"reason": "r", **body})
            assert response.code == 400, body
        assert (await alice.post(f"orders/{unpaid}/refunds", {"amountFen": 1})).code == 400
        assert (await alice.fetch("refunds?status=ODD")).code == 400
        assert (await post(alice, "refunds/RF-404404/ask"))[0] == 404
        assert wechat.sent == []


@pytest.mark.gen_test
async def test_the_merchants_server_refunds_below_the_limit_and_waits_above(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        number = await paid(shop, wechat, 88_00 * 100)
        path = f"orders/{number}/refunds"
        body = {"amountFen": 800, "reason": "缺货", "refundNum": "SHOP-0001"}
        for _ in range(2):
            answer = await shop.merchant(path, "POST", body)
            refund = json.loads(answer.body)
            assert (answer.code, refund["status"]) == (201, "PROCESSING")
            assert refund["requestedBy"] == "api key shop"
        assert wechat.sent == ["SHOP-0001"]
        large = await shop.merchant(path, "POST", {"amountFen": LARGE, "reason": "全退"})
        assert json.loads(large.body)["status"] == "REQUESTED"
        listed = json.loads((await shop.merchant(path)).body)["refunds"]
        assert [r["amountFen"] for r in listed] == [LARGE, 800]
        assert (await shop.merchant("orders/NOTOURS1/refunds")).code == 404
        body = {"amountFen": 800, "reason": "缺货"}
        assert (await shop.merchant("orders/NOTOURS1/refunds", "POST", body)).code == 404


@pytest.mark.gen_test
async def test_the_list_is_newest_first_and_pages(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number = await shop.user(), await paid(shop, wechat)
        for fen in range(1, 6):
            await wish(alice, number, fen)
        page = await alice.get("refunds?limit=3")
        assert [r["amountFen"] for r in page["refunds"]] == [5, 4, 3]
        rest = await alice.get(f"refunds?limit=3&before={page['next']}&status=PROCESSING")
        assert ([r["amountFen"] for r in rest["refunds"]], rest["next"]) == ([2, 1], None)
