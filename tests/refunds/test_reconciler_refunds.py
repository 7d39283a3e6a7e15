"""Unfinished refunds are asked about with the same number, ever more seldom, and not for ever."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from models import Refund, RefundCheck
from models.base import rows
from payments.errors import OrderIsClosed, WeChatRefused, WeChatUnreachable
from payments.refund import RefundStatus
from services.orders.query_schedule import (
    FIRST_REFUND_MS,
    REFUND_LOOKS,
    refund_gap_ms,
)
from services.orders.refund_looks import ABSENT_MS
from services.runtime.clock import DAY_MS, HOUR_MS, SystemClock
from services.wechat.call_failures import NO_WORD
from tests.orders.test_healing import change
from tests.support.notify_rig import alerts
from tests.support.rig import APP_ID, MCH_ID, MovedClock, Product, product

NUM = "REFUND-0001"


@dataclass
class Asking:
    """Stands where the refunds are asked about; says what a test wants."""

    clock: MovedClock
    answers: list[bool | Exception] = field(default_factory=list)
    asked: list[tuple[int, str]] = field(default_factory=list)

    async def __call__(self, refund_num: str) -> bool:
        self.asked.append((self.clock.ms, refund_num))
        answer = self.answers.pop(0) if self.answers else False
        if isinstance(answer, Exception):
            raise answer
        return answer


@asynccontextmanager
async def refund(
    folder: Path, status: RefundStatus, tries: int = 0
) -> AsyncIterator[tuple[Product, Asking, MovedClock]]:
    """A refund of this status that is due."""
    clock = MovedClock(SystemClock().now_ms())
    async with product(folder, clock=clock, by_hand=True) as shop:
        asking = shop.running.reconciler.refunds.ask_refund = Asking(clock)
        row = {
            "refund_num": NUM,
            "order_num": "ORDER-0001",
            "app_id": APP_ID,
            "mch_id": MCH_ID,
            "transaction_id": "4200",
            "total_fen": 8800,
            "amount_fen": 100,
            "reason": "r",
            "status": status,
            "requested_by": "bob",
            "created_at": clock.ms,
            "updated_at": clock.ms,
        }
        await change(shop, Refund.insert(row))
        check = {"refund_num": NUM, "due_at": clock.ms, "tries": tries}
        await change(shop, RefundCheck.insert(check))
        yield shop, asking, clock


async def due(shop: Product) -> list[tuple[int, int]]:
    """Of the checks that are left: when, tries."""
    query = RefundCheck.select(RefundCheck.due_at, RefundCheck.tries)
    return await shop.running.store.read(lambda: rows(query))


async def now_is(shop: Product, status: RefundStatus) -> None:
    await change(shop, Refund.update(status=status))


@pytest.mark.gen_test
async def test_a_refund_is_asked_about_until_it_is_finished(tmp_path: Path) -> None:
    async with refund(tmp_path, RefundStatus.PROCESSING) as (shop, asking, clock):
        asking.answers = [False, WeChatUnreachable(), False, True]
        begun = clock.ms
        while await due(shop):
            assert len(asking.asked) < 10
            await shop.running.reconciler.step()
            clock.ms += 1000
        assert [num for _, num in asking.asked] == [NUM] * 4
        gaps = [at - begun for at, _ in asking.asked]
        # 15 s, 30 s, 60 s, each a little less: twice as long after every look.
        assert gaps[1] in range(27_000, 32_000)
        assert gaps[2] - gaps[1] in range(54_000, 62_000)
        assert gaps[3] - gaps[2] in range(108_000, 122_000)


def test_the_gap_between_two_looks_at_a_refund_doubles_up_to_an_hour() -> None:
    gaps = [refund_gap_ms(tries, RefundStatus.PROCESSING) for tries in range(40)]
    for tries, gap in enumerate(gaps):
        most = min(FIRST_REFUND_MS << tries, HOUR_MS)
        assert most * 0.9 <= gap <= most
    assert refund_gap_ms(0, RefundStatus.ABNORMAL) == HOUR_MS


@pytest.mark.parametrize("status", [RefundStatus.SUCCESS, RefundStatus.REQUESTED])
@pytest.mark.gen_test
async def test_a_refund_that_wechat_has_no_news_of_is_not_asked_about(
    tmp_path: Path, status: RefundStatus
) -> None:
    async with refund(tmp_path, status) as (shop, asking, _):
        await shop.running.reconciler.step()
        assert (asking.asked, await due(shop)) == ([], [])


@pytest.mark.gen_test
async def test_a_refund_that_moved_is_asked_about_soon_again(tmp_path: Path) -> None:
    async with refund(tmp_path, RefundStatus.APPROVED, tries=12) as (shop, _, clock):

        async def accepted(_num: str) -> bool:
            await now_is(shop, RefundStatus.PROCESSING)
            return False

        shop.running.reconciler.refunds.ask_refund = accepted
        await shop.running.reconciler.step()
        ((due_at, tries),) = await due(shop)
        assert tries == 0
        assert due_at <= clock.ms + FIRST_REFUND_MS


@pytest.mark.gen_test
async def test_an_abnormal_refund_is_asked_about_hourly_for_three_days_and_then_daily(
    tmp_path: Path,
) -> None:
    async with refund(tmp_path, RefundStatus.ABNORMAL) as (shop, asking, clock):
        begun = clock.ms
        for _ in range(6 * 24):
            await shop.running.reconciler.step()
            clock.ms += HOUR_MS
        days = [(at - begun) // DAY_MS for at, _ in asking.asked]
        assert [days.count(day) for day in range(6)] == [24, 24, 24, 1, 1, 1]
        (case,) = await alerts(shop)
        assert (case["kind"], case["actual"], case["count"]) == ("refund_anomaly", "ABNORMAL", 75)
        assert await told(shop) == ["alert.raised"] + ["alert.repeated"] * 6


async def told(shop: Product) -> list[str]:
    """The kinds of the events about cases."""
    return [e["kind"] for e in await shop.events() if e["kind"].startswith("alert.")]


@pytest.mark.gen_test
async def test_a_refund_that_is_never_finished_becomes_one_case_and_is_asked_about_daily(
    tmp_path: Path,
) -> None:
    tries = REFUND_LOOKS - 1
    async with refund(tmp_path, RefundStatus.PROCESSING, tries) as (shop, asking, clock):
        for _ in range(4 * 24):
            await shop.running.reconciler.step()
            clock.ms += HOUR_MS
        assert len(asking.asked) in (4, 5)
        (case,) = await alerts(shop)
        assert (case["kind"], case["orderNum"]) == ("system", "ORDER-0001")
        assert (case["expected"], case["actual"]) == ("SUCCESS", "PROCESSING")


@pytest.mark.gen_test
async def test_a_refund_that_wechat_has_forgotten_is_asked_about_ever_more_seldom(
    tmp_path: Path,
) -> None:
    denial = WeChatRefused("REFUNDNOTEXIST", "不存在")
    async with refund(tmp_path, RefundStatus.PROCESSING) as (shop, asking, clock):
        asking.answers = [denial] * 100
        for _ in range(30 * 24):
            await shop.running.reconciler.step()
            clock.ms += HOUR_MS
        assert 30 <= len(asking.asked) <= 45
        last, before = asking.asked[-1][0], asking.asked[-2][0]
        assert last - before >= 21 * HOUR_MS


@pytest.mark.gen_test
async def test_the_refund_of_an_account_that_is_away_waits_and_goes_on_when_it_is_back(
    tmp_path: Path,
) -> None:
    async with refund(tmp_path, RefundStatus.APPROVED, tries=3) as (shop, asking, clock):
        asking.answers = [OrderIsClosed("gone")] * (40 * 24 * 6)
        for _ in range(40):
            clock.ms += DAY_MS
            await shop.running.reconciler.step()
        ((due_at, tries),) = await due(shop)
        assert (due_at - clock.ms, tries) == (ABSENT_MS, 3)
        (case,) = await alerts(shop)
        assert case["evidence"]["code"] == "account_not_configured"
        asking.answers, looks = [], len(asking.asked)
        clock.ms += ABSENT_MS
        await shop.running.reconciler.step()
        assert len(asking.asked) == looks + 1
        assert (await due(shop))[0][1] == 4


@pytest.mark.parametrize("status", [RefundStatus.REFUSED, RefundStatus.ENDED])
@pytest.mark.gen_test
async def test_a_refund_that_was_given_up_is_asked_about_twice_more(
    tmp_path: Path, status: RefundStatus
) -> None:
    async with refund(tmp_path, status) as (shop, asking, clock):
        asking.answers = [True, WeChatUnreachable(), True]
        begun = clock.ms
        for _ in range(72):
            await shop.running.reconciler.step()
            clock.ms += HOUR_MS
        hours = [(at - begun) // HOUR_MS for at, _ in asking.asked]
        # The first look stands for that after an hour; the one without an answer does not count.
        assert (hours, await due(shop)) == ([0, 23, 24], [])
        assert await alerts(shop) == []


@pytest.mark.parametrize("length", [57, 58, 64])
@pytest.mark.gen_test
async def test_a_long_refund_number_is_told_and_does_not_hold_up_the_looks(
    tmp_path: Path, length: int
) -> None:
    """The subject of its case is the number with a word before it, in a column of 64."""
    name = "R" * length
    async with refund(tmp_path, RefundStatus.PROCESSING, REFUND_LOOKS) as (shop, asking, clock):
        await change(shop, Refund.update(refund_num=name))
        await change(shop, RefundCheck.update(refund_num=name))
        for _ in range(3):
            await shop.running.reconciler.step()
            clock.ms += 10_000
        assert [num for _, num in asking.asked] == [name]
        assert [case["evidence"]["code"] for case in await alerts(shop)] == ["refund_unfinished"]


@pytest.mark.gen_test
async def test_a_look_whose_end_fails_in_our_own_code_is_put_off(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with refund(tmp_path, RefundStatus.PROCESSING) as (shop, asking, clock):
        looks = shop.running.reconciler.refunds

        async def broken(*_args: object) -> None:
            raise RuntimeError("nobody expected this")

        looks._go_on = broken  # type: ignore[method-assign]
        for _ in range(60):
            await shop.running.reconciler.step()
            clock.ms += 1000
        assert len(asking.asked) <= 3
        assert "could not be looked at" in caplog.text


@pytest.mark.gen_test
async def test_refunds_that_wechat_refuses_do_not_keep_orders_from_being_asked_about(
    tmp_path: Path,
) -> None:
    async with refund(tmp_path, RefundStatus.APPROVED) as (shop, asking, clock):
        asking.answers = [WeChatRefused("NOTENOUGH", "余额不足") for _ in range(NO_WORD + 5)]
        while asking.answers:
            await shop.running.reconciler.step()
            clock.ms += HOUR_MS
        assert shop.running.reconciler._outages.outages() == []
        assert shop.running.reconciler._outages.admits(MCH_ID, APP_ID)


@pytest.mark.gen_test
async def test_a_refund_is_asked_about_soon_after_an_outage(tmp_path: Path) -> None:
    async with refund(tmp_path, RefundStatus.APPROVED) as (shop, asking, clock):
        asking.answers = [WeChatUnreachable() for _ in range(NO_WORD + 20)] + [True]
        while len(asking.answers) > 1:
            await shop.running.reconciler.step()
            clock.ms += 10_000
        (case,) = await alerts(shop)
        assert (case["kind"], case["actual"]) == ("system", "wechat_unreachable")
        clock.ms += 30_000
        await shop.running.reconciler.step()
        assert (asking.answers, await due(shop)) == ([], [])


@pytest.mark.gen_test
async def test_one_refund_that_fails_in_our_own_code_does_not_stop_the_orders(
    tmp_path: Path,
) -> None:
    async with refund(tmp_path, RefundStatus.PROCESSING) as (shop, asking, clock):
        asking.answers = [RuntimeError("nobody expected this")]
        number = (await shop.order(expiresInMinutes=5))["orderNum"]
        clock.ms += 6 * 60_000
        await shop.running.reconciler.step()
        assert (await shop.read(number))["status"] == "CLOSED"
        ((_, tries),) = await due(shop)
        assert tries == 1
