"""A storm: notifies for many orders at a steady pace, most of them duplicates, some wrong."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import TypeVar

from payments.merchant import Api
from payments.notify_replies import REPLIES
from payments.outcomes import Outcome
from payments.states import OrderStatus
from simulator.delivery.anomalies import with_amount
from simulator.scenarios.actions import ScenarioPlay, Stopped
from simulator.shop.client import ShopReply
from simulator.state.trades import Delivery, Trade
from simulator.v2.messages import NotifyMessage

REPEATED_EVERY, COPIES = 2, 5
"""The notify of every second order comes five times."""
BUYERS, SENDERS = 16, 64
"""At the same time."""
REPORTS = 4
"""How often each part reports its progress."""

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


async def storm(play: ScenarioPlay, _order_num: str | None) -> None:
    options = play.options
    notifies = options.per_second * options.seconds
    wrong_ones = round(notifies * options.anomaly_share)
    copies = shares(notifies - wrong_ones)
    await play.feed.mark()
    product_id = await play.product_id()

    async def buy(number: int) -> Trade:
        return await _prepaid(play, product_id, number)

    trades = await _all(play, "orders", range(len(copies) + wrong_ones), buy, BUYERS)
    good, bad = trades[: len(copies)], trades[len(copies) :]
    messages = _written(play, good, copies, bad)
    delivered = await _all(play, "notifies", messages, _paced(play), SENDERS)
    wrong = {trade.order_num for trade in bad}
    answers = list(zip(messages, delivered, strict=True))
    play.all_answered("answers", [d for m, d in answers if m.trade.order_num not in wrong])
    if wrong:
        refused = sum(_is_refused(m, d) for m, d in answers if m.trade.order_num in wrong)
        play.run.check("wrong amounts refused", len(wrong), refused)
    await _booked(play, good, notifies - wrong_ones - len(good))
    unpaid = await _all(play, "wrong orders read", bad, _read(play), BUYERS)
    kept = sum(order["status"] == OrderStatus.WAIT_PAY.value for order in unpaid)
    play.run.check("orders of wrong amounts as they were", len(bad), kept)


def shares(notifies: int) -> list[int]:
    """How often the notify of each order comes, so that there are so many in all."""
    found: list[int] = []
    left = notifies
    while left > 0:
        found.append(min(left, COPIES if len(found) % REPEATED_EVERY == 0 else 1))
        left -= found[-1]
    return found


def _written(
    play: ScenarioPlay, good: Sequence[Trade], copies: Sequence[int], bad: Sequence[Trade]
) -> list[NotifyMessage]:
    """Every notify, in an order of chance."""
    messages: list[NotifyMessage] = []
    for trade, times in zip(good, copies, strict=True):
        messages += [play.payment_desk.pay(trade)] * times
    messages += [with_amount(play.payment_desk, trade, trade.total_fen + 1) for trade in bad]
    Random(play.run.id).shuffle(messages)
    return messages


def _paced(play: ScenarioPlay) -> Callable[[NotifyMessage], Awaitable[Delivery]]:
    """Sends each when its turn has come: so many a second, and never more."""
    began, sent = time.monotonic(), 0

    async def send(message: NotifyMessage) -> Delivery:
        nonlocal sent
        due, sent = began + sent / play.options.per_second, sent + 1
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        return await play.send(message)

    return send


def _is_refused(message: NotifyMessage, delivery: Delivery) -> bool:
    answer = REPLIES[Outcome.AMOUNT_MISMATCH]
    if message.api is Api.V3:
        return delivery.status == answer.v3_status
    return (delivery.status, delivery.answer) == (answer.http_status, answer.xml.decode())


async def _booked(play: ScenarioPlay, trades: Sequence[Trade], repeats: int) -> None:
    """Each order once, and by its own transaction."""
    order_nums = [trade.order_num for trade in trades]
    await play.events_are(order_nums, {"order.paid": len(trades), "notify.duplicate": repeats})
    orders = await _all(play, "orders read", trades, _read(play), BUYERS)
    rightly = _rightly_paid(trades, orders)
    play.run.check("orders paid by their own transaction", len(trades), rightly)


def _read(play: ScenarioPlay) -> Callable[[Trade], Awaitable[ShopReply]]:
    async def read(trade: Trade) -> ShopReply:
        return await play.shop.order(trade.order_num)

    return read


def _rightly_paid(trades: Sequence[Trade], orders: Sequence[ShopReply]) -> int:
    return sum(
        (order["status"], order["transactionId"])
        == (OrderStatus.PAID.value, trade.transactions[0].id)
        for trade, order in zip(trades, orders, strict=True)
    )


async def _prepaid(play: ScenarioPlay, product_id: str, number: int) -> Trade:
    made = await play.order(product_id, f"scenario-{play.run.id}-{number}")
    order_num = str(made["orderNum"])
    prepay = await play.shop.prepay(order_num, "NATIVE")
    trade = play.payment_desk.trades.by_order(order_num)
    if trade is None or prepay.status != 200:
        play.run.check("order and prepay", [201, 200], [made.outcome, prepay.outcome])
        raise Stopped
    return trade


async def _all(
    play: ScenarioPlay,
    name: str,
    items: Sequence[_Item],
    do: Callable[[_Item], Awaitable[_Result]],
    at_once: int,
) -> list[_Result]:
    """`do` to every item, so many at once; tells now and then how many are done."""
    slots, done = asyncio.Semaphore(at_once), 0
    report_every = max(1, len(items) // REPORTS)

    async def one(item: _Item) -> _Result:
        nonlocal done
        async with slots:
            result = await do(item)
        done += 1
        play.run.progress = {"name": name, "done": done, "of": len(items)}
        if done % report_every == 0:
            play.run.tell(f"{name} done", done, len(items))
        return result

    tasks = [asyncio.ensure_future(one(item)) for item in items]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
