"""A simulator that runs, a product of a few lines, and a merchant who calls: for the tests of
the simulator. Holds no test itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from payments.answers import ANSWERS, Outcome
from payments.merchant import Merchant
from payments.protocol import Moment, Prepay, PrepayOrder, Proof, WireAnswer, WireRequest
from payments.states import TradeType
from payments.v2 import prepay
from simulator.options import Options
from simulator.server import serving
from simulator.world import World

MERCHANT = Merchant("wx0123456789abcdef", "1900000109", "TestApiV2Key0123456789abcdefGHIJ")
SUCCESS = ANSWERS[Outcome.BOOKED].xml
FAIL = ANSWERS[Outcome.AMOUNT_MISMATCH].xml


@dataclass
class Product:
    """Answers notifies with `answers` in turn, the last one for ever, after `delay_s`."""

    answers: list[bytes] = field(default_factory=lambda: [SUCCESS])
    status: int = 200
    delay_s: float = 0.0
    notifies: list[bytes] = field(default_factory=list)

    async def answer(self, body: bytes) -> bytes:
        self.notifies.append(body)
        await asyncio.sleep(self.delay_s)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class NotifyHandler(RequestHandler):
    def initialize(self, product: Product) -> None:
        self.product = product

    async def post(self) -> None:
        self.set_status(self.product.status)
        self.finish(await self.product.answer(self.request.body))


NOW, PROOF = Moment(0, "n"), Proof({}, 0)


@dataclass
class Rig:
    """A running simulator, the product it notifies, and a merchant who calls it."""

    origin: str
    world: World
    product: Product

    async def call(self, request: WireRequest) -> bytes:
        return (await self.fetch(request.path, method="POST", body=request.body)).body

    async def answer(self, request: WireRequest) -> WireAnswer:
        return WireAnswer(200, await self.call(request))

    async def fetch(self, path: str, **given: Any) -> HTTPResponse:
        given = {"raise_error": False, "follow_redirects": False, **given}
        return await AsyncHTTPClient().fetch(self.origin + path, **given)

    async def order(self, merchant: Merchant = MERCHANT, **changes: str) -> Prepay:
        fields = {**order_fields(merchant), **changes}
        kind = TradeType(fields["trade_type"])
        answer = await self.answer(prepay.prepay_request(fields, merchant, kind, NOW))
        return prepay.read_prepay(answer, merchant, kind, PROOF)

    async def pay(self, prepay_id: str, result: str = "pay") -> HTTPResponse:
        return await self.fetch(f"/pay/{prepay_id}", method="POST", body=f"result={result}")

    async def jump(self, seconds: float) -> None:
        body = json.dumps({"jumpSeconds": seconds})
        assert (await self.fetch("/_control/clock", method="POST", body=body)).code == 200

    async def deliveries(self) -> list[dict[str, Any]]:
        listed = json.loads((await self.fetch("/_control/trades")).body)["trades"]
        return list(listed[0]["deliveries"])

    async def deliveries_become(self, count: int) -> list[dict[str, Any]]:
        """The deliveries of the newest trade, once there are `count`; more must not be there."""
        newest = next(self.world.trades.newest(1))
        await until(lambda: len(newest.deliveries) >= count)
        assert len(self.product.notifies) == len(newest.deliveries) == count
        return await self.deliveries()


@asynccontextmanager
async def rig(**given: Any) -> AsyncIterator[Rig]:
    product = Product()
    server = HTTPServer(Application([(r"/pay/notify", NotifyHandler, {"product": product})]))
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    notify_origin = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    try:
        async with serving(Options(MERCHANT, notify_origin, port=0, **given)) as (origin, world):
            yield Rig(origin, world, product)
    finally:
        server.stop()
        await server.close_all_connections()
        AsyncHTTPClient().close()


def run(test: Callable[[Rig], Coroutine[Any, Any, None]], **given: Any) -> None:
    async def within() -> None:
        async with rig(**given) as built:
            await test(built)

    asyncio.run(within())


async def until(true: Callable[[], bool], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for may be anything
            await asyncio.sleep(0.005)


def order_fields(merchant: Merchant = MERCHANT, **changes: Any) -> dict[str, str]:
    order: dict[str, Any] = {
        "order_num": "T20250101000001",
        "product_id": "tea",
        "title": "龙井茶 & Tea",
        "total_fen": 8800,
        "trade_type": TradeType.NATIVE,
        "open_id": None,
        "client_ip": "127.0.0.1",
        "notify_url": "https://shop.example.com/pay/notify",
        "nonce": "5K8264ILTKCH16CQ2502SI8ZNMTM67VS",
        "origin": "https://shop.example.com",
        **dict.fromkeys(("now_ms", "created_ms", "expires_ms"), 0),  # so no time is named
    }
    return prepay.order_fields(merchant, PrepayOrder(**{**order, **changes}))


async def play(wechat: str, name: str, **wanted: str) -> dict[str, Any]:
    """Play a scenario at the simulator's address `wechat` to its end; the run."""
    client = AsyncHTTPClient()
    url = f"{wechat}/_control/scenarios/{name}"
    answer = await client.fetch(url, method="POST", body=json.dumps(wanted))
    assert answer.code == 201
    run: dict[str, Any] = json.loads(answer.body)
    async with asyncio.timeout(60):
        while run["state"] == "running":
            await asyncio.sleep(0.02)
            run = json.loads((await client.fetch(f"{wechat}/_control/runs/{run['id']}")).body)
    return run
