"""The first code that meets a connection. It answers whole, plain notifies itself; at the first
bytes that are anything else it hands the connection on, with them, to Tornado's server, where it
then stays. So what is odd, slow or somebody else's has the limits and the answers of that server.
"""

from __future__ import annotations

import asyncio
import logging
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from tornado.iostream import IOStream

from handlers.client_address import client_of, network_of
from handlers.notifies.notify import MAX_BODY, PATHS, NotifyContext, NotifyRoute, answer
from handlers.patience import LATE_S
from payments.notify_replies import NotifyReply

log = logging.getLogger(__name__)

MAX_HEAD = 4 * 1024
PIECE = 12 * 1024
"""With the beginning of a head not more than Tornado's server reads at once: of a head that is too
long it would wait for the rest, which we hold, and not hang up at once."""
MAX_PIECES = 8
"""A request that comes in more pieces is handed on."""
LOOK_S = 0.5
"""One that is not whole after two looks is handed on, too."""

HandOn = Callable[[socket.socket, Any, bytes, float], IOStream]
"""Takes a connection with its address, with the bytes that were read and the seconds since it was
last answered."""


class FastDoor:
    """The connections that have brought nothing but plain notifies. Idle ones are closed after
    `idle_s` seconds."""

    def __init__(self, context: NotifyContext, hand_on: HandOn, idle_s: float) -> None:
        self.context = context
        self.hand_on = hand_on
        self.is_stopping = False
        """Each answer is the last one of its connection."""
        self.lines: set[Line] = set()
        self.loop = asyncio.get_running_loop()
        self._idle_s = idle_s
        self._looking: asyncio.TimerHandle | None = None
        self._was_late = False

    def welcome(self, connection: socket.socket, address: Any) -> None:
        """Take a connection that was accepted."""
        connection.setblocking(False)
        self.lines.add(Line(self, connection, address))
        if self._looking is None:
            self._look_later()

    def is_answering(self) -> bool:
        return any(line.is_answering for line in self.lines)

    def close(self) -> None:
        for line in list(self.lines):
            line.close()

    def _look_later(self) -> None:
        self._due = self.loop.time() + LOOK_S
        self._looking = self.loop.call_at(self._due, self._look) if self.lines else None

    def _look(self) -> None:
        now = self.loop.time()
        # After a standstill this may run before what has come meanwhile is read.
        self._was_late = now - self._due > LATE_S and not self._was_late
        if not self._was_late:
            for line in list(self.lines):
                line.look(now - self._idle_s)
        self._look_later()


