"""A refund that WeChat refuses: its amount is freed only where WeChat has it not, and never after a
resend; who waits for it hears why, and an admin can end it."""

from __future__ import annotations

import json

import pytest

from models import RefundCheck
from models.user import Role
from payments.errors import PaymentError
from services.runtime.clock import HOUR_MS
from tests.refunds.test_receipts import decide, late, listed, sums
from tests.refunds.test_refunds import ask, paid, post, state, wish
from tests.support.fake_refunds import (
    LOSE,
    LOSE_BEFORE,
    PAGE,
    UNSIGNED,
    FakeRefunds,
    refund_shop,
)
from tests.support.rig import PRICE, Console, Product, product

__all__ = ["product"]
ENDS = ["ERROR", "USER_ACCOUNT_ABNORMAL", "TRADE_OVERDUE", "PARAM_ERROR", "INVALID_REQUEST"]
WAITS = ["NOTENOUGH", "RULE_LIMIT", "SIGNERROR", "FREQUENCY_LIMITED", UNSIGNED, PAGE]


async def again(shop: Product, refund_num: str) -> None:
    """Ask once more, whatever comes of it."""
    try:
        await ask(shop, refund_num)
    except PaymentError:
        return


async def refund_of(who: Console, order_num: str) -> dict:
    return (await who.get(f"orders/{order_num}"))["refunds"][0]


async def started(
    shop: Product, wechat: FakeRefunds, fen: int, *faults: str
) -> tuple[Console, str, str]:
    """An admin, a paid order, and the number of its refund, which met these faults."""
    alice, number = await shop.user(), await paid(shop, wechat)
    wechat.faults = list(faults)
    _, made = await wish(alice, number, fen)
    return alice, number, made["refund"]["refundNum"]


@pytest.mark.one_case
@pytest.mark.parametrize("word", ENDS)
@pytest.mark.gen_test
async def test_a_refusal_of_the_first_send_frees_the_amount_after_the_query(tmp_path, word):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number, refund_num = await started(shop, wechat, PRICE, word)
        assert wechat.asked == [refund_num]
        assert (await refund_of(alice, number))["status"] == "REFUSED"
        assert await state(shop, number) == ("PAID", 0)


@pytest.mark.one_case
@pytest.mark.parametrize("word", [*ENDS, *WAITS])
@pytest.mark.gen_test
async def test_a_refusal_of_a_resend_frees_nothing(tmp_path, word):
    """The answer was lost, the query denied the number once, and the resend met a refusal: money
    may have gone back."""
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number, refund_num = await started(shop, wechat, 4000, LOSE, word)
        wechat.denials = 1
        await again(shop, refund_num)
        assert wechat.sent == [refund_num] * 2
        assert await state(shop, number) == ("REFUNDING", 0)
        code, refused = await wish(alice, number, PRICE)
        assert (code, refused["detail"]) == (409, {"refundableFen": PRICE - 4000})
        wechat.finish()
        assert await ask(shop, refund_num) is True
        assert await state(shop, number) == ("PARTIALLY_REFUNDED", 4000)


@pytest.mark.one_case
@pytest.mark.parametrize("word", WAITS)
@pytest.mark.gen_test
async def test_what_can_be_mended_keeps_its_number_and_is_sent_again(tmp_path, word):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number, refund_num = await started(shop, wechat, PRICE, word)
        assert (await refund_of(alice, number))["status"] == "APPROVED"
        why = (await alice.get(f"orders/{number}"))["why"]
        assert (why["code"], why["next"]) == ("refund_sent", "wait")
        assert await state(shop, number) == ("REFUNDING", 0)
        assert await ask(shop, refund_num) is False
        assert wechat.sent == [refund_num] * 2
        shown = await refund_of(alice, number)
        assert (shown["status"], shown["failure"]) == ("PROCESSING", None)


