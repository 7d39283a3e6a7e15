"""A WeChat that gives away platform certificates, and counts who asks. For tests; holds none
itself."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from payments.v3 import resource
from tests.support.v3_keys import NOW_S, PLATFORM, V3_KEY, signed_headers


@dataclass
class Desk:
    """Gives `certificates`, sealed with `key` and signed by the first; or nothing but `status`."""

    certificates: list[dict[str, str]] = field(default_factory=lambda: [PLATFORM])
    key: str = V3_KEY
    status: int = 200
    now_s: int = NOW_S
    days: int = 365
    fetches: list[str] = field(default_factory=list)
    """The Authorization of each who asked."""
    others: list[str] = field(default_factory=list)
    """Every other path that was asked for."""
    told: Any = None
    """What answers every other path: a function of the request, giving status, body, signer."""


class Handler(RequestHandler):
    def initialize(self, desk: Desk) -> None:
        self.desk = desk

    def get(self) -> None:
        desk = self.desk
        if self.request.path != "/v3/certificates":
            desk.others.append(self.request.uri or "")
            status, body, who = desk.told(self.request)
            self.answer(status, body, who)
            return
        desk.fetches.append(self.request.headers["Authorization"])
        body = certificates_body(desk) if desk.status == 200 else b'{"code":"SYSTEM_ERROR"}'
        self.answer(desk.status, body, desk.certificates[0])

    post = get

    def answer(self, status: int, body: bytes, who: dict[str, str]) -> None:
        self.set_status(status)
        for name, value in signed_headers(body, self.desk.now_s, who).items():
            self.set_header(name, value)
        self.finish(body)


def certificates_body(desk: Desk) -> bytes:
    begin = datetime.fromtimestamp(desk.now_s, UTC) - timedelta(days=1)
    data = [
        {
            "serial_no": who["serial"],
            "effective_time": begin.isoformat(),
            "expire_time": (begin + timedelta(days=desk.days)).isoformat(),
            "encrypt_certificate": {
                "algorithm": "AEAD_AES_256_GCM",
                "nonce": "0123456789ab",
                "associated_data": "certificate",
                "ciphertext": resource.seal(
                    who["cert_pem"].encode(), "0123456789ab", "certificate", desk.key
                ),
            },
        }
        for who in desk.certificates
    ]
    return json.dumps({"data": data}).encode()


@asynccontextmanager
async def certificate_desk(desk: Desk) -> AsyncIterator[str]:
    """The address of a WeChat that does what `desk` says."""
    sockets = bind_sockets(0, "127.0.0.1")
    app = Application([(r"/.*", Handler, {"desk": desk})], log_function=lambda handler: None)
    server = HTTPServer(app)
    server.add_sockets(sockets)
    try:
        yield f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    finally:
        server.stop()
        await server.close_all_connections()
