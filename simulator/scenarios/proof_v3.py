"""Notifies of API v3 that prove nothing, each followed by the good one, as WeChat would send it."""

from __future__ import annotations

from payments.merchant import Api
from payments.outcomes import Outcome
from payments.states import OrderStatus
from simulator.scenarios.actions import ScenarioPlay


async def v3_probe(play: ScenarioPlay, order_num: str | None) -> None:
    await _unproven(play, order_num, "probe", Outcome.PROBE)


async def v3_unknown_serial(play: ScenarioPlay, order_num: str | None) -> None:
    await _unproven(play, order_num, "unknown_serial", Outcome.UNPROVEN)


async def v3_stale(play: ScenarioPlay, order_num: str | None) -> None:
    await _unproven(play, order_num, "stale", Outcome.UNPROVEN)


async def v3_wrong_tag(play: ScenarioPlay, order_num: str | None) -> None:
    await _unproven(play, order_num, "wrong_tag", Outcome.UNPROVEN)


async def _unproven(play: ScenarioPlay, order_num: str | None, kind: str, outcome: Outcome) -> None:
    trade = await play.open_trade(order_num)
    play.must("ordered on", Api.V3, trade.api)
    good = play.payment_desk.pay(trade)
    await play.deliver(play.notifier.spoiled(good, kind), outcome)
    await play.order_is(OrderStatus.WAIT_PAY)
    if outcome is Outcome.PROBE:
        await play.no_alert()
    else:
        await play.forgery_alert()
    await play.deliver(good, Outcome.BOOKED, "good notify")
    await play.order_is(OrderStatus.PAID, trade.transactions[0].id)
    await play.event("order.paid")
