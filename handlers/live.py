"""The websocket of the live monitor: one dashboard, from its opening to its end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from typing import Any

from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from handlers.base import RoutedHandler, set_safe_headers
from handlers.session import session_cookie
from services.auth.credentials import Unauthenticated
from services.auth.roles import Principal
from services.live import dashboards

log = logging.getLogger(__name__)

SEND_S = 10.0
"""A client that has not taken a frame after so long is disconnected."""
MAX_PINGS_A_SECOND = 20


class LiveHandler(RoutedHandler, WebSocketHandler):
    """A page of another origin must never read this. A browser sends our cookie with the handshake
    of a foreign page too, so the handshake must have an Origin, and it must be ours."""

    needs_permission = True
    session = ""
    user = ""
    _feeding: asyncio.Task[None] | None = None
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
        head, position = self.services.fanout.head, self._after
        epoch, version = self.services.fanout.epoch, self.site.version
        self._send({"type": "hello", "head": head, "epoch": epoch, "version": version})
        if position is not None and position > head:
            self._send({"type": "resync", "reason": "after is beyond the head"})
            position = None
        self._feeding = asyncio.create_task(self._feed(head if position is None else position))

    async def _feed(self, position: int) -> None:
        try:
            await self.services.fanout.feed(position, self._send_frame)
        except (WebSocketClosedError, StreamClosedError):
            self.on_close()
        except TimeoutError:
            self.end(dashboards.TOO_SLOW)
        except Exception:
            log.exception("A dashboard could not be fed; it reconnects.")
            self.end(dashboards.RESTART)

    async def _send_frame(self, frame: bytes) -> None:
        """Waits until the client has taken the frame, so that no frames pile up for a slow one."""
        async with asyncio.timeout(SEND_S):
            await asyncio.shield(self._write(frame))

    def _send(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(WebSocketClosedError):
            self._write(json.dumps(message).encode())

    def _write(self, text: bytes) -> asyncio.Future[None]:
        """If the caller is cancelled, the write still runs; the callback reads its exception so
        that asyncio does not log it."""
        future = asyncio.ensure_future(self.write_message(text))
        future.add_done_callback(lambda done: done.cancelled() or done.exception())
        return future

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

    # --- end -------------------------------------------------------------------------------

    def end(self, code: int) -> None:
        """Close with a code. A client that is too slow even for that is cut off a second later."""
        self._stop_feeding()
        self.services.dashboards.remove(self)
        self.close(code)
        if code == dashboards.TOO_SLOW:
            asyncio.get_running_loop().call_later(1.0, self._hang_up)

    def _hang_up(self) -> None:
        if self.ws_connection is not None:
            self.ws_connection._abort()

    def on_close(self) -> None:
        self._stop_feeding()
        self.services.dashboards.remove(self)

    def _stop_feeding(self) -> None:
        feeding, self._feeding = self._feeding, None
        if feeding is not None and feeding is not asyncio.current_task():
            feeding.cancel()


def _is_ping(message: str | bytes) -> bool:
    try:
        return bool(json.loads(message) == {"type": "ping"})
    except (ValueError, RecursionError):
        return False
