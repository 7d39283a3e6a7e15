"""The moves that scenarios are made of. Each drives the product over HTTP and records a step."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from payments.alert_kinds import AlertKind
from payments.merchant import Api
from payments.notify_replies import REPLIES
from payments.outcomes import Outcome
from payments.states import OrderStatus
from simulator.bills.gaps import Gaps
from simulator.delivery.notifier import Notifier
from simulator.delivery.payment import PaymentDesk
from simulator.scenarios.options import ScenarioOptions
from simulator.scenarios.records import Run
from simulator.shop.client import Json, Shop, ShopReply
from simulator.shop.feed_reader import FeedReader
from simulator.state.faults import Fault, Faults
from simulator.state.refunds import SimulatedRefunds
from simulator.state.trades import Delivery, Trade, TradeState, china
from simulator.v2.messages import NotifyMessage

EVENT_WAIT_S, SHORT_WAIT_S = 6.0, 1.0
TRADE_WAIT_S, LOOK_S = 5.0, 0.02
SIM = "SIM-"
"""The beginning of the numbers of a scenario's orders: no figure of the product counts them."""
ALERT_EVENTS = ("alert.raised", "alert.repeated", "alert.reopened")


class Stopped(Exception):
    """A step went wrong that the rest stands on; it is recorded already."""


@dataclass(frozen=True)
class Cast:
    """The parties of every scenario: the shop before the product, and WeChat behind it."""

    shop: Shop
    payment_desk: PaymentDesk
    notifier: Notifier
    faults: Faults
    refunds: SimulatedRefunds
    query: Callable[[Trade], list[str] | None]
    """The answer of WeChat's query about a trade: the transaction id and the amount; None without a
    payment."""
    gaps: Gaps


