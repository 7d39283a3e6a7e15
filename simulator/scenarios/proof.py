"""Notifies that prove nothing, or prove it of somebody else: none may touch the order."""

from __future__ import annotations

from collections.abc import Callable

from payments.alert_kinds import AlertKind
from payments.outcomes import Outcome
from payments.states import OrderStatus
from simulator.delivery import anomalies
from simulator.delivery.payment import PaymentDesk
from simulator.scenarios.actions import ScenarioPlay
from simulator.state.trades import Trade
from simulator.v2.envelope import OTHER_APP_ID, OTHER_MCH_ID
from simulator.v2.messages import NotifyMessage


async def wrong_signature(play: ScenarioPlay, order_num: str | None) -> None:
    await _unproven(play, order_num, anomalies.wrong_signature)


async def tampered(play: ScenarioPlay, order_num: str | None) -> None:
    await _unproven(play, order_num, anomalies.tampered)


async def _unproven(
    play: ScenarioPlay, order_num: str | None, make: Callable[[PaymentDesk, Trade], NotifyMessage]
) -> None:
    trade = await play.open_trade(order_num)
    await play.deliver(make(play.payment_desk, trade), Outcome.UNPROVEN)
    await play.order_is(OrderStatus.WAIT_PAY)
    await play.forgery_alert()


async def other_merchant(play: ScenarioPlay, order_num: str | None) -> None:
    """Their number, then their app, both under our key; at last all of theirs, also the key."""
    trade = await play.open_trade(order_num)
    ours = trade.merchant
    expected = _ids(ours.mch_id, ours.app_id)

    message = anomalies.other_number(play.payment_desk, trade)
    await play.deliver(message, Outcome.FOREIGN_MERCHANT, "their number, our key")
    actual = _ids(OTHER_MCH_ID, ours.app_id)
    await play.alert(AlertKind.FOREIGN_MERCHANT, trade.order_num, expected, actual)

    await play.feed.mark()
    message = anomalies.other_app(play.payment_desk, trade)
    await play.deliver(message, Outcome.FOREIGN_MERCHANT, "their app, our key")
    actual = _ids(ours.mch_id, OTHER_APP_ID)
    await play.alert(AlertKind.FOREIGN_MERCHANT, trade.order_num, expected, actual)

    await play.feed.mark()
    message = anomalies.other_merchant(play.payment_desk, trade)
    await play.deliver(message, Outcome.UNPROVEN, "their key")
    await play.forgery_alert()
    await play.order_is(OrderStatus.WAIT_PAY)


def _ids(mch_id: str, app_id: str) -> str:
    return f"mch_id {mch_id}, appid {app_id}"
