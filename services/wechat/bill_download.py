"""Downloads a bill to a file. A bill may have a gigabyte: it passes through no memory and not
through the event loop.

It runs in a thread. In the loop each write to a busy disk, and the last fsync, would hold up every
notify for as long as the disk wants; cURL, zlib, SHA1 and the disk all release the interpreter.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Protocol

from payments.bills.asking import ENOUGH_TO_TELL, is_bill
from payments.errors import Busy, WeChatUntrusted
from payments.protocol import WireAnswer, WireRequest
from services.wechat.bill_file import (
    BillBounds,
    BillFile,
    FetchedBill,
    Writer,
    free_bytes,
    open_partial,
)
from services.wechat.curl import MAX_ANSWER_BYTES, TOO_LARGE
from services.wechat.curl_stream import CurlStream, StreamBounds

TOLD_BYTES = 256 * 1024
"""The progress is told after so many bytes each time, and at the end."""

Progress = Callable[[int], None]
"""Called on the loop with the number of bytes that have come."""
Sha1Of = Callable[[WireAnswer], str | None]
"""The SHA1 that WeChat named, from the head of an answer; None where it named none."""


class Download(Protocol):
    """Brings a bill to a file (tests may pass another)."""

    origins: tuple[str, ...]
    """The addresses that serve the same bills, the usual one first. Nothing is sent elsewhere."""

    async def __call__(
        self, request: WireRequest, origin: str, to: Path, sha1_of: Sha1Of, progress: Progress
    ) -> FetchedBill | WireAnswer:
        """The bill at `to`, or WeChat's answer where that is none.

        Raises WeChatUnreachable, WeChatUntrusted, BillRefused and BillNotKept: then no file is
        left; and Busy: then nothing was sent."""
        ...


def untold(_count: int) -> None:
    """Nobody follows the progress."""


class BillDownload:
    """One bill at a time in a process. A cancelled one is stopped within a fraction of a second."""

    def __init__(
        self,
        origins: tuple[str, ...],
        ca_certs: str | None,
        stream_bounds: StreamBounds | None = None,
        bill_bounds: BillBounds | None = None,
        open_file: Callable[[Path], Writer] = open_partial,
        free: Callable[[Path], int] = free_bytes,
    ) -> None:
        self.origins = origins
        self._ca_certs = ca_certs
        self._stream_bounds = stream_bounds or StreamBounds()
        self._bill_bounds = bill_bounds or BillBounds()
        self._open_file = open_file
        self._free = free
        self._is_running = False

    async def __call__(
        self, request: WireRequest, origin: str, to: Path, sha1_of: Sha1Of, progress: Progress
    ) -> FetchedBill | WireAnswer:
        """As `Download`."""
        if origin not in self.origins:
            raise WeChatUntrusted("This is no address of WeChat's that we call; nothing was sent.")
        if self._is_running:
            raise Busy("Another bill is being downloaded.")
        self._is_running = True
        try:
            return await self._in_thread(request, origin, to, sha1_of, progress)
        finally:
            self._is_running = False

    async def _in_thread(
        self, request: WireRequest, origin: str, to: Path, sha1_of: Sha1Of, progress: Progress
    ) -> FetchedBill | WireAnswer:
        loop, stop = asyncio.get_running_loop(), threading.Event()

        def tell(count: int) -> None:
            with suppress(RuntimeError):  # the loop has ended; the stop follows
                loop.call_soon_threadsafe(progress, count)

        def work() -> FetchedBill | WireAnswer:
            with CurlStream(origin, request, self._ca_certs, self._stream_bounds, stop) as stream:
                return self._received(stream, to, sha1_of, tell)

        running = loop.run_in_executor(None, work)
        running.add_done_callback(_heed)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            stop.set()
            await asyncio.wait([running])  # its file is gone then
            raise

    def _received(
        self, stream: CurlStream, to: Path, sha1_of: Sha1Of, tell: Progress
    ) -> FetchedBill | WireAnswer:
        chunks = stream.chunks()
        start = _start(chunks)
        whole = chain([start], chunks)
        if not is_bill(stream.status, start):
            return WireAnswer(stream.status, _answer(whole), stream.headers)
        sha1 = sha1_of(WireAnswer(stream.status, b"", stream.headers))
        with BillFile(to, self._bill_bounds, self._open_file, self._free) as file:
            file.take(_told(whole, tell))
            return file.finish(sha1)


def _start(chunks: Iterator[bytes]) -> bytes:
    """Enough of the body to tell what it is, or all of it."""
    start = b""
    for chunk in chunks:
        start += chunk
        if len(start) >= ENOUGH_TO_TELL:
            break
    return start


def _answer(chunks: Iterable[bytes]) -> bytes:
    body = b""
    for chunk in chunks:
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise WeChatUntrusted(TOO_LARGE)
    return body


def _told(chunks: Iterable[bytes], tell: Progress) -> Iterator[bytes]:
    count = told = 0
    for chunk in chunks:
        count += len(chunk)
        if count - told >= TOLD_BYTES:
            tell(count)
            told = count
        yield chunk
    tell(count)


def _heed(running: asyncio.Future[FetchedBill | WireAnswer]) -> None:
    """Read the error of a download that nobody waits for any more, so that asyncio does not log
    it."""
    if not running.cancelled():
        running.exception()
