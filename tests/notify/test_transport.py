"""The notify as HTTP: methods, sizes, slow senders, odd headers; and a product that is busy."""

from __future__ import annotations

import asyncio
import gc
import gzip
import socket
from pathlib import Path

import pytest

from handlers.notifies.fast_door import FastDoor
from tests.support.notify_rig import (
    alerts,
    deliver,
    digests,
    hang_up,
    post,
    raw_http,
    raw_notices,
)
from tests.support.patience import PATIENCE_S
from tests.support.rig import (
    ABNORMAL,
    SUCCESS,
    UNREADABLE,
    Product,
    later_text,
    notify_fields,
    product,
    signed,
    transaction,
    until,
    writers_locked_out,
)

pytestmark = pytest.mark.one_database

NUMBER = "ORD20250102000001"
GOOD = signed(notify_fields(NUMBER, "42001", time_end=later_text()))


def is_refusal(answer: bytes) -> bool:
    """A 4xx, or a connection that is closed without a word."""
    return answer == b"" or answer.startswith(b"HTTP/1.1 4")


BROKEN_HTTP: dict[str, bytes] = {
    "N45 10 MB announced": post(GOOD, "Content-Length: 10485760"),
    "N45 over 64 KiB": post(b"<xml>" + b" " * 65_536 + b"</xml>"),
    "N46 over 64 KiB in chunks": post(
        b"".join(b"4000\r\n" + b" " * 0x4000 + b"\r\n" for _ in range(8)) + b"0\r\n\r\n",
        "Transfer-Encoding: chunked",
    ),
    "N50 two lengths": post(GOOD, f"Content-Length: {len(GOOD)}", "Content-Length: 1"),
    "N50 a length and chunks": post(
        GOOD, f"Content-Length: {len(GOOD)}", "Transfer-Encoding: chunked"
    ),
    "N50 a negative length": post(GOOD, "Content-Length: -1"),
    "N50 a length that is no number": post(GOOD, "Content-Length: x"),
    "N50 a transfer that is unknown": post(GOOD, "Transfer-Encoding: gzip"),
    "N50 no host": post(GOOD).replace(b"Host: shop\r\n", b""),
    "N47 a header without end": post(GOOD, "X-Long: " + "x" * 9000),
    "N50 a folded header": post(GOOD, "X-Folded: a\r\n b"),
    "N50 two hosts": post(GOOD, "Host: other"),
    "N44 no HTTP": GOOD + b"\r\n\r\n",
}


