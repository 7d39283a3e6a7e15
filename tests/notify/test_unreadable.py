"""Notifies that cannot be read, and the probe by which `paywatch check` finds out why."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from payments.merchant import Api
from services.checks.check_codes import CheckCode
from services.checks.http_probe import HttpProbe
from services.checks.installation import CheckResult, notify_finding
from services.notify.unreadable import ENOUGH, MAX_SOURCES, Unreadable
from services.runtime.check_probe import CHANGED, LOST, WHOLE, probe, report
from services.runtime.clock import SystemClock
from tests.notify.test_v3_rows import v3_product
from tests.support.notify_rig import post, raw_http
from tests.support.rig import SUCCESS, Product, product

SECRET, NOW = "s" * 32, 1_800_000_000


def lower(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@pytest.mark.parametrize("api", Api)
def test_a_probe_is_known_by_body_or_headers(api: Api) -> None:
    body, sent = probe(SECRET, NOW, api)
    headers = lower(sent)
    assert report(body, headers, ["other" * 8, SECRET], NOW + 9, api) == WHOLE
    assert report(body, {}, [SECRET], NOW, api) == LOST + " ".join(sent)
    some = {n: v for n, v in headers.items() if n != "wechatpay-serial"}
    assert report(body, some, [SECRET], NOW, api) == f"{LOST}Wechatpay-Serial"
    assert report(b"", headers, [SECRET], NOW, api) == CHANGED
    assert report(body.replace(b" ", b""), headers, [SECRET], NOW, api) == CHANGED
    if api is Api.V3:
        assert report(json.dumps(json.loads(body)).encode(), headers, [SECRET], NOW, api) == CHANGED


def test_nobody_else_makes_a_probe_or_repeats_an_old_one() -> None:
    body, sent = probe(SECRET, NOW, Api.V3)
    headers = lower(sent)
    assert report(body, headers, ["t" * 32], NOW, Api.V3) is None
    assert report(body, headers, [SECRET], NOW + 301, Api.V3) is None
    assert report(b"<xml/>", {"wechatpay-serial": "PAYWATCH_CHECK"}, [SECRET], NOW, Api.V3) is None
    assert report(b"paywatch-check-" * 4000, {}, [SECRET], NOW, Api.V2) is None


# --- through a gateway ---------------------------------------------------------------------------

Change = Callable[[bytes, dict[str, str]], tuple[bytes, dict[str, str]]]


@asynccontextmanager
async def gateway(shop: Product, change: Change) -> AsyncIterator[str]:
    """A proxy that changes what it passes on; its origin."""
    client = AsyncHTTPClient(force_instance=True)

    class Handler(RequestHandler):
        async def post(self) -> None:
            body, headers = change(self.request.body, dict(self.request.headers))
            headers.pop("Host", None)
            headers.pop("Content-Length", None)
            passed = await client.fetch(
                shop.origin + str(self.request.uri), method="POST", body=body, headers=headers,
                raise_error=False,
            )  # fmt: skip
            self.set_status(passed.code)
            self.finish(passed.body)

    sock, port = bind_unused_port()
    server = HTTPServer(Application([("/.*", Handler)]))
    server.add_socket(sock)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        client.close()
        server.stop()
        await server.close_all_connections()


def without_headers(body: bytes, headers: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    return body, {n: v for n, v in headers.items() if not n.startswith("Wechatpay")}


def blanked(_body: bytes, headers: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    return b"", headers


def rewritten(body: bytes, headers: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    return b" ".join(body.split()), headers


def stripped(_body: bytes, headers: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    return without_headers(b"", headers)


GATEWAYS = [
    (
        lambda body, headers: (body, headers),
        CheckCode.NOTIFY_LEADS_HERE,
        CheckCode.NOTIFY_LEADS_HERE,
    ),
    (without_headers, CheckCode.NOTIFY_LEADS_HERE, CheckCode.NOTIFY_HEADERS_LOST),
    (blanked, CheckCode.NOTIFY_BODY_CHANGED, CheckCode.NOTIFY_BODY_CHANGED),
    (rewritten, CheckCode.NOTIFY_BODY_CHANGED, CheckCode.NOTIFY_BODY_CHANGED),
    (stripped, CheckCode.NOTIFY_PROBE_LOST, CheckCode.NOTIFY_PROBE_LOST),
]


@pytest.mark.parametrize(
    ("change", "on_v2", "on_v3"),
    GATEWAYS,
    ids=["passes all", "drops headers", "blanks the body", "writes it anew", "drops both"],
)
@pytest.mark.one_database
@pytest.mark.gen_test
async def test_check_says_what_a_gateway_does(
    tmp_path: Path, change: Change, on_v2: CheckCode, on_v3: CheckCode
) -> None:
    async with product(tmp_path, by_hand=True) as shop, gateway(shop, change) as origin:
        asking, before = HttpProbe(None), len(await shop.events())
        secret, now_s = shop.settings.notice_secrets[0], SystemClock().now_ms() // 1000

        async def asked(api: Api, path: str) -> CheckResult:
            return await notify_finding(asking, api, origin + path, True, secret, now_s)

        try:
            assert (await asked(Api.V2, "/pay/notify")).code == on_v2
            found = await asked(Api.V3, "/pay/notify/v3")
            assert found.code == on_v3
            if on_v3 is CheckCode.NOTIFY_HEADERS_LOST:
                assert "Wechatpay-Signature" in found.words
            if change is not stripped:
                assert len(await shop.events()) == before, "a check leaves nothing behind"
        finally:
            asking.close()


# --- unreadable ones -----------------------------------------------------------------------------


async def codes(shop: Product) -> list[tuple[str, str]]:
    found = (await (await shop.user()).get("alerts"))["alerts"]
    return [(each["evidence"]["code"], each["severity"]) for each in found]


@pytest.mark.gen_test
async def test_several_that_cannot_be_read_are_one_case(tmp_path: Path) -> None:
    async with v3_product(tmp_path, by_hand=True) as shop:
        for n in range(ENOUGH + 3):
            path = "/pay/notify" if n % 2 else "/pay/notify/v3"
            assert (await shop.fetch(path, "POST", b"")).code in (200, 400)
        assert await codes(shop) == [("notifies_unreadable", "medium")]


@pytest.mark.gen_test
async def test_a_few_are_chance(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        for _ in range(ENOUGH - 1):
            await shop.notify(b"<html>")
        assert await codes(shop) == []


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_many_sources_take_no_more_room_than_is_set(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        counting = Unreadable(shop.running.store, SystemClock())
        await asyncio.gather(*(counting.take(f"source {n}") for n in range(2 * MAX_SOURCES)))
        assert len(counting._sources) == MAX_SOURCES


# --- larger than any that is read ----------------------------------------------------------------

WHOLE_BODY = b"<xml>" + b" " * 65_536 + b"</xml>"
CHUNKS = b"".join(b"4000\r\n" + b" " * 0x4000 + b"\r\n" for _ in range(8)) + b"0\r\n\r\n"
TOO_LARGE = {
    "whole": post(WHOLE_BODY),
    "in chunks": post(CHUNKS, "Transfer-Encoding: chunked"),
    "on API v3": post(WHOLE_BODY).replace(b"/pay/notify", b"/pay/notify/v3", 1),
    "announced": post(b"", "Content-Length: 10485760"),
}


@pytest.mark.gen_test
@pytest.mark.parametrize("request_bytes", TOO_LARGE.values(), ids=TOO_LARGE)
async def test_several_that_are_too_large_are_one_case(
    tmp_path: Path, request_bytes: bytes
) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        for _ in range(ENOUGH + 3):
            answer = await raw_http(shop, request_bytes)
            assert answer == b"" or answer.startswith(b"HTTP/1.1 400")
        found = (await (await shop.user()).get("alerts"))["alerts"]
        told = [(each["evidence"]["code"], each["severity"], each["count"]) for each in found]
        assert told == [("notifies_too_large", "high", 1)]
        assert found[0]["evidence"]["values"] == {"source": "127.0.0.0/24", "count": ENOUGH}
        await shop.notify(b"<html>")
        assert SUCCESS in await shop.pay((await shop.order())["orderNum"])


@pytest.mark.gen_test
async def test_large_ones_of_other_addresses_and_a_few_are_no_case(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        for _ in range(ENOUGH - 1):
            await raw_http(shop, TOO_LARGE["whole"])
        for _ in range(ENOUGH):
            await raw_http(shop, post(WHOLE_BODY).replace(b"/pay/notify", b"/weixin/prepay", 1))
        assert await codes(shop) == []
        at_limit = b"<xml>" + b" " * (65_536 - 11) + b"</xml>"
        assert (await shop.notify(at_limit)).code == 200
