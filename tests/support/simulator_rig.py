"""A simulator that runs, a product of a few lines, and a merchant who calls: for the tests of
the simulator. Holds no test itself."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from payments.merchant import Merchant
from payments.notify_replies import REPLIES
from payments.outcomes import Outcome
from payments.protocol import Moment, Prepay, PrepayOrder, Proof, WireAnswer, WireRequest
from payments.states import TradeType
from payments.v2 import prepay
from payments.v3 import signing, wire
from simulator.http.server import serving
from simulator.http.world import World
from simulator.options import Options
from simulator.state import key_material
from simulator.state.key_material import Material
from tests.support.patience import PATIENCE_S

MERCHANT = Merchant("wx0123456789abcdef", "1900000109", "TestApiV2Key0123456789abcdefGHIJ")
SUCCESS = REPLIES[Outcome.BOOKED].xml
FAIL = REPLIES[Outcome.AMOUNT_MISMATCH].xml
V3_KEY = "TestApiV3Key9876543210ZYXWVUtsrq"


@cache
def wechats() -> Material:
    """WeChat's keys, made once for all tests."""
    return key_material.make(datetime.now(UTC))


@cache
def merchant_v3(mch_id: str = MERCHANT.mch_id, app_id: str = MERCHANT.app_id) -> Merchant:
    """A merchant with everything, whose calls go to API v3."""
    own = key_material.certified("Merchant", datetime.now(UTC))
    base = Merchant(app_id, mch_id, MERCHANT.api_v2_key)
    return key_material.equipped(base, wechats(), own, V3_KEY)


@dataclass
class Product:
    """Answers notifies with `answers` in turn, the last one for ever, after `delay_s`."""

    answers: list[bytes] = field(default_factory=lambda: [SUCCESS])
    status: int = 200
    delay_s: float = 0.0
    notifies: list[bytes] = field(default_factory=list)
    heard: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """The path and the headers of each, in lower case."""

    async def answer(self, body: bytes) -> bytes:
        self.notifies.append(body)
        await asyncio.sleep(self.delay_s)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class NotifyHandler(RequestHandler):
    def initialize(self, product: Product) -> None:
        self.product = product

    async def post(self) -> None:
        headers = {name.lower(): value for name, value in self.request.headers.items()}
        self.product.heard.append((self.request.path, headers))
        self.set_status(self.product.status)
        self.finish(await self.product.answer(self.request.body) or None)


NOW, PROOF = Moment(0, "n"), Proof({}, 0)
ORDER_NUM = "T20250101000001"


