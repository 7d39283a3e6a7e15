"""The base of all the simulator's handlers: the check of the caller, and the form of errors."""

from __future__ import annotations

import json
from asyncio import Future
from typing import Any
from urllib.parse import urlsplit

from tornado.httputil import format_timestamp
from tornado.web import HTTPError, RequestHandler

from simulator.http.world import World

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class Declined(HTTPError):
    """An answer that says no, with its code word and a sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(status)
        self.code = code
        self.message = message


class EdgeHandler(RequestHandler):
    """Anybody who can reach this process can make payments that the merchant's key proves. So a web
    page of another origin is refused, also when it uses a form or a host name of its own that leads
    here."""

    world: World

    def initialize(self, world: World) -> None:
        self.world = world

    def prepare(self) -> None:
        host = urlsplit(f"//{self.request.host}").hostname or ""
        if not self.world.allow_remote and host not in LOCAL_NAMES:
            raise Declined(403, "forbidden", "Not by this name.")
        origin = self.request.headers.get("Origin")
        foreign = origin is not None and urlsplit(origin).netloc != self.request.host
        if self.request.method != "GET" and foreign:
            raise Declined(403, "forbidden", "Not from another origin.")

    def set_default_headers(self) -> None:
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "same-origin")

    def finish(self, chunk: str | bytes | dict[str, Any] | None = None) -> Future[None]:
        clock = self.world.clock
        self.set_header("Date", format_timestamp(clock.real() + clock.date_skew_s))
        return super().finish(chunk)

    def answer(self, value: Any, status: int = 200) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(json.dumps(value, ensure_ascii=False))

    def sent_object(self) -> dict[str, Any]:
        """The JSON object of the request; nothing sent is {}."""
        try:
            value = json.loads(self.request.body or b"{}")
        except (ValueError, RecursionError) as error:
            raise Declined(400, "bad_request", "Not JSON.") from error
        if not isinstance(value, dict):
            raise Declined(400, "bad_request", "Not a JSON object.")
        return value

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = kwargs.get("exc_info", (None, None, None))[1]
        code, message = "error", self._reason
        if isinstance(error, Declined):
            code, message = error.code, error.message
        self.answer({"error": code, "message": message}, status_code)