@pytest.mark.gen_test
async def test_each_run_goes_through_the_door_of_its_name(
    tmp_path: Path, door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    welcomed: list[socket.socket] = []
    welcome = FastDoor.welcome

    def noting(fast: FastDoor, connection: socket.socket, address: object) -> None:
        welcomed.append(connection)
        welcome(fast, connection, address)

    monkeypatch.setattr(FastDoor, "welcome", noting)
    async with product(tmp_path) as shop:
        await deliver(shop, GOOD)
    assert bool(welcomed) == (door == "fast")


@pytest.mark.gen_test
async def test_broken_http_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        await shop.order(orderNum=NUMBER)
        before = await digests(shop)
        for name, request in BROKEN_HTTP.items():
            answer = await raw_http(shop, request)
            assert is_refusal(answer), f"{name}: {answer!r}"
        assert await digests(shop) == before
        assert (await alerts(shop), await raw_notices(shop)) == ([], [])
        assert SUCCESS in await raw_http(shop, post(GOOD))


@pytest.mark.gen_test
async def test_what_stands_behind_a_request_that_closes_its_connection_is_not_read(
    tmp_path: Path,
) -> None:
    async with product(tmp_path) as shop:
        await shop.order(orderNum=NUMBER)
        behind = signed(notify_fields("ORD20250102000002", "42002", time_end=later_text()))
        answer = await raw_http(shop, post(GOOD) + post(behind))
        assert answer.count(b"HTTP/1.1") == answer.count(SUCCESS) == 1
        assert (await deliver(shop, GOOD)).kinds == [
            "notify.duplicate"
        ]  # whatever was read is done
        assert [outcome for outcome, _, _ in await raw_notices(shop)] == ["booked", "duplicate"]


@pytest.mark.gen_test
async def test_nothing_is_kept_of_connections_that_their_client_has_closed(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        for _ in range(100):
            await raw_http(shop, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        door = shop.running.front_door

        async def is_empty() -> bool:
            gc.collect()
            return not door.open and not door._ended

        await until(is_empty)


@pytest.mark.gen_test
async def test_nothing_but_post_is_taken(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        await shop.order(orderNum=NUMBER)
        before = await digests(shop)
        for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"):
            body = None if method in ("GET", "HEAD") else GOOD
            response = await shop.fetch("/pay/notify", method, body)
            assert (response.code, response.headers["Allow"]) == (405, "POST"), method
            assert b"SUCCESS" not in response.body, method
        answer = await raw_http(shop, post(GOOD).replace(b"POST", b"TRACE", 1))
        assert is_refusal(answer)
        assert await digests(shop) == before


@pytest.mark.gen_test
async def test_the_body_decides_whatever_its_type_is_called(tmp_path: Path) -> None:
    types = ("text/xml", "application/xml", "application/json", "", "text/plain; charset=gbk")
    async with product(tmp_path) as shop:
        for content_type in types:
            order = await shop.order()
            body = signed(notify_fields(order["orderNum"], transaction()))
            response = await shop.notify(body, **{"Content-Type": content_type})
            assert (response.code, response.body) == (200, SUCCESS), content_type


@pytest.mark.gen_test
async def test_forms_and_uploads_are_unreadable(tmp_path: Path) -> None:
    form = "application/x-www-form-urlencoded"
    upload = "multipart/form-data; boundary=x"
    parts = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 500 + b"--x--\r\n"
    async with product(tmp_path) as shop:
        for content_type, body in ((form, b"&".join([b"a=1"] * 6000)), (upload, parts)):
            response = await shop.notify(body, **{"Content-Type": content_type})
            assert response.code == 400 or response.body == UNREADABLE, content_type
        assert (await alerts(shop), await raw_notices(shop)) == ([], [])


@pytest.mark.gen_test
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "GZIP", "identity, gzip"])
async def test_a_compressed_body_is_never_unpacked(tmp_path: Path, encoding: str) -> None:
    async with product(tmp_path) as shop:
        await shop.order(orderNum=NUMBER)
        for body in (GOOD, gzip.compress(GOOD), gzip.compress(b" " * 10_000_000)):
            done = await deliver(shop, body, **{"Content-Encoding": encoding})
            assert (done.status, done.body, done.kinds) == (200, UNREADABLE, [])
        assert (await deliver(shop, GOOD, **{"Content-Encoding": "identity"})).body == SUCCESS


@pytest.mark.gen_test
async def test_who_hangs_up_before_the_answer_has_paid_all_the_same(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        await shop.order(orderNum=NUMBER)
        host, port = shop.origin.removeprefix("http://").split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(post(GOOD))
        await writer.drain()
        await hang_up(writer)

        async def paid() -> bool:
            return (await shop.read(NUMBER))["status"] == "PAID"

        await until(paid)
        done = await deliver(shop, GOOD)
        assert (done.body, done.kinds, done.orders_same) == (SUCCESS, ["notify.duplicate"], True)


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_who_sends_too_slowly_is_cut_off_within_the_time_allowed(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        await shop.order(orderNum=NUMBER)
        whole = post(GOOD)
        body_at = whole.index(b"\r\n\r\n") + 4
        slow = (drip(shop, whole[:40]), drip(shop, whole[: body_at + 40]))
        assert all(is_refusal(answer) for answer in await asyncio.gather(*slow))
        assert (await shop.read(NUMBER))["status"] == "INIT"
        assert await shop.pay(NUMBER) == SUCCESS


async def drip(shop: Product, start: bytes) -> bytes:
    """Send a beginning and then a byte now and then; what comes back when the line is cut."""
    host, port = shop.origin.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(start)
    answer = asyncio.ensure_future(reader.read())
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not answer.done():
                await asyncio.wait([answer], timeout=0.5)
                writer.write(b"x")
        return await answer
    except ConnectionError:
        return b""
    finally:
        await hang_up(writer)


@pytest.mark.gen_test
async def test_a_busy_database_says_come_again_and_the_next_delivery_pays(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        await shop.order(orderNum=NUMBER)
        before = await digests(shop)
        with writers_locked_out(shop):
            response = await shop.notify(GOOD)
        assert (response.code, response.body) == (503, ABNORMAL)
        assert int(response.headers["Retry-After"]) > 0
        assert response.headers["Content-Type"] == "text/xml; charset=utf-8"
        assert await digests(shop) == before
        assert (await deliver(shop, GOOD)).kinds == ["order.paid"]


@pytest.mark.gen_test
async def test_a_notify_that_comes_while_the_product_stops_is_told_to_come_again(
    tmp_path: Path,
) -> None:
    async with product(tmp_path) as shop:
        await shop.order(orderNum=NUMBER)
        before = await digests(shop)
        host, port = shop.origin.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        await shop.running.store.close()  # the connection is still open, the tables are not
        try:
            writer.write(post(GOOD))
            async with asyncio.timeout(PATIENCE_S):
                answer = await reader.read()
        finally:
            await hang_up(writer)
            shop.running.store.open()
        assert answer.startswith(b"HTTP/1.1 503 "), answer
        assert b"Retry-After: " in answer
        assert answer.endswith(ABNORMAL)
        assert await digests(shop) == before
