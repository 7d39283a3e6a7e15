"""Connections to one product, side by side; and the ends of them inside it, so that a test waits
until something was read or answered, and never for a time. For tests; holds none itself."""

from __future__ import annotations

import asyncio
import contextlib
import math
import select
import socket
import struct
import termios
from collections.abc import Callable
from dataclasses import dataclass, field
from fcntl import ioctl
from typing import Any

from tests.doors.draws import Wave
from tests.support.rig import Product

BOUND_S = 60.0
"""No wave takes nearly so long, unless a door does not answer."""
FEW_TURNS = 20
"""Of the loop, in which nothing happens: then nothing more comes."""
A_STEP = 5
"""Turns after each piece: a refusal is said in fewer."""
CLOSED, RESET, NOTHING = b"(closed) ", b"(reset) ", b"(nothing more)"
WAKE_S = 0.002
UNREAD, UNSENT = termios.FIONREAD, 0x894B
"""Linux calls the second SIOCOUTQNSD: what waits to be sent, without what waits to arrive."""
_RECEIVED = struct.Struct("=Q")
_RECEIVED_AT = 128
"""`tcpi_bytes_received` of Linux's struct tcp_info."""

Address = tuple[str, int]


class NoAnswer(Exception):
    """A door did not answer a plain request, or did not come to rest."""


