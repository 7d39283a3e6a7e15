"""One frame for many dashboards: whole frames in order for a slow one, short turns of the loop,
and no read of its own for each that is behind."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from tornado.iostream import IOStream
from tornado.websocket import WebSocketClientConnection

from models.transaction import Batch, NewEvent
from services.live.fanout import Watch
from services.live.feed import PAGE, read_after
from services.live.frames import read_frame, text_frame
from services.live.turns import AT_A_TIME
from tests.live.test_live import announce, frame, sockets_open
from tests.support.patience import PATIENCE_S
from tests.support.rig import Console, MovedClock, Product, product, until

pytestmark = pytest.mark.one_database

LONG = 4


class Slow:
    """A dashboard on a bare socket with little room, which reads when it is told to."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._bytes = b""

    @staticmethod
    @asynccontextmanager
    async def opened(console: Console, after: int) -> AsyncIterator[Slow]:
        shop, loop = console.product, asyncio.get_running_loop()
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.setblocking(False)
        with sock:
            await loop.sock_connect(sock, (shop.settings.listen_host, shop.settings.listen_port))
            head = (
                f"GET /live?after={after} HTTP/1.1\r\nHost: shop\r\nOrigin: {shop.origin}\r\n"
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: {console.cookie}\r\n\r\n"
            )
            await loop.sock_sendall(sock, head.encode())
            slow = Slow(sock)
            answer = await slow._until(b"\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 101 ")
            yield slow

    async def _more(self, size: int = 100_000) -> None:
        async with asyncio.timeout(PATIENCE_S):
            found = await asyncio.get_running_loop().sock_recv(self._sock, size)
        if not found:
            raise EOFError
        self._bytes += found

    async def _until(self, mark: bytes) -> bytes:
        while mark not in self._bytes:
            await self._more()
        found, _, self._bytes = self._bytes.partition(mark)
        return found

    async def _exactly(self, size: int) -> bytes:
        while len(self._bytes) < size:
            await self._more()
        found, self._bytes = self._bytes[:size], self._bytes[size:]
        return found

    async def frame(self) -> tuple[int, bytes]:
        """The opcode and the content of the next frame, which is whole and not masked."""
        first, second = await self._exactly(2)
        size = second
        if second == 126:
            (size,) = struct.unpack("!H", await self._exactly(2))
        elif second == 127:
            (size,) = struct.unpack("!Q", await self._exactly(8))
        assert first & 0x80
        assert second < 128
        return first & 0x0F, await self._exactly(size)

    def make_room(self) -> None:
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)

    async def say(self, text: bytes) -> None:
        head = struct.pack("!BBI", 0x81, 0x80 | len(text), 0)
        await asyncio.get_running_loop().sock_sendall(self._sock, head + text)


@pytest.mark.gen_test
async def test_a_slow_dashboard_gets_whole_frames_in_order_among_other_messages(tmp_path):
    async with product(tmp_path) as shop, Slow.opened(await shop.user(), 0) as slow:
        _, hello = await slow.frame()
        assert json.loads(hello)["type"] == "hello"
        for _ in range(LONG):
            await shop.running.store.write(shout, 100)
            await until(lambda: at(shop, shop.running.bus.head))
        await until(lambda: buffered(shop))
        for _ in range(5):
            await slow.say(b'{"type":"ping"}')  # its answers wait behind the rest of a frame
            await asyncio.sleep(0.05)
        slow.make_room()
        seen, types = [0], set()
        while seen[-1] < 100 * LONG:
            opcode, text = await slow.frame()
            assert opcode == 1
            message = json.loads(text)
            types.add(message["type"])
            if message["type"] == "events":
                assert message["from"] == seen[-1] + 1
                seen += [event["seq"] for event in message["events"]]
                assert message["to"] == seen[-1]
        assert seen == list(range(100 * LONG + 1))
        assert types == {"events", "heartbeat"}


