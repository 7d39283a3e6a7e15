"""Money that only the bill of the day tells: planted now, shown when the bill is fetched."""

from __future__ import annotations

from payments.states import OrderStatus
from simulator.bills.gaps import FEE, OUTSIDE, TWICE, UNHEARD, BadGap
from simulator.scenarios.actions import ScenarioPlay, Stopped
from simulator.state.trades import Trade, TradeState


async def unheard_payment(play: ScenarioPlay, order_num: str | None) -> None:
    """WeChat has the money, sends no notify, and says NOTPAY to every query until the bill."""
    trade = await play.open_trade(order_num)
    _plant(play, UNHEARD, trade)
    play.run.check("trade at WeChat", TradeState.SUCCESS, trade.state)
    play.wechat_says_unpaid(trade)
    await play.order_is(OrderStatus.WAIT_PAY)
    await play.no_alert()


async def outside_refund(play: ScenarioPlay, order_num: str | None) -> None:
    """A third goes back on the merchant platform, and WeChat's notify of it is lost."""
    trade = await play.open_trade(order_num)
    await play.pay_first(trade)
    part = max(1, trade.total_fen // 3)
    _plant(play, OUTSIDE, trade, part)
    found = [refund.refund_fen for refund in play.refunds.of_trade(trade)]
    play.run.check("refunds at WeChat", [part], found)
    await play.status_is(OrderStatus.PAID)
    await play.no_alert()


async def wrong_fee(play: ScenarioPlay, order_num: str | None) -> None:
    await _paid_and_planted(play, order_num, FEE)


async def double_booking(play: ScenarioPlay, order_num: str | None) -> None:
    await _paid_and_planted(play, order_num, TWICE)


async def _paid_and_planted(play: ScenarioPlay, order_num: str | None, gap: str) -> None:
    """The payment goes well; only the bill will be wrong about it."""
    trade = await play.open_trade(order_num)
    transaction_id = await play.pay_first(trade)
    _plant(play, gap, trade)
    await play.order_is(OrderStatus.PAID, transaction_id)
    await play.no_alert()


def _plant(play: ScenarioPlay, gap: str, trade: Trade, fen: int = 0) -> None:
    try:
        planted = play.gaps.plant(gap, trade.order_num, fen)
    except BadGap as error:
        play.run.check("bill", "a difference", str(error))
        raise Stopped from error
    play.run.tell("bill", f"{planted.day.isoformat()} {planted.kind}")
