"""WeChat made the prepay, and its answer is useless or lost: a repeat must get the same prepay."""

from __future__ import annotations

from payments.outcomes import Outcome
from payments.states import OrderStatus
from simulator.scenarios.actions import ScenarioPlay

UNTRUSTED, UNREACHABLE = "502 wechat_untrusted", "504 wechat_unreachable"


async def garbage_answer(play: ScenarioPlay, order_num: str | None) -> None:
    await _useless(play, order_num, "garbage", UNTRUSTED)


async def unsigned_answer(play: ScenarioPlay, order_num: str | None) -> None:
    await _useless(play, order_num, "unsigned", UNTRUSTED)


async def wrong_signature_answer(play: ScenarioPlay, order_num: str | None) -> None:
    await _useless(play, order_num, "wrong_signature", UNTRUSTED)


async def error_500(play: ScenarioPlay, order_num: str | None) -> None:
    await _useless(play, order_num, "error_500", UNREACHABLE)


async def lost_answer(play: ScenarioPlay, order_num: str | None) -> None:
    await _useless(play, order_num, "lost", UNREACHABLE)


async def _useless(play: ScenarioPlay, order_num: str | None, kind: str, refusal: str) -> None:
    number = await play.open_order(order_num)
    play.spoil(number, kind)
    await play.prepay_is(number, refusal)
    await play.event("prepay.failed")
    await play.order_is(OrderStatus.INIT)
    trade = await play.prepaid(number, "prepay again")
    # Down to the nonce: WeChat may refuse the number with any other parameters.
    play.run.check("same parameters again", True, trade.repeat == trade.request)
    await play.deliver(play.payment_desk.pay(trade), Outcome.BOOKED)
    await play.order_is(OrderStatus.PAID, trade.transactions[0].id)
    await play.event("order.paid")