class ScenarioPlay:
    """One run: its order, and what the product tells of it."""

    def __init__(self, run: Run, cast: Cast, options: ScenarioOptions, title: str) -> None:
        """`title` is what its orders are for."""
        self.run = run
        self.options = options
        self._title = title
        self.payment_desk = cast.payment_desk
        self.shop = cast.shop
        self.feed = FeedReader(cast.shop)
        self.refunds = cast.refunds
        self.notifier = cast.notifier
        self.gaps = cast.gaps
        self._cast = cast
        self._spoils: list[Fault] = []
        self._status_url: str | None = None

    # --- the order -----------------------------------------------------------------------------

    async def open_trade(self, order_num: str | None) -> Trade:
        """A trade of `order_num`, or of a new order of the first product on sale."""
        number = order_num or await self._new_order()
        self.run.order_num = number
        trade = self.payment_desk.trades.by_order(number) or await self.prepaid(number)
        await self.feed.mark()
        return trade

    async def open_order(self, order_num: str | None) -> str:
        """An order that WeChat does not know yet: `order_num`, or a new one."""
        number = order_num or await self._new_order()
        self.run.order_num = number
        known = self.payment_desk.trades.by_order(number)
        self.must("order without a prepay", None, known and known.prepay_id)
        await self.feed.mark()
        return number

    async def _new_order(self) -> str:
        reply = await self._place_order()
        self.must("order", 201, reply.outcome)
        self._status_url = reply["statusUrl"]
        return str(reply["orderNum"])

    async def _place_order(self) -> ShopReply:
        key = f"scenario-{self.run.id}"
        if self.options.total_fen is None:
            return await self.order(await self.product_id(), key)
        return await self.shop.create_order_of(self.options.total_fen, self._wanted(), key)

    async def product_id(self) -> str:
        """The id of the first product on sale."""
        products = await self.shop.products()
        if not products:
            self.must("product", "an active product", None)
        return str(products[0]["id"])

    async def order(self, product_id: str, key: str) -> ShopReply:
        return await self.shop.create_order({"productId": product_id, **self._wanted()}, key)

    def _wanted(self) -> Json:
        number = f"{SIM}{china(self.payment_desk.time()):%m%d%H%M%S}-{secrets.token_hex(5).upper()}"
        return {"title": f"模拟：{self._title}", "orderNum": number}

    async def close(self, trade: Trade) -> None:
        """Have the shop close its order; the product then closes it here."""
        if trade.state is TradeState.NOTPAY:
            reply = await self.shop.close(trade.order_num)
            self.must("close", 200, reply.outcome)
        self.must("closed at WeChat", TradeState.CLOSED, trade.state)
        await self.feed.mark()

    # --- the prepay ----------------------------------------------------------------------------

    def spoil(
        self, order_num: str, kind: str, seconds: float = 0.0, on: str = "unifiedorder"
    ) -> Fault:
        """The next message about this order, the answer to its prepay unless said otherwise, has
        this fault."""
        fault = Fault(on, kind, order_num=order_num, seconds=seconds)
        self._cast.faults.add(fault)
        self._spoils.append(fault)
        return fault

    def clean_up(self) -> None:
        """A fault that this run set and did not come to use must not wait for another."""
        for fault in self._spoils:
            self._cast.faults.forget(fault)

    async def prepaid(self, order_num: str, name: str = "prepay") -> Trade:
        """Have the product prepay; it must hand out the code that this WeChat gave."""
        reply = await self.prepay_is(order_num, 200, name)
        self._status_url = reply["statusUrl"] or self._status_url
        trade = self.payment_desk.trades.by_order(order_num)
        if trade is None or reply["codeUrl"] != trade.code_url:
            self.run.check(name, "a code of this WeChat's", reply["codeUrl"])
            raise Stopped
        return trade

    async def prepay_is(
        self, order_num: str, expected: int | str, name: str = "prepay"
    ) -> ShopReply:
        """`expected` is the status, with a refusal also its code word."""
        reply = await self.shop.prepay(order_num, "NATIVE")
        self.must(name, expected, reply.outcome)
        return reply

    async def trade_appears(self, order_num: str) -> Trade:
        """WeChat's desk has made the trade; the product need not know it yet."""
        for _ in range(int(TRADE_WAIT_S / LOOK_S)):
            if trade := self.payment_desk.trades.by_order(order_num):
                return trade
            await asyncio.sleep(LOOK_S)
        self.run.check("trade at WeChat", "made", None)
        raise Stopped

    # --- the notify ----------------------------------------------------------------------------

    async def deliver(
        self,
        message: NotifyMessage,
        outcome: Outcome,
        name: str = "notify",
        *,
        takes_s: float = 0.0,
    ) -> None:
        """Send the notify once; the answer must be the product's answer to `outcome`, exactly."""
        answer = REPLIES[outcome]
        delivery = await self._cast.notifier.deliver(message, takes_s=takes_s)
        if message.api is Api.V3:  # the status says it all
            self.run.check(name, {"status": answer.v3_status}, {"status": delivery.status})
            return
        expected = {"status": answer.http_status, "answer": answer.xml.decode()}
        self.run.check(name, expected, {"status": delivery.status, "answer": delivery.answer})

    async def send(self, message: NotifyMessage) -> Delivery:
        """Send the notify once and record nothing: `all_answered` counts what came."""
        return await self._cast.notifier.deliver(message)

    def all_answered(self, name: str, deliveries: Iterable[Delivery]) -> None:
        """Every one must have got the answer SUCCESS, in time."""
        words = ["SUCCESS" if d.ok else d.answer or str(d.status) for d in deliveries]
        self.run.check(name, {"SUCCESS": len(words)}, dict(Counter(words)))

    def lose(self, message: NotifyMessage, times: int) -> None:
        """The first deliveries do not arrive."""
        for _ in range(times):
            self._cast.notifier.lose(message)
        self.run.tell("lost deliveries", times)

    async def pay_first(self, trade: Trade) -> str:
        """Have the order paid, if it is not yet; returns the transaction id that was booked."""
        if trade.state is TradeState.NOTPAY:
            await self.deliver(self.payment_desk.pay(trade), Outcome.BOOKED)
            await self.feed.mark()
        return trade.transactions[0].id

    # --- what the product shows ----------------------------------------------------------------

    async def page_asks(self, times: int, status: OrderStatus) -> None:
        """The buyer's page, as it waits; without its address it cannot."""
        if self._status_url is None:
            return
        shown = [(await self.shop.status(self._status_url))["status"] for _ in range(times)]
        self.run.check("status page asks", {status.value: times}, dict(Counter(shown)))

    async def order_is(self, status: OrderStatus, transaction_id: str | None = None) -> None:
        """The order's state, as the waiting page and as the shop's server see it."""
        if self._status_url:
            page = await self.shop.status(self._status_url)
            self.run.check("status page", status, page["status"])
        if not self.shop.has_key or not self.run.order_num:
            self.run.tell("order", None, status)
            return
        order = await self.shop.order(self.run.order_num)
        paid = status is OrderStatus.PAID
        expected = {
            "status": status.value,
            "serviceStatus": "SERVICE_WAIT" if paid else None,
            "transactionId": transaction_id if paid else None,
        }
        self.run.check("order", expected, {name: order[name] for name in expected})

    async def status_is(self, status: OrderStatus) -> None:
        """The order's state, as the shop's server sees it."""
        if self.shop.has_key and self.run.order_num:
            order = await self.shop.order(self.run.order_num)
            self.run.check("order", status.value, order["status"])

    def wechat_says_paid(self, trade: Trade) -> None:
        """The answer that the merchant would get if it asked WeChat now."""
        expected = [trade.transactions[0].id, str(trade.total_fen)]
        self.run.check("query", expected, self._cast.query(trade))

    def wechat_says_unpaid(self, trade: Trade) -> None:
        """As `wechat_says_paid`, of a payment that is kept silent."""
        self.run.check("query", None, self._cast.query(trade))

    async def event(self, kind: str, wait_s: float | None = None) -> None:
        """The product must tell `kind` of this order in its event feed."""
        if self.feed.can_hear:
            events = await self.feed.about(self.run.order_num, (kind,), self._patience_s(wait_s))
            kinds = [event["kind"] for event in events]
            self.run.check("event", kind, kind if kind in kinds else (kinds or [None])[-1])

    async def heard(self, kind: str, wait_s: float) -> bool:
        """Whether the product tells `kind` of this order in time."""
        events = await self.feed.about(self.run.order_num, (kind,), wait_s)
        return any(event["kind"] == kind for event in events)

    async def events_are(self, order_nums: list[str], wanted: dict[str, int]) -> None:
        """The product must have told each kind so often, and `order.paid` once an order."""
        if not self.feed.can_hear:
            return
        counts = await self.feed.counted(order_nums, wanted, self._patience_s())
        totals = dict.fromkeys(wanted, 0)
        for (kind, _), times in counts.items():
            totals[kind] += times
        self.run.check("events", wanted, totals)
        once = sum(times == 1 for (kind, _), times in counts.items() if kind == "order.paid")
        self.run.check("orders paid once", len(order_nums), once)

    async def alert(
        self, kind: AlertKind, order_num: str, expected: int | str | None, actual: int | str | None
    ) -> None:
        """The product must write the refusal and raise the alert with both values."""
        if not self.feed.can_hear:
            self.run.tell("alert", None, kind)
            return
        events = await self.feed.about(order_num, ALERT_EVENTS, self._patience_s())
        self.run.check("refused", True, any(e["kind"] == "notify.refused" for e in events))
        wanted = {"alertKind": kind.value, "expected": expected, "actual": actual}
        alerts = [e["data"] for e in events if e["kind"] in ALERT_EVENTS]
        self.run.check("alert", wanted, _picked(alerts[-1], wanted) if alerts else None)

    async def alert_kind(self, kind: AlertKind, wait_s: float) -> None:
        """The product must raise an alert of this kind about the order."""
        if self.feed.can_hear:
            events = await self.feed.about(
                self.run.order_num, ALERT_EVENTS, self._patience_s(wait_s)
            )
            kinds = [e["data"].get("alertKind") for e in events if e["kind"] in ALERT_EVENTS]
            self.run.check("alert", kind.value, kinds[-1] if kinds else None)

    async def no_alert(self) -> None:
        """The product must have raised no alert about this run so far: none about the order, and
        none about the sender, which has no order."""
        if self.feed.can_hear:
            events = await self.feed.about(self.run.order_num, ALERT_EVENTS, 0.0)
            events += await self.feed.about(None, ALERT_EVENTS, 0.0)
            kinds = [e["data"].get("alertKind") for e in events if e["kind"] in ALERT_EVENTS]
            self.run.check("alerts", [], kinds)

    async def forgery_alert(self) -> None:
        """A forged notify raises one case a source; a later one is often only counted on it, so
        seeing no event proves nothing."""
        if not self.feed.can_hear:
            return
        wanted = {"alertKind": AlertKind.BAD_SIGNATURE.value}
        for event in await self.feed.about(None, ALERT_EVENTS, SHORT_WAIT_S):
            if event["data"].get("alertKind") == wanted["alertKind"]:
                self.run.check("alert", wanted, _picked(event["data"], wanted))
                return
        self.run.tell("alert", "counted on the open case", wanted)

    def must(self, name: str, expected: Any, actual: Any) -> None:
        """A step that the rest stands on."""
        if not self.run.check(name, expected, actual):
            raise Stopped

    def _patience_s(self, wait_s: float | None = None) -> float:
        """A run that went wrong already is not kept waiting for long."""
        failed = any(step.ok is False for step in self.run.steps)
        return SHORT_WAIT_S if failed else wait_s or EVENT_WAIT_S


def _picked(data: Json, wanted: Json) -> Json:
    return {name: data.get(name) for name in wanted}
