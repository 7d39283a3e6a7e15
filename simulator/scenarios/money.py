"""Payments that WeChat really holds: right ones, and ones that the product must not book."""

from __future__ import annotations

from payments.alert_kinds import AlertKind
from payments.merchant import Api
from payments.outcomes import Outcome
from payments.states import OrderStatus
from simulator.delivery import anomalies
from simulator.scenarios.actions import ScenarioPlay
from simulator.state.trades import Trade

YEAR_S = 365 * 86_400


async def paid(play: ScenarioPlay, order_num: str | None) -> None:
    trade = await play.open_trade(order_num)
    await play.deliver(play.payment_desk.pay(trade), Outcome.BOOKED)
    await play.order_is(OrderStatus.PAID, trade.transactions[0].id)
    await play.event("order.paid")


async def duplicate(play: ScenarioPlay, order_num: str | None) -> None:
    trade = await play.open_trade(order_num)
    transaction_id = await play.pay_first(trade)
    for _ in range(play.options.times):
        await play.deliver(play.payment_desk.again(trade), Outcome.DUPLICATE, "notify again")
    await play.order_is(OrderStatus.PAID, transaction_id)
    await play.event("notify.duplicate")


async def wrong_amount(play: ScenarioPlay, order_num: str | None) -> None:
    """The amount that was wished for, or one hundredth of the order's."""
    trade = await play.open_trade(order_num)
    told = play.options.notify_fen or max(1, trade.total_fen // 100)
    play.must("amounts differ", True, told != trade.total_fen)
    await _refused_amount(play, trade, told)


async def amount_plus_one(play: ScenarioPlay, order_num: str | None) -> None:
    trade = await play.open_trade(order_num)
    await _refused_amount(play, trade, trade.total_fen + 1)


async def _refused_amount(play: ScenarioPlay, trade: Trade, told: int) -> None:
    message = anomalies.with_amount(play.payment_desk, trade, told)
    await play.deliver(message, Outcome.AMOUNT_MISMATCH)
    await play.order_is(OrderStatus.WAIT_PAY)
    await play.alert(AlertKind.AMOUNT_MISMATCH, trade.order_num, trade.total_fen, told)


async def negative(play: ScenarioPlay, order_num: str | None) -> None:
    trade = await play.open_trade(order_num)
    await play.deliver(anomalies.negative(play.payment_desk, trade), Outcome.NEGATIVE_TOTAL)
    await play.order_is(OrderStatus.WAIT_PAY)
    fen = trade.total_fen
    await play.alert(AlertKind.NEGATIVE_TOTAL, trade.order_num, fen, -fen)


async def unknown_order(play: ScenarioPlay, _order_num: str | None) -> None:
    """Invents a number of its own, whatever number was given: that one may well exist."""
    await play.feed.mark()
    path = "/pay/notify/v3" if play.payment_desk.merchant.api is Api.V3 else "/pay/notify"
    message = anomalies.unknown_number(play.payment_desk, 100, f"http://localhost{path}")
    number = message.trade.order_num
    await play.deliver(message, Outcome.MISSING_ORDER)
    await play.alert(AlertKind.MISSING_ORDER, number, None, number)


async def second_transaction(play: ScenarioPlay, order_num: str | None) -> None:
    trade = await play.open_trade(order_num)
    first = await play.pay_first(trade)
    second = anomalies.charged_again(play.payment_desk, trade)
    await play.deliver(second, Outcome.ILLEGAL_TRANSITION, "second notify")
    await play.order_is(OrderStatus.PAID, first)
    actual = trade.transactions[-1].id
    await play.alert(AlertKind.ILLEGAL_TRANSITION, trade.order_num, first, actual)


async def after_close(play: ScenarioPlay, order_num: str | None) -> None:
    trade = await play.open_trade(order_num)
    await play.close(trade)
    late = anomalies.charged_again(play.payment_desk, trade)
    await play.deliver(late, Outcome.ILLEGAL_TRANSITION, "late notify")
    await play.order_is(OrderStatus.CLOSED)
    await play.alert(AlertKind.ILLEGAL_TRANSITION, trade.order_num, "CLOSED", "PAID")


async def old_number(play: ScenarioPlay, order_num: str | None) -> None:
    """WeChat holds a payment of a year ago under the number of a new order."""
    trade = await play.open_trade(order_num)
    long_ago = play.payment_desk.time() - YEAR_S
    message = play.payment_desk.pay(trade, paid_at=long_ago)
    await play.deliver(message, Outcome.ILLEGAL_TRANSITION)
    await play.order_is(OrderStatus.WAIT_PAY)
    await play.alert_kind(AlertKind.ILLEGAL_TRANSITION, 0.0)
