"""One buyer from the order to the payment, or to whatever happens instead."""

from __future__ import annotations

import asyncio
import secrets

from simulator.delivery import anomalies
from simulator.delivery.notifier import LADDER, Notifier
from simulator.delivery.payment import NotPayable, PaymentDesk
from simulator.shop.client import Json, Shop, ShopReply
from simulator.shop.customers import Intent, Visit
from simulator.state.trades import Trade, TradeState
from simulator.v2.messages import NotifyMessage

SECOND_THOUGHT_S = 3.0
REGRET_S = 5.0
REASON = "不想要了"
AT_ONCE = 8
FIRST_RUNGS = LADDER[:2]
"""Money that the merchant refuses is told three times here, not for a whole day: the demo goes
on, and its alerts shall not be mostly repeats."""


class Buyer:
    def __init__(
        self, visit: Visit, shop: Shop, payment_desk: PaymentDesk, notifier: Notifier
    ) -> None:
        self._visit = visit
        self._shop = shop
        self._payment_desk = payment_desk
        self._notifier = notifier

    async def shops(self, product: Json) -> str:
        """Play the visit; returns a word for the statistics. Raises ShopAway."""
        trade = await self._order(product)
        if trade is None:
            return "refused"
        await asyncio.sleep(self._visit.thinks_s)
        try:
            await self._decides(trade)
        except NotPayable:
            return "too late"
        return self._visit.intent

    async def _order(self, product: Json) -> Trade | None:
        """Order and prepay; None where the product declined one of them."""
        visit = self._visit
        order: Json = {"productId": product["id"], "quantity": visit.quantity}
        order |= {"customer": visit.name, "phone": visit.phone}
        if visit.trade_type == "JSAPI":
            order["openId"] = visit.open_id
        reply = await self._shop.create_order(order, f"traffic-{secrets.token_hex(12)}")
        if reply.status != 201:
            return None
        order_num = str(reply["orderNum"])
        clicks = 2 if visit.clicks_twice else 1
        replies = await asyncio.gather(*(self._click(order_num) for _ in range(clicks)))
        prepaid = any(reply.status == 200 for reply in replies)
        return self._payment_desk.trades.by_order(order_num) if prepaid else None

    async def _click(self, order_num: str) -> ShopReply:
        open_id = self._visit.open_id if self._visit.trade_type == "JSAPI" else None
        return await self._shop.prepay(order_num, self._visit.trade_type, open_id)

    async def _decides(self, trade: Trade) -> None:
        match self._visit.intent:
            case Intent.PAY:
                self._pays(trade)
            case Intent.DUPLICATE:
                self._pays(trade)
                self._notifier.begin(self._payment_desk.again(trade))
            case Intent.LATE:
                message = self._payment_desk.pay(trade)
                self._notifier.begin(message, after_s=self._visit.late_s)
            case Intent.DUPLICATES:
                message = self._payment_desk.pay(trade)
                for _ in range(AT_ONCE):
                    self._notifier.begin(message)
            case Intent.REFUND:
                await self._regrets(trade)
            case Intent.FAIL:
                await self._fails(trade)
            case Intent.ANOMALY:
                await self._errs(trade)

    def _pays(self, trade: Trade) -> None:
        self._notifier.begin(self._payment_desk.pay(trade, coupon_fen=self._visit.coupon_fen))

    async def _regrets(self, trade: Trade) -> None:
        """Pays, and wants the money back, or half of it. A shop that does not say yes keeps it."""
        self._pays(trade)
        await asyncio.sleep(REGRET_S)
        half = self._visit.tries_again and trade.total_fen > 1
        fen = trade.total_fen // 2 if half else trade.total_fen
        await self._shop.refund(trade.order_num, fen, REASON)

    async def _fails(self, trade: Trade) -> None:
        self._notifier.begin(self._payment_desk.decline(trade))
        if self._visit.tries_again:
            await asyncio.sleep(SECOND_THOUGHT_S)
            self._pays(trade)

    async def _errs(self, trade: Trade) -> None:
        kind = self._visit.anomaly
        if kind == "second_transaction":
            self._pays(trade)
            await asyncio.sleep(SECOND_THOUGHT_S)
        if kind == "after_close":
            await self._shop.close(trade.order_num)
            if trade.state is not TradeState.CLOSED:
                raise NotPayable(trade.state)
        self._notifier.begin(self._bad_notify(kind, trade), _rungs(kind))

    def _bad_notify(self, kind: str, trade: Trade) -> NotifyMessage:
        make = anomalies.UNPAID.get(kind, anomalies.charged_again)
        return make(self._payment_desk, trade)


def _rungs(kind: str) -> tuple[int, ...]:
    """A forger does not come back; WeChat does."""
    return () if kind in ("wrong_signature", "tampered") else FIRST_RUNGS