@dataclass
class Rig:
    """A running simulator, the product it notifies, and a merchant who calls it."""

    origin: str
    world: World
    product: Product

    async def call(self, request: WireRequest) -> bytes:
        return (await self.fetch(request.path, method="POST", body=request.body)).body

    async def answer(self, request: WireRequest) -> WireAnswer:
        answer = await self.fetch(request.path, method="POST", body=request.body)
        return WireAnswer(answer.code, answer.body)

    async def fetch(self, path: str, **given: Any) -> HTTPResponse:
        given = {"raise_error": False, "follow_redirects": False, **given}
        return await AsyncHTTPClient().fetch(self.origin + path, **given)

    async def order(self, merchant: Merchant = MERCHANT, **changes: str) -> Prepay:
        fields = {**order_fields(merchant), **changes}
        kind = TradeType(fields["trade_type"])
        answer = await self.answer(prepay.prepay_request(fields, merchant, kind, NOW))
        return prepay.read_prepay(answer, merchant, kind, PROOF)

    async def call_v3(
        self,
        method: str,
        path: str,
        fields: Any = None,
        merchant: Merchant | None = None,
        **headers: str,
    ) -> WireAnswer:
        """One request of API v3, signed for `merchant`."""
        merchant = merchant or merchant_v3()
        body = b"" if fields is None else wire.write(fields)
        moment = Moment(int(time.time()), secrets.token_hex(16))
        proof = signing.authorization(merchant, method, path, body, moment)
        given = {"Authorization": proof, "Accept": "application/json", "User-Agent": "tests"}
        if body:
            given["Content-Type"] = "application/json"
        answer = await self.fetch(
            path, method=method, body=body if method == "POST" else None, headers=given | headers
        )
        named = {name.lower(): value for name, value in answer.headers.items()}
        return WireAnswer(answer.code, answer.body, named)

    async def order_v3(self, kind: str = "native", **changes: Any) -> WireAnswer:
        path = f"/v3/pay/transactions/{kind}"
        return await self.call_v3("POST", path, {**order_v3(kind), **changes})

    async def paid_v3(self, order_num: str = ORDER_NUM) -> str:
        """An order of API v3, paid, its notify under way; the transaction id."""
        await self.order_v3(out_trade_no=order_num)
        trade = self.world.trades.by_order(order_num)
        assert trade is not None
        await self.pay(trade.prepay_id)
        return trade.transactions[0].id

    async def control(self, path: str, **wanted: Any) -> Any:
        answer = await self.fetch(f"/_control/{path}", method="POST", body=json.dumps(wanted))
        assert answer.code in (200, 201), answer.body
        return json.loads(answer.body)

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
    server = HTTPServer(Application([(r"/pay/notify.*", NotifyHandler, {"product": product})]))
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    notify_origin = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    try:
        options = Options(**{"merchant": MERCHANT, "port": 0, **given}, notify_origin=notify_origin)
        async with serving(options) as (origin, world):
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


async def until(true: Callable[[], bool], seconds: float = PATIENCE_S) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for may be anything
            await asyncio.sleep(0.005)


def order_fields(merchant: Merchant = MERCHANT, **changes: Any) -> dict[str, str]:
    order: dict[str, Any] = {
        "order_num": ORDER_NUM,
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


def order_v3(kind: str = "native") -> dict[str, Any]:
    """A good order of API v3, as a merchant would write it."""
    merchant = merchant_v3()
    fields: dict[str, Any] = {
        "appid": merchant.app_id,
        "mchid": merchant.mch_id,
        "description": "龙井茶 & Tea",
        "out_trade_no": ORDER_NUM,
        "attach": "table 7",
        "notify_url": "https://shop.example.com/pay/notify/v3",
        "amount": {"total": 8800, "currency": "CNY"},
    }
    if kind == "jsapi":
        fields["payer"] = {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}
    if kind == "h5":
        fields["scene_info"] = {"payer_client_ip": "203.0.113.9", "h5_info": {"type": "Wap"}}
    return fields


def run_v3(test: Callable[[Rig], Coroutine[Any, Any, None]], **given: Any) -> None:
    """As `run`, with a merchant on API v3 and keys that are known here."""
    run(test, **{"merchant": merchant_v3(), "material": wechats(), **given})


def public_keys() -> dict[str, Any]:
    """WeChat's keys as a merchant holds them, by serial."""
    return {signer.serial: signing.public_key(signer.public) for signer in wechats()}


def proven(answer: WireAnswer) -> Any:
    """The object of an answer that WeChat signed; None for an answer without a body."""
    signing.verify(answer.headers, answer.body, public_keys(), int(time.time()))
    return wire.read(answer.body) if answer.body else None


async def play(wechat: str, name: str, **wanted: Any) -> dict[str, Any]:
    """Play a scenario at the simulator's address `wechat` to its end; the run."""
    client = AsyncHTTPClient()
    url = f"{wechat}/_control/scenarios/{name}"
    answer = await client.fetch(url, method="POST", body=json.dumps(wanted))
    assert answer.code == 201
    run: dict[str, Any] = json.loads(answer.body)
    async with asyncio.timeout(PATIENCE_S):
        while run["state"] == "running":
            await asyncio.sleep(0.02)
            run = json.loads((await client.fetch(f"{wechat}/_control/runs/{run['id']}")).body)
    return run
