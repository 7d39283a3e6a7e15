"""What WeChat says of a refund, through the one door: the samples, every row, whoever brings it."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models import RawNotify, Refund, RefundCheck
from models.base import rows
from payments.merchant import Merchant, Merchants
from payments.notify_replies import REPLIES
from payments.outcomes import Outcome
from payments.refund import RefundResult, RefundStatus
from payments.v3 import wire
from payments.v3.notify import refund_of
from tests.refunds.test_refunds import ask, state
from tests.support.fake_refunds import OURS, FakeRefunds, refund_notify, refund_shop
from tests.support.rig import Product, product

__all__ = ["product"]
SAMPLES = Path(__file__).parents[1] / "samples"
ORDER, REFUND, FEN, TOTAL = "ORD20250102000001", "RF20250102000001", 800, 8800
TRANSACTION = "4200000001202501020000000001"
REFUND_ID = "50000000012025010200000000001"
V3_KEY = b"TestApiV3Key9876543210ZYXWVUtsrq"
S = RefundStatus


async def under_way(
    shop: Product, wechat: FakeRefunds, status: RefundStatus = S.PROCESSING
) -> None:
    """The order of the samples as REFUNDING, with its refund in that state."""
    await shop.order(orderNum=ORDER)
    wechat.orders[TRANSACTION] = ORDER
    await shop.pay(ORDER, TRANSACTION)
    body = {"amountFen": FEN, "reason": "不想要了", "refundNum": REFUND}
    if status is S.APPROVED:
        wechat.faults = ["lose"]
    elif status is S.REFUSED:
        wechat.faults = ["ERROR"]
    answer = await shop.merchant(f"orders/{ORDER}/refunds", "POST", body)
    assert answer.code == 201, answer.body
    if status in (S.SUCCESS, S.CLOSED, S.ABNORMAL):
        await settle(shop, told(status=status))


def told(**changes: Any) -> RefundResult:
    """A proven result about the refund."""
    good = RefundResult(
        signer=OURS,
        merchant=OURS,
        mch_id=OURS.mch_id,
        refund_num=REFUND,
        refund_id=REFUND_ID,
        order_num=ORDER,
        transaction_id=TRANSACTION,
        status=S.SUCCESS,
        said="SUCCESS",
        total_text=str(TOTAL),
        refund_text=str(FEN),
    )
    return replace(good, **changes)


async def settle(shop: Product, result: RefundResult, *, asked: bool = False) -> Outcome:
    settlement = shop.running.services.refunds.calls._settlement
    return (await settlement.settle_refund(result, "text", "10.0.0.0/24", asked=asked)).outcome


async def notified(shop: Product, body: bytes) -> bytes:
    return (await shop.fetch("/pay/notify/refund", "POST", body, {"Content-Type": "text/xml"})).body


async def refund_status(shop: Product) -> RefundStatus:
    def read() -> str:
        status: str = Refund.get(Refund.refund_num == REFUND).status
        return status

    return RefundStatus(await shop.running.store.read(read))


async def cases(shop: Product) -> list[tuple[str, str | None, Any, Any]]:
    page = await shop.running.services.alerts.page()
    return [(a["kind"], a["orderNum"], a["expected"], a["actual"]) for a in page["alerts"]]


async def checks(shop: Product) -> list[tuple[int, str | None]]:
    def read() -> list[tuple[int, str | None]]:
        return rows(RefundCheck.select(RefundCheck.due_at, RefundCheck.claimed))

    return await shop.running.store.read(read)


V2_SAMPLES = [
    ("60_refund_notify_success", Outcome.REFUND_TAKEN, [], "SUCCESS"),
    ("62_refund_notify_closed", Outcome.REFUND_TAKEN, [], "CLOSED"),
    ("64_refund_notify_truncated", Outcome.UNPROVEN, [("bad_signature", None)], None),
    ("65_refund_notify_wrong_mch", Outcome.FOREIGN_MERCHANT, [("foreign_merchant", ORDER)], None),
    (
        "67_refund_notify_refund_fee_over_total",
        Outcome.REFUND_EXCESS,
        [("refund_anomaly", ORDER)],
        None,
    ),
]


@pytest.mark.one_case
@pytest.mark.gen_test
@pytest.mark.parametrize(("name", "outcome", "alerts", "claimed"), V2_SAMPLES)
async def test_a_v2_sample_is_answered_kept_and_moves_nothing_by_itself(
    tmp_path: Path, name: str, outcome: Outcome, alerts: list[Any], claimed: str | None
) -> None:
    async with refund_shop(tmp_path) as (shop, wechat):
        await under_way(shop, wechat)
        body = (SAMPLES / "v2" / f"{name}.xml").read_bytes()
        assert await notified(shop, body) == REPLIES[outcome].xml
        assert await refund_status(shop) is S.PROCESSING
        assert await state(shop, ORDER) == ("REFUNDING", 0)
        assert [case[:2] for case in await cases(shop)] == alerts
        ((due_at, kept),) = await checks(shop)
        assert kept == claimed
        assert (due_at <= shop.running.store._now_ms()) is (claimed is not None)


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("name", "word", "after"),
    [
        ("60_refund_notify_success", "SUCCESS", ("PARTIALLY_REFUNDED", FEN)),
        ("62_refund_notify_closed", "REFUNDCLOSE", ("PAID", 0)),
    ],
)
async def test_a_v2_notify_counts_once_the_query_confirms_it(
    tmp_path: Path, name: str, word: str, after: tuple[str, int]
) -> None:
    async with refund_shop(tmp_path) as (shop, wechat):
        await under_way(shop, wechat)
        await notified(shop, (SAMPLES / "v2" / f"{name}.xml").read_bytes())
        wechat.finish(word)
        assert await ask(shop, REFUND) is True
        assert await state(shop, ORDER) == after
        assert (await cases(shop), await checks(shop)) == ([], [])
        # again, and nothing happens
        head = len(await shop.events())
        assert await notified(shop, (SAMPLES / "v2" / f"{name}.xml").read_bytes()) == (
            REPLIES[Outcome.REFUND_REPEATED].xml
        )
        assert len(await shop.events()) == head


@pytest.mark.gen_test
async def test_a_v2_notify_that_the_query_contradicts_is_a_case_and_moves_nothing(
    tmp_path: Path,
) -> None:
    async with refund_shop(tmp_path) as (shop, wechat):
        await under_way(shop, wechat)
        await notified(shop, (SAMPLES / "v2" / "60_refund_notify_success.xml").read_bytes())
        assert await ask(shop, REFUND) is False
        assert await state(shop, ORDER) == ("REFUNDING", 0)
        assert await cases(shop) == [("refund_anomaly", ORDER, "SUCCESS", "PROCESSING")]
        wechat.finish()
        assert await ask(shop, REFUND) is True
        assert len(await cases(shop)) == 1
        # of a refund that is over, too
        closed = {
            "out_refund_no": REFUND,
            "out_trade_no": ORDER,
            "transaction_id": TRANSACTION,
            "refund_fee": str(FEN),
            "total_fee": str(TOTAL),
            "refund_status": "REFUNDCLOSE",
        }
        await notified(shop, refund_notify(**closed))
        assert await ask(shop, REFUND) is True
        assert (await refund_status(shop), await checks(shop)) == (
            S.SUCCESS,
            [(pytest.approx(0, abs=1e15), None)],
        )
        assert (await cases(shop))[0][2:] == ("CLOSED", "SUCCESS")


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("name", "status", "after", "alerts"),
    [
        ("20_refund_success", S.SUCCESS, ("PARTIALLY_REFUNDED", FEN), []),
        (
            "21_refund_abnormal",
            S.ABNORMAL,
            ("REFUNDING", 0),
            [("refund_anomaly", ORDER, None, "ABNORMAL")],
        ),
    ],
)
async def test_a_v3_sample_moves_the_refund_at_once(
    tmp_path: Path, name: str, status: RefundStatus, after: tuple[str, int], alerts: list[Any]
) -> None:
    sealed = json.loads((SAMPLES / "v3" / f"{name}.body").read_bytes())["resource"]
    plain = AESGCM(V3_KEY).decrypt(
        sealed["nonce"].encode(),
        base64.b64decode(sealed["ciphertext"]),
        sealed["associated_data"].encode(),
    )
    result = refund_of(wire.read(plain), Merchants((OURS,)), OURS, "refund_status")
    async with refund_shop(tmp_path) as (shop, wechat):
        await under_way(shop, wechat)
        assert await settle(shop, result) is Outcome.REFUND_TAKEN
        assert await refund_status(shop) is status
        assert (await state(shop, ORDER), await cases(shop)) == (after, alerts)
        assert await settle(shop, result) is Outcome.REFUND_REPEATED


OTHER = Merchant("wx9999999999999999", "1900000999", "x" * 32)
REFUSED = [
    ({"merchant": None, "mch_id": "1900000999"}, Outcome.FOREIGN_MERCHANT, "foreign_merchant"),
    ({"merchant": OTHER, "mch_id": "1900000999"}, Outcome.FOREIGN_MERCHANT, "foreign_merchant"),
    ({"refund_num": None}, Outcome.REFUND_UNKNOWN, "refund_anomaly"),
    ({"order_num": "ORD-OTHER"}, Outcome.REFUND_UNKNOWN, "refund_anomaly"),
    ({"transaction_id": "42OTHER"}, Outcome.REFUND_UNKNOWN, "refund_anomaly"),
    ({"refund_text": "-800"}, Outcome.NEGATIVE_TOTAL, "negative_total"),
    ({"total_text": "-8800"}, Outcome.NEGATIVE_TOTAL, "negative_total"),
    ({"refund_text": "801"}, Outcome.REFUND_EXCESS, "refund_anomaly"),
    ({"refund_text": "8801"}, Outcome.REFUND_EXCESS, "refund_anomaly"),
    ({"total_text": "799"}, Outcome.REFUND_EXCESS, "refund_anomaly"),
    ({"refund_text": "799"}, Outcome.REFUND_MISMATCH, "refund_anomaly"),
    ({"refund_text": "８００"}, Outcome.REFUND_MISMATCH, "refund_anomaly"),
    ({"refund_text": None}, Outcome.REFUND_MISMATCH, "refund_anomaly"),
    ({"total_text": "8801"}, Outcome.REFUND_MISMATCH, "refund_anomaly"),
    ({"total_text": None}, Outcome.REFUND_MISMATCH, "refund_anomaly"),
    ({"status": None, "said": "LIMBO"}, Outcome.REFUND_MISMATCH, "refund_anomaly"),
]


@pytest.mark.gen_test
@pytest.mark.parametrize("proven", [True, False])
async def test_what_does_not_fit_moves_nothing_and_raises_its_case(
    tmp_path: Path, proven: bool
) -> None:
    async with refund_shop(tmp_path) as (shop, wechat):
        await under_way(shop, wechat)
        for changes, outcome, kind in REFUSED:
            before = len(await shop.events())
            assert await settle(shop, told(proven=proven, **changes)) is outcome, changes
            news = (await shop.events())[before:]
            refused = [] if REPLIES[outcome].success else ["notify.refused"]
            assert [e["kind"] for e in news[:-1]] == refused
            assert news[-1]["data"]["alertKind"] == kind
        assert await refund_status(shop) is S.PROCESSING
        assert await state(shop, ORDER) == ("REFUNDING", 0)

        def kept() -> set[str]:
            return {outcome for (outcome,) in rows(RawNotify.select(RawNotify.outcome))}

        found = await shop.running.store.read(kept)
        assert {outcome.value for _, outcome, _ in REFUSED} <= found


@pytest.mark.gen_test
@pytest.mark.parametrize("before", [S.REFUSED, S.CLOSED])
async def test_money_that_went_back_after_all_is_recorded_and_flagged(
    tmp_path: Path, before: RefundStatus
) -> None:
    """A success of a refund that we took for over: the record and the sums tell the truth."""
    async with refund_shop(tmp_path) as (shop, wechat):
        await under_way(shop, wechat, before)
        assert await state(shop, ORDER) == ("PAID", 0)
        assert await settle(shop, told()) is Outcome.REFUND_TAKEN
        assert await refund_status(shop) is S.SUCCESS
        assert await state(shop, ORDER) == ("PARTIALLY_REFUNDED", FEN)
        assert (await cases(shop))[0] == ("refund_anomaly", ORDER, before.value, "SUCCESS")
        sums = await shop.running.services.receipts.sums()
        assert (sums["bookedFen"], sums["refundedFen"]) == (TOTAL - FEN, FEN)


@pytest.mark.gen_test
async def test_never_more_goes_back_than_was_paid_whatever_wechat_says(tmp_path: Path) -> None:
    async with refund_shop(tmp_path) as (shop, wechat):
        await under_way(shop, wechat, S.CLOSED)
        rest = {"amountFen": TOTAL, "reason": "全退", "refundNum": "RF-REST-01"}
        await shop.merchant(f"orders/{ORDER}/refunds", "POST", rest)
        wechat.finish()
        await ask(shop, "RF-REST-01")
        assert await state(shop, ORDER) == ("REFUNDED", TOTAL)
        assert await settle(shop, told()) is Outcome.REFUND_EXCESS
        assert await state(shop, ORDER) == ("REFUNDED", TOTAL)
        assert (await cases(shop))[0] == ("refund_anomaly", ORDER, TOTAL, TOTAL + FEN)


@pytest.mark.gen_test
async def test_older_news_and_impossible_news_move_nothing(tmp_path: Path) -> None:
    async with refund_shop(tmp_path) as (shop, wechat):
        await under_way(shop, wechat, S.SUCCESS)
        processing = told(status=S.PROCESSING, said="PROCESSING")
        assert await settle(shop, processing, asked=True) is Outcome.REFUND_REPEATED
        closed = told(status=S.CLOSED, said="REFUNDCLOSE")
        assert await settle(shop, closed) is Outcome.REFUND_MISMATCH
        assert await refund_status(shop) is S.SUCCESS
        assert await state(shop, ORDER) == ("PARTIALLY_REFUNDED", FEN)


@pytest.mark.gen_test
async def test_a_notify_that_overtakes_the_lost_answer_needs_no_answer(tmp_path: Path) -> None:
    async with refund_shop(tmp_path) as (shop, wechat):
        await under_way(shop, wechat, S.APPROVED)
        assert await settle(shop, told()) is Outcome.REFUND_TAKEN
        assert await ask(shop, REFUND) is True
        assert (wechat.sent, wechat.asked) == ([REFUND], [])


@pytest.mark.gen_test
async def test_a_refund_that_wechat_forgot_is_a_case_and_is_not_sent_again(tmp_path: Path) -> None:
    async with refund_shop(tmp_path) as (shop, wechat):
        await under_way(shop, wechat)
        wechat.taken.clear()
        alice = await shop.user()
        assert (await alice.post(f"refunds/{REFUND}/ask", {})).code == 502
        assert await refund_status(shop) is S.PROCESSING
        assert (await cases(shop))[0][:2] == ("refund_anomaly", ORDER)
        assert wechat.sent == [REFUND]


@pytest.mark.gen_test
async def test_64_deliveries_at_once_move_a_refund_once(tmp_path: Path) -> None:
    import asyncio

    async with refund_shop(tmp_path) as (shop, wechat):
        await under_way(shop, wechat)
        found = await asyncio.gather(*(settle(shop, told()) for _ in range(64)))
        assert sorted(found) == [Outcome.REFUND_REPEATED] * 63 + [Outcome.REFUND_TAKEN]
        events = [e["kind"] for e in await shop.events()]
        assert events.count("refund.succeeded") == 1
