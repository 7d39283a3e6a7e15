"""Refunds of which WeChat says one thing and then another, or nothing that helps: nothing is taken
for over that may not be, and a person hears of it."""

from __future__ import annotations

import asyncio

import pytest

from models import RefundCheck
from payments.errors import WeChatRefused
from payments.merchant import Merchant, Merchants
from payments.protocol import WireAnswer, WireRequest
from payments.refund import RefundStatus
from services.refunds.refund_call_ops import RefundRefusal, refuse_refunds
from services.settlement.settlement import settle_refunds
from services.settlement.snapshots import IncomingRefund
from tests.refunds.test_refunds import ask, paid, state, wish
from tests.refunds.test_refunds_settled import (
    FEN,
    ORDER,
    REFUND,
    TOTAL,
    TRANSACTION,
    cases,
    checks,
    notified,
    refund_status,
    told,
    under_way,
)
from tests.support.fake_refunds import LOSE, LOSE_BEFORE, refund_notify, refund_shop
from tests.support.patience import PATIENCE_S
from tests.support.rig import KEY, product

__all__ = ["product"]
S = RefundStatus
CLAIM = {
    "out_refund_no": REFUND,
    "out_trade_no": ORDER,
    "transaction_id": TRANSACTION,
    "refund_fee": str(FEN),
    "total_fee": str(TOTAL),
}


@pytest.mark.parametrize("word", ["PARAM_ERROR", "INVALID_REQUEST"])
@pytest.mark.gen_test
async def test_a_resent_refund_that_looks_odd_to_wechat_may_be_there_already(tmp_path, word):
    """WeChat says so too when a number comes again and something of it differs."""
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number = await shop.user(), await paid(shop, wechat)
        wechat.faults = [LOSE_BEFORE, word]
        _, made = await wish(alice, number, 800)
        with pytest.raises(WeChatRefused):
            await ask(shop, made["refund"]["refundNum"])
        assert await state(shop, number) == ("REFUNDING", 0)
        # the first time it is a plain no
        other = await paid(shop, wechat)
        wechat.faults = [word]
        _, made = await wish(alice, other, 800)
        assert made["refund"]["status"] == "REFUSED"
        assert await state(shop, other) == ("PAID", 0)


@pytest.mark.gen_test
async def test_a_claim_that_wechat_denies_is_a_case_once_and_asked_about_no_more(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        await under_way(shop, wechat, S.SUCCESS)
        wechat.taken.clear()
        await notified(shop, refund_notify(**CLAIM, refund_status="REFUNDCLOSE"))
        with pytest.raises(WeChatRefused):
            await ask(shop, REFUND)
        assert [kind for kind, *_ in await cases(shop)] == ["refund_anomaly"]
        asked = len(wechat.asked)
        assert await ask(shop, REFUND) is True
        assert len(wechat.asked) == asked


@pytest.mark.gen_test
async def test_a_claim_outlives_the_refusal_of_its_refund(tmp_path):
    """WeChat told of success while it was refusing us: it is asked which of the two is true."""
    async with refund_shop(tmp_path) as (shop, wechat):
        await under_way(shop, wechat, S.APPROVED)
        await notified(shop, refund_notify(**CLAIM, refund_status="SUCCESS"))
        await shop.running.store.write(refuse_refunds, RefundRefusal(REFUND, "ERROR: 不行"))
        assert await refund_status(shop) is S.REFUSED
        assert [claimed for _, claimed in await checks(shop)] == ["SUCCESS"]
        wechat.finish()
        assert await ask(shop, REFUND) is True
        assert await refund_status(shop) is S.SUCCESS
        assert await state(shop, ORDER) == ("PARTIALLY_REFUNDED", FEN)


@pytest.mark.gen_test
async def test_an_older_answer_in_the_same_batch_takes_no_claim_away(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        await under_way(shop, wechat)
        claim = told(proven=False)
        older = told(status=S.PROCESSING, said="PROCESSING")
        both = [
            IncomingRefund(claim, b"x", "notify", 1, "0" * 24),
            IncomingRefund(older, b"x", "query", 2, "1" * 24, asked=True),
        ]
        await shop.running.store.write(lambda batch, _: [settle_refunds(batch, both)], None)
        assert [claimed for _, claimed in await checks(shop)] == ["SUCCESS"]


@pytest.mark.gen_test
@pytest.mark.parametrize(("word", "after"), [("SUCCESS", S.SUCCESS), ("REFUNDCLOSE", S.CLOSED)])
async def test_an_answer_confirms_no_claim_that_came_after_its_question(tmp_path, word, after):
    """WeChat answers that the refund is under way; while the answer is on its way, it finishes the
    refund and tells so. Nothing contradicts that."""
    asked, go = asyncio.Event(), asyncio.Event()
    async with refund_shop(tmp_path) as (shop, wechat):
        await under_way(shop, wechat)
        refunds = shop.running.services.refunds
        send = shop.running.transport

        async def late(request: WireRequest) -> WireAnswer:
            answer = await send(request)
            asked.set()
            await go.wait()
            return answer

        refunds.calls._wechat._send = late
        question = asyncio.create_task(refunds.ask(REFUND))
        async with asyncio.timeout(PATIENCE_S):
            await asked.wait()
        wechat.finish(word)
        await notified(shop, refund_notify(**CLAIM, refund_status=word))
        go.set()
        assert await question is False
        assert [claimed for _, claimed in await checks(shop)] == [after]
        assert await cases(shop) == []
        # The claim has its own question, and that answer confirms it.
        assert await ask(shop, REFUND) is True
        assert await cases(shop) == []
        assert await refund_status(shop) is after


@pytest.mark.gen_test
async def test_a_refund_of_an_account_that_is_gone_is_told_to_a_person(tmp_path, caplog):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, number = await shop.user(), await paid(shop, wechat)
        wechat.faults = [LOSE]
        await wish(alice, number, 800)
        refunds = shop.running.reconciler.refunds.ask_refund.__self__.calls
        refunds._merchants = Merchants((Merchant("wx0", "1", KEY),))
        await shop.running.store.write(
            lambda _batch, items: [RefundCheck.update(due_at=0).execute() for _ in items], None
        )
        await shop.running.reconciler.step()
        (case,) = (await alice.get("alerts"))["alerts"]
        assert case["kind"] == "system"
        assert case["evidence"]["code"] == "account_not_configured"
        assert "could not be looked at" not in caplog.text
        assert await state(shop, number) == ("REFUNDING", 0)
