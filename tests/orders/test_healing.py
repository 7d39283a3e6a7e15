"""Notifies that are lost, all of them, for ten minutes: every payment is found by asking.

The clock is moved by hand, a second at a time; the product, its database and WeChat are real. A
long run: `PAYWATCH_TEST_HEALING=1000`, the number of orders.
"""

from __future__ import annotations

import os
import random
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from models import ApiKey, Order, OrderCheck
from models.base import rows
from models.transaction import Batch
from payments.errors import WeChatRefused
from payments.protocol import WireAnswer, WireRequest
from payments.v2.trade import QUERY_PATH
from services.orders.query_schedule import LONGEST_MS
from services.orders.reconciler import QUERIES_A_SECOND
from services.runtime.clock import HOUR_MS, MINUTE_MS, SystemClock
from services.wechat.rate_limit import WINDOW_S, Turns
from simulator.http.server import serving
from simulator.http.world import World
from simulator.options import Options
from tests.support.databases import database
from tests.support.notify_rig import alerts, receipts
from tests.support.rig import MERCHANT, MovedClock, Product, product

ORDERS = int(os.environ.get("PAYWATCH_TEST_HEALING", "60"))
TEN_MINUTES, FIVE_MINUTES = 10 * MINUTE_MS, 5 * MINUTE_MS


def paced_send(shop: Product) -> Any:
    return shop.running.reconciler._wechat._send


@dataclass
class Heard:
    """When the questions about orders reached WeChat, in ms of the clock that is moved."""

    clock: MovedClock
    at: list[int] = field(default_factory=list)
    about: list[str] = field(default_factory=list)

    def listen(self, shop: Product) -> None:
        paced = paced_send(shop)
        send = paced._send

        async def heard(request: WireRequest) -> WireAnswer:
            if request.path == QUERY_PATH:
                self.at.append(self.clock.ms)
            return await send(request)

        paced._send = heard

    def most_in_a_second(self) -> int:
        """In any second, whenever it begins."""
        window: deque[int] = deque()
        most = 0
        for at in self.at:
            window.append(at)
            while window[0] <= at - 1000:
                window.popleft()
            most = max(most, len(window))
        return most


@dataclass
class Story:
    """What happens when, in ms of the clock: prepays, and payments whose notifies are lost."""

    shop: Product
    world: World
    clock: MovedClock
    todo: list[tuple[int, str, int]]
    numbers: dict[int, str] = field(default_factory=dict)
    paid: dict[str, int] = field(default_factory=dict)
    wrong: int = 0
    """Which order is paid with another amount."""

    async def until(self, end: int) -> None:
        while self.clock.ms < end:
            while self.todo and self.todo[0][0] <= self.clock.ms:
                _, deed, which = self.todo.pop(0)
                await self._do(deed, which)
            await self.shop.running.reconciler.step()
            self.clock.ms += 1000

    async def _do(self, deed: str, which: int) -> None:
        if deed == "prepay":
            number = self.numbers[which] = (await self.shop.order())["orderNum"]
            assert (await self.shop.prepay(number)).code == 200
            return
        number = self.numbers[which]
        trade = self.world.trades.by_order(number)
        assert trade
        says = {"total_fee": "1", "cash_fee": "1"} if which == self.wrong else None
        self.world.payment_desk.pay(
            trade, says=says
        )  # what it returns is the notify; nobody gets it
        self.paid[number] = self.clock.ms


def deeds(start: int, chance: random.Random) -> list[tuple[int, str, int]]:
    """Prepays at any moment of ten minutes, paid at any moment after; one in ten never."""
    found = []
    for which in range(ORDERS):
        prepaid = chance.randrange(TEN_MINUTES - 10_000)
        found.append((start + prepaid, "prepay", which))
        if which == 0 or which % 10:
            paid = chance.randrange(prepaid + 2_000, TEN_MINUTES)
            found.append((start + paid, "pay", which))
    return sorted(found)


@asynccontextmanager
async def wechat() -> AsyncIterator[tuple[str, World]]:
    """It lives on while the product is started anew."""
    async with serving(Options(MERCHANT, "http://127.0.0.1:1", port=0)) as served:
        yield served


async def change(shop: Product, query: Any) -> None:
    def op(_batch: Batch, items: Sequence[Any]) -> list[None]:
        query.execute()
        return [None] * len(items)

    await shop.running.store.write(op, None)


