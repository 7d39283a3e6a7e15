"""Many dashboards in one process: opens so many websockets, counts every event that each of them
gets, and checks that none is missing. Cheap on purpose: it shares the machine with the product.

The first line on standard input is JSON (`port`, `origin`, `dashboards`, `cookies`). When all are
open it prints an empty line; after that each line on standard input begins a new count and prints
the last one as JSON. It stops at the end of its input.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import sys
import time
from typing import Any

BUFFER = 1 << 20
LOOKED_AT = 96
"""Of a frame so many bytes are looked at, where another dashboard had the same."""
PING, PONG = b"\x89\0", b"\x8a\x80\0\0\0\0"
EVENTS = b'{"type":"events","from":'
SAMPLED = 7
"""Of so many arrivals of a frame one is taken into the latencies, with all its events."""


class Broken(Exception):
    """The product broke its promise, or hung up."""


class Count:
    """What came since the last line: events, frames, and when each frame arrived."""

    def __init__(self) -> None:
        self.events = self.frames = self.bytes = 0
        self.written: dict[int, list[float]] = {}
        self.arrived: dict[int, list[float]] = {}

    def arrive(self, first: int, last: int, now: float) -> None:
        self.frames += 1
        self.events += last - first + 1
        self.arrived.setdefault(first, []).append(now)

    def latencies(self) -> list[float]:
        """From the writing of an event to its arrival, in ms, ascending."""
        return sorted(
            (arrived - written) * 1000
            for first, times in self.arrived.items()
            for arrived in times[:: min(SAMPLED, len(times))]
            for written in self.written.get(first, ())
        )


class Dashboard:
    """One websocket. Only the first bytes of a frame are looked at; the rest is counted."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.last = -1
        self._missing = 0
        self._rest = b""
        self._frame = (0, 0)

    def take(self, data: memoryview, count: Count) -> None:
        now = time.monotonic()
        count.bytes += len(data)
        if self._rest:
            data = memoryview(self._rest + bytes(data))
            self._rest = b""
        at = 0
        while at < len(data):
            if self._missing:
                taken = min(self._missing, len(data) - at)
                self._missing -= taken
                at += taken
                if not self._missing and self._frame[1]:
                    count.arrive(*self._frame, now)
                continue
            start = bytes(data[at : at + LOOKED_AT])
            size, body = _sizes(start)
            if size == 0 or (len(start) < LOOKED_AT and len(data) - at < size):
                self._rest = start
                return
            self._begin(start[body:], data[at + body : at + size], size - body, count)
            self._missing = size - body
            at += body

    def _begin(self, start: bytes, whole: memoryview, size: int, count: Count) -> None:
        self._frame = (0, 0)
        if size == 0:
            self.sock.send(PONG)
            return
        if not start.startswith(EVENTS):
            frame = json.loads(bytes(whole))
            if frame["type"] == "hello":
                self.last = frame["head"]
            elif frame["type"] != "heartbeat":
                raise Broken(f"An unexpected frame: {start!r}")
            return
        first_text, last_text = start[len(EVENTS) :].split(b',"to":', 1)
        first, last = int(first_text), int(last_text.split(b",", 1)[0])
        if first != self.last + 1:
            raise Broken(f"After {self.last} came {first}.")
        self.last = last
        self._frame = (first, last)
        if first not in count.written and len(whole) == size:
            events = json.loads(bytes(whole))["events"]
            if [event["seq"] for event in events] != list(range(first, last + 1)):
                raise Broken("The frame does not hold the events that it names.")
            times = [event["data"].get("writtenAt") for event in events]
            count.written[first] = [at for at in times if at]


def _sizes(start: bytes) -> tuple[int, int]:
    """The length of the frame that begins so, and of its header; zeros while that is not known."""
    if start.startswith(PING):
        return 2, 2
    if len(start) < 10:
        return 0, 0
    if start[0] != 0x81 or start[1] > 127:
        raise Broken(f"An unexpected frame: {start[:8]!r}")
    if start[1] < 126:
        return 2 + start[1], 2
    if start[1] == 126:
        return 4 + int.from_bytes(start[2:4]), 4
    (size,) = struct.unpack("!Q", start[2:10])
    return 10 + size, 10


def _open(given: dict[str, Any], cookie: str) -> Dashboard:
    sock = socket.create_connection(("127.0.0.1", given["port"]))
    sock.sendall(
        f"GET /live HTTP/1.1\r\nHost: 127.0.0.1:{given['port']}\r\nOrigin: {given['origin']}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: sid={cookie}\r\n\r\n".encode()
    )
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += sock.recv(1)
        if len(answer) > 4096 or not answer.startswith(b"HTTP/1.1 101"[: len(answer)]):
            raise Broken(f"The handshake was refused: {answer!r}")
    sock.setblocking(False)
    return Dashboard(sock)


def _report(count: Count, dashboards: list[Dashboard]) -> None:
    times = count.latencies()
    found = {
        "events": count.events,
        "frames": count.frames,
        "bytes": count.bytes,
        "head": min(each.last for each in dashboards),
        "p50": times[len(times) // 2] if times else 0.0,
        "p99": times[len(times) * 99 // 100] if times else 0.0,
        "cpu": time.process_time(),
    }
    print(json.dumps(found), flush=True)


def main() -> None:
    given = json.loads(sys.stdin.readline())
    cookies = given["cookies"]
    dashboards = [_open(given, cookies[n % len(cookies)]) for n in range(given["dashboards"])]
    poll = select.epoll()
    by_fd = {each.sock.fileno(): each for each in dashboards}
    for fd in (*by_fd, sys.stdin.fileno()):
        poll.register(fd, select.EPOLLIN)
    print(flush=True)
    buffer = memoryview(bytearray(BUFFER))
    count = Count()
    while True:
        for fd, _ in poll.poll():
            dashboard = by_fd.get(fd)
            if dashboard is None:
                if not sys.stdin.readline():
                    return
                _report(count, dashboards)
                count = Count()
            elif size := dashboard.sock.recv_into(buffer):
                dashboard.take(buffer[:size], count)
            else:
                raise Broken("The product hung up.")


if __name__ == "__main__":
    main()
