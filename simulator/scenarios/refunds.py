"""Money that goes back: the shop asks for it, and WeChat pays it back once."""

from __future__ import annotations

from payments.alert_kinds import AlertKind
from payments.outcomes import Outcome
from payments.refund import RefundStatus
from payments.states import OrderStatus
from simulator.delivery import anomalies
from simulator.scenarios.actions import ScenarioPlay
from simulator.scenarios.delivery import HEAL_S
from simulator.state.refunds import SimulatedRefund
from simulator.state.trades import Trade

PATIENCE_S = 50.0
"""For the result: WeChat's two seconds, its notify, and where that proves nothing, a query, which
is due again after 15 seconds; and a machine that does other work meanwhile."""
DECIDE_S = 30.0
"""An admin has so long to decide."""
REASON = "模拟退款"


async def refund_partial(play: ScenarioPlay, order_num: str | None) -> None:
    trade = await _paid(play, order_num)
    part = max(1, trade.total_fen // 3)
    number = await _ask(play, trade, part)
    again = await play.shop.refund(trade.order_num, part, REASON, number)
    play.run.check("the same again", number, again["refundNum"])
    await _comes(play, trade, part)
    rest = OrderStatus.PARTIALLY_REFUNDED if part < trade.total_fen else OrderStatus.REFUNDED
    await play.status_is(rest)


async def refund_full(play: ScenarioPlay, order_num: str | None) -> None:
    trade = await _paid(play, order_num)
    await _ask(play, trade, trade.total_fen)
    await _comes(play, trade, trade.total_fen)
    await play.status_is(OrderStatus.REFUNDED)
    more = await play.shop.refund(trade.order_num, 1, REASON)
    play.run.check("one fen more", 409, more.status)
    _held(play, trade, trade.total_fen)


async def refund_abnormal(play: ScenarioPlay, order_num: str | None) -> None:
    trade = await _paid(play, order_num)
    play.spoil(trade.order_num, "abnormal", on="refund_result")
    await _ask(play, trade, trade.total_fen)
    await play.event("refund.failed", PATIENCE_S)
    await play.alert_kind(AlertKind.REFUND_ANOMALY, PATIENCE_S)
    await play.status_is(OrderStatus.REFUNDING)
    for refund in play.refunds.of_trade(trade):
        play.refunds.end(refund, RefundStatus.SUCCESS)
    await _comes(play, trade, trade.total_fen)
    await play.status_is(OrderStatus.REFUNDED)


async def refund_lost_answer(play: ScenarioPlay, order_num: str | None) -> None:
    trade = await _paid(play, order_num)
    play.spoil(trade.order_num, "lost", on="refund")
    await _ask(play, trade, trade.total_fen)
    await _comes(play, trade, trade.total_fen)
    await play.status_is(OrderStatus.REFUNDED)


async def late_money_refund(play: ScenarioPlay, order_num: str | None) -> None:
    """The shop cannot take this decision: an admin does, in the console."""
    trade = await play.open_trade(order_num)
    await play.close(trade)
    late = anomalies.charged_again(play.payment_desk, trade)
    await play.deliver(late, Outcome.ILLEGAL_TRANSITION, "late notify")
    await play.alert(AlertKind.ILLEGAL_TRANSITION, trade.order_num, "CLOSED", "PAID")
    by_shop = await play.shop.refund(trade.order_num, trade.total_fen, REASON)
    play.run.check("refund by the shop", 409, by_shop.status)
    play.run.tell("receipt", "waits for an admin", "refund")
    if not await play.heard("refund.approved", DECIDE_S):
        play.run.tell("refund", "nobody decided in time")
        return
    await _comes(play, trade, trade.total_fen)
    await play.status_is(OrderStatus.CLOSED)


async def outside_refund(play: ScenarioPlay, order_num: str | None) -> None:
    """Somebody refunds on WeChat's merchant platform, a part and then the rest."""
    trade = await _paid(play, order_num)
    part = max(1, trade.total_fen // 3)
    play.refunds.outside(trade, part)
    await play.event("refund.succeeded", PATIENCE_S)
    whole = part == trade.total_fen
    await play.status_is(OrderStatus.REFUNDED if whole else OrderStatus.PARTIALLY_REFUNDED)
    if not whole:
        await play.feed.mark()
        play.refunds.outside(trade, trade.total_fen - part)
        await play.event("refund.succeeded", PATIENCE_S)
        await play.status_is(OrderStatus.REFUNDED)
    fens = [part, trade.total_fen - part][: 1 if whole else 2]
    found = [_shown(refund) for refund in play.refunds.of_trade(trade)]
    play.run.check("refunds at WeChat", [{"fen": f, "status": "SUCCESS"} for f in fens], found)
    await play.no_alert()


async def outside_refund_lost(play: ScenarioPlay, order_num: str | None) -> None:
    """Neither the payment nor its refund on the platform is told: the query says REFUND."""
    trade = await play.open_trade(order_num)
    play.payment_desk.pay(trade)
    play.refunds.outside(trade, trade.total_fen, told=False)
    await play.event("order.paid", HEAL_S)
    if not trade.merchant.api_v2_key:  # API v3 lists no refunds: a person enters what went back
        await play.alert_kind(AlertKind.REFUND_ANOMALY, PATIENCE_S)
        return
    await play.event("refund.succeeded", PATIENCE_S)
    await play.status_is(OrderStatus.REFUNDED)


async def _paid(play: ScenarioPlay, order_num: str | None) -> Trade:
    """A paid order with all of its money."""
    trade = await play.open_trade(order_num)
    await play.pay_first(trade)
    play.must("refunds before", 0, len(play.refunds.of_trade(trade)))
    return trade


async def _ask(play: ScenarioPlay, trade: Trade, fen: int) -> str:
    """Have the shop ask for a refund; its number. A large one waits for a second admin."""
    reply = await play.shop.refund(trade.order_num, fen, REASON)
    play.must("refund asked for", 201, reply.outcome)
    await play.event("refund.approved")
    return str(reply["refundNum"])


async def _comes(play: ScenarioPlay, trade: Trade, fen: int) -> None:
    """The product tells the success, and WeChat holds one refund of this amount."""
    await play.event("refund.succeeded", PATIENCE_S)
    _held(play, trade, fen)


def _held(play: ScenarioPlay, trade: Trade, fen: int) -> None:
    found = [_shown(refund) for refund in play.refunds.of_trade(trade)]
    play.run.check("refunds at WeChat", [{"fen": fen, "status": "SUCCESS"}], found)


def _shown(refund: SimulatedRefund) -> dict[str, int | str]:
    return {"fen": refund.refund_fen, "status": refund.status.value}
