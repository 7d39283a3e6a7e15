"""A WeChat that does what a test tells it: answers of every kind, late, broken or none."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tornado.httpclient import HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from payments.merchant import HMAC_SHA256
from payments.v2 import signing, wire
from tests.support.rig import APP_ID, KEY, MCH_ID, Product, product
from tests.support.v3_keys import signed_headers

PREPAYS_V3 = tuple(f"/v3/pay/transactions/{kind}" for kind in ("jsapi", "native", "app", "h5"))
Fields = dict[str, str]
Act = Callable[[RequestHandler, Fields], Awaitable[None]]


@dataclass
class Fake:
    """Does `acts` in turn, the last one for ever, and keeps the bodies of the prepays. Every query
    and close is answered with `told`, or as `by_path` says (API v3: by the act `told_v3`)."""

    acts: list[Act] = field(default_factory=list)
    told: bytes = b""
    told_v3: Act | None = None
    by_path: dict[str, bytes] = field(default_factory=dict)
    heard: list[bytes] = field(default_factory=list)
    asked: int = 0
    """How many queries and closes came."""

    async def answer(self, handler: RequestHandler) -> None:
        path, body = handler.request.path, handler.request.body
        if path == "/pay/unifiedorder" or path in PREPAYS_V3:
            self.heard.append(body)
            act = self.acts.pop(0) if len(self.acts) > 1 else self.acts[0]
            await act(handler, {} if path in PREPAYS_V3 else wire.read(body))
            return
        self.asked += 1
        if path.startswith("/v3/"):
            await (self.told_v3 or refusing_v3("ORDER_NOT_EXIST", 404))(handler, {})
        else:
            told = self.by_path.get(path, self.told)
            await handler.finish(told or refusing("ORDERNOTEXIST"))


class AnyHandler(RequestHandler):
    def initialize(self, fake: Fake) -> None:
        self.fake = fake

    async def post(self) -> None:
        await self.fake.answer(self)

    get = post


@asynccontextmanager
async def shop_with(
    folder: Path, *acts: Act, by_hand: bool = False, **settings: str
) -> AsyncIterator[tuple[Product, Fake]]:
    """The product beside a WeChat that does `acts`."""
    fake = Fake(list(acts))
    sockets = bind_sockets(0, "127.0.0.1")
    server = HTTPServer(Application([(r"/.*", AnyHandler, {"fake": fake})], log_function=len_of))
    server.add_sockets(sockets)
    base_url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    try:
        async with product(folder, by_hand=by_hand, WECHAT_BASE_URL=base_url, **settings) as shop:
            yield shop, fake
    finally:
        server.stop()
        await server.close_all_connections()


def len_of(_handler: RequestHandler) -> None:
    """No access log."""


# --- what a WeChat may do ------------------------------------------------------------------------


def answering(key: str = KEY, **changes: str | None) -> bytes:
    """A good NATIVE answer with `changes`, then signed; None leaves a field out."""
    fields: dict[str, str | None] = {
        "return_code": "SUCCESS",
        "return_msg": "OK",
        "appid": APP_ID,
        "mch_id": MCH_ID,
        "nonce_str": "n",
        "result_code": "SUCCESS",
        "trade_type": "NATIVE",
        "prepay_id": "wx201410272009395522657a690389285100",
        "code_url": "weixin://wxpay/bizpayurl?pr=abc",
        **changes,
    }
    sent = {name: value for name, value in fields.items() if value is not None}
    return wire.write({**sent, "sign": signing.sign(sent, key, HMAC_SHA256)})


def refusing(code: str, words: str = "不行") -> bytes:
    return answering(result_code="FAIL", err_code=code, err_code_des=words)


def saying(body: bytes, status: int = 200, **headers: str) -> Act:
    async def act(handler: RequestHandler, _fields: Fields) -> None:
        handler.set_status(status)
        for name, value in headers.items():
            handler.set_header(name, value)
        await handler.finish(body)

    return act


def saying_v3(fields: Any, status: int = 200, *, signs: bool = True) -> Act:
    """JSON, signed with WeChat's public key, under the number of a call in WeChat's log."""
    body = json.dumps(fields, ensure_ascii=False).encode()

    async def act(handler: RequestHandler, given: Fields) -> None:
        proof = signed_headers(body, int(time.time())) if signs else {}
        headers = {"Request-ID": REQUEST_ID, **proof}
        await saying(body, status, **headers)(handler, given)

    return act


def refusing_v3(
    code: str, status: int = 400, words: str = "不行", *, signs: bool = True, **more: Any
) -> Act:
    return saying_v3({"code": code, "message": words, **more}, status, signs=signs)


async def hang_up(handler: RequestHandler, _fields: Fields) -> None:
    """The order may well be made; the answer is lost."""
    handler.request.connection.stream.close()


async def half(handler: RequestHandler, _fields: Fields) -> None:
    handler.set_header("Content-Length", "5000")
    handler.write(answering())
    await handler.flush()
    handler.request.connection.stream.close()


async def chunks(handler: RequestHandler, _fields: Fields) -> None:
    """Ten megabytes, of a length that is not announced."""
    for _ in range(160):
        handler.write(b"<xml>" + b"x" * 65_000)
        await handler.flush()


REQUEST_ID = "08F2CCD9B506108D0418C3E7F64B20F5B8052892D904-268435461"
GOOD = saying(answering())


async def unified(shop: Product, order_num: str) -> tuple[int, dict[str, Any]]:
    response: HTTPResponse = await shop.prepay(order_num)
    return response.code, json.loads(response.body)
