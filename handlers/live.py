"""The websocket of the live monitor: one dashboard, from its opening to its end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from typing import Any

from tornado.httputil import HTTPHeaders
from tornado.iostream import IOStream, StreamClosedError
from tornado.websocket import WebSocketHandler

from handlers.base import RoutedHandler, set_safe_headers
from handlers.session import session_cookie
from services.auth.credentials import Unauthenticated
from services.auth.roles import Principal
from services.live import dashboards, frames
from services.live.fanout import Watch

log = logging.getLogger(__name__)

MAX_PINGS_A_SECOND = 20
NO_HEADERS = HTTPHeaders()
"""In place of those of the handshake, which hold 2 KB and are not read again."""


class LiveHandler(RoutedHandler, WebSocketHandler):
    """A page of another origin must never read this. A browser sends our cookie with the handshake
    of a foreign page too, so the handshake must have an Origin, and it must be ours."""

    needs_permission = True
    session = ""
    user = ""
    _watch: Watch | None = None
    _rest: asyncio.Future[None] | None = None
    _late_since = 0.0
    _awaits_pong = False
    _pings = 0
    _second = 0.0

    def set_default_headers(self) -> None:
        set_safe_headers(self, self.application.settings["site"])

    async def get(self, *args: Any, **kwargs: Any) -> None:
        after = self.get_query_argument("after", "")
        if self.request.headers.get("Origin") != self.site.origin:
            self._refuse(403)
        elif after and not (after.isascii() and after.isdigit() and len(after) <= 15):
            self._refuse(400)
        else:
            try:
                principal = await self.services.authentication.session(session_cookie(self))
            except Unauthenticated:
                self._refuse(401)
                return
            if not self._may_watch(principal):
                self._refuse(403)
                return
            self.session, self.user = principal.session, principal.name
            self._after = int(after) if after else None
            await super().get(*args, **kwargs)

    def _may_watch(self, principal: Principal) -> bool:
        may = self.permission is not None and principal.may(self.permission)
        return may and not principal.owes

    def _refuse(self, status: int) -> None:
        self.set_status(status)
        self.finish()

    def check_origin(self, origin: str) -> bool:
        return origin == self.site.origin

    def get_compression_options(self) -> None:
        return None

    # --- open ------------------------------------------------------------------------------

    def open(self, *_args: str, **_kwargs: str) -> None:
        if not self.services.dashboards.add(self):
            self.close(dashboards.TOO_MANY, "too many dashboards")
            return
        self.set_nodelay(True)
        self.request.headers = NO_HEADERS
        fanout, position = self.services.fanout, self._after
        head, epoch, version = fanout.head, fanout.epoch, self.site.version
        self._send({"type": "hello", "head": head, "epoch": epoch, "version": version})
        if position is not None and position > head:
            self._send({"type": "resync", "reason": "after is beyond the head"})
            position = None
        self._watch = fanout.join(self, head if position is None else position)

    def take(self, frame: memoryview) -> bool:
        """Send a whole frame; False when the client has not taken all of it yet.

        Most frames are one call of the system. Only what the socket has no room for goes through
        Tornado's buffer, and until that is empty everything does, so frames never mix."""
        stream = self._stream
        if stream is None:
            return False
        sent = 0 if stream.writing() else _send_now(stream, frame)
        if sent == len(frame):
            return True
        with contextlib.suppress(StreamClosedError):
            self._wait_for(stream.write(frame[sent:]))
        return False

    @property
    def _stream(self) -> IOStream | None:
        """None when the connection is closed, or about to be."""
        connection = self.ws_connection
        return None if connection is None or connection.is_closing() else connection.stream

    def _wait_for(self, rest: asyncio.Future[None]) -> None:
        if self._rest is None:
            self._late_since = asyncio.get_running_loop().time()
        self._rest = rest
        rest.add_done_callback(self._taken)

    def _taken(self, rest: asyncio.Future[None]) -> None:
        if rest is self._rest:
            self._rest = None
            if self._watch is not None and rest.exception() is None:
                self.services.fanout.free(self._watch)

    def late_s(self) -> float:
        return 0.0 if self._rest is None else asyncio.get_running_loop().time() - self._late_since

    def lose(self) -> None:
        log.error("A dashboard needs events that are not there; it connects again.")
        self.end(dashboards.RESTART)

    def _send(self, message: dict[str, Any]) -> None:
        self.take(frames.message(message))

    # --- while open ------------------------------------------------------------------------

    def on_message(self, message: str | bytes) -> None:
        second = asyncio.get_running_loop().time() // 1
        self._pings = self._pings + 1 if second == self._second else 1
        self._second = second
        if self._pings > MAX_PINGS_A_SECOND:
            self.end(dashboards.TOO_MANY)
        elif _is_ping(message):
            self.heartbeat()
        else:
            self.end(dashboards.NOT_ALLOWED)

    def heartbeat(self) -> None:
        self._send({"type": "heartbeat", "head": self.services.fanout.head})

    def probe(self) -> None:
        if self._awaits_pong:
            self._hang_up()
        else:
            self._awaits_pong = True
            self.take(frames.PING)

    def on_pong(self, _data: bytes) -> None:
        self._awaits_pong = False

    # --- end -------------------------------------------------------------------------------

    def end(self, code: int) -> None:
        """Close with a code. A client that is too slow even for that is cut off a second later."""
        self._leave()
        stream = self._stream
        self.close(code)
        if stream and code == dashboards.TOO_SLOW:
            asyncio.get_running_loop().call_later(1.0, stream.close)

    def _hang_up(self) -> None:
        if self._stream:
            self._stream.close()

    def on_close(self) -> None:
        self._leave()

    def _leave(self) -> None:
        watch, self._watch = self._watch, None
        if watch is not None:
            self.services.fanout.leave(watch)
        self.services.dashboards.remove(self)


def _send_now(stream: IOStream, frame: memoryview) -> int:
    """How much of it the socket takes at once. A broken connection is found by the next write."""
    try:
        return stream.write_to_fd(frame)
    except OSError:
        return 0


def _is_ping(message: str | bytes) -> bool:
    try:
        return bool(json.loads(message) == {"type": "ping"})
    except (ValueError, RecursionError):
        return False