def shout(batch: Batch, counts: Sequence[int]) -> list[None]:
    """An op that writes so many long events: more than a connection holds."""
    for count in counts:
        for _ in range(count):
            batch.emit(NewEvent("system.test", None, {"message": "x" * 60_000}))
    return [None] * len(counts)


async def buffered(shop: Product) -> bool:
    (dashboard,) = shop.running.services.dashboards._open
    return dashboard.late_s() > 0


@pytest.mark.gen_test
async def test_a_dashboard_that_answers_no_ping_is_cut_off(tmp_path):
    clock = MovedClock(1_800_000_000_000)
    async with product(tmp_path, clock=clock, by_hand=True) as shop:
        alice = await shop.user()
        alive, check = await alice.live(), shop.running.services.dashboards.check
        async with Slow.opened(alice, 0) as dead:
            for _ in range(2):
                clock.ms += 21_000
                await check()
                await heartbeat(alive)
                await asyncio.sleep(0.2)  # it has answered the ping too
            assert (await opcodes(dead)).count(9) == 1
        await until(lambda: sockets_open(shop, 1))
        await alive.write_message('{"type":"ping"}')
        await heartbeat(alive)


async def heartbeat(socket: WebSocketClientConnection) -> None:
    while (await frame(socket))["type"] != "heartbeat":
        pass


async def opcodes(slow: Slow) -> list[int]:
    """Of all frames until it is cut off."""
    found: list[int] = []
    with contextlib.suppress(EOFError):
        while True:
            found.append((await slow.frame())[0])
    return found


# --- the fan-out alone -----------------------------------------------------------------------


@dataclass
class Kept:
    """A connection that keeps what it is given, as numbers."""

    turn: Turns | None = None
    frames: list[dict[str, Any]] = field(default_factory=list)
    turns: list[int] = field(default_factory=list)
    has_room: bool = True
    lost: int = 0

    def take(self, frame: memoryview) -> bool:
        self.frames.append(json.loads(bytes(frame).partition(b"{")[2].join([b"{", b""])))
        self.turns.append(self.turn.count if self.turn else 0)
        return self.has_room

    def lose(self) -> None:
        self.lost += 1

    @property
    def numbers(self) -> list[int]:
        return [event["seq"] for frame in self.frames for event in frame["events"]]


class Turns:
    """Counts the turns of the loop."""

    def __init__(self) -> None:
        self.count = 0
        self._loop = asyncio.get_running_loop()
        self._next()

    def _next(self) -> None:
        self.count += 1
        self._handle = self._loop.call_soon(self._next)

    def stop(self) -> None:
        self._handle.cancel()


@pytest.mark.gen_test
async def test_a_frame_for_many_leaves_the_loop_free_between_a_few(tmp_path):
    async with product(tmp_path) as shop:
        fanout, turns = shop.running.services.fanout, Turns()
        sinks = [Kept(turns) for _ in range(20 * AT_A_TIME)]
        for sink in sinks:
            fanout.join(sink, fanout.head)
        await shop.order()
        await until(lambda: all_have(sinks, 1))
        turns.stop()
        per_turn: dict[int, int] = {}
        for sink in sinks:
            per_turn[sink.turns[0]] = per_turn.get(sink.turns[0], 0) + 1
        assert max(per_turn.values()) <= AT_A_TIME


async def all_have(sinks: list[Kept], last: int) -> bool:
    return all(sink.numbers[-1:] == [last] for sink in sinks)


@pytest.mark.gen_test
async def test_those_who_are_behind_share_their_pages(tmp_path):
    async with product(tmp_path) as shop:
        fanout, store = shop.running.services.fanout, shop.running.store
        await shop.running.store.write(announce, 6 * PAGE)
        await until(lambda: at(shop, 6 * PAGE))
        reads, read = [], store.read

        async def counted(fn, *args):
            if fn is read_frame:
                reads.append(args)
            return await read(fn, *args)

        store.read = counted  # type: ignore[method-assign]
        sinks = [Kept() for _ in range(40)]
        for position, sink in enumerate(sinks):
            fanout.join(sink, position)
        await until(lambda: all_have(sinks, 6 * PAGE))
        for position, sink in enumerate(sinks):
            assert sink.numbers == list(range(position + 1, 6 * PAGE + 1))
            assert all(frame["replayed"] for frame in sink.frames)
        assert len(reads) == len(sinks) + 5, "a first page of its own each, then the same for all"


