"""A webhook that keeps what it gets and answers as it is told. For tests; holds none itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from services.runtime.clock import SystemClock


@dataclass
class Hook:
    """`answers` are the next statuses, 0 is none at all until `let_go`; then everything is 200."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    got: list[dict[str, Any]] = field(default_factory=list)
    location: str = ""
    """Where an answer of 3xx sends the caller."""
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def texts(self) -> list[str]:
        return [f"{each['title']}\n{each['message']}" for each in self.got]


class _Taking(RequestHandler):
    def initialize(self, hook: Hook) -> None:
        self.hook = hook

    async def post(self) -> None:
        status = self.hook.answers.pop(0) if self.hook.answers else 200
        self.hook.got.append(json.loads(self.request.body))
        if not status:
            await self.hook.let_go.wait()
        self.set_status(status or 200)
        if self.hook.location and 300 <= status < 400:
            self.set_header("Location", self.hook.location)


@asynccontextmanager
async def webhook(query: str = "") -> AsyncIterator[Hook]:
    hook = Hook()
    sock, port = bind_unused_port()
    server = HTTPServer(Application([("/.*", _Taking, {"hook": hook})]))
    server.add_socket(sock)
    hook.url = f"json://user:Secret-0123456789@127.0.0.1:{port}/hook{query}"
    try:
        yield hook
    finally:
        hook.let_go.set()
        server.stop()
        await server.close_all_connections()


@dataclass
class Ahead(SystemClock):
    """The clock of this machine, `ms` ahead."""

    ms: int = 0

    def now_ms(self) -> int:
        return super().now_ms() + self.ms
