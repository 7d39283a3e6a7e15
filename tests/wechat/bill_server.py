"""A WeChat that serves bills over real sockets, as a test tells it. For tests; holds none."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerRequest
from tornado.iostream import StreamClosedError
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from payments.v3 import wire
from services.runtime.clock import Clock
from services.wechat.bill_download import BillDownload
from services.wechat.bill_file import FetchedBill
from services.wechat.client import CurlTransport
from services.wechat.curl_stream import StreamBounds
from tests.support.rig import until
from tests.support.v3_material import signed


@dataclass
class MinuteTurns:
    """Gives the turn of an account's day once a minute, as the rows of the days do."""

    clock: Clock
    taken: dict[tuple[str, date], float] = field(default_factory=dict)

    async def __call__(self, mch_id: str, day: date) -> float:
        now, of = self.clock.monotonic(), (mch_id, day)
        if (wait_s := self.taken.get(of, now) - now) > 0:
            return wait_s
        self.taken[of] = now + 60.0
        return 0.0


@dataclass
class BillServer:
    """Does `acts` in turn, the last one for ever; `heard` are the requests."""

    acts: list[Serve]
    origin: str = ""
    heard: list[HTTPServerRequest] = field(default_factory=list)

    async def answer(self, handler: BillHandler) -> None:
        self.heard.append(handler.request)
        act = self.acts.pop(0) if len(self.acts) > 1 else self.acts[0]
        await act(handler)

    @property
    def paths(self) -> list[str]:
        return [request.path for request in self.heard]

    def download(self, stream_bounds: StreamBounds | None = None, **more: object) -> BillDownload:
        return BillDownload((self.origin,), None, stream_bounds, **more)  # type: ignore[arg-type]

    def transport(self) -> CurlTransport:
        return CurlTransport(self.origin, None)


class BillHandler(RequestHandler):
    def initialize(self, server: BillServer) -> None:
        self._server = server
        self._left = asyncio.Event()

    def on_connection_close(self) -> None:
        self._left.set()

    async def left(self) -> None:
        """The client has gone."""
        await self._left.wait()

    async def get(self) -> None:
        await self._server.answer(self)

    post = get


Serve = Callable[[BillHandler], Awaitable[None]]


@asynccontextmanager
async def bill_server(*acts: Serve, tls: ssl.SSLContext | None = None) -> AsyncIterator[BillServer]:
    server = BillServer(list(acts))
    app = Application([(r"/.*", BillHandler, {"server": server})], log_function=lambda _: None)
    http = HTTPServer(app, ssl_options=tls)
    sockets = bind_sockets(0, "127.0.0.1")
    http.add_sockets(sockets)
    server.origin = f"http{'s' if tls else ''}://127.0.0.1:{sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        http.stop()
        await http.close_all_connections()


# --- what it may do ------------------------------------------------------------------------------


def giving(body: bytes, status: int = 200, **headers: str) -> Serve:
    async def act(handler: BillHandler) -> None:
        handler.set_status(status)
        handler.set_header("Content-Type", "application/octet-stream")
        for name, value in headers.items():
            handler.set_header(name.replace("_", "-"), value)
        handler.write(body)
        await handler.finish()

    return act


def breaking_off(body: bytes, at: int) -> Serve:
    """Announces the whole body, and breaks the connection off in the middle."""

    async def act(handler: BillHandler) -> None:
        handler.set_header("Content-Length", str(len(body)))
        handler.write(body[:at])
        await handler.flush()
        handler.request.connection.stream.close()  # type: ignore[union-attr]

    return act


def stalling(body: bytes) -> Serve:
    """Sends this much, and then nothing for ever."""

    async def act(handler: BillHandler) -> None:
        handler.set_header("Content-Length", str(len(body) + 1))
        handler.write(body)
        await handler.flush()
        await handler.left()

    return act


def pouring(pieces: int, piece: bytes) -> Serve:
    """Sends a piece again and again, as fast as it is taken."""

    async def act(handler: BillHandler) -> None:
        handler.set_header("Content-Length", str(pieces * len(piece)))
        try:
            for _ in range(pieces):
                handler.write(piece)
                await handler.flush()
        except StreamClosedError:
            return

    return act


def offering(server: BillServer, sha1: str, path: str, origin: str = "") -> Serve:
    """The signed answer to an application."""

    async def act(handler: BillHandler) -> None:
        url = (origin or server.origin) + path
        offer = {"hash_type": "SHA1", "hash_value": sha1, "download_url": url}
        await signed_v3(offer)(handler)

    return act


def signed_v3(fields: dict[str, str], status: int = 200) -> Serve:
    async def act(handler: BillHandler) -> None:
        body = wire.write(fields)
        await giving(body, status, **signed(body, now_s=int(time.time())))(handler)

    return act


def sha1_of(body: bytes) -> str:
    return hashlib.sha1(body, usedforsecurity=False).hexdigest()


async def seen(condition: Callable[[], object]) -> None:
    """Wait until it is true."""

    async def look() -> object:
        return condition()

    await until(look)


def bill_of(got: object) -> FetchedBill:
    assert isinstance(got, FetchedBill), got
    return got
