"""Every request of Tornado's server enters here: those that handlers/notifies/fast_door.py handed
on. A notify of WeChat goes to handlers/notifies/notify.py, any other request to Tornado's
application. An ordinary handler takes more time than the whole of a payment, so a notify passes
none."""

from __future__ import annotations

from collections.abc import Awaitable
from weakref import WeakKeyDictionary, WeakSet

from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPInputError,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.web import Application

from handlers.notifies.notify import PATHS, NotifyCollector, NotifyContext
from handlers.patience import Patience
from handlers.site import Site
from services.notify.inbound import Inbound

BODY_S = 10.0
"""A connection whose request body is not complete after so long is closed."""
MAX_HEADER_BYTES = 8 * 1024
"""The limit of all headers together. A notify of API v3 has its signature in headers, so there the
higher limit of the server holds: headers of an absurd length are answered 401, like a missing
signature."""


class FrontDoor(HTTPServerConnectionDelegate):
    """Looks at the address of each request: a notify goes to handlers/notifies/notify.py, every
    other to the application. `open` holds the connections of requests that have no answer yet."""

    def __init__(self, app: Application, inbound: Inbound, site: Site) -> None:
        self.app = app
        self.notifies = NotifyContext(inbound, site.trusted_proxies, self.done)
        self.open: set[HTTPConnection] = set()
        self._ended: WeakSet[object] = WeakSet()
        """Connections of Tornado's whose last request has come. It closes them with the answer, but
        goes on to read what is in its buffer already."""
        self.bodies: WeakKeyDictionary[HTTPConnection, Patience] = WeakKeyDictionary()
        """How long the body of each request is waited for."""
        app.settings["more_time"] = self.more_time
        # Called by Tornado at the end of each request, also of one that became a websocket.
        app.settings["log_function"] = lambda handler: self.done(handler.request.connection)

    def start_request(
        self, server_conn: object, request_conn: HTTPConnection
    ) -> HTTPMessageDelegate:
        return _Choice(self, server_conn, request_conn)

    def done(self, connection: HTTPConnection | None) -> None:
        """Call when a request has its answer, or when its client is gone."""
        if connection is not None:
            self.open.discard(connection)

    def more_time(self, connection: HTTPConnection) -> None:
        """Wait another BODY_S for the rest of a body: for a handler that takes long ones, with each
        part that comes."""
        if patience := self.bodies.get(connection):
            patience.renew(BODY_S)

    def is_answering(self) -> bool:
        return bool(self.open)

    def begin(self, server_conn: object, request_conn: HTTPConnection) -> None:
        """Call at the head of each request. Raises HTTPInputError for one behind the last."""
        if server_conn in self._ended:
            raise HTTPInputError("The request before it said that it was the last one.")
        if getattr(request_conn, "_disconnect_on_finish", False):
            self._ended.add(server_conn)
        self.open.add(request_conn)


class _Choice(HTTPMessageDelegate):
    """One request, before and after its address is known."""

    def __init__(self, door: FrontDoor, server_conn: object, request_conn: HTTPConnection) -> None:
        self._door = door
        self._server_conn = server_conn
        self._request_conn = request_conn
        self._chosen: HTTPMessageDelegate | None = None
        self._patience: Patience | None = None

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        path = start_line.path if isinstance(start_line, RequestStartLine) else ""
        if len(headers.get_list("Host")) != 1 and start_line.version != "HTTP/1.0":
            raise HTTPInputError("A request names one host.")
        route = PATHS.get(path.partition("?")[0])
        if not (route and route.is_v3) and _size(headers) > MAX_HEADER_BYTES:
            raise HTTPInputError("The headers are too long.")
        self._door.begin(self._server_conn, self._request_conn)
        if route:
            self._chosen = NotifyCollector(self._door.notifies, self._request_conn, route)
        else:
            self._chosen = self._door.app.start_request(self._server_conn, self._request_conn)
        # Tornado's own body_timeout makes a task of every request; a timer does the same.
        if stream := getattr(self._request_conn, "stream", None):
            self._patience = self._door.bodies[self._request_conn] = Patience(stream, BODY_S)
        return self._chosen.headers_received(start_line, headers)

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
