"""A bill over real sockets: streamed to its file, or refused with nothing left of it."""

from __future__ import annotations

import asyncio
import errno
import gzip
import os
import ssl
import threading
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from payments.errors import (
    BillRefused,
    Busy,
    PaymentError,
    WeChatUnreachable,
    WeChatUntrusted,
)
from payments.protocol import WireAnswer, WireRequest
from services.wechat.bill_download import BillDownload, untold
from services.wechat.bill_file import BillNotKept, FetchedBill, Writer, open_partial
from services.wechat.curl import MAX_ANSWER_BYTES
from services.wechat.curl_stream import StreamBounds
from tests.wechat.bill_server import (
    BillServer,
    bill_of,
    bill_server,
    breaking_off,
    giving,
    pouring,
    seen,
    sha1_of,
    stalling,
)
from tests.wechat.test_client_tls import other, ours, tls_of

pytestmark = pytest.mark.one_database

ROWS = (f"`2025-01-02 03:04:05,`wx8888888888888888,`{number}\r\n" for number in range(9000))
TEXT = ("\ufeff交易时间,公众账号ID,微信订单号\r\n" + "".join(ROWS)).encode()
GZIP = gzip.compress(TEXT)
SHA1 = sha1_of(TEXT)
PATH = "/v3/billdownload/file?token=a%2Fb&tartype=gzip"


async def get(
    download: BillDownload, to: Path, request: WireRequest | None = None, sha1: str | None = SHA1
) -> FetchedBill | WireAnswer:
    asked = request or WireRequest(PATH, b"", "GET", {"Authorization": "signed"})
    return await download(asked, download.origins[0], to, lambda _: sha1, untold)


async def fails(server: BillServer, folder: Path, error: type[PaymentError], **more: Any) -> str:
    """The message; and nothing is left in the folder."""
    with pytest.raises(error) as raised:
        await get(server.download(**more), folder / "bill.csv")
    assert list(folder.iterdir()) == []
    return raised.value.message


@pytest.mark.gen_test
@pytest.mark.parametrize("body", [TEXT, GZIP], ids=["plain", "gzip"])
async def test_a_bill_comes_to_its_file_and_is_proven(tmp_path: Path, body: bytes) -> None:
    async with bill_server(giving(body, Digest="SHA=1")) as server:
        heads: list[WireAnswer] = []
        counts: list[int] = []
        got = await server.download()(
            WireRequest(PATH, b"", "GET", {"Authorization": "signed"}),
            server.origin,
            tmp_path / "bill.csv",
            lambda head: heads.append(head) or SHA1,
            counts.append,
        )
        assert bill_of(got).path.read_bytes() == body
        assert (heads[0].status, heads[0].headers["digest"]) == (200, "SHA=1")
        await seen(lambda: counts[-1:] == [len(body)])
        heard = server.heard[0]
        assert (heard.method, heard.uri) == ("GET", PATH)
        assert heard.headers["Authorization"] == "signed"
        assert "Accept-Encoding" not in heard.headers


@pytest.mark.gen_test
async def test_a_request_with_a_body_is_sent_as_it_was_signed(tmp_path: Path) -> None:
    async with bill_server(giving(GZIP)) as server:
        request = WireRequest("/pay/downloadbill", b"<xml/>", headers={"Content-Type": "text/xml"})
        bill_of(await get(server.download(), tmp_path / "bill.csv", request))
        heard = server.heard[0]
        told = heard.method, heard.path, heard.body, heard.headers["Content-Type"]
        assert told == ("POST", "/pay/downloadbill", b"<xml/>", "text/xml")


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("status", "body"),
    [(400, b'{"code":"INVALID_REQUEST"}'), (200, b"\xef\xbb\xbf<xml></xml>"), (302, b""),
     (500, b""), (200, b"{}"), (403, b"\x1f\x8b")],
)  # fmt: skip
async def test_an_error_comes_back_as_an_answer_and_makes_no_file(
    tmp_path: Path, status: int, body: bytes
) -> None:
    async with bill_server(giving(body, status, Location="/elsewhere", X_Id="7")) as server:
        got = await get(server.download(), tmp_path / "bill.csv")
        assert isinstance(got, WireAnswer)
        assert (got.status, got.body, got.headers["x-id"]) == (status, body, "7")
        assert len(server.heard) == 1
        assert list(tmp_path.iterdir()) == []


@pytest.mark.gen_test
async def test_an_endless_error_is_refused(tmp_path: Path) -> None:
    async with bill_server(giving(b"<" * (MAX_ANSWER_BYTES + 1))) as server:
        assert "larger" in await fails(server, tmp_path, WeChatUntrusted)


@pytest.mark.gen_test
async def test_a_bill_with_another_sha1_is_not_kept(tmp_path: Path) -> None:
    async with bill_server(giving(gzip.compress(TEXT + b"`one more row"))) as server:
        assert "SHA1" in await fails(server, tmp_path, WeChatUntrusted)


@pytest.mark.gen_test
async def test_a_gzip_that_ends_too_early_is_not_kept(tmp_path: Path) -> None:
    async with bill_server(giving(GZIP[:-20])) as server:
        assert "cut" in await fails(server, tmp_path, BillRefused)