async def found_after(shop: Product, story: Story) -> dict[str, int | None]:
    """From the payment to the proof of it, in ms; None for those that are not PAID."""
    columns = (Order.order_num, Order.status, Order.paid_at)
    query = Order.select(*columns).where(Order.order_num.in_(list(story.paid)))
    read = await shop.running.store.read(lambda: rows(query))
    return {n: at - story.paid[n] if status == "PAID" else None for n, status, at in read}


@pytest.mark.gen_test(timeout=900)
async def test_every_payment_is_found_though_all_notifies_are_lost_for_ten_minutes(
    tmp_path: Path, kept: ExitStack
) -> None:
    """And though the product is away for a minute in the middle of it."""
    clock = MovedClock(SystemClock().now_ms())
    start, heard = clock.ms, Heard(clock)
    url = kept.enter_context(database(tmp_path))
    async with wechat() as (address, world):
        settings = {"DATABASE_URL": url, "WECHAT_BASE_URL": address}
        async with product(tmp_path, clock=clock, by_hand=True, **settings) as shop:
            heard.listen(shop)
            story = Story(shop, world, clock, deeds(start, random.Random(20261124)))
            await story.until(start + FIVE_MINUTES)
            await change(shop, ApiKey.update(name="before"))
        away_until = clock.ms + MINUTE_MS
        for at, deed, which in list(story.todo):  # the shop sells nothing, buyers pay
            if deed == "pay" and at < away_until and which in story.numbers:
                clock.ms = max(clock.ms, at)
                await story._do(deed, which)
                story.todo.remove((at, deed, which))
        clock.ms = away_until
        async with product(tmp_path, clock=clock, by_hand=True, **settings) as story.shop:
            heard.listen(story.shop)
            await story.until(start + TEN_MINUTES + FIVE_MINUTES)
            taken = await found_after(story.shop, story)
            wrong = story.numbers[story.wrong]
            assert (await story.shop.read(wrong))["status"] == "WAIT_PAY"
            kinds = {(case["kind"], case["orderNum"]) for case in await alerts(story.shop)}
            assert kinds == {("amount_mismatch", wrong)}
            (transaction,) = world.trades.by_order(wrong).transactions
            kept_money = await receipts(story.shop, transaction.id)
            assert kept_money == [(wrong, 1, "wrong_amount", "waiting")]
            events = await story.shop.events()
        assert taken.pop(wrong) is None
        times = sorted(ms for ms in taken.values() if ms is not None)
        assert len(times) == len(taken) == len(story.paid) - 1 > ORDERS // 2
        soon = sum(ms <= 90_000 for ms in times)
        print(f"{len(times)} found: {soon} within 90 s, the last after {times[-1] / 1000:.0f} s;")
        print(f"{len(heard.at)} questions, at most {heard.most_in_a_second()} in a second")
        assert soon >= 0.99 * len(times)
        assert times[-1] <= FIVE_MINUTES
        assert heard.most_in_a_second() <= QUERIES_A_SECOND
        healed = [e["orderNum"] for e in events if e["kind"] == "order.healed"]
        assert sorted(healed) == sorted(taken)  # each once


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_an_old_order_is_asked_about_often_enough_until_it_expires(tmp_path: Path) -> None:
    """Two hours of one order, whose buyer pays in the last minute."""
    clock = MovedClock(SystemClock().now_ms())
    heard = Heard(clock)
    async with product(tmp_path, wechat=True, clock=clock, by_hand=True) as shop:
        assert shop.wechat
        heard.listen(shop)
        number, trade = await shop.prepaid()
        made = clock.ms
        while clock.ms < made + 119 * MINUTE_MS:
            await shop.running.reconciler.step()
            clock.ms += 5000
        shop.wechat.payment_desk.pay(trade)
        while (await shop.read(number))["status"] == "WAIT_PAY":
            await shop.running.reconciler.step()
            clock.ms += 5000
        assert (await shop.read(number))["status"] == "PAID"
        assert clock.ms <= made + 121 * MINUTE_MS
    gaps = [b - a for a, b in zip([made, *heard.at], heard.at, strict=False)]
    assert gaps[0] <= MINUTE_MS
    assert max(gaps) <= LONGEST_MS + 5000 < FIVE_MINUTES
    assert 30 < len(heard.at) < 70


@pytest.mark.gen_test
async def test_an_order_that_was_never_sent_to_wechat_is_not_asked_about(tmp_path: Path) -> None:
    clock = MovedClock(SystemClock().now_ms())
    heard = Heard(clock)
    async with product(tmp_path, wechat=True, clock=clock, by_hand=True) as shop:
        heard.listen(shop)
        number = (await shop.order(expiresInMinutes=60))["orderNum"]
        for _ in range(60):
            assert await shop.running.reconciler.step() == 0
            clock.ms += MINUTE_MS
        clock.ms += MINUTE_MS
        assert await shop.running.reconciler.step() == 1
        assert (await shop.read(number))["status"] == "CLOSED"
    assert heard.at == []