@pytest.mark.one_case
@pytest.mark.parametrize(
    ("word", "code", "cause"),
    [
        ("NOTENOUGH", "NOTENOUGH", "refund_no_balance"),
        ("INVALID_REQUEST", "INVALID_REQUEST", "refund_not_taken"),
        ("RULE_LIMIT", "RULE_LIMIT", "refund_not_permitted"),
        (UNSIGNED, "FAIL", "refund_not_permitted"),
        (PAGE, "USELESS", "refund_not_permitted"),
    ],
)
@pytest.mark.gen_test
async def test_the_third_refusal_is_one_case_that_names_the_words_and_the_cure(
    tmp_path, word, code, cause
):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number, refund_num = await started(shop, wechat, PRICE, LOSE_BEFORE)
        wechat.faults = [word] * 10
        for tries in range(10):
            before = (await alice.get(f"alerts?orderNum={number}&kind=refund_anomaly"))["alerts"]
            assert len(before) == (tries >= 3)
            await again(shop, refund_num)
        (case,) = (await alice.get(f"alerts?orderNum={number}&kind=refund_anomaly"))["alerts"]
        assert (case["evidence"]["code"], case["actual"], case["count"]) == (cause, code, 8)
        fields = {row["name"]: row["wechat"] for row in case["evidence"]["fields"]}
        assert (fields["out_refund_no"], fields["code"]) == (refund_num, code)
        assert fields["words"]
        told = [e["data"] for e in await shop.events() if e["kind"] == "alert.repeated"]
        assert [d["count"] for d in told if d["alertKind"] == "refund_anomaly"] == [2, 4, 8]
        why = (await alice.get(f"orders/{number}"))["why"]
        assert (why["code"], why["next"], why["alertId"]) == (
            "refund_sent",
            "check_alert",
            case["id"],
        )
        assert await state(shop, number) == ("REFUNDING", 0)


