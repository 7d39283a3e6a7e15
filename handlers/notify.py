"""WeChat's notifies, on Tornado's low-level door: no session, no cookie, the exact answer.

An ordinary handler spends more time on itself than everything that a payment needs. So these
addresses are taken from the connection directly; every other goes to the application.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPInputError,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.iostream import StreamClosedError
from tornado.web import Application

from handlers.base import Site
from handlers.client_address import client_address, network_of
from payments.notify_replies import REPLIES, NotifyReply
from payments.outcomes import Outcome
from services.notify.inbound import Inbound

log = logging.getLogger(__name__)

XML_TYPE = "text/xml; charset=utf-8"
JSON_TYPE = "application/json; charset=utf-8"
BODY_S = 10.0
"""A request whose body is not here after so long is hung up on."""
MAX_HEADER_BYTES = 8 * 1024
"""Of all headers together. Only API v3's proof stands in headers: there the server's own limit is
left, so that an absurd one is answered as what it is, no proof."""
_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    405: "Method Not Allowed",
    409: "Conflict",
    429: "Too Many Requests",
    503: "Service Unavailable",
}


Take = Callable[[Inbound, bytes, Mapping[str, str], str], Awaitable[NotifyReply]]


@dataclass(frozen=True)
class Entry:
    """Who takes what comes at an address, and whether the answer is API v3's: JSON, of which the
    status counts, in place of XML, of which the words count."""

    take: Take
    is_v3: bool = False

    def said(self, answer: NotifyReply) -> tuple[int, bytes, str]:
        """Status, body and its type."""
        if self.is_v3:
            return answer.v3_status, answer.json, JSON_TYPE
        return answer.http_status, answer.xml, XML_TYPE


PATHS = {
    "/pay/notify": Entry(Inbound.payment_v2),
    "/pay/notify/refund": Entry(Inbound.refund_v2),
    "/pay/notify/v3": Entry(Inbound.v3, is_v3=True),
}
"""Every address that WeChat tells us its news at."""


class Door(HTTPServerConnectionDelegate):
    """Looks at the address of each request: a notify is answered here, the rest is passed on."""

    def __init__(self, app: Application, intake: Inbound, site: Site) -> None:
        self.app = app
        self.intake = intake
        self.site = site
        self.answering: set[asyncio.Task[None]] = set()
        self.open: set[HTTPConnection] = set()
        # Called by Tornado at the end of each request, also of one that became a websocket.
        app.settings["log_function"] = lambda handler: self.done(handler.request.connection)

    def start_request(
        self, server_conn: object, request_conn: HTTPConnection
    ) -> HTTPMessageDelegate:
        return _Choice(self, server_conn, request_conn)

    def done(self, connection: HTTPConnection | None) -> None:
        """A request has its answer, or nobody waits for it any more."""
        if connection is not None:
            self.open.discard(connection)

    def is_answering(self) -> bool:
        return bool(self.open)

    def on_close(self, server_conn: object) -> None:
        self.app.on_close(server_conn)


class _Choice(HTTPMessageDelegate):
    """One request, before and after its address is known."""

    def __init__(self, door: Door, server_conn: object, request_conn: HTTPConnection) -> None:
        self._door = door
        self._server_conn = server_conn
        self._request_conn = request_conn
        self._chosen: HTTPMessageDelegate | None = None
        self._patience: asyncio.TimerHandle | None = None

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        path = start_line.path if isinstance(start_line, RequestStartLine) else ""
        if len(headers.get_list("Host")) != 1 and start_line.version != "HTTP/1.0":
            raise HTTPInputError("A request names one host.")
        entry = PATHS.get(path.partition("?")[0])
        if not (entry and entry.is_v3) and _size(headers) > MAX_HEADER_BYTES:
            raise HTTPInputError("The headers are too long.")
        self._door.open.add(self._request_conn)
        if entry:
            self._chosen = _Notify(self._door, self._request_conn, entry)
        else:
            self._chosen = self._door.app.start_request(self._server_conn, self._request_conn)
        # Tornado's own body_timeout makes a task of every request; a timer does the same.
        self._patience = asyncio.get_running_loop().call_later(BODY_S, self._hang_up)
        return self._chosen.headers_received(start_line, headers)

    def _hang_up(self) -> None:
        stream = getattr(self._request_conn, "stream", None)
        if stream is not None:
            stream.close()

    def _body_is_here(self) -> None:
        if self._patience is not None:
            self._patience.cancel()

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        return self._chosen.data_received(chunk) if self._chosen else None

    def finish(self) -> None:
        self._body_is_here()
        if self._chosen:
            self._chosen.finish()

    def on_connection_close(self) -> None:
        self._body_is_here()
        self._door.done(self._request_conn)
        if self._chosen:
            self._chosen.on_connection_close()


def _size(headers: HTTPHeaders) -> int:
    return sum(len(name) + len(value) + 4 for name, value in headers.get_all())


class _Notify(HTTPMessageDelegate):
    """Collects one notify (the server bounds its size and time) and answers it."""

    def __init__(self, door: Door, connection: HTTPConnection, entry: Entry) -> None:
        self._door = door
        self._connection = connection
        self._entry = entry
        self._chunks: list[bytes] = []

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> None:
        self._start_line = start_line
        self._headers = headers

    def data_received(self, chunk: bytes) -> None:
        self._chunks.append(chunk)

    def finish(self) -> None:
        task = asyncio.ensure_future(self._answer(b"".join(self._chunks)))
        self._door.answering.add(task)
        task.add_done_callback(self._door.answering.discard)

    def on_connection_close(self) -> None:
        self._chunks.clear()

    async def _answer(self, body: bytes) -> None:
        if getattr(self._start_line, "method", "") != "POST":
            self._write(405, b"", XML_TYPE, {"Allow": "POST"})
            return
        try:
            answer = await self._judge(body)
        except Exception:
            log.exception("A notify could not be handled; WeChat comes again.")
            answer = REPLIES[Outcome.BUSY]
        wait_s = answer.retry_after_s
        headers = {} if wait_s is None else {"Retry-After": str(wait_s)}
        self._write(*self._entry.said(answer), headers)

    async def _judge(self, body: bytes) -> NotifyReply:
        if self._headers.get("Content-Encoding", "identity").lower() != "identity":
            body = b""  # packed is unreadable, and is counted as that
        source = network_of(self._client())
        headers = {name.lower(): value for name, value in self._headers.items()}
        return await self._entry.take(self._door.intake, body, headers, source)

    def _client(self) -> str:
        context = getattr(self._connection, "context", None)
        peer = str(getattr(context, "remote_ip", ""))
        return client_address(peer, self._headers, self._door.site.trusted_proxies)

    def _write(self, status: int, body: bytes, body_type: str, more: dict[str, str]) -> None:
        headers = HTTPHeaders(
            {
                "Content-Type": body_type,
                "Content-Length": str(len(body)),
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "no-store",
                **more,
            }
        )
        self._door.done(self._connection)
        line = ResponseStartLine("HTTP/1.1", status, _REASONS[status])
        try:
            written = self._connection.write_headers(line, headers, body)
            written.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._connection.finish()
        except StreamClosedError:
            log.debug("WeChat hung up before the answer; it comes again.")