@pytest.mark.gen_test
async def test_a_prepay_whose_answer_was_lost_is_asked_about_too(tmp_path: Path) -> None:
    clock = MovedClock(SystemClock().now_ms())
    async with product(tmp_path, wechat=True, clock=clock, by_hand=True) as shop:
        assert shop.wechat
        number = (await shop.order())["orderNum"]
        checkout = shop.running.services.prepays
        send = checkout._wechat._send

        async def lost(request: WireRequest) -> WireAnswer:
            answer = await send(request)
            return WireAnswer(502, b"<html>Bad Gateway</html>", answer.headers)

        checkout._wechat._send = lost
        assert (await shop.prepay(number)).code == 504
        trade = shop.wechat.trades.by_order(number)
        assert trade
        shop.wechat.payment_desk.pay(trade)
        clock.ms += 31_000
        assert await shop.running.reconciler.step() == 1
        assert (await shop.read(number))["status"] == "PAID"


@pytest.mark.gen_test
async def test_a_prepay_that_wechat_refused_waits_for_its_expiry(tmp_path: Path) -> None:
    """It is looked at once, as if WeChat might know it, and nobody is asked."""
    clock = MovedClock(SystemClock().now_ms())
    heard = Heard(clock)
    async with product(tmp_path, wechat=True, clock=clock, by_hand=True) as shop:
        heard.listen(shop)
        number = (await shop.order())["orderNum"]

        async def refuse(_: WireRequest) -> WireAnswer:
            raise WeChatRefused("NOAUTH", "")

        shop.running.services.prepays._wechat._send = refuse
        assert (await shop.prepay(number)).code == 502
        clock.ms += 31_000
        await shop.running.reconciler.step()
        due = await shop.running.store.read(lambda: rows(OrderCheck.select(OrderCheck.due_at)))
        assert due[0][0] > clock.ms + HOUR_MS
    assert heard.at == []


@pytest.mark.gen_test
async def test_a_buyer_who_comes_back_to_an_old_order_is_found_soon(tmp_path: Path) -> None:
    clock = MovedClock(SystemClock().now_ms())
    async with product(tmp_path, wechat=True, clock=clock, by_hand=True) as shop:
        assert shop.wechat
        number, trade = await shop.prepaid()
        clock.ms += 60 * MINUTE_MS
        await shop.running.reconciler.step()  # the next look is more than four minutes away
        assert (await shop.prepay(number)).code == 200
        shop.wechat.payment_desk.pay(trade)
        clock.ms += 31_000
        await shop.running.reconciler.step()
        assert (await shop.read(number))["status"] == "PAID"


@pytest.mark.gen_test
async def test_a_buyer_who_comes_back_during_a_look_is_found_soon_too(tmp_path: Path) -> None:
    clock = MovedClock(SystemClock().now_ms())
    async with product(tmp_path, wechat=True, clock=clock, by_hand=True) as shop:
        number, _ = await shop.prepaid()
        clock.ms += 60 * MINUTE_MS
        paced = paced_send(shop)
        send = paced._send

        async def meanwhile(request: WireRequest) -> WireAnswer:
            assert (await shop.prepay(number)).code == 200
            return await send(request)

        paced._send = meanwhile
        assert await shop.running.reconciler.step() == 1
        ((due_at,),) = await shop.running.store.read(
            lambda: rows(OrderCheck.select(OrderCheck.due_at))
        )
        assert due_at <= clock.ms + 30_000


@pytest.mark.gen_test
async def test_never_more_questions_in_a_second_than_the_limit(tmp_path: Path) -> None:
    clock = MovedClock(SystemClock().now_ms())
    heard = Heard(clock)
    async with product(tmp_path, wechat=True, clock=clock, by_hand=True) as shop:
        assert paced_send(shop)._turns._taken.maxlen == QUERIES_A_SECOND
        paced_send(shop)._turns = Turns(clock, 4, WINDOW_S)
        heard.listen(shop)
        for _ in range(20):
            await shop.prepay((await shop.order())["orderNum"])
        clock.ms += 31_000
        asked = 0
        while asked < 20:
            asked += await shop.running.reconciler.step()
    assert len(heard.at) == 20
    assert heard.most_in_a_second() == 4
