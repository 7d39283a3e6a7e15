"""Right payments whose notifies take odd ways: late, never, many at once, early, slow."""

from __future__ import annotations

import asyncio

from payments.outcomes import Outcome
from payments.states import OrderStatus
from simulator.scenarios.actions import ScenarioPlay
from simulator.state.trades import Trade

LOST_RUNGS = 9
"""The number of deliveries that are lost: some two and a half hours of repeats."""
LOOKS = 12
AT_ONCE = 16
HEAL_S = 45.0
"""A product that asks by itself does so within half a minute of the prepay."""
SLOW_S = 2.0
HELD_S = 7.0
"""At most; within the product's eight seconds of patience."""


async def late(play: ScenarioPlay, order_num: str | None) -> None:
    trade = await play.open_trade(order_num)
    message = play.payment_desk.pay(trade)
    play.lose(message, LOST_RUNGS)
    await play.page_asks(LOOKS, OrderStatus.WAIT_PAY)
    await play.deliver(message, Outcome.BOOKED, "late notify")
    await play.deliver(message, Outcome.DUPLICATE, "later notify")
    await play.order_is(OrderStatus.PAID, trade.transactions[0].id)
    await play.events_are([trade.order_num], {"order.paid": 1, "notify.duplicate": 1})


async def never(play: ScenarioPlay, order_num: str | None) -> None:
    """The money is at WeChat, and nobody says so: the product finds out by asking."""
    trade = await play.open_trade(order_num)
    play.payment_desk.pay(trade)
    play.wechat_says_paid(trade)
    await play.order_is(OrderStatus.WAIT_PAY)
    if play.feed.can_hear:
        play.run.check("order.healed", True, await play.heard("order.healed", HEAL_S))
    await play.order_is(OrderStatus.PAID, trade.transactions[0].id)
    await play.events_are([trade.order_num], {"order.paid": 1, "order.healed": 1})


async def concurrent_duplicate(play: ScenarioPlay, order_num: str | None) -> None:
    trade = await play.open_trade(order_num)
    message = play.payment_desk.pay(trade)
    delivered = await asyncio.gather(*(play.send(message) for _ in range(AT_ONCE)))
    play.all_answered("notifies at once", delivered)
    await play.order_is(OrderStatus.PAID, trade.transactions[0].id)
    await play.events_are([trade.order_num], {"order.paid": 1, "notify.duplicate": AT_ONCE - 1})


async def out_of_order(play: ScenarioPlay, order_num: str | None) -> None:
    """The notify overtakes WeChat's answer to the prepay, and the news of an attempt that failed
    before comes last."""
    number = await play.open_order(order_num)
    held = play.spoil(number, "slow", seconds=HELD_S)
    asking = asyncio.create_task(play.shop.prepay(number, "NATIVE"))
    try:
        trade = await play.trade_appears(number)
        failed = play.payment_desk.decline(trade)
        await play.deliver(play.payment_desk.pay(trade), Outcome.BOOKED, "notify before the prepay")
        held.cleared.set()
        play.run.check("prepay", "409 already_paid", (await asking).outcome)
    finally:
        asking.cancel()
    await _is_paid(play, trade)
    await play.deliver(failed, Outcome.NOT_SUCCESSFUL, "earlier failure")
    await play.order_is(OrderStatus.PAID, trade.transactions[0].id)
    await play.event("payment.failed")


async def slow(play: ScenarioPlay, order_num: str | None) -> None:
    number = await play.open_order(order_num)
    play.spoil(number, "slow", seconds=SLOW_S)
    trade = await play.prepaid(number, "slow prepay")
    await play.deliver(play.payment_desk.pay(trade), Outcome.BOOKED, "slow notify", takes_s=SLOW_S)
    await _is_paid(play, trade)


async def _is_paid(play: ScenarioPlay, trade: Trade) -> None:
    await play.order_is(OrderStatus.PAID, trade.transactions[0].id)
    await play.event("order.paid")
