"""One answer over cURL, chunk by chunk as it comes. It waits in place, so it is for a thread."""

from __future__ import annotations

import re
import select
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import pycurl

from payments.errors import PaymentError, WeChatUnreachable
from payments.protocol import WireRequest
from services.wechat.curl import CONNECT_S, USER_AGENT, failure_of, protect

TICK_MS = 100
"""How soon a stop is noticed."""
PIECE_BYTES = 64 * 1024
_STATUS = re.compile(r"HTTP/[0-9.]+ ([0-9]{3})", re.ASCII)
_HAPPENED = ((select.POLLIN, pycurl.CSELECT_IN), (select.POLLOUT, pycurl.CSELECT_OUT))


@dataclass(frozen=True)
class StreamBounds:
    """An answer that brings less than `slowest` bytes a second for `idle_s` seconds is given up,
    and one that takes longer than `total_s`."""

    slowest: int = 1024
    idle_s: int = 30
    total_s: float = 600.0


class CurlStream:
    """Use it with `with`. `chunks` is read once; `status` and `headers`, with names in lower case,
    are there with its first chunk."""

    def __init__(
        self,
        origin: str,
        request: WireRequest,
        ca_certs: str | None,
        bounds: StreamBounds,
        stop: threading.Event,
    ) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self._request = request
        self._stop = stop
        self._arrived: deque[bytes] = deque()
        self._count = 0
        self._curl = _handle(origin, request, ca_certs, bounds)
        self._curl.setopt(pycurl.HEADERFUNCTION, self._header)
        self._curl.setopt(pycurl.WRITEFUNCTION, self._arrived.append)
        self._poll = select.poll()
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.add_handle(self._curl)

    def __enter__(self) -> CurlStream:
        return self

    def __exit__(self, *_: object) -> None:
        self._multi.remove_handle(self._curl)
        self._curl.close()
        self._multi.close()

    def chunks(self) -> Iterator[bytes]:
        """The body, in chunks of at most 64 KiB; the next ones are read when these are taken.

        Raises WeChatUnreachable where it breaks off, is too slow or is stopped, and
        WeChatUntrusted where a certificate is of no use."""
        while not self._is_over():
            self._turn()
            yield from self._taken()

    def _taken(self) -> Iterator[bytes]:
        while self._arrived:
            self._count += len(self._arrived[0])
            yield self._arrived.popleft()

    def _turn(self) -> None:
        """Wait for the next bytes, or until cURL or a stop wants to be heard."""
        if self._stop.is_set():
            raise WeChatUnreachable("The download was stopped.")
        due = self._multi.timeout()
        ready = self._poll.poll(TICK_MS if due < 0 else min(due, TICK_MS))
        for number, events in ready:
            happened = sum(bit for event, bit in _HAPPENED if events & event)
            self._multi.socket_action(number, happened)
        if not ready:
            self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)

    def _is_over(self) -> bool:
        _, done, failed = self._multi.info_read()
        for _, number, _words in failed:
            raise self._failure(number)
        return bool(done)

    def _failure(self, number: int) -> PaymentError:
        error = failure_of(number, self._request)
        if not isinstance(error, WeChatUnreachable):
            return error
        if number == pycurl.E_OPERATION_TIMEDOUT:
            return WeChatUnreachable(f"WeChat was too slow: {self._count} bytes came.")
        return WeChatUnreachable(f"The connection to WeChat broke off after {self._count} bytes.")

    def _watch(self, what: int, number: int, _multi: object, _data: object) -> None:
        if what == pycurl.POLL_REMOVE:
            with suppress(KeyError):
                self._poll.unregister(number)
            return
        events = select.POLLIN if what & pycurl.POLL_IN else 0
        self._poll.register(number, events | (select.POLLOUT if what & pycurl.POLL_OUT else 0))

    def _header(self, line: bytes) -> None:
        text = line.decode("latin-1").strip()
        if started := _STATUS.match(text):  # an answer of 1xx may have come before
            self.status, self.headers = int(started[1]), {}
            return
        name, colon, value = text.partition(":")
        if colon:
            self.headers[name.lower()] = value.strip()


def _handle(
    origin: str, request: WireRequest, ca_certs: str | None, bounds: StreamBounds
) -> pycurl.Curl:
    curl = pycurl.Curl()
    protect(curl, origin, request)
    curl.setopt(pycurl.URL, origin + request.path)
    curl.setopt(pycurl.HTTPHEADER, [f"{n}: {v}" for n, v in request.headers.items()] + ["Expect:"])
    if request.method == "POST":
        curl.setopt(pycurl.POSTFIELDS, request.body)
    curl.setopt(pycurl.USERAGENT, USER_AGENT)
    curl.setopt(pycurl.FOLLOWLOCATION, 0)
    curl.setopt(pycurl.SSL_VERIFYPEER, 1)
    curl.setopt(pycurl.SSL_VERIFYHOST, 2)
    if ca_certs is not None:
        curl.setopt(pycurl.CAINFO, ca_certs)
    curl.setopt(pycurl.NOSIGNAL, 1)  # signals belong to the main thread
    curl.setopt(pycurl.BUFFERSIZE, PIECE_BYTES)
    curl.setopt(pycurl.CONNECTTIMEOUT_MS, int(CONNECT_S * 1000))
    curl.setopt(pycurl.LOW_SPEED_LIMIT, bounds.slowest)
    curl.setopt(pycurl.LOW_SPEED_TIME, bounds.idle_s)
    curl.setopt(pycurl.TIMEOUT_MS, int(bounds.total_s * 1000))
    return curl