async def at(shop: Product, head: int) -> bool:
    await shop.running.bus.look()
    return shop.running.services.fanout.head == head


@pytest.mark.gen_test
async def test_a_dashboard_without_room_gets_nothing_until_it_has_taken_all(tmp_path):
    async with product(tmp_path) as shop:
        fanout = shop.running.services.fanout
        full, other = Kept(has_room=False), Kept()
        watch: Watch = fanout.join(full, fanout.head)
        fanout.join(other, fanout.head)
        for number in range(1, 4):
            await shop.order()
            await until(lambda number=number: all_have([other], number))
        assert full.numbers == [1]
        full.has_room = True
        fanout.free(watch)
        await until(lambda: all_have([full], 3))
        assert full.numbers == [1, 2, 3]
        assert not any(frame["replayed"] for frame in full.frames)
        fanout.leave(watch)
        fanout.free(watch)  # its last bytes left after it did
        await shop.order()
        await until(lambda: all_have([other], 4))
        assert full.numbers == [1, 2, 3]


@pytest.mark.gen_test
async def test_a_dashboard_that_has_room_again_gets_no_newer_frame_before_the_older_ones(tmp_path):
    async with product(tmp_path) as shop:
        fanout = shop.running.services.fanout
        full, other = Kept(has_room=False), Kept()
        watch: Watch = fanout.join(full, fanout.head)
        fanout.join(other, fanout.head)
        for number in (1, 2):
            await shop.order()
            await until(lambda number=number: all_have([other], number))
        await shop.running.jobs.stop()  # so nobody catches up before the next frame
        full.has_room = True
        fanout.free(watch)
        await shop.order()
        await until(lambda: at(shop, 3))
        assert (full.numbers, other.numbers) == ([1], [1, 2, 3])
        while full.numbers != [1, 2, 3]:
            assert fanout.behind.is_set()
            await fanout.catch_up()


@pytest.mark.gen_test
async def test_a_frame_shows_each_event_as_the_feed_does(tmp_path):
    odd = {"message": 'a "quote" \\ \u2028 张三\n', "list": [1, None, {"x": True}]}

    def emit(batch: Batch, items: Any) -> list[None]:
        for order_num in (None, "ORDER-1", 'A"\\<张>'):
            batch.emit(NewEvent("system.test", order_num, odd))
        return [None] * len(items)

    async with product(tmp_path) as shop:
        await shop.running.store.write(emit, None)
        frame = await shop.running.store.read(read_frame, 0, 10)
        events = await shop.running.store.read(read_after, 0, 10)
        assert frame is not None
        message = json.loads(bytes(frame.bytes)[4:])
        assert message["events"] == events
        assert (message["from"], message["to"], message["replayed"]) == (1, 3, False)
        assert frame.subjects == {None, "ORDER-1", 'A"\\<张>'}


# --- what we ask of Tornado --------------------------------------------------------------------


@pytest.mark.gen_test
@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536, 300_000])
async def test_a_frame_that_the_socket_takes_in_part_arrives_whole(size):
    """`write_to_fd` sends what there is room for and buffers nothing; `writing` says whether the
    buffer of `write` holds something; and `write` goes on where the first has stopped."""
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    stream, reader = IOStream(ours), IOStream(theirs)
    frame = text_frame(b"x" * size)
    sent = stream.write_to_fd(frame)
    assert 0 < sent <= len(frame)
    assert not stream.writing()
    rest = stream.write(frame[sent:])
    assert stream.writing() == (sent < len(frame))
    assert await reader.read_bytes(len(frame)) == bytes(frame)
    await rest
    assert not stream.writing()
    stream.close()
    reader.close()
