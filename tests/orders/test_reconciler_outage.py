"""When WeChat does not answer: no order changes, a probe goes out now and then, a person is told,
and it heals by itself. One process asks, and another takes over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from models import Order, OrderCheck
from models.base import rows
from payments.errors import WeChatRefused, WeChatUnreachable, WeChatUntrusted
from payments.merchant import Merchant, Merchants
from payments.protocol import WireAnswer, WireRequest
from services.runtime.clock import MINUTE_MS, SystemClock
from services.runtime.leases import Leases
from services.wechat.call_failures import NO_WORD
from services.wechat.circuit_breaker import PROBE_S
from tests.orders.test_healing import change
from tests.support.notify_rig import alerts
from tests.support.rig import KEY, MERCHANT, MovedClock, Product, product

OTHER = Merchant("wx0000000000000002", "1900000222", KEY)


class Line:
    """The way to WeChat, which breaks while `error` is set."""

    def __init__(self, shop: Product, clock: MovedClock) -> None:
        paced = shop.running.reconciler._wechat._send
        self._send, paced._send = paced._send, self
        self._clock = clock
        self.error: Exception | None = None
        self.only: str | None = None
        """The one merchant whose calls fail; else all."""
        self.tried: list[int] = []

    async def __call__(self, request: WireRequest) -> WireAnswer:
        self.tried.append(self._clock.ms)
        if self.error and (self.only is None or self.only.encode() in request.body):
            raise self.error
        return await self._send(request)


@asynccontextmanager
async def waiting_orders(folder: Path, count: int) -> AsyncIterator[tuple[Product, Line, Any]]:
    """A product with so many orders that have a prepay and are due."""
    clock = MovedClock(SystemClock().now_ms())
    async with product(folder, wechat=True, clock=clock, by_hand=True) as shop:
        line = Line(shop, clock)
        for _ in range(count):
            assert (await shop.prepay((await shop.order())["orderNum"])).code == 200
        clock.ms += 31_000
        yield shop, line, clock


async def run(shop: Product, clock: MovedClock, seconds: int) -> None:
    for _ in range(seconds):
        await shop.running.reconciler.step()
        clock.ms += 1000


async def statuses(shop: Product) -> list[str]:
    return await shop.running.store.read(
        lambda: [status for (status,) in rows(Order.select(Order.status).order_by(Order.id))]
    )


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("error", "actual"),
    [
        (WeChatUnreachable(), "wechat_unreachable"),
        (WeChatUntrusted(), "wechat_untrusted"),
        (WeChatRefused("SYSTEMERROR", "系统超时"), "SYSTEMERROR"),
    ],
)
@pytest.mark.gen_test
async def test_an_outage_of_wechats_means_few_probes_and_heals_by_itself(
    tmp_path: Path, error: Exception, actual: str
) -> None:
    async with waiting_orders(tmp_path, 15) as (shop, line, clock):
        assert shop.wechat
        line.error = error
        for trade in shop.wechat.trades.newest(99):
            shop.wechat.payment_desk.pay(trade)
        await run(shop, clock, 600)
        assert len(line.tried) <= NO_WORD + 5 + 600 // PROBE_S
        assert await statuses(shop) == ["WAIT_PAY"] * 15
        (case,) = await alerts(shop)
        assert (case["kind"], case["actual"]) == ("system", actual)
        line.error = None
        await run(shop, clock, 60)
        assert await statuses(shop) == ["PAID"] * 15
        (case,) = await alerts(shop)
        assert case["history"][-1]["action"] == "over"


@pytest.mark.gen_test
async def test_a_merchant_whose_settings_wechat_refuses_holds_up_no_other(tmp_path: Path) -> None:
    async with waiting_orders(tmp_path, 12) as (shop, line, clock):
        assert shop.wechat
        reconciler = shop.running.reconciler
        reconciler._merchants = Merchants((MERCHANT, OTHER))
        theirs = {"app_id": OTHER.app_id, "mch_id": OTHER.mch_id}
        await change(shop, Order.update(theirs).where(Order.id <= 11))
        line.error, line.only = WeChatRefused("SIGNERROR", "签名错误"), OTHER.mch_id
        await change(shop, OrderCheck.update(due_at=clock.ms - 1))
        await run(shop, clock, 120)
        for trade in shop.wechat.trades.newest(99):
            shop.wechat.payment_desk.pay(trade)
        await run(shop, clock, 90)
        assert await statuses(shop) == [*["WAIT_PAY"] * 11, "PAID"]
        (case,) = await alerts(shop)
        assert (case["kind"], case["actual"]) == ("system", "SIGNERROR")


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_one_order_that_always_fails_stops_nobody(tmp_path: Path) -> None:
    async with waiting_orders(tmp_path, 3) as (shop, line, clock):
        assert shop.wechat
        trades = list(shop.wechat.trades.newest(99))[::-1]
        line.error, line.only = WeChatUntrusted(), trades[0].order_num
        for _ in range(20):
            await run(shop, clock, 60)
        for trade in trades:
            shop.wechat.payment_desk.pay(trade)
        await run(shop, clock, 300)
        assert await statuses(shop) == ["WAIT_PAY", "PAID", "PAID"]
        assert await alerts(shop) == []


@pytest.mark.gen_test
async def test_one_process_asks_and_another_takes_over_when_it_dies(tmp_path: Path) -> None:
    """As the job does it: who has the lease steps."""
    async with waiting_orders(tmp_path, 1) as (shop, line, clock):
        store = shop.running.store
        ours, theirs = Leases(store, clock, "ours"), Leases(store, clock, "theirs")

        async def turn(leases: Leases) -> bool:
            if not await leases.claim("reconcile", 15_000):
                return False
            await shop.running.reconciler.step()
            return True

        assert await turn(ours)
        assert len(line.tried) == 1
        clock.ms += 10_000
        assert not await turn(theirs)
        clock.ms += 10_000  # and ours is never heard of again
        assert await turn(theirs)
        assert not await turn(ours)
        clock.ms += MINUTE_MS
        assert await turn(theirs)
        assert len(line.tried) == 2


# --- one app, and its account --------------------------------------------------------------------

SISTER = Merchant("wx0000000000000003", MERCHANT.mch_id, KEY)
"""Another app of the same account."""
MANY = 16


@asynccontextmanager
async def two_apps(folder: Path) -> AsyncIterator[tuple[Product, Line, Any]]:
    """Many open orders of one app whose questions fail, all longer due than the one order of
    another app of the same account, which is paid without a notify."""
    async with waiting_orders(folder, MANY) as (shop, line, clock):
        assert shop.wechat
        shop.running.reconciler._merchants = Merchants((MERCHANT, SISTER))
        await change(shop, Order.update(app_id=SISTER.app_id).where(Order.id < MANY))
        await change(shop, OrderCheck.update(due_at=clock.ms - 5000))
        (last,) = await shop.running.store.read(
            lambda: rows(Order.select(Order.order_num).where(Order.id == MANY))
        )
        await change(
            shop, OrderCheck.update(due_at=clock.ms).where(OrderCheck.order_num == last[0])
        )
        line.only = SISTER.app_id
        shop.wechat.payment_desk.pay(shop.wechat.trades.by_order(last[0]))
        yield shop, line, clock


APP_FAULTS = {
    "a setting": WeChatRefused("APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配"),
    "an unknown word": WeChatRefused("NEW_RULE", "请联系微信支付"),
    "an unsigned word": WeChatRefused("FAIL", "appid不存在"),
    "another's answer": WeChatUntrusted(doubt="foreign", claimed=(MERCHANT.mch_id, "wx1")),
    "no answer": WeChatUnreachable(),
    "no proof": WeChatUntrusted(),
}


@pytest.mark.one_database
@pytest.mark.gen_test
@pytest.mark.parametrize("what", APP_FAULTS)
async def test_one_bad_app_does_not_slow_its_account(tmp_path: Path, what: str) -> None:
    async with two_apps(tmp_path) as (shop, line, clock):
        line.error = APP_FAULTS[what]
        await run(shop, clock, 60)
        assert (await statuses(shop))[-1] == "PAID"
        (case,) = await alerts(shop)
        assert case["kind"] in ("system", "foreign_merchant")
        told = {row["name"]: row["wechat"] for row in case["evidence"]["fields"]}
        if isinstance(line.error, WeChatRefused):
            assert told["words"] == line.error.wechat_words
        await run(shop, clock, 60)
        # Each order backs off by itself: at half a minute, and then ever later.
        assert len(line.tried) < 4 * MANY


@pytest.mark.gen_test
async def test_one_order_whose_question_is_refused_again_is_a_case_within_a_minute(
    tmp_path: Path,
) -> None:
    async with waiting_orders(tmp_path, 2) as (shop, line, clock):
        assert shop.wechat
        first = list(shop.wechat.trades.newest(9))[-1]
        line.error, line.only = WeChatRefused("INVALID_REQUEST", "参数错误"), first.order_num
        await run(shop, clock, 5)
        assert await alerts(shop) == []
        await run(shop, clock, 55)
        (case,) = await alerts(shop)
        assert (case["kind"], case["actual"]) == ("system", "INVALID_REQUEST")


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_probes_of_an_outage_take_turns_between_the_apps(tmp_path: Path) -> None:
    async with two_apps(tmp_path) as (shop, line, clock):
        line.error, line.only = WeChatUnreachable(), None
        await run(shop, clock, 10)
        asked: list[bytes] = []
        breaks = line.__call__

        async def heard(request: WireRequest) -> WireAnswer:
            asked.append(request.body)
            return await breaks(request)

        shop.running.reconciler._wechat._send._send = heard
        await run(shop, clock, 130)
        sisters = [SISTER.app_id.encode() in body for body in asked]
        assert 5 <= len(sisters) <= 7
        assert all(one is not other for one, other in pairwise(sisters))
