"""The stories that prove the product: each plays one payment and compares every answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from payments.answers import AlertKind, Outcome
from payments.states import OrderStatus
from simulator import anomalies
from simulator.notifier import Notifier
from simulator.play import Play, Stopped
from simulator.runs import Run, Runs
from simulator.shop import Shop, ShopAway
from simulator.till import NotPayable, Till

MAX_RUNNING = 8
MAX_RUN_S = 60.0

_log = logging.getLogger(__name__)

Story = Callable[[Play, str | None], Awaitable[None]]


async def paid(play: Play, order_num: str | None) -> None:
    trade = await play.open_trade(order_num)
    await play.deliver(play.till.pay(trade), Outcome.BOOKED)
    await play.order_is(OrderStatus.PAID, trade.transactions[0].id)
    await play.event("order.paid")


async def duplicate(play: Play, order_num: str | None) -> None:
    trade = await play.open_trade(order_num)
    transaction_id = await play.pay_first(trade)
    await play.deliver(play.till.again(trade), Outcome.DUPLICATE, "notify again")
    await play.order_is(OrderStatus.PAID, transaction_id)
    await play.event("notify.duplicate")


async def amount_plus_one(play: Play, order_num: str | None) -> None:
    trade = await play.open_trade(order_num)
    message = anomalies.amount_plus_one(play.till, trade)
    await play.deliver(message, Outcome.AMOUNT_MISMATCH)
    await play.order_is(OrderStatus.WAIT_PAY)
    fen = trade.total_fen
    await play.alert(AlertKind.AMOUNT_MISMATCH, trade.order_num, fen, fen + 1)


async def negative(play: Play, order_num: str | None) -> None:
    trade = await play.open_trade(order_num)
    await play.deliver(anomalies.negative(play.till, trade), Outcome.NEGATIVE_TOTAL)
    await play.order_is(OrderStatus.WAIT_PAY)
    fen = trade.total_fen
    await play.alert(AlertKind.NEGATIVE_TOTAL, trade.order_num, fen, -fen)


async def wrong_signature(play: Play, order_num: str | None) -> None:
    trade = await play.open_trade(order_num)
    await play.deliver(anomalies.wrong_signature(play.till, trade), Outcome.UNPROVEN)
    await play.order_is(OrderStatus.WAIT_PAY)
    await play.forgery_alert()


async def unknown_order(play: Play, _order_num: str | None) -> None:
    """Invents a number of its own, whatever number was given: that one may well exist."""
    await play.mark()
    message = anomalies.unknown_number(play.till, 100, "http://localhost/pay/notify")
    number = message.trade.order_num
    await play.deliver(message, Outcome.MISSING_ORDER)
    await play.alert(AlertKind.MISSING_ORDER, number, None, number)


async def second_transaction(play: Play, order_num: str | None) -> None:
    trade = await play.open_trade(order_num)
    first = await play.pay_first(trade)
    second = anomalies.charged_again(play.till, trade)
    await play.deliver(second, Outcome.ILLEGAL_TRANSITION, "second notify")
    await play.order_is(OrderStatus.PAID, first)
    actual = trade.transactions[-1].id
    await play.alert(AlertKind.ILLEGAL_TRANSITION, trade.order_num, first, actual)


async def after_close(play: Play, order_num: str | None) -> None:
    trade = await play.open_trade(order_num)
    await play.close(trade)
    late = anomalies.charged_again(play.till, trade)
    await play.deliver(late, Outcome.ILLEGAL_TRANSITION, "late notify")
    await play.order_is(OrderStatus.CLOSED)
    await play.alert(AlertKind.ILLEGAL_TRANSITION, trade.order_num, "CLOSED", "PAID")


@dataclass(frozen=True)
class Scenario:
    story: Story
    title: str
    title_zh: str
    needs_key: bool = False
    """Cannot be played without the shop's API key, even when an order number is given."""


SCENARIOS: dict[str, Scenario] = {
    "paid": Scenario(paid, "An order is paid", "正常支付"),
    "duplicate": Scenario(duplicate, "The same notify comes twice", "重复通知"),
    "amount_plus_one": Scenario(amount_plus_one, "One fen too much", "金额多一分"),
    "negative": Scenario(negative, "A negative amount", "负数金额"),
    "wrong_signature": Scenario(wrong_signature, "A forged signature", "签名错误"),
    "unknown_order": Scenario(unknown_order, "An order that is not ours", "订单不存在"),
    "second_transaction": Scenario(second_transaction, "Paid twice", "重复支付"),
    "after_close": Scenario(after_close, "Money after closing", "关单后到账", needs_key=True),
}


class NeedsKey(Exception):
    """Without the shop's API key an order number must be given (and after_close needs the key)."""


class TooManyRuns(Exception):
    """MAX_RUNNING scenarios are being played already."""


class Stage:
    """Starts scenarios and keeps their records."""

    def __init__(self, runs: Runs, shop: Shop, till: Till, notifier: Notifier) -> None:
        self.runs = runs
        self._shop = shop
        self._till = till
        self._notifier = notifier
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, name: str, order_num: str | None) -> Run:
        """Play scenario `name`; the run fills as it goes. Raises NeedsKey, TooManyRuns."""
        scenario = SCENARIOS[name]
        without_order = order_num is None and scenario.story is not unknown_order
        if not self._shop.has_key and (without_order or scenario.needs_key):
            raise NeedsKey
        if len(self._tasks) >= MAX_RUNNING:
            raise TooManyRuns
        run = self.runs.new(name)
        task = asyncio.create_task(self._play(run, scenario.story, order_num))
        self._tasks.add(task)
        task.add_done_callback(partial(self._finished, run))
        return run

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _play(self, run: Run, story: Story, order_num: str | None) -> None:
        play = Play(run, self._shop, self._till, self._notifier)
        try:
            with suppress(Stopped):
                async with asyncio.timeout(MAX_RUN_S):
                    await story(play, order_num)
        except NotPayable as state:
            run.check("pay", "a trade that can be paid", f"the trade is {state}")
        except ShopAway as error:
            run.check("product", "an answer", f"no answer ({error})")
        except TimeoutError:
            run.check("time", f"at most {MAX_RUN_S:.0f} s", "longer")

    def _finished(self, run: Run, task: asyncio.Task[None]) -> None:
        """A scenario always ends with a record, also when it broke off."""
        self._tasks.discard(task)
        if task.cancelled():
            run.check("scenario", "to be played", "stopped")
        elif error := task.exception():
            _log.error("scenario %s broke off", run.name, exc_info=error)
            run.check("scenario", "to be played", f"broke off ({type(error).__name__})")
        run.done = True