@pytest.mark.gen_test
async def test_refusals_that_a_good_answer_has_ended_are_not_counted(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, _, refund_num = await started(shop, wechat, PRICE, *["NOTENOUGH"] * 2)
        await again(shop, refund_num)
        await again(shop, refund_num)
        assert (await alice.get("alerts"))["alerts"] == []
        await ask(shop, refund_num)
        row = await shop.running.store.read(
            lambda: RefundCheck.select(RefundCheck.sends, RefundCheck.refusals).tuples().first()
        )
        assert tuple(row) == (3, 0)


@pytest.mark.gen_test
async def test_an_admin_ends_what_wechat_denies_and_nothing_else(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number, refund_num = await started(shop, wechat, PRICE, LOSE_BEFORE, *[UNSIGNED] * 3)
        bob = await shop.user("bob", Role.SUPPORT)
        path, reason = f"refunds/{refund_num}/end", "已改为银行转账"
        assert (await post(bob, path, reason=reason))[0] == 403
        for body in ({}, {"reason": ""}, {"reason": "x"}, {"reason": reason, "more": 1}):
            assert (await alice.post(path, body)).code == 400, body
        code, answer = await post(alice, path, reason=reason)
        shown = answer["refund"]
        assert (code, shown["status"], shown["endedFrom"]) == (200, "ENDED", "APPROVED")
        assert (shown["failure"], shown["failureCode"]) == (reason, None)
        assert await state(shop, number) == ("PAID", 0)
        assert (await post(alice, path, reason=reason))[0] == 409
        (ended,) = [e for e in await shop.events() if e["kind"] == "refund.failed"]
        assert (ended["data"]["status"], ended["data"]["by"]) == ("ENDED", "alice")
        (deed,) = [d for d in await shop.audited("refund") if d[1] == "refund.ended"]
        assert (deed[0], deed[2], deed[3]["reason"]) == ("alice", number, reason)
        why = (await alice.get(f"orders/{number}"))["why"]
        assert (why["code"], why["next"]) == ("refund_ended", "refund_again")
        wechat.faults = []
        assert (await wish(alice, number, PRICE))[1]["refund"]["status"] == "PROCESSING"


@pytest.mark.parametrize("known", ["PROCESSING", "SUCCESS"])
@pytest.mark.gen_test
async def test_nobody_ends_a_refund_that_wechat_has(tmp_path, known):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number, refund_num = await started(shop, wechat, PRICE, LOSE)
        wechat.finish(known)
        code, answer = await post(alice, f"refunds/{refund_num}/end", reason="不退了")
        assert (code, answer["refund"]["status"]) == (409, known)
        assert answer["error"] == ("conflict" if known == "SUCCESS" else "refund_held")
        assert (await state(shop, number))[0] == ("REFUNDED" if known == "SUCCESS" else "REFUNDING")


@pytest.mark.gen_test
async def test_an_abnormal_refund_is_ended_and_its_amount_stays_reserved(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number, refund_num = await started(shop, wechat, 4000)
        wechat.finish("CHANGE")
        await ask(shop, refund_num)
        code, answer = await post(alice, f"refunds/{refund_num}/abnormal", to="MERCHANT_BANK_CARD")
        assert (code, answer["error"]) == (409, "not_offered")  # API v2 has no such call
        code, answer = await post(alice, f"refunds/{refund_num}/end", reason="已现金退还")
        assert (code, answer["refund"]["endedFrom"]) == (200, "ABNORMAL")
        await ask(shop, refund_num)  # WeChat says the same as before
        assert (await refund_of(alice, number))["status"] == "ENDED"
        assert await state(shop, number) == ("PAID", 0)
        why = (await alice.get(f"orders/{number}"))["why"]
        assert (why["code"], why["next"]) == ("refund_settled", "none")
        code, refused = await wish(alice, number, 4801)
        assert (code, refused["detail"]) == (409, {"refundableFen": 4800})
        sums = (await alice.get("receipts"))["sums"]
        assert sums["receivedFen"] == sums["bookedFen"] + sums["refundedFen"] + sums["waitingFen"]
        wechat.finish("SUCCESS")
        await ask(shop, refund_num)
        assert await state(shop, number) == ("PARTIALLY_REFUNDED", 4000)


@pytest.mark.one_case
@pytest.mark.parametrize("known", ["PROCESSING", "SUCCESS", "CHANGE"])
@pytest.mark.gen_test
async def test_a_refused_refund_that_wechat_has_after_all_is_found_an_hour_later(tmp_path, known):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number, refund_num = await started(shop, wechat, 4000, "ERROR")
        due = await shop.running.store.read(
            lambda: RefundCheck.select(RefundCheck.due_at, RefundCheck.tries).tuples().first()
        )
        left = due[0] - shop.running.store._now_ms()
        assert (HOUR_MS - 300_000 < left <= HOUR_MS, due[1]) == (True, 0)
        order = json.loads((await shop.merchant(f"orders/{number}")).body)
        wechat.answer_as_taken(refund_num, order["transactionId"], 4000, known)
        await shop.running.store.write(
            lambda _batch, items: [RefundCheck.update(due_at=0).execute() for _ in items], None
        )
        await shop.running.reconciler.step()
        found = await refund_of(alice, number)
        assert found["status"] == {"CHANGE": "ABNORMAL"}.get(known, known)
        after = ("PARTIALLY_REFUNDED", 4000) if known == "SUCCESS" else ("REFUNDING", 0)
        assert await state(shop, number) == after
        assert len((await alice.get("alerts"))["alerts"]) == 1
        told = "refund_after_all" if known == "SUCCESS" else "refund_taken_after_all"
        codes = [e["data"]["code"] for e in await shop.events() if e["kind"].startswith("alert.")]
        assert told in codes  # on a busy machine WeChat is asked once more, and its case goes on
        code, refused = await wish(alice, number, PRICE)
        assert (code, refused["detail"]) == (409, {"refundableFen": PRICE - 4000})


@pytest.mark.gen_test
async def test_late_money_that_wechat_gives_back_after_all_waits_for_nobody(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice = await shop.user()
        await late(shop, wechat)
        (receipt,) = await listed(alice)
        wechat.faults = ["ERROR"]
        _, answer = await decide(alice, receipt, "refund")
        refund_num = answer["receipt"]["refundNum"] or wechat.sent[0]
        assert (await listed(alice))[0]["state"] == "waiting"
        wechat.answer_as_taken(refund_num, receipt["transactionId"], PRICE, "PROCESSING")
        await ask(shop, refund_num)
        assert (await listed(alice))[0]["state"] == "refunding"
        wechat.finish()
        await ask(shop, refund_num)
        assert (await listed(alice))[0]["state"] == "refunded"
        assert await sums(alice) == (PRICE, 0, PRICE, 0)


@pytest.mark.gen_test
async def test_an_order_that_was_refunded_in_full_is_not_served(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number, refund_num = await started(shop, wechat, PRICE)
        wechat.finish()
        await ask(shop, refund_num)
        code, answer = await post(alice, f"orders/{number}/service", to="IN_SERVICE")
        assert (code, answer["error"]) == (409, "conflict")
        code, _ = await post(alice, f"orders/{number}/service", to="SERVICE_CANCELLED")
        assert code == 200
