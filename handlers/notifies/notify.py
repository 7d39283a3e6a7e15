"""WeChat's notifies: the addresses, the answers, and one notify that came to Tornado's server, from
its first byte to its answer. No session, no cookie. handlers/front_door.py decides which request is
one; handlers/notifies/fast_door.py takes the plain ones before."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.iostream import StreamClosedError

from handlers.base import JSON_TYPE
from handlers.client_address import Network, client_address, network_of
from payments.notify_replies import REPLIES, NotifyReply
from payments.outcomes import Outcome
from services.notify.inbound import Inbound, Rest, Told

log = logging.getLogger(__name__)

XML_TYPE = "text/xml; charset=utf-8"
MAX_BODY = 64 * 1024
"""The server refuses what says that it is longer; of what comes in chunks the collector sees it."""
_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    405: "Method Not Allowed",
    409: "Conflict",
    429: "Too Many Requests",
    503: "Service Unavailable",
}


Reader = Callable[[Inbound, bytes, Mapping[str, str], str, Told], Rest | None]


@dataclass(frozen=True, eq=False)
class NotifyRoute:
    """The reader of the notifies of one address. An answer of API v3 is JSON and WeChat reads its
    status; the others are XML and WeChat reads their words."""

    read: Reader
    is_v3: bool = False

    def said(self, reply: NotifyReply) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        if self.is_v3:
            status, body, body_type = reply.v3_status, reply.json, JSON_TYPE
        else:
            status, body, body_type = reply.http_status, reply.xml, XML_TYPE
        wait_s = reply.retry_after_s
        more = {} if wait_s is None else {"Retry-After": str(wait_s)}
        return status, headers_of(body, body_type, more), body


def headers_of(body: bytes, body_type: str, more: dict[str, str]) -> dict[str, str]:
    return {
        "Content-Type": body_type,
        "Content-Length": str(len(body)),
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        **more,
    }


@lru_cache(maxsize=256)
def answer(route: NotifyRoute, reply: NotifyReply, *, closes: bool) -> bytes:
    """The whole answer as bytes, as Tornado's server would write it."""
    status, headers, body = route.said(reply)
    if closes:
        headers["Connection"] = "close"
    lines = [f"HTTP/1.1 {status} {_REASONS[status]}", *(f"{n}: {v}" for n, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


PATHS = {
    "/pay/notify": NotifyRoute(Inbound.payment_v2),
    "/pay/notify/refund": NotifyRoute(Inbound.refund_v2),
    "/pay/notify/v3": NotifyRoute(Inbound.v3, is_v3=True),
}
"""The addresses to which WeChat sends its notifies."""


@dataclass(frozen=True)
class NotifyContext:
    """The objects that all notifies share. `done` is called with the connection of each notify of
    Tornado's server that has its answer."""

    inbound: Inbound
    trusted_proxies: tuple[Network, ...]
    done: Callable[[HTTPConnection], None]
    answering: set[asyncio.Task[None]] = field(default_factory=set)

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it in a task of its own."""
        task = asyncio.ensure_future(work)
        self.answering.add(task)
        task.add_done_callback(self.answering.discard)

    def take(
        self,
        route: NotifyRoute,
        body: bytes,
        headers: Mapping[str, str],
        source: str,
        told: Told,
    ) -> None:
        """Call `told` once with what WeChat is to be told of one notify, perhaps at once. Never
        raises."""
        try:
            rest = route.read(self.inbound, body, headers, source, told)
        except Exception:
            log.exception("A notify could not be handled; WeChat comes again.")
            told(REPLIES[Outcome.BUSY])
            return
        if rest is not None:
            self.begin(_finish(rest, told))


async def _finish(rest: Rest, told: Told) -> None:
    try:
        reply = await rest
    except Exception:
        log.exception("A notify could not be handled; WeChat comes again.")
        reply = REPLIES[Outcome.BUSY]
    told(reply)


def hang_up(connection: HTTPConnection) -> None:
    stream = getattr(connection, "stream", None)
    if stream is not None:
        stream.close()


class NotifyCollector(HTTPMessageDelegate):
    """Collects one notify (the server bounds its size and time) and answers it."""

    def __init__(
        self, context: NotifyContext, connection: HTTPConnection, route: NotifyRoute
    ) -> None:
        self._context = context
        self._connection = connection
        self._route = route
        self._chunks: list[bytes] = []
        self._size = 0

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> None:
        self._start_line = start_line
        self._headers = headers
        length = headers.get("Content-Length", "0")
        if length.isascii() and length.isdigit() and len(length) < 16 and int(length) > MAX_BODY:
            self._is_too_large()
        elif "Transfer-Encoding" in headers:
            allow = getattr(self._connection, "set_max_body_size", None)
            if allow:  # else the server hangs up, and nobody learns of it
                allow(sys.maxsize)

    def data_received(self, chunk: bytes) -> None:
        before, self._size = self._size, self._size + len(chunk)
        if self._size <= MAX_BODY:
            self._chunks.append(chunk)
        elif before <= MAX_BODY:
            self._is_too_large()
            hang_up(self._connection)

    def finish(self) -> None:
        self._take(b"".join(self._chunks))

    def _is_too_large(self) -> None:
        if getattr(self._start_line, "method", "") == "POST":
            self._context.begin(self._context.inbound.too_large(network_of(self._client())))

    def on_connection_close(self) -> None:
        self._chunks.clear()

    def _take(self, body: bytes) -> None:
        if getattr(self._start_line, "method", "") != "POST":
            self._write(405, headers_of(b"", XML_TYPE, {"Allow": "POST"}), b"")
            return
        if self._headers.get("Content-Encoding", "identity").lower() != "identity":
            body = b""  # a compressed body is not read, and counts as unreadable
        headers = {name.lower(): value for name, value in self._headers.items()}
        source = network_of(self._client())
        self._context.take(self._route, body, headers, source, self._tell)

    def _tell(self, reply: NotifyReply) -> None:
        self._write(*self._route.said(reply))

    def _client(self) -> str:
        tcp = getattr(self._connection, "context", None)
        peer = str(getattr(tcp, "remote_ip", ""))
        return client_address(peer, self._headers, self._context.trusted_proxies)

    def _write(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self._context.done(self._connection)
        line = ResponseStartLine("HTTP/1.1", status, _REASONS[status])
        try:
            written = self._connection.write_headers(line, HTTPHeaders(headers), body)
            written.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._connection.finish()
        except StreamClosedError:
            log.debug("WeChat hung up before the answer; it comes again.")