class Line:
    """One connection. While a notify has no answer yet, what comes behind it waits."""

    __slots__ = (
        "_address",
        "_begun",
        "_closes",
        "_door",
        "_is_late",
        "_peer",
        "_pieces",
        "_route",
        "_since",
        "_sock",
        "is_answering",
    )

    def __init__(self, door: FastDoor, sock: socket.socket, address: Any) -> None:
        self._door = door
        self._sock: socket.socket | None = sock
        self._address = address
        internet = sock.family in (socket.AF_INET, socket.AF_INET6)
        self._peer: str = address[0] if internet else "0.0.0.0"  # noqa: S104 - as Tornado calls it
        self._since = door.loop.time()
        self._route: NotifyRoute = next(iter(PATHS.values()))
        self.is_answering = self._closes = False
        self._forget()
        door.loop.add_reader(sock.fileno(), self._readable)

    def _forget(self) -> None:
        self._begun, self._pieces, self._is_late = b"", 0, False

    def _readable(self) -> None:
        if self._sock is None:
            return
        try:
            data = self._sock.recv(PIECE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self.close()
        elif self.is_answering:
            self._begun = data  # a second request: nothing is read behind it
            self._door.loop.remove_reader(self._sock.fileno())
        elif self._begun:
            self._read(self._begun + data)
        else:
            self._is_late = False
            self._read(data)

    def _read(self, data: bytes) -> None:
        found = read_plain_post(data)
        if isinstance(found, PlainPost):
            self._forget()
            self._take(found)
        elif isinstance(found, Unfinished) and self._pieces < MAX_PIECES:
            self._begun, self._pieces = data, self._pieces + 1
        else:
            self._hand_on(data)

    def _take(self, post: PlainPost) -> None:
        head, context = post.head, self._door.context
        self.is_answering, self._closes = True, head.closes
        route = self._route = PATHS[head.path]
        forwarded = head.headers.get("x-forwarded-for", "")
        source = network_of(client_of(self._peer, forwarded, context.trusted_proxies))
        context.take(route, post.body, head.headers, source, self._answer)

    def _answer(self, reply: NotifyReply) -> None:
        self.is_answering, self._since = False, self._door.loop.time()
        if self._sock is None:
            log.debug("WeChat hung up before the answer; it comes again.")
            return
        closes = self._closes or self._door.is_stopping
        data = answer(self._route, reply, closes=closes)
        try:
            sent = self._sock.send(data)
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError:
            self.close()
            return
        if sent < len(data):
            self._send_slowly(data[sent:], closes=closes)
        elif closes:
            self.close()
        elif self._begun:
            self._hand_on(self._begun)

    def _send_slowly(self, rest: bytes, *, closes: bool) -> None:
        """Its sender has read none of the last thousands of answers."""
        stream = self._hand_on(self._begun)
        written = stream.write(rest)
        if closes:
            written.add_done_callback(lambda _: stream.close())

    def look(self, idle_before: float) -> None:
        """Called from time to time: hand on what does not become whole, close what is idle, both
        at the second look."""
        if self.is_answering or not (self._begun or self._since < idle_before):
            return
        if not self._is_late:
            self._is_late = True
        elif self._begun:
            self._hand_on(self._begun)
        else:
            self.close()

    def _hand_on(self, data: bytes) -> IOStream:
        sock = self._let_go()
        waited_s = self._door.loop.time() - self._since
        return self._door.hand_on(sock, self._address, data, waited_s)

    def close(self) -> None:
        if self._sock is not None:
            self._let_go().close()

    def _let_go(self) -> socket.socket:
        sock, self._sock = self._sock, None
        if sock is None:
            raise RuntimeError("The connection is gone already.")
        self._door.loop.remove_reader(sock.fileno())
        self._door.lines.discard(self)
        return sock


# --- a plain POST, from the bytes of a connection ------------------------------------------------

_HEAD = re.compile(
    rb"POST (%b) HTTP/1\.1\r\n((?:[A-Za-z0-9-]{1,64}: [\x21-\x7e][\x20-\x7e]*\r\n)+)"
    % b"|".join(re.escape(path.encode()) for path in sorted(PATHS, reverse=True))
)
_BEGIN = b"POST /pay/notify"
_SIGNED = b"POST /pay/notify/v3 "
_LENGTH = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)
_ODD = frozenset({"transfer-encoding", "content-encoding", "expect", "upgrade", "trailer", "te"})
_CLOSES = {"keep-alive": False, "close": True}


@dataclass(frozen=True, slots=True)
class PlainHead:
    """All of a request but its body; header names are in lower case. `length` is that of the body.
    `closes`: its sender wants no other answer on this connection."""

    path: str
    headers: Mapping[str, str]
    length: int
    closes: bool


class PlainPost(NamedTuple):
    """One request."""

    head: PlainHead
    body: bytes


class Unfinished:
    """The beginning of what may become a plain POST."""


UNFINISHED = Unfinished()


def read_plain_post(data: bytes) -> PlainPost | Unfinished | None:
    """Read everything that has come on a connection; None when it is no plain POST, nor its
    beginning: chunks, a second request behind it, headers that are folded, come twice or are long,
    `Expect`, another version or address. Tornado reads all that, so this need not know what is
    allowed."""
    end = data.find(b"\r\n\r\n", 0, MAX_HEAD)
    if end < 0:
        starts = data.startswith(_BEGIN) or _BEGIN.startswith(data)
        return UNFINISHED if starts and len(data) < MAX_HEAD else None
    head = (_read_head if data.startswith(_SIGNED) else _kept_head)(data[: end + 2])
    if head is None:
        return None
    body = data[end + 4 :]
    missing = head.length - len(body)
    if missing < 0:
        return None
    return UNFINISHED if missing else PlainPost(head, body)


def _read_head(data: bytes) -> PlainHead | None:
    found = _HEAD.fullmatch(data)
    if not found:
        return None
    lines = found[2].decode("ascii").split("\r\n")[:-1]
    pairs = [line.split(": ", 1) for line in lines]
    headers = {name.lower(): value for name, value in pairs}
    if len(headers) != len(pairs) or b" \r\n" in found[2] or not headers.keys().isdisjoint(_ODD):
        return None
    length = headers.get("content-length", "")
    closes = _CLOSES.get(headers.get("connection", "keep-alive").lower())
    if "host" not in headers or closes is None or not _LENGTH.fullmatch(length):
        return None
    if int(length) > MAX_BODY:
        return None
    return PlainHead(found[1].decode(), MappingProxyType(headers), int(length), closes)


_kept_head = lru_cache(maxsize=128)(_read_head)
"""Nearly all notifies of API v2 come with the same few heads; on API v3 each has its signature."""
