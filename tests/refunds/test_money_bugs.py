"""The ways in which other gateways lose money, each shown not to happen here."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from models.store import Store
from models.user import Role
from payments.encryption import Sealer
from services.refunds.receipt_ops import ReceiptConflict
from services.refunds.receipts import Receipts
from services.refunds.refund_limits import RefundLimits
from services.refunds.refund_ops import RefundConflict
from services.refunds.refunds import Refunds
from services.runtime.clock import SystemClock
from services.runtime.locks import Locks
from services.settlement.settlement import Settlement
from tests.refunds.test_receipts import decide, late, listed, pay, sums
from tests.refunds.test_refunds import ask, paid, post, state, wish
from tests.support.fake_refunds import refund_shop
from tests.support.rig import PRICE, product

__all__ = ["product"]


@pytest.mark.gen_test
async def test_late_money_is_never_lost_from_view(tmp_path):
    """The order was closed, and then it was paid. The order does not say PAID, the shop is not
    told so, the money waits where staff see it, and it goes back from there."""
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number = await shop.user(), await late(shop, wechat)
        assert (await shop.read(number))["status"] == "CLOSED"
        kinds = [event["kind"] for event in await shop.events()]
        assert "order.paid" not in kinds
        assert kinds[-2:] == ["notify.refused", "alert.raised"]
        (case,) = (await alice.get("alerts"))["alerts"]
        assert case["evidence"]["code"] == "late_money"
        (receipt,) = await listed(alice, "?state=waiting")
        assert (receipt["orderNum"], receipt["reason"], receipt["proposal"]) == (
            number,
            "late",
            "refund",
        )
        assert await sums(alice) == (PRICE, 0, 0, PRICE)
        code, answer = await decide(alice, receipt, "refund")
        assert code == 200
        wechat.finish()
        assert await ask(shop, answer["receipt"]["refundNum"]) is True
        assert await sums(alice) == (PRICE, 0, PRICE, 0)


@pytest.mark.gen_test
async def test_a_double_click_and_two_approvers_at_once_make_one_refund(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, dora = await shop.user(), await shop.user("dora")
        bob, number = await shop.user("bob", Role.SUPPORT), await paid(shop, wechat)
        clicks = [wish(bob, number, PRICE, refundNum="RF-000001") for _ in range(2)]
        assert [code for code, _ in await asyncio.gather(*clicks)] == [201, 201]
        answers = await asyncio.gather(
            *(post(who, "refunds/RF-000001/approve") for who in (alice, dora) * 4)
        )
        assert sorted(code for code, _ in answers) == [200] + [409] * 7
        assert wechat.sent == ["RF-000001"]
        wechat.finish()
        assert await ask(shop, "RF-000001") is True
        assert await state(shop, number) == ("REFUNDED", PRICE)


@pytest.mark.gen_test
async def test_a_lost_answer_never_makes_a_second_refund(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number = await shop.user(), await paid(shop, wechat)
        wechat.faults = ["lose", "lose", "lose"]
        _, made = await wish(alice, number, 800)
        refund_num = made["refund"]["refundNum"]
        await asyncio.gather(*(post(alice, f"refunds/{refund_num}/ask") for _ in range(8)))
        assert list(wechat.taken) == [refund_num]
        assert set(wechat.sent) == {refund_num}


@pytest.mark.gen_test
async def test_a_second_payment_of_a_refunded_order_is_seen_and_not_booked(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number = await shop.user(), await paid(shop, wechat)
        _, made = await wish(alice, number, PRICE)
        wechat.finish()
        await ask(shop, made["refund"]["refundNum"])
        await pay(shop, wechat, number, PRICE)
        assert await state(shop, number) == ("REFUNDED", PRICE)
        (receipt,) = await listed(alice)
        assert (receipt["reason"], receipt["orderStatus"]) == ("paid_twice", "REFUNDED")
        assert await sums(alice) == (2 * PRICE, 0, PRICE, PRICE)


@pytest.mark.gen_test
async def test_a_repeated_notify_after_a_refund_brings_the_order_not_back_to_paid(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number = await shop.user(), await paid(shop, wechat)
        tx = (await shop.read(number))["transactionId"]
        _, made = await wish(alice, number, 800)
        for status, end in (("REFUNDING", "PROCESSING"), ("PARTIALLY_REFUNDED", "SUCCESS")):
            wechat.finish(end)
            await ask(shop, made["refund"]["refundNum"])
            await pay(shop, wechat, number, PRICE, tx)
            assert (await state(shop, number))[0] == status
        found = json.loads((await shop.merchant(f"orders/{number}/refunds")).body)["refunds"]
        assert [refund["status"] for refund in found] == ["SUCCESS"]


@pytest.mark.gen_test
async def test_two_writers_decide_and_settle_one_refund_once(tmp_path):
    """Two stores on one database, with no lock between them, as two processes without Redis."""
    async with refund_shop(tmp_path) as (shop, wechat), second_writer(shop) as (refunds, receipts):
        alice, bob = await shop.user(), await shop.user("bob", Role.SUPPORT)
        numbers = [await paid(shop, wechat) for _ in range(6)]
        names = [f"RF-00000{i}" for i in range(6)]
        for number, name in zip(numbers, names, strict=True):
            await wish(bob, number, 800, refundNum=name)
        for _ in range(3):
            await late(shop, wechat)
        waiting = await listed(alice)
        answers = await asyncio.gather(
            *(post(alice, f"refunds/{name}/approve") for name in names),
            *(decide(alice, receipt, "refund") for receipt in waiting),
            *(refunds.approve(name, "dora") for name in names),
            *(receipts.decide(r["id"], "reopen", 1, "ok", "dora") for r in waiting),
            return_exceptions=True,
        )
        ours, theirs = answers[: len(answers) // 2], answers[len(answers) // 2 :]
        for (code, _), other in zip(ours, theirs, strict=True):
            assert (code == 200) is isinstance(other, RefundConflict | ReceiptConflict), other
        assert len(wechat.sent) == len(set(wechat.sent)) == len(wechat.taken)
        assert set(names) <= set(wechat.sent)
        wechat.finish()
        await asyncio.gather(*(refunds.ask(n) for n in names), *(ask(shop, n) for n in names))
        done = [
            e["data"]["refundNum"] for e in await shop.events() if e["kind"] == "refund.succeeded"
        ]
        assert sorted(done) == names
        for number in numbers:
            assert await state(shop, number) == ("PARTIALLY_REFUNDED", 800)
        received, *_ = await sums(alice)
        assert received == 9 * PRICE


@asynccontextmanager
async def second_writer(shop):
    """Refunds and receipts with a store of their own, beside the product's."""
    settings, clock = shop.settings, SystemClock()
    store = Store(shop.running.store._database, clock.now_ms)
    store.open()
    locks, sealer = Locks(None, clock), Sealer(settings.notice_secrets)
    settlement = Settlement(store, locks, sealer, clock)
    limits = RefundLimits(500_000, 5_000_000)
    refunds = Refunds(
        store,
        locks,
        settlement,
        shop.running.services.refunds.calls._wechat,
        settings.merchants,
        settings.notify_urls,
        limits,
        shop.running.services.refunds._outside,
    )
    try:
        yield refunds, Receipts(store, refunds, settings.merchants, limits)
    finally:
        await store.close()
