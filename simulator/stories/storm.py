"""A storm: hundreds of notifies for many orders within seconds, most of them duplicates."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import TypeVar

from payments.states import OrderStatus
from simulator.play import Play, Stopped
from simulator.shop import Reply
from simulator.trades import Trade

ORDERS = 100
REPEATED_EVERY, COPIES = 2, 5
"""The notify of every second order comes five times."""
BUYERS, SENDERS = 16, 64
"""At once."""
REPORTS = 4
"""So often each part tells how far it is."""

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


async def storm(play: Play, _order_num: str | None) -> None:
    await play.told.mark()
    product_id = await play.product_id()

    async def buy(number: int) -> Trade:
        return await _prepaid(play, product_id, number)

    trades = await _all(play, "orders", range(ORDERS), buy, BUYERS)
    messages = []
    for number, trade in enumerate(trades):
        message = play.till.pay(trade)
        messages += [message] * (COPIES if number % REPEATED_EVERY == 0 else 1)
    Random(play.run.id).shuffle(messages)
    delivered = await _all(play, "notifies", messages, play.send, SENDERS)
    play.all_answered("answers", delivered)
    order_nums = [trade.order_num for trade in trades]
    repeats = len(messages) - ORDERS
    await play.events_are(order_nums, {"order.paid": ORDERS, "notify.duplicate": repeats})
    orders = await _all(play, "orders read", order_nums, play.shop.order, BUYERS)
    play.run.check("orders paid by their own transaction", ORDERS, _rightly_paid(trades, orders))


def _rightly_paid(trades: Sequence[Trade], orders: Sequence[Reply]) -> int:
    return sum(
        (order["status"], order["transactionId"])
        == (OrderStatus.PAID.value, trade.transactions[0].id)
        for trade, order in zip(trades, orders, strict=True)
    )


async def _prepaid(play: Play, product_id: str, number: int) -> Trade:
    made = await play.order(product_id, f"scenario-{play.run.id}-{number}")
    order_num = str(made["orderNum"])
    prepay = await play.shop.prepay(order_num, "NATIVE")
    trade = play.till.trades.by_order(order_num)
    if trade is None or prepay.status != 200:
        play.run.check("order and prepay", [201, 200], [made.outcome, prepay.outcome])
        raise Stopped
    return trade


async def _all(
    play: Play,
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
        if done % report_every == 0:
            play.run.tell(f"{name} done", done, len(items))
        return result

    tasks = [asyncio.ensure_future(one(item)) for item in items]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