@pytest.mark.gen_test
@pytest.mark.parametrize("at", [0, 2, len(GZIP) // 2])
async def test_a_connection_that_breaks_in_the_middle_leaves_nothing(
    tmp_path: Path, at: int
) -> None:
    async with bill_server(breaking_off(GZIP, at)) as server:
        assert f"broke off after {at} bytes" in await fails(server, tmp_path, WeChatUnreachable)


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "bounds", [StreamBounds(idle_s=1), StreamBounds(total_s=0.5)], ids=["idle", "total"]
)
@pytest.mark.parametrize("sent", [b"", GZIP[:300]], ids=["nothing", "a part"])
async def test_a_body_that_does_not_come_is_given_up(
    tmp_path: Path, bounds: StreamBounds, sent: bytes
) -> None:
    async with bill_server(stalling(sent)) as server:
        message = await fails(server, tmp_path, WeChatUnreachable, stream_bounds=bounds)
        assert "too slow" in message


@pytest.mark.gen_test
async def test_a_full_disk_ends_the_download_and_leaves_nothing(tmp_path: Path) -> None:
    class Full:
        """Takes nothing."""

        def __init__(self, path: Path) -> None:
            self._file = open_partial(path)

        def write(self, _chunk: bytes, /) -> object:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        def __getattr__(self, name: str) -> Any:
            return getattr(self._file, name)

    async with bill_server(giving(GZIP)) as server:
        message = await fails(server, tmp_path, BillNotKept, open_file=Full)
        assert os.strerror(errno.ENOSPC) in message


@pytest.mark.gen_test
async def test_a_cancelled_download_leaves_no_file_and_lets_the_next_one_begin(
    tmp_path: Path,
) -> None:
    async with bill_server(stalling(GZIP[:5000]), giving(GZIP)) as server:
        download = server.download()
        running = asyncio.ensure_future(get(download, tmp_path / "bill.csv"))
        await seen(lambda: len(list(tmp_path.iterdir())) == 1)
        with pytest.raises(Busy):
            await get(download, tmp_path / "other.csv")
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert list(tmp_path.iterdir()) == []
        bill_of(await get(download, tmp_path / "bill.csv"))


@pytest.mark.gen_test
async def test_the_loop_goes_on_while_the_disk_does_not(tmp_path: Path) -> None:
    """The disk takes nothing before the loop has done something: in the loop it would stand still
    for good."""
    waits, goes_on = threading.Event(), threading.Event()

    class Slow:
        def __init__(self, path: Path) -> None:
            self._file: Writer = open_partial(path)

        def write(self, chunk: bytes, /) -> object:
            waits.set()
            goes_on.wait()
            return self._file.write(chunk)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._file, name)

    async with bill_server(giving(GZIP)) as server:
        running = asyncio.ensure_future(get(server.download(open_file=Slow), tmp_path / "bill.csv"))
        await seen(waits.is_set)
        goes_on.set()
        bill_of(await running)


@pytest.mark.gen_test
async def test_nothing_is_sent_to_an_address_that_is_not_ours(tmp_path: Path) -> None:
    async with bill_server(giving(GZIP)) as ours, bill_server(giving(GZIP)) as other:
        request = WireRequest(PATH, b"", "GET")
        with pytest.raises(WeChatUntrusted):
            await ours.download()(
                request, other.origin, tmp_path / "bill.csv", lambda _: SHA1, untold
            )
        assert (ours.heard, other.heard) == ([], [])


@pytest.mark.gen_test
async def test_no_proxy_of_the_environment_sees_a_bill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bill_server(giving(GZIP)) as server, bill_server(giving(b"<")) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.origin)
        bill_of(await get(server.download(), tmp_path / "bill.csv"))
        assert (len(server.heard), proxy.heard) == (1, [])


@pytest.mark.gen_test
async def test_our_certificate_is_shown_where_the_request_has_one(tmp_path: Path) -> None:
    """And the certificate of the server is proven: without our authority nothing is sent."""
    tls, ca = tls_of(tmp_path, ssl.CERT_REQUIRED)
    folder = tmp_path / "bills"
    folder.mkdir()
    mine, foreign = ours(), other()
    async with bill_server(giving(GZIP), tls=tls) as server:
        good = WireRequest(PATH, b"x", client_cert=mine.cert_pem, client_key=mine.key_pem)
        trusting = BillDownload((server.origin,), str(ca))
        bill_of(await get(trusting, folder / "bill.csv", good)).path.unlink()
        mixed = replace(good, client_key=foreign.key_pem)
        for download, request, doubt in (
            (trusting, mixed, "client_certificate"),
            (BillDownload((server.origin,), None), good, "certificate"),
        ):
            with pytest.raises(WeChatUntrusted) as error:
                await get(download, folder / "bill.csv", request)
            assert error.value.doubt == doubt
        assert (len(server.heard), list(folder.iterdir())) == (1, [])


@pytest.mark.gen_test
async def test_a_large_bill_passes_through_no_memory(tmp_path: Path) -> None:
    """20 MB in 64 KiB pieces: what Python holds at its peak is a small part of it."""
    piece = os.urandom(64 * 1024)
    pieces = 320
    sha1 = sha1_of(piece * pieces)
    async with bill_server(pouring(pieces, piece)) as server:
        tracemalloc.start()
        try:
            got = await get(server.download(), tmp_path / "bill.csv", sha1=sha1)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert bill_of(got).file_bytes == pieces * len(piece)
        assert peak < 4 * 1024 * 1024
