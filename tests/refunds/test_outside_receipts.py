"""Money on no order that is given back on WeChat's own merchant platform, while people decide on it
here."""

from __future__ import annotations

import pytest

from payments.causes import Cause
from services.alerts.standstill import read_waits
from services.runtime.clock import DAY_MS, SystemClock
from tests.refunds.test_outside_refunds import TAKEN, sums, told
from tests.refunds.test_receipts import late, listed
from tests.refunds.test_refunds import ask, post, state
from tests.refunds.test_refunds_settled import notified
from tests.support.fake_refunds import refund_shop
from tests.support.rig import PRICE, Console, Product, notify_fields, product, signed, transaction

__all__ = ["product"]


async def waits(shop: Product, who: Console) -> tuple[int, int]:
    """The number in the inbox, and that of the watch of what stands still, in two days."""
    looks = await shop.running.store.read(read_waits, SystemClock().now_ms() + 2 * DAY_MS)
    (look,) = (each for each in looks if each.cause is Cause.RECEIPTS_NOT_DECIDED)
    return (await who.get("inbox"))["receipts"], look.values.get("count", 0) if look.level else 0


@pytest.mark.gen_test
async def test_late_money_that_was_returned_outside_waits_with_what_is_left(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number = await shop.user(), await late(shop, wechat)
        (receipt,) = await listed(alice)
        refund = wechat.outside(receipt["transactionId"], 3000, PRICE)
        assert await notified(shop, told(refund, number)) == TAKEN.xml
        (receipt,) = await listed(alice)
        assert (receipt["state"], receipt["refundedFen"]) == ("waiting", 3000)
        assert receipt["possible"] == ["refund", "returned", "accept"]
        assert await sums(alice) == (PRICE, 0, 3000, PRICE - 3000)
        rest = wechat.outside(receipt["transactionId"], PRICE - 3000, PRICE)
        assert await notified(shop, told(rest, number)) == TAKEN.xml
        (receipt,) = await listed(alice)
        assert (receipt["state"], receipt["refundedFen"]) == ("refunded", PRICE)
        assert await state(shop, number) == ("CLOSED", 0)
        assert await sums(alice) == (PRICE, 0, PRICE, 0)


@pytest.mark.gen_test
@pytest.mark.parametrize("status", ["PROCESSING", "CHANGE"])
async def test_what_wechat_is_giving_back_is_not_refunded_again(tmp_path, status):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number = await shop.user(), await late(shop, wechat)
        (receipt,) = await listed(alice)
        part = wechat.outside(receipt["transactionId"], 3000, PRICE, status)
        await notified(shop, told(part, number))
        (receipt,) = await listed(alice)
        assert (receipt["refundedFen"], receipt["returningFen"]) == (0, 3000)
        assert receipt["possible"] == ["refund", "returned", "accept"], "not reopened meanwhile"
        decision = {"action": "refund", "version": receipt["version"], "note": "the rest"}
        code, decided = await post(alice, f"receipts/{receipt['id']}/decide", **decision)
        assert (code, decided["receipt"]["state"]) == (200, "refunding")
        assert [wechat.taken[num].fen for num in wechat.sent] == [str(PRICE - 3000)]


@pytest.mark.gen_test
@pytest.mark.parametrize("action", ["refund", "returned"])
@pytest.mark.parametrize("end", ["SUCCESS", "REFUNDCLOSE"])
@pytest.mark.parametrize("first", ["ours", "theirs"])
async def test_the_rest_is_decided_while_a_part_goes_back(tmp_path, action, end, first):
    """However the part ends, and whichever ends first, every fen is somewhere."""
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number = await shop.user(), await late(shop, wechat)
        (receipt,) = await listed(alice)
        part = wechat.outside(receipt["transactionId"], 3000, PRICE, "PROCESSING")
        await notified(shop, told(part, number))
        (receipt,) = await listed(alice)
        decision = {"action": action, "version": receipt["version"], "note": "the rest"}
        code, decided = await post(alice, f"receipts/{receipt['id']}/decide", **decision)
        now = {"refund": "refunding", "returned": "waiting"}[action]
        assert (code, decided["receipt"]["state"]) == (200, now)
        ours = [(number, "SUCCESS") for number in wechat.sent]
        theirs = [(part.refund_num, end)]
        for num, status in ours + theirs if first == "ours" else theirs + ours:
            wechat.taken[num].status = status
            await shop.running.services.refunds.ask(num)
            await sums(alice)
        (receipt,) = await listed(alice)
        if end == "SUCCESS":
            assert (receipt["state"], receipt["refundedFen"]) == ("refunded", PRICE)
            assert await sums(alice) == (PRICE, 0, PRICE, 0)
        else:
            assert (receipt["state"], receipt["refundedFen"]) == ("waiting", PRICE - 3000)
            assert receipt["possible"] == ["refund", "returned", "accept"]
            assert await sums(alice) == (PRICE, 0, PRICE - 3000, 3000)


@pytest.mark.gen_test
async def test_money_that_all_goes_back_already_waits_for_its_end(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number = await shop.user(), await late(shop, wechat)
        (receipt,) = await listed(alice)
        assert await waits(shop, alice) == (1, 1)
        whole = wechat.outside(receipt["transactionId"], PRICE, PRICE, "PROCESSING")
        await notified(shop, told(whole, number))
        (receipt,) = await listed(alice)
        assert (receipt["proposal"], receipt["possible"]) == (None, [])
        assert await waits(shop, alice) == (0, 0), "no person is asked to decide"
        why = (await alice.get(f"orders/{number}"))["why"]
        assert (why["code"], why["next"], why["receiptState"]) == (
            "late_money",
            "wait",
            "refunding",
        )
        for action in ("refund", "reopen", "returned", "accept"):
            decision = {"action": action, "version": receipt["version"], "note": "again"}
            code, refused = await post(alice, f"receipts/{receipt['id']}/decide", **decision)
            assert (code, refused["error"]) == (409, "not_decidable")
        entry = {"amountFen": PRICE, "reason": "seen there"}
        code, refused = await post(alice, f"orders/{number}/outside-refunds", **entry)
        assert (code, refused["error"]) == (409, "not_refundable")
        assert (wechat.sent, await sums(alice)) == ([], (PRICE, 0, 0, PRICE))
        assert await state(shop, number) == ("CLOSED", 0)
        whole.status = "REFUNDCLOSE"
        await shop.running.services.refunds.ask(whole.refund_num)
        (receipt,) = await listed(alice)
        assert receipt["possible"] == ["refund", "reopen", "returned", "accept"], "it did not go"
        assert await waits(shop, alice) == (1, 1)


@pytest.mark.gen_test
@pytest.mark.parametrize("status", ["PROCESSING", "CHANGE"])
async def test_money_that_is_going_back_pays_no_order(tmp_path, status):
    """It came before its order was known here, and WeChat repeats the notify after that."""
    async with refund_shop(tmp_path) as (shop, wechat):
        tx = transaction()
        early = signed(notify_fields("LATER-0001", tx))
        await shop.notify(early)
        part = wechat.outside(tx, 3000, PRICE, status)
        await notified(shop, told(part, "LATER-0001"))
        await shop.order(orderNum="LATER-0001")
        await shop.notify(early)
        assert (await shop.read("LATER-0001"))["status"] == "INIT"
        (receipt,) = await listed(await shop.user())
        assert (receipt["state"], receipt["returningFen"]) == ("waiting", 3000)


@pytest.mark.gen_test
async def test_money_of_which_nothing_goes_back_pays_its_order_after_all(tmp_path):
    async with refund_shop(tmp_path) as (shop, _):
        early = signed(notify_fields("LATER-0002", transaction()))
        await shop.notify(early)
        await shop.order(orderNum="LATER-0002")
        await shop.notify(early)
        assert (await shop.read("LATER-0002"))["status"] == "PAID"


@pytest.mark.gen_test
@pytest.mark.parametrize("whose", ["ours", "outside"])
async def test_money_that_the_buyer_got_another_way_can_only_be_accepted(tmp_path, whose):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number = await shop.user(), await late(shop, wechat)
        (receipt,) = await listed(alice)
        if whose == "ours":
            decision = {"action": "refund", "version": receipt["version"], "note": "late"}
            await post(alice, f"receipts/{receipt['id']}/decide", **decision)
            refund = wechat.taken[wechat.sent[0]]
        else:
            refund = wechat.outside(receipt["transactionId"], PRICE, PRICE, "CHANGE")
        refund.status = "CHANGE"
        await notified(shop, told(refund, number))
        code, ended = await post(alice, f"refunds/{refund.refund_num}/end", reason="paid in cash")
        assert (code, ended["refund"]["endedFrom"]) == (200, "ABNORMAL")
        await ask(shop, refund.refund_num)  # WeChat says the same as before
        (receipt,) = await listed(alice)
        assert (receipt["state"], receipt["possible"]) == ("waiting", ["accept"])
        for action in ("refund", "reopen", "returned", "accept"):
            (receipt,) = await listed(alice)
            decision = {"action": action, "version": receipt["version"], "note": "again"}
            code, _ = await post(alice, f"receipts/{receipt['id']}/decide", **decision)
            assert code == (200 if action == "accept" else 409)
        assert await sums(alice) == (PRICE, PRICE, 0, 0)


@pytest.mark.gen_test
async def test_money_that_the_buyer_got_another_way_pays_no_order(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, tx = await shop.user(), transaction()
        early = signed(notify_fields("LATER-0003", tx))
        await shop.notify(early)
        refund = wechat.outside(tx, PRICE, PRICE, "CHANGE")
        await notified(shop, told(refund, "LATER-0003"))
        code, _ = await post(alice, f"refunds/{refund.refund_num}/end", reason="paid in cash")
        assert code == 200
        await shop.order(orderNum="LATER-0003")
        await shop.notify(early)
        assert (await shop.read("LATER-0003"))["status"] == "INIT"
