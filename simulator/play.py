"""The moves that scenarios are made of. Each drives the product over HTTP and records a step."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from payments.answers import ANSWERS, AlertKind, Outcome
from payments.states import OrderStatus
from simulator.messages import Message
from simulator.notifier import Notifier
from simulator.runs import Run
from simulator.shop import Json, Shop
from simulator.till import Till
from simulator.trades import Trade, TradeState

EVENT_WAIT_S, SHORT_WAIT_S = 6.0, 1.0
EVENTS_AT_ONCE = 500
ALERT_EVENTS = ("alert.raised", "alert.repeated", "alert.reopened")


class Stopped(Exception):
    """A step went wrong that the rest stands on; it is recorded already."""


class Play:
    """One run: its order, and where the product's event feed stood before."""

    def __init__(self, run: Run, shop: Shop, till: Till, notifier: Notifier) -> None:
        self.run = run
        self.till = till
        self._shop = shop
        self._notifier = notifier
        self._status_url: str | None = None
        self._head: int | None = None

    async def open_trade(self, order_num: str | None) -> Trade:
        """A trade of `order_num`, or of a new order of the first product on sale."""
        if order_num is None:
            order_num = await self._new_order()
        self.run.order_num = order_num
        trade = self.till.trades.by_order(order_num) or await self._prepaid(order_num)
        await self.mark()
        return trade

    async def mark(self) -> None:
        """Note the head of the product's events: what comes after it is this run's doing."""
        if self._shop.has_key:
            self._head = (await self._shop.events(0, limit=1))["head"]

    async def _new_order(self) -> str:
        products = await self._shop.products()
        if not products:
            self._must("product", "an active product", None)
        wanted = {"productId": products[0]["id"], "title": f"模拟 {self.run.name}"}
        reply = await self._shop.create_order(wanted, f"scenario-{self.run.id}")
        self._must("order", 201, reply.outcome)
        self._status_url = reply["statusUrl"]
        return str(reply["orderNum"])

    async def _prepaid(self, order_num: str) -> Trade:
        reply = await self._shop.prepay(order_num, "NATIVE")
        self._must("prepay", 200, reply.outcome)
        self._status_url = reply["statusUrl"] or self._status_url
        trade = self.till.trades.by_order(order_num)
        if trade is None or reply["codeUrl"] != trade.code_url:
            self.run.check("prepay", "a code of this WeChat's", reply["codeUrl"])
            raise Stopped
        return trade

    async def deliver(self, message: Message, outcome: Outcome, name: str = "notify") -> None:
        """Send the notify once; the answer must be the product's answer to `outcome`, exactly."""
        answer = ANSWERS[outcome]
        delivery = await self._notifier.deliver(message)
        expected = {"status": answer.http_status, "answer": answer.xml.decode()}
        self.run.check(name, expected, {"status": delivery.status, "answer": delivery.answer})

    async def pay_first(self, trade: Trade) -> str:
        """Have the order paid, if it is not yet; returns the transaction id that was booked."""
        if trade.state is TradeState.NOTPAY:
            await self.deliver(self.till.pay(trade), Outcome.BOOKED)
            await self.mark()
        return trade.transactions[0].id

    async def close(self, trade: Trade) -> None:
        """Have the shop close its order; the product then closes it here."""
        if trade.state is TradeState.NOTPAY:
            reply = await self._shop.close(trade.order_num)
            self._must("close", 200, reply.outcome)
        self._must("closed at WeChat", TradeState.CLOSED, trade.state)
        await self.mark()

    async def order_is(self, status: OrderStatus, transaction_id: str | None = None) -> None:
        """The order's state, as the waiting page and as the shop's server see it."""
        if self._status_url:
            page = await self._shop.status(self._status_url)
            self.run.check("status page", status, page["status"])
        if not self._shop.has_key or not self.run.order_num:
            self.run.tell("order", None, status)
            return
        order = await self._shop.order(self.run.order_num)
        paid = status is OrderStatus.PAID
        expected = {
            "status": status.value,
            "serviceStatus": "SERVICE_WAIT" if paid else None,
            "transactionId": transaction_id if paid else None,
        }
        self.run.check("order", expected, {name: order[name] for name in expected})

    async def event(self, kind: str) -> None:
        """The product must tell `kind` of this order in its event feed."""
        if self._head is not None:
            events = await self._events(self.run.order_num, (kind,))
            self.run.check("event", kind, events[-1]["kind"] if events else None)

    async def alert(
        self, kind: AlertKind, order_num: str, expected: int | str | None, actual: int | str | None
    ) -> None:
        """The product must write the refusal and raise the alert with both values."""
        if self._head is None:
            self.run.tell("alert", None, kind)
            return
        events = await self._events(order_num, ALERT_EVENTS)
        self.run.check("refused", True, any(e["kind"] == "notify.refused" for e in events))
        wanted = {"alertKind": kind.value, "expected": expected, "actual": actual}
        alerts = [e["data"] for e in events if e["kind"] in ALERT_EVENTS]
        self.run.check("alert", wanted, _picked(alerts[-1], wanted) if alerts else None)

    async def forgery_alert(self) -> None:
        """A forged notify raises one case a source; a later one is often only counted on it, so
        seeing no event proves nothing."""
        if self._head is None:
            return
        wanted = {"alertKind": AlertKind.BAD_SIGNATURE.value}
        for event in await self._events(None, ALERT_EVENTS, SHORT_WAIT_S):
            if event["data"].get("alertKind") == wanted["alertKind"]:
                self.run.check("alert", wanted, _picked(event["data"], wanted))
                return
        self.run.tell("alert", "counted on the open case", wanted)

    async def _events(
        self, order_num: str | None, last: tuple[str, ...], wait_s: float = EVENT_WAIT_S
    ) -> list[Json]:
        """Events about `order_num` after the mark, until one of the kinds `last` is among them.
        A run that went wrong already is not kept waiting for long."""
        if any(step.ok is False for step in self.run.steps):
            wait_s = SHORT_WAIT_S
        found: list[Json] = []
        after, deadline = self._head or 0, time.monotonic() + wait_s
        while time.monotonic() < deadline:
            reply = await self._shop.events(after, limit=EVENTS_AT_ONCE, wait_s=1)
            events: list[Json] = reply["events"] or []
            found += [e for e in events if e.get("orderNum") == order_num]
            if any(e["kind"] in last for e in found):
                break
            after = events[-1]["seq"] if events else after
            await asyncio.sleep(0 if events else 0.1)
        return found

    def _must(self, name: str, expected: Any, actual: Any) -> None:
        if not self.run.check(name, expected, actual):
            raise Stopped


def _picked(data: Json, wanted: Json) -> Json:
    return {name: data.get(name) for name in wanted}
