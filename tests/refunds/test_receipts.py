"""Money on no order: shown with a proposal, decided by admins, and all sums to the fen."""

from __future__ import annotations

import asyncio
import os
import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from models.user import Role
from tests.refunds.test_refunds import ask, post, state
from tests.support.fake_refunds import FakeRefunds, refund_shop
from tests.support.rig import PRICE, Console, Product, product, transaction

__all__ = ["product"]


async def late(shop: Product, fake: FakeRefunds, fen: int = PRICE, paid: int | None = None) -> str:
    """The number of a closed order that was paid afterwards."""
    number = (await shop.order(quantity=fen // PRICE))["orderNum"]
    assert (await shop.merchant(f"orders/{number}/close", "POST")).code == 200
    await pay(shop, fake, number, paid or fen)
    return number


async def pay(shop: Product, fake: FakeRefunds, number: str, fen: int, tx: str = "") -> str:
    tx = tx or transaction()
    fake.orders.setdefault(tx, number)
    await shop.pay(number, tx, total_fee=str(fen))
    return tx


async def listed(who: Console, query: str = "") -> list[dict[str, Any]]:
    page: list[dict[str, Any]] = (await who.get(f"receipts{query}"))["receipts"]
    return page


async def decide(
    who: Console, receipt: dict[str, Any], deed: str, **more: Any
) -> tuple[int, dict[str, Any]]:
    body = {"action": deed, "version": receipt["version"], "note": "查过了", **more}
    return await post(who, f"receipts/{receipt['id']}/decide", **body)


async def sums(who: Console) -> tuple[int, int, int, int]:
    return figures((await who.get("receipts?limit=1"))["sums"])


def figures(found: dict[str, int]) -> tuple[int, int, int, int]:
    assert found["receivedFen"] == (
        found["bookedFen"] + found["refundedFen"] + found["waitingFen"]
    ), found
    names = ("receivedFen", "bookedFen", "refundedFen", "waitingFen")
    received, booked, refunded, waiting = (found[name] for name in names)
    return received, booked, refunded, waiting


@pytest.mark.gen_test
async def test_every_kind_of_unexplained_money_is_listed_with_what_is_usually_right(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice = await shop.user()
        await late(shop, wechat)
        await late(shop, wechat, paid=1)
        number = (await shop.order())["orderNum"]
        booked = await pay(shop, wechat, number, PRICE)
        await pay(shop, wechat, number, PRICE)
        other = (await shop.order())["orderNum"]
        await pay(shop, wechat, other, PRICE, booked)
        await pay(shop, wechat, other, 1)
        await pay(shop, wechat, "NOTOURS1", 7)
        found = [
            (r["reason"], r["proposal"], r["possible"], r["orderStatus"], r["amountFen"])
            for r in await listed(alice)
        ]
        both = ["refund", "returned", "accept"]
        assert found == [
            ("unknown_order", "refund", both, None, 7),
            ("wrong_amount", "refund", both, "INIT", 1),
            ("reused_id", "accept", ["accept"], "INIT", PRICE),
            ("paid_twice", "refund", both, "PAID", PRICE),
            ("wrong_amount", "refund", both, "CLOSED", 1),
            ("late", "refund", ["refund", "reopen", "returned", "accept"], "CLOSED", PRICE),
        ]
        assert await sums(alice) == (3 * PRICE + 9, PRICE, 0, 2 * PRICE + 9)
        page = await alice.get("receipts?limit=4&state=waiting")
        assert (next(r["reason"] for r in page["receipts"]), page["secondAdminFen"]) == (
            "unknown_order",
            500_000,
        )
        assert len(await listed(alice, f"?limit=4&before={page['next']}")) == 2


@pytest.mark.gen_test
async def test_late_money_goes_back_and_the_sums_follow(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number = await shop.user(), await late(shop, wechat)
        (receipt,) = await listed(alice)
        code, answer = await decide(alice, receipt, "refund")
        decided = answer["receipt"]
        assert (code, decided["state"], decided["decidedBy"]) == (200, "refunding", "alice")
        assert (wechat.sent, await state(shop, number)) == ([decided["refundNum"]], ("CLOSED", 0))
        assert await sums(alice) == (PRICE, 0, 0, PRICE)
        (refund,) = (await alice.get("refunds"))["refunds"]
        assert (refund["reason"], refund["receiptId"]) == ("订单已关闭,退回付款", receipt["id"])
        wechat.finish()
        assert await ask(shop, decided["refundNum"]) is True
        (receipt,) = await listed(alice)
        assert (receipt["state"], receipt["proposal"]) == ("refunded", None)
        assert await sums(alice) == (PRICE, 0, PRICE, 0)
        kinds = [e["kind"] for e in await shop.events()][-5:]
        assert kinds == [
            "refund.requested",
            "refund.approved",
            "receipt.decided",
            "alert.resolved",
            "refund.succeeded",
        ]
        # the notify comes again, as WeChat does after a FAIL: the money stays where it went
        before = await state(shop, number)
        await shop.pay(number, receipt["transactionId"])
        assert (await state(shop, number), await sums(alice)) == (before, (PRICE, 0, PRICE, 0))


@pytest.mark.gen_test
@pytest.mark.parametrize("end", ["refused", "REFUNDCLOSE"])
async def test_money_that_wechat_does_not_send_back_is_decided_again(tmp_path, end):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number = await shop.user(), await late(shop, wechat)
        wechat.faults = ["ERROR"] if end == "refused" else []
        (receipt,) = await listed(alice)
        _, answer = await decide(alice, receipt, "refund")
        if end != "refused":
            wechat.finish(end)
            await ask(shop, answer["receipt"]["refundNum"])
        (receipt,) = await listed(alice)
        assert (receipt["state"], receipt["action"], receipt["proposal"]) == (
            "waiting",
            None,
            "refund",
        )
        assert await sums(alice) == (PRICE, 0, 0, PRICE)
        code, answer = await decide(alice, receipt, "reopen")
        assert (code, answer["receipt"]["state"]) == (200, "booked")
        assert await state(shop, number) == ("PAID", 0)
        assert await sums(alice) == (PRICE, PRICE, 0, 0)


@pytest.mark.gen_test
async def test_a_closed_order_is_reopened_through_the_door_and_can_be_refunded(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number = await shop.user(), await late(shop, wechat)
        (receipt,) = await listed(alice)
        assert (await decide(alice, receipt, "reopen"))[0] == 200
        order = await shop.read(number)
        assert (order["status"], order["serviceStatus"]) == ("PAID", "SERVICE_WAIT")
        assert order["transactionId"] == receipt["transactionId"]
        paid, _, decided = (await shop.events())[-3:]
        assert (paid["kind"], paid["data"]["reopened"], paid["data"]["by"]) == (
            "order.paid",
            True,
            "alice",
        )
        assert (decided["kind"], decided["data"]["action"]) == ("receipt.decided", "reopen")
        assert (await alice.get("summary"))["today"]["paidFen"] == PRICE
        await shop.pay(number, receipt["transactionId"])
        assert (await shop.events())[-1]["kind"] == "notify.duplicate"
        body = {"amountFen": 800, "reason": "部分退", "refundNum": "RF-000001"}
        await shop.merchant(f"orders/{number}/refunds", "POST", body)
        wechat.finish()
        await ask(shop, "RF-000001")
        assert await sums(alice) == (PRICE, PRICE - 800, 800, 0)


@pytest.mark.gen_test
async def test_what_does_not_fit_is_not_decided_so(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, bob = await shop.user(), await shop.user("bob", Role.SUPPORT)
        await late(shop, wechat, paid=1)
        (receipt,) = await listed(alice)
        code, answer = await decide(alice, receipt, "reopen")
        assert (code, answer["error"]) == (409, "not_decidable")
        assert (await decide(alice, receipt, "decline"))[0] == 409
        assert (await decide(bob, receipt, "refund"))[0] == 403
        for more in ({"note": ""}, {"note": None}, {"version": "1"}, {"action": "burn"}):
            assert (await decide(alice, receipt, "accept", **more))[0] == 400
        assert (await decide(alice, {**receipt, "id": 404}, "accept"))[0] == 404
        code, answer = await decide(alice, {**receipt, "version": 9}, "accept")
        assert (code, answer["error"]) == (409, "conflict")
        assert len(await listed(bob)) == 1
        assert (await alice.fetch("receipts?state=odd")).code == 400


@pytest.mark.gen_test
async def test_a_large_amount_needs_two_admins_and_one_may_decline(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, dora = await shop.user(), await shop.user("dora")
        await late(shop, wechat, 100 * PRICE)
        (receipt,) = await listed(alice)
        for _ in range(2):  # a double click proposes once
            code, answer = await decide(alice, receipt, "refund")
            assert (code, answer["receipt"]["state"]) == (200, "proposed")
        receipt = answer["receipt"]
        assert (receipt["proposedBy"], receipt["version"], wechat.sent) == ("alice", 2, [])
        code, answer = await decide(alice, receipt, "refund")
        assert (code, answer["error"]) == (403, "second_admin")
        assert (await decide(dora, receipt, "accept"))[1]["error"] == "not_decidable"
        _, answer = await decide(dora, receipt, "decline")
        receipt = answer["receipt"]
        assert (receipt["state"], receipt["proposedBy"]) == ("waiting", None)
        receipt = (await decide(dora, receipt, "refund"))[1]["receipt"]
        answers = await asyncio.gather(*(decide(alice, receipt, "refund") for _ in range(4)))
        assert [code for code, _ in answers] == [200] * 4
        assert len(wechat.sent) == len(wechat.taken) == 1
        refund = (await alice.get("refunds"))["refunds"][0]
        assert (refund["requestedBy"], refund["decidedBy"]) == ("dora", "alice")
        assert refund["receiptId"] == receipt["id"]


@pytest.mark.gen_test
async def test_two_admins_at_once_decide_once(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, dora, number = await shop.user(), await shop.user("dora"), await late(shop, wechat)
        (receipt,) = await listed(alice)
        answers = await asyncio.gather(
            *(decide(who, receipt, deed) for who in (alice, dora) for deed in ("refund", "reopen"))
        )
        assert sorted(code for code, _ in answers) == [200, 409, 409, 409]
        (receipt,) = await listed(alice)
        status, _ = await state(shop, number)
        assert (status, len(wechat.sent)) in (("PAID", 0), ("CLOSED", 1))
        await sums(alice)


@pytest.mark.gen_test
async def test_money_that_was_given_back_pays_no_order_later(tmp_path):
    """An unknown number was paid and refunded; then the shop makes an order with that number, and
    WeChat's notify comes again."""
    async with refund_shop(tmp_path) as (shop, wechat):
        alice = await shop.user()
        tx = await pay(shop, wechat, "LATER-0001", PRICE)
        (receipt,) = await listed(alice)
        await decide(alice, receipt, "refund")
        await shop.order(orderNum="LATER-0001")
        await pay(shop, wechat, "LATER-0001", PRICE, tx)
        assert await state(shop, "LATER-0001") == ("INIT", 0)
        case = (await alice.get("alerts?kind=illegal_transition"))["alerts"][0]
        assert case["evidence"]["code"] == "given_back"
        wechat.finish()
        await ask(shop, (await listed(alice))[0]["refundNum"])
        assert await sums(alice) == (PRICE, 0, PRICE, 0)


@pytest.mark.gen_test
async def test_money_whose_cause_is_mended_is_booked_also_after_it_was_accepted(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice = await shop.user()
        tx = await pay(shop, wechat, "LATER-0001", PRICE)
        (receipt,) = await listed(alice)
        await decide(alice, receipt, "accept")
        assert await sums(alice) == (PRICE, PRICE, 0, 0)
        await shop.order(orderNum="LATER-0001")
        await pay(shop, wechat, "LATER-0001", PRICE, tx)
        assert await state(shop, "LATER-0001") == ("PAID", 0)
        assert (await listed(alice))[0]["state"] == "booked"
        assert await sums(alice) == (PRICE, PRICE, 0, 0)


@pytest.mark.gen_test
async def test_a_refund_that_succeeds_after_its_money_was_booked_is_the_orders(tmp_path):
    """WeChat closed it and then paid it out all the same; meanwhile the order was reopened."""
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number = await shop.user(), await late(shop, wechat)
        (receipt,) = await listed(alice)
        _, answer = await decide(alice, receipt, "refund")
        refund_num = answer["receipt"]["refundNum"]
        wechat.finish("REFUNDCLOSE")
        await ask(shop, refund_num)
        (receipt,) = await listed(alice)
        await decide(alice, receipt, "reopen")
        wechat.finish()
        found = await shop.running.services.refunds.calls._wechat.query_refund(
            shop.settings.merchants.default, refund_num
        )
        await shop.running.services.refunds.calls._settle(found, "test")
        assert await state(shop, number) == ("REFUNDED", PRICE)
        assert await sums(alice) == (PRICE, 0, PRICE, 0)


# --- many ----------------------------------------------------------------------------------------

MANY = int(os.environ.get("PAYWATCH_TEST_RECEIPTS", "60"))


@dataclass
class Books:
    """What the test knows of the money, apart from the product."""

    received: int = 0
    booked: int = 0
    refunded: int = 0
    waiting: int = 0
    orders: list[str] = field(default_factory=list)

    def figures(self) -> tuple[int, int, int, int]:
        return self.received, self.booked, self.refunded, self.waiting


async def many(shop: Product, wechat: FakeRefunds, books: Books) -> None:
    """Late payments, and as many orders paid twice."""

    async def two(i: int) -> None:
        await late(shop, wechat)
        number, extra = (await shop.order())["orderNum"], PRICE + i % 3
        await pay(shop, wechat, number, PRICE)
        await pay(shop, wechat, number, extra)
        books.orders.append(number)
        books.received += 2 * PRICE + extra
        books.booked += PRICE
        books.waiting += PRICE + extra

    for start in range(0, MANY // 2, 10):
        await asyncio.gather(*(two(i) for i in range(start, start + 10)))


async def settle_one(
    shop: Product,
    wechat: FakeRefunds,
    admins: list[Console],
    books: Books,
    receipt: dict[str, Any],
    chance: random.Random,
) -> None:
    fen = receipt["amountFen"]
    deed = chance.choice(receipt["possible"])
    clicks = [decide(chance.choice(admins), receipt, deed) for _ in range(2)]
    codes = {code for code, _ in await asyncio.gather(*clicks)}
    assert codes <= {200, 409}
    assert 200 in codes
    if deed in ("accept", "reopen"):
        books.booked += fen
        books.waiting -= fen
        return
    if deed == "returned":
        books.refunded += fen
        books.waiting -= fen
        return
    (now,) = await listed(admins[0], "?state=refunding")
    end = chance.choice(["SUCCESS", "SUCCESS", "REFUNDCLOSE", "PROCESSING"])
    wechat.taken[now["refundNum"]].status = end
    await ask(shop, now["refundNum"])
    if end == "SUCCESS":
        books.refunded += fen
        books.waiting -= fen
    elif end == "PROCESSING":  # ends here, so that the next one is found alone
        wechat.taken[now["refundNum"]].status = "REFUNDCLOSE"
        assert figures(await shop.running.services.receipts.sums()) == books.figures()
        await ask(shop, now["refundNum"])


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_many_late_and_double_payments_hold_the_sum_to_the_fen(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        admins, books, chance = (
            [await shop.user(), await shop.user("dora")],
            Books(),
            random.Random(4),
        )
        await many(shop, wechat, books)
        assert await sums(admins[0]) == books.figures()
        waiting: list[dict[str, Any]] = []
        while page := await listed(
            admins[0], f"?limit=25&before={waiting[-1]['id']}" if waiting else "?limit=25"
        ):
            waiting += page
        assert len(waiting) == MANY
        for i, receipt in enumerate(waiting):
            await settle_one(shop, wechat, admins, books, receipt, chance)
            if i % 10 == 0:
                number = books.orders[i // 2]
                body = {"amountFen": 100 + i, "reason": "部分退", "refundNum": f"RF-{i:06d}"}
                await shop.merchant(f"orders/{number}/refunds", "POST", body)
                wechat.taken[f"RF-{i:06d}"].status = "SUCCESS"
                await ask(shop, f"RF-{i:06d}")
                books.refunded += 100 + i
                books.booked -= 100 + i
            assert figures(await shop.running.services.receipts.sums()) == books.figures()
        assert await sums(admins[0]) == books.figures()
        assert len(wechat.sent) == len(set(wechat.sent))