@dataclass(eq=False)
class Line:
    """Our end of one connection. `said` is what came, `rest` what could not be sent yet."""

    sock: socket.socket
    address: Address
    said: bytearray = field(default_factory=bytearray)
    rest: bytes = b""
    sent: int = 0
    is_over: bool = False
    end: bytes = CLOSED

    def send(self, data: bytes) -> None:
        """Never raises: whoever closed the connection has said why before."""
        self.rest += data
        self.push()

    def push(self) -> None:
        if self.is_over:
            self.rest = b""
        while self.rest:
            try:
                sent = self.sock.send(self.rest)
            except BlockingIOError:
                return
            except OSError:
                self.rest = b""
                return
            self.rest, self.sent = self.rest[sent:], self.sent + sent

    def receive(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while not self.is_over:
                try:
                    data = self.sock.recv(65536)
                except ConnectionError:
                    data, self.end = b"", RESET
                self.said += data
                self.is_over = not data
                self.acknowledge()

    def acknowledge(self) -> None:
        """Tell the other end at once what has arrived: its kernel may hold small pieces back until
        then. The system forgets it again and again."""
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


class Lanes:
    """Their clients have a network each."""

    def __init__(self, shop: Product) -> None:
        assert shop.running.server
        self._running, self._server = shop.running, shop.running.server
        self._port = int(shop.origin.rpartition(":")[2])
        self._lines: dict[int, Line] = {}
        self._by_number: dict[int, Line] = {}
        self._ends: dict[Address, socket.socket] = {}
        self._came = select.epoll()
        self._woken = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._came.fileno(), self._woken.set)
        self._server.take = self._taking(self._server.take)  # type: ignore[method-assign]

    def _taking(
        self, take: Callable[[socket.socket, Any], None]
    ) -> Callable[[socket.socket, Any], None]:
        def taken(connection: socket.socket, address: Any) -> None:
            self._ends[address] = connection
            take(connection, address)

        return taken

    def close(self) -> None:
        for lane in list(self._lines):
            self._hang_up(lane)
        self._loop.remove_reader(self._came.fileno())
        self._came.close()

    async def answers(self, wave: Wave) -> list[bytes]:
        """Send one request on each lane, each piece when those before it were read; everything
        that is answered, with the connection's end as a word of its own."""
        try:
            async with asyncio.timeout(BOUND_S):
                await self._send(wave)
        except TimeoutError:
            silent = [wave.first + lane for lane in wave.requests if not self._lines[lane].said]
            words = f"no rest within {BOUND_S} s, and no answer yet to the requests {silent}"
            raise NoAnswer(words) from None
        return [self._answer(lane, wave) for lane in wave.requests]

    async def _send(self, wave: Wave) -> None:
        pairs = [(self._line(lane), request) for lane, request in wave.requests.items()]
        lines = [line for line, _ in pairs]
        for step in range(max(len(request.pieces) for _, request in pairs)):
            sending = [(line, each) for line, each in pairs if step < len(each.pieces)]
            for line, request in sending:
                line.send(request.pieces[step])
            await self._until_read([line for line, _ in sending])
            if wave.is_slow:
                self._lose_patience()
        await self._until_quiet(lines)
        if self._lose_patience():
            await self._until_quiet(lines)

    def _answer(self, lane: int, wave: Wave) -> bytes:
        request, line = wave.requests[lane], self._lines[lane]
        said = bytes(line.said)
        line.said.clear()
        if request.is_plain and not said:
            raise NoAnswer(f"request {wave.first + lane}: {request}")
        if line.is_over or not request.is_plain:
            self._hang_up(lane)
        return (line.end if line.is_over else b"") + (said or NOTHING)

    def _line(self, lane: int) -> Line:
        if lane not in self._lines:
            sock = socket.socket()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.bind((f"127.0.{lane + 1}.1", 0))
            sock.connect(("127.0.0.1", self._port))  # the kernel takes it, so this does not wait
            sock.setblocking(False)
            self._lines[lane] = self._by_number[sock.fileno()] = Line(sock, sock.getsockname())
            self._came.register(sock.fileno(), select.EPOLLIN | select.EPOLLRDHUP)
        return self._lines[lane]

    def _hang_up(self, lane: int) -> None:
        line = self._lines.pop(lane)
        if not line.is_over:
            self._came.unregister(line.sock.fileno())
        self._by_number.pop(line.sock.fileno(), None)
        self._ends.pop(line.address, None)
        line.sock.close()

    def _collect(self) -> bool:
        """Whether anything came."""
        found = self._came.poll(0)
        for number, _ in found:
            line = self._by_number[number]
            line.receive()
            if line.is_over:
                self._came.unregister(number)
        return bool(found)

    async def _until_read(self, lines: list[Line]) -> None:
        """And until a refusal is said: what comes after it would make the kernel drop its words."""
        while lines := [line for line in lines if not self._is_read(line)]:
            if not self._collect():
                await self._turn()
        for _ in range(A_STEP):
            self._collect()
            await asyncio.sleep(0)

    def _is_read(self, line: Line) -> bool:
        """Whether the product has taken everything from the connection, or we know that it has
        closed it: what is sent after that would make the kernel drop what came."""
        line.push()
        end = self._ends.get(line.address)
        if end is None or line.rest or end.fileno() < 0:
            return line.is_over
        return _counted(end.fileno(), UNREAD) == 0 and _received(end) >= line.sent

    async def _until_quiet(self, lines: list[Line]) -> None:
        quiet = 0
        while quiet < FEW_TURNS:
            if self._collect() or self._is_busy():
                quiet = 0
            else:
                quiet += 1
            await self._turn()
            if quiet == FEW_TURNS and not all(map(self._is_done, lines)):
                quiet = 0

    def _is_done(self, line: Line) -> bool:
        """Also the kernel holds no answer back."""
        end = self._ends.get(line.address)
        is_sent = end is None or end.fileno() < 0 or _counted(end.fileno(), UNSENT) == 0
        return is_sent and self._is_read(line)

    def _is_busy(self) -> bool:
        running, fast = self._running, self._server.fast_door
        store = running.store
        return bool(
            store.waiting
            or store._reads
            or running.front_door.notifies.answering
            or (fast and fast.is_answering())
        )

    async def _turn(self) -> None:
        """One of the loop; while the writer writes, not before something comes."""
        if not self._running.store.waiting:
            await asyncio.sleep(0)
            return
        self._woken.clear()
        timer = self._loop.call_later(WAKE_S, self._woken.set)
        await self._woken.wait()
        timer.cancel()

    def _lose_patience(self) -> bool:
        """The fast door has looked twice since the last piece. Whether it waited for more."""
        fast = self._server.fast_door
        if fast is None:
            return False
        begun = [line for line in fast.lines if line._begun]
        for line in begun * 2:
            if line in fast.lines:  # the door's own look may have been the first
                line.look(-math.inf)
        return bool(begun)


def _counted(number: int, what: int) -> int:
    counted = bytearray(4)
    ioctl(number, what, counted)
    return int.from_bytes(counted, "little")


def _received(end: socket.socket) -> int:
    info = end.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _RECEIVED_AT + _RECEIVED.size)
    found: int = _RECEIVED.unpack_from(info, _RECEIVED_AT)[0]
    return found
