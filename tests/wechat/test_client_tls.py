"""Our own certificate, shown where it belongs and nowhere else; and answers of every status."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from payments.errors import WeChatUnreachable, WeChatUntrusted
from payments.protocol import WireRequest
from services.wechat.client import CurlTransport
from tests.support.made_certificates import Made, make

pytestmark = pytest.mark.one_database


@cache
def made(name: str) -> Made:
    """The authority; who is signed by it; and a stranger, who signed itself."""
    if name in ("Our authority", "a stranger"):
        return make(name, is_ca=name == "Our authority")
    return make(name, made("Our authority"))


def ours() -> Made:
    return made("account one")


def other() -> Made:
    return made("account two")


class Who(RequestHandler):
    """Says whose certificate came, and over which connection."""

    def initialize(self, connections: set[int]) -> None:
        self._connections = connections

    def answer(self) -> None:
        self._connections.add(id(self.request.connection.stream))  # type: ignore[union-attr]
        given = self.request.get_ssl_certificate()
        subject = dict(pair for names in given["subject"] for pair in names) if given else {}
        status = int(self.get_query_argument("status", "200"))
        self.set_status(status)
        self.set_header("WeChatPay-Serial", "AB")
        if status != 204:
            self.write(f"{self.request.method} {subject.get('commonName')} {self.request.body!r}")

    get = post = answer


def tls_of(folder: Path, demand: ssl.VerifyMode) -> tuple[ssl.SSLContext, Path]:
    """What a server needs that asks for certificates of our authority; and the file that proves
    it."""
    server_cert, ca = made("127.0.0.1"), folder / "ca.pem"
    ca.write_text(made("Our authority").cert_pem)
    pair = folder / "server.pem"
    pair.write_text(server_cert.cert_pem + server_cert.key_pem)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pair)
    tls.load_verify_locations(ca)
    tls.verify_mode = demand
    return tls, ca


@asynccontextmanager
async def wechat(
    folder: Path, demand: ssl.VerifyMode, port: int = 0
) -> AsyncIterator[tuple[CurlTransport, set[int]]]:
    """A transport to a TLS server that asks for certificates of our authority, and the
    connections that the server saw."""
    tls, ca = tls_of(folder, demand)
    seen: set[int] = set()
    app = Application([(r"/.*", Who, {"connections": seen})], log_function=lambda handler: None)
    server = HTTPServer(app, ssl_options=tls)
    sockets = bind_sockets(port, "127.0.0.1")
    server.add_sockets(sockets)
    transport = CurlTransport(f"https://127.0.0.1:{sockets[0].getsockname()[1]}", str(ca))
    try:
        yield transport, seen
    finally:
        transport.close()
        server.stop()
        await server.close_all_connections()


def shown(who: Made | None, path: str = "/", method: str = "POST") -> WireRequest:
    body = b"x" if method == "POST" else b""
    if who is None:
        return WireRequest(path, body, method)
    return WireRequest(path, body, method, client_cert=who.cert_pem, client_key=who.key_pem)


@pytest.mark.gen_test
async def test_each_request_shows_the_certificate_that_is_its_own(tmp_path: Path) -> None:
    """One after the other and all at once: nothing is left on a connection or in a handle."""
    async with wechat(tmp_path, ssl.CERT_OPTIONAL) as (transport, connections):
        turns = [ours(), None, other(), None, ours(), other()] * 4
        names = {id(ours()): "account one", id(other()): "account two", id(None): "None"}
        for who in turns:
            assert names[id(who)] in (await transport(shown(who))).text
        answers = await asyncio.gather(*(transport(shown(who)) for who in turns))
        for who, answer in zip(turns, answers, strict=True):
            assert answer.text == f"POST {names[id(who)]} b'x'"
        assert len(connections) >= 3


@pytest.mark.gen_test
async def test_where_one_is_demanded_only_ours_is_let_in(tmp_path: Path) -> None:
    async with wechat(tmp_path, ssl.CERT_REQUIRED) as (transport, _):
        assert "account one" in (await transport(shown(ours()))).text
        for who in (None, made("a stranger")):
            with pytest.raises((WeChatUnreachable, WeChatUntrusted)):
                await transport(shown(who))
        assert "account one" in (await transport(shown(ours()))).text


@pytest.mark.gen_test
async def test_a_certificate_that_cannot_be_used_sends_nothing(tmp_path: Path) -> None:
    async with wechat(tmp_path, ssl.CERT_OPTIONAL) as (transport, connections):
        for cert, key in (
            (ours().cert_pem, other().key_pem),
            ("no certificate", ours().key_pem),
        ):
            with pytest.raises(WeChatUntrusted) as untrusted:
                await transport(WireRequest("/", b"x", client_cert=cert, client_key=key))
            assert untrusted.value.doubt == "client_certificate"
        assert connections == set()


@pytest.mark.gen_test
async def test_questions_are_get_and_an_answer_of_any_status_comes_back(tmp_path: Path) -> None:
    async with wechat(tmp_path, ssl.CERT_OPTIONAL) as (transport, _):
        for status in (200, 204, 302, 400, 404, 429, 500, 503):
            answer = await transport(shown(None, f"/q?status={status}", "GET"))
            assert answer.status == status
            assert answer.headers["wechatpay-serial"] == "AB"
            assert all(name == name.lower() for name in answer.headers)
            if status != 204:
                assert answer.text == "GET None b''"
