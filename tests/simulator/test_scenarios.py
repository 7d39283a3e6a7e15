"""The scenarios tell a product that keeps the rules of money from one that does not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from payments.errors import BadSignature
from payments.merchant import Merchants
from payments.notify_replies import REPLIES
from payments.outcomes import Outcome
from payments.payment_rules import OrderFacts, Verdict, judge
from payments.protocol import WireAnswer
from payments.states import OrderStatus, TradeType
from payments.v2 import notify, prepay, trade, wire
from simulator.http.server import serving
from simulator.http.world import World
from simulator.options import Options
from simulator.shop.customers import draw
from simulator.shop.traffic import BuyerPace
from tests.support.simulator_rig import MERCHANT, NOW, PROOF, order_fields, play, until

API_KEY = "test-api-key"
RULES = (
    "paid",
    "duplicate",
    "concurrent_duplicate",
    "late",
    "storm",
    "amount_plus_one",
    "negative",
    "tampered",
    "wrong_signature",
    "other_merchant",
    "unknown_order",
    "second_transaction",
    "after_close",
)
"""The scenarios about money and proof, which the small product below can play."""


@dataclass
class SmallProduct:
    """The merchant API and the notify of Paywatch over a dict of orders, with its own rules."""

    wechat: str = ""
    books_everything: bool = False
    ready: bool = True
    orders: dict[str, OrderFacts] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    posts: list[bytes] = field(default_factory=list)

    @staticmethod
    def routes() -> list[tuple[str, type[Handler]]]:
        return ROUTES

    def emit(self, kind: str, order_num: str | None, **data: Any) -> None:
        seq = len(self.events) + 1
        self.events.append({"seq": seq, "kind": kind, "orderNum": order_num, "data": data})

    def create(self, fen: int) -> OrderFacts:
        number = f"order-{len(self.orders) + 1:04d}"
        made = OrderFacts(number, fen, OrderStatus.INIT, MERCHANT.app_id, MERCHANT.mch_id)
        self.orders[number] = made
        return made

    def change(self, order_num: str, **changes: Any) -> OrderFacts:
        self.orders[order_num] = self.orders[order_num]._replace(**changes)
        return self.orders[order_num]

    async def call(self, path: str, body: bytes) -> bytes:
        url = self.wechat + path
        return (await AsyncHTTPClient().fetch(url, method="POST", body=body)).body

    async def prepay(
        self, order_num: str, trade_type: TradeType, open_id: str | None
    ) -> str | None:
        order = self.orders[order_num]
        fields = order_fields(
            order_num=order_num,
            total_fen=order.total_fen,
            trade_type=trade_type,
            open_id=open_id,
        )
        request = prepay.prepay_request(fields, MERCHANT, trade_type, NOW)
        body = await self.call(request.path, request.body)
        self.change(order_num, status=OrderStatus.WAIT_PAY)
        return prepay.read_prepay(WireAnswer(200, body), MERCHANT, trade_type, PROOF).url

    async def close(self, order_num: str) -> None:
        request = trade.close_request(MERCHANT, order_num, NOW)
        answer = WireAnswer(200, await self.call(request.path, request.body))
        trade.read_close(answer, MERCHANT, PROOF)
        self.change(order_num, status=OrderStatus.CLOSED)

    def notified(self, body: bytes) -> Outcome:
        self.posts.append(body)
        try:
            notice = notify.read(body, Merchants((MERCHANT,)))
        except BadSignature:
            if self.books_everything:
                return self._book(wire.read(body)["out_trade_no"], "unproven")
            self.emit("alert.raised", None, alertKind="bad_signature")
            return Outcome.UNPROVEN
        order = self.orders.get(notice.order_num or "")
        verdict = judge(order, notice)
        if verdict.outcome is Outcome.BOOKED or self.books_everything:
            return self._book(notice.order_num or "", notice.transaction_id)
        self._tell(notice.order_num, verdict)
        return verdict.outcome

    def _book(self, order_num: str, transaction_id: str | None) -> Outcome:
        if order_num in self.orders:
            self.change(order_num, status=OrderStatus.PAID, transaction_id=transaction_id)
        self.emit("order.paid", order_num)
        return Outcome.BOOKED

    def _tell(self, order_num: str | None, verdict: Verdict) -> None:
        alert = REPLIES[verdict.outcome].alert
        if alert is None:
            self.emit("notify.duplicate", order_num)
            return
        values = {"expected": verdict.expected, "actual": verdict.actual}
        self.emit("notify.refused", order_num, alertKind=alert)
        self.emit("alert.raised", order_num, alertKind=alert, **values)


class Handler(RequestHandler):
    def initialize(self, product: SmallProduct) -> None:
        self.product = product

    def prepare(self) -> None:
        needs_key = self.request.path.startswith("/merchant/")
        if needs_key and self.request.headers.get("Authorization") != f"Bearer {API_KEY}":
            self.send_error(401)

    def sent(self) -> Any:
        return json.loads(self.request.body)

    def show(self, order: OrderFacts) -> None:
        paid = order.status is OrderStatus.PAID
        self.finish(
            {
                "orderNum": order.order_num,
                "status": order.status,
                "serviceStatus": "SERVICE_WAIT" if paid else None,
                "transactionId": order.transaction_id,
                "statusUrl": f"https://shop.example.com/pay/orders/{order.order_num}/status?token=t",
            }
        )


class Ready(Handler):
    def get(self) -> None:
        self.set_status(200 if self.product.ready else 503)


class Products(Handler):
    def get(self) -> None:
        self.finish(
            {
                "products": [
                    {"id": "old", "priceFen": 1, "active": False},
                    {"id": "tea", "priceFen": 8800, "active": True},
                ]
            }
        )


class Orders(Handler):
    def post(self) -> None:
        assert self.sent()["productId"] == "tea"
        assert self.request.headers["Idempotency-Key"]
        self.set_status(201)
        self.show(self.product.create(8800 * self.sent().get("quantity", 1)))


class Order(Handler):
    def get(self, order_num: str) -> None:
        self.show(self.product.orders[order_num])


class Close(Handler):
    async def post(self, order_num: str) -> None:
        await self.product.close(order_num)
        self.show(self.product.orders[order_num])


class Events(Handler):
    def get(self) -> None:
        after, limit = int(self.get_argument("after")), int(self.get_argument("limit"))
        events = self.product.events[after : after + limit]
        self.finish({"events": events, "head": len(self.product.events)})


class Prepay(Handler):
    async def post(self) -> None:
        sent = self.sent()
        kind = TradeType(sent["tradeType"])
        code_url = await self.product.prepay(sent["orderNum"], kind, sent.get("openId"))
        self.finish({"codeUrl": code_url})


class Notify(Handler):
    def post(self) -> None:
        self.finish(REPLIES[self.product.notified(self.request.body)].xml)


ROUTES: list[tuple[str, type[Handler]]] = [
    (r"/readyz", Ready),
    (r"/merchant/v1/products", Products),
    (r"/merchant/v1/orders", Orders),
    (r"/merchant/v1/orders/([^/]+)", Order),
    (r"/merchant/v1/orders/([^/]+)/close", Close),
    (r"/merchant/v1/events", Events),
    (r"/weixin/prepay", Prepay),
    (r"/pay/notify", Notify),
    (r"/pay/orders/([^/]+)/status", Order),
]


@asynccontextmanager
async def shop(
    make: type[SmallProduct] = SmallProduct, **given: Any
) -> AsyncIterator[tuple[SmallProduct, str, World]]:
    product = make()
    routes: list[Any] = [(path, handler, {"product": product}) for path, handler in make.routes()]
    server, sockets = HTTPServer(Application(routes)), bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    origin = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    wanted = {"merchant": MERCHANT, "api_key": API_KEY, **given}
    options = Options(**wanted, notify_origin=origin, port=0)
    try:
        async with serving(options) as (product.wechat, world):
            yield product, product.wechat, world
    finally:
        server.stop()
        await server.close_all_connections()
        AsyncHTTPClient().close()


def run(test: Callable[[SmallProduct, str, World], Awaitable[None]], **given: Any) -> None:
    async def within() -> None:
        async with shop(**given) as (product, wechat, world):
            await test(product, wechat, world)

    asyncio.run(within())


def test_a_product_that_never_asks_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.scenarios.delivery.HEAL_S", 0.2)

    async def test(_product: SmallProduct, wechat: str, _world: World) -> None:
        played = await play(wechat, "never")
        assert played["asExpected"] is False
        wrong = [step["name"] for step in played["steps"] if step["ok"] is False]
        assert wrong[0] == "order.healed"

    run(test)


@pytest.mark.parametrize("name", RULES)
def test_a_product_that_keeps_the_rules_passes(name: str) -> None:
    async def test(_product: SmallProduct, wechat: str, _world: World) -> None:
        played = await play(wechat, name)
        assert played["asExpected"] is True, played["steps"]
        assert any(step["ok"] for step in played["steps"])

    run(test)


@pytest.mark.parametrize("name", [name for name in RULES if name != "paid"])
def test_a_product_that_books_everything_is_found_out(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.scenarios.actions.EVENT_WAIT_S", 0.2)
    monkeypatch.setattr("simulator.scenarios.actions.SHORT_WAIT_S", 0.2)

    async def test(product: SmallProduct, wechat: str, _world: World) -> None:
        product.books_everything = True
        assert (await play(wechat, name))["asExpected"] is False

    run(test)


def test_an_order_of_the_shop_can_be_played_without_a_key() -> None:
    async def test(product: SmallProduct, wechat: str, _world: World) -> None:
        order = product.create(100)
        played = await play(wechat, "paid", orderNum=order.order_num)
        assert played["asExpected"] is True
        assert played["orderNum"] == order.order_num
        assert product.orders[order.order_num].status is OrderStatus.PAID

    run(test, api_key=None)


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("paid", "{}", 409),
        ("after_close", '{"orderNum": "order-0001"}', 409),
        ("nothing", "{}", 404),
        ("paid", '{"orderNum": 1}', 400),
    ],
)
def test_what_cannot_be_played_is_refused(name: str, body: str, code: int) -> None:
    async def test(_product: SmallProduct, wechat: str, _world: World) -> None:
        url = f"{wechat}/_control/scenarios/{name}"
        answer = await AsyncHTTPClient().fetch(url, method="POST", body=body, raise_error=False)
        assert answer.code == code

    run(test, api_key=None)


def test_a_run_says_when_the_product_is_away() -> None:
    async def test() -> None:
        options = Options(MERCHANT, "http://127.0.0.1:1", port=0, api_key=API_KEY)
        with closing(AsyncHTTPClient()):
            async with serving(options) as (wechat, _world):
                played = await play(wechat, "paid")
        assert played["asExpected"] is False
        assert played["steps"][-1]["name"] == "product"

    asyncio.run(test())


def test_an_alert_cannot_be_healed_by_asking() -> None:
    """This WeChat really holds the wrong amount: its query tells what its notify told."""

    async def test(product: SmallProduct, wechat: str, _world: World) -> None:
        number = (await play(wechat, "amount_plus_one"))["orderNum"]
        request = trade.query_request(MERCHANT, number, NOW)
        answer = WireAnswer(200, await product.call(request.path, request.body))
        told = trade.read_query(answer, MERCHANT, PROOF)
        assert told is not None
        assert told.total_text == "8801"

    run(test)


# Traffic


def test_traffic_waits_for_the_product_and_then_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.shop.customers.SHORTEST_S", 0.0)
    monkeypatch.setattr("simulator.shop.customers.LONGEST_S", 0.05)

    async def test(product: SmallProduct, _wechat: str, _world: World) -> None:
        orders = product.orders
        await until(lambda: any(order.status == OrderStatus.PAID for order in orders.values()))

    run(test, rate=50.0, seed=1)


def test_traffic_leaves_a_product_alone_that_is_not_ready() -> None:
    async def test(product: SmallProduct, _wechat: str, world: World) -> None:
        product.ready = False
        await asyncio.sleep(0.3)
        assert product.orders == {}
        assert world.traffic is not None
        assert world.traffic.as_json()["buyers"] == 0

    run(test, rate=50.0, seed=1)


def test_the_same_seed_brings_the_same_buyers() -> None:
    one, two = Random(7), Random(7)
    assert [draw(one) for _ in range(200)] == [draw(two) for _ in range(200)]


def test_the_pace_is_irregular_and_near_the_rate() -> None:
    pace = BuyerPace(1.5, Random(3))
    gaps = [pace.gap_s() for _ in range(20_000)]
    assert 1.4 < len(gaps) / sum(gaps) < 2.1
    assert max(gaps) > 5 * sum(gaps) / len(gaps)
