"""The load generator, a process of its own: a closed loop over keep-alive connections with requests
that were made before. `python -m bench.load` reads one JSON order a line and answers with one.

It is cheap on purpose, because it shares two cores with the server that it measures: it sends bytes
out of a file, takes whole answers from an epoll loop and knows no HTTP beyond Content-Length.
"""

from __future__ import annotations

import json
import mmap
import select
import socket
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.process_tree import cpu_seconds, processes

PATIENCE_S = 60
"""An answer that takes longer ends the run."""
RECEIVED = 65_536


@dataclass
class Slice:
    """One slice of load. Rate, latencies and CPU are of the measured seconds. `answers`
    counts every answer by status and word, also those of the warm-up and of the end."""

    per_second: float = 0
    cpu_us: float = 0
    """CPU of the server's process tree for one request."""
    beside_us: float = 0
    """CPU of the database's and other servers' trees for one request."""
    p50_ms: float = 0
    p99_ms: float = 0
    sent: int = 0
    answers: dict[str, int] = field(default_factory=dict)


@dataclass
class Connection:
    """One keep-alive connection with at most one request on its way."""

    socket: socket.socket
    began: float = 0
    buffer: bytes = b""

    def send(self, request: memoryview) -> None:
        self.began = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> bytes | None:
        """The whole answer, or None while a part of it is missing."""
        data = self.socket.recv(RECEIVED)
        if not data:
            raise ConnectionError("The server closed a connection.")
        if self.buffer:
            data, self.buffer = self.buffer + data, b""
        head = data.find(b"\r\n\r\n")
        if head >= 0 and len(data) >= head + 4 + _length(data[:head]):
            return data
        self.buffer = data
        return None


def _length(head: bytes) -> int:
    at = head.find(b"ontent-Length: ")
    if at < 0:
        at = head.lower().find(b"ontent-length: ")
    return int(head[at + 15 : at + 24].split(b"\r", 1)[0]) if at >= 0 else 0


class Requests:
    """Requests of one length in a file, one after the other."""

    def __init__(self, path: Path, stride: int) -> None:
        with path.open("rb") as file:
            self._view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        self._stride = stride
        self.count = len(self._view) // stride

    def __getitem__(self, index: int) -> memoryview:
        at = index * self._stride
        return self._view[at : at + self._stride]


class Loop:
    """One slice: connect, warm up, measure, and take the last answers."""

    def __init__(self, order: dict[str, Any], requests: Requests) -> None:
        self._requests, self._next, self._first = requests, order["first"], order["first"]
        self._repeats = order["repeats"]
        self._poll, self._answers = select.epoll(), Counter[str]()
        self._connections: dict[int, Connection] = {}
        for _ in range(order["connections"]):
            opened = socket.create_connection(("127.0.0.1", order["port"]), timeout=PATIENCE_S)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connections[opened.fileno()] = Connection(opened)
            self._poll.register(opened.fileno(), select.EPOLLIN)
        self._trees, self._beside = order["pids"], order["beside"]

    def run(self, warm_s: float, seconds: float) -> Slice:
        for connection in self._connections.values():
            self._send(connection)
        self._turn(time.perf_counter() + warm_s, [])
        latencies: list[float] = []
        served, beside = processes(self._trees), processes(self._beside)
        before, before_beside = cpu_seconds(served), cpu_seconds(beside)
        begin = time.perf_counter()
        self._turn(begin + seconds, latencies)
        took = time.perf_counter() - begin
        spent, spent_beside = cpu_seconds(served) - before, cpu_seconds(beside) - before_beside
        self._drain()
        if not latencies:
            raise ConnectionError("No answer came in the measured time.")
        latencies.sort()
        count = len(latencies)
        return Slice(
            count / took,
            spent / count * 1e6,
            spent_beside / count * 1e6,
            latencies[count // 2] * 1000,
            latencies[min(count - 1, count * 99 // 100)] * 1000,
            self._next - self._first,
            dict(self._answers),
        )

    def _send(self, connection: Connection) -> None:
        if self._next >= self._requests.count and not self._repeats:
            raise IndexError("The prepared requests are used up.")
        connection.send(self._requests[self._next % self._requests.count])
        self._next += 1

    def _turn(self, end: float, latencies: list[float]) -> None:
        """Answer by answer until the end; each answer's connection sends again."""
        now = time.perf_counter()
        while now < end:
            ready = self._poll.poll(min(PATIENCE_S, end - now))
            for fd, _ in ready:
                connection = self._connections[fd]
                answer = connection.receive()
                if answer is not None:
                    latencies.append(time.perf_counter() - connection.began)
                    self._count(answer)
                    self._send(connection)
            now = time.perf_counter()

    def _drain(self) -> None:
        waiting = set(self._connections)
        while waiting:
            ready = self._poll.poll(PATIENCE_S)
            if not ready:
                raise TimeoutError(f"{len(waiting)} answers did not come in {PATIENCE_S} s.")
            for fd, _ in ready:
                answer = self._connections[fd].receive()
                if answer is not None:
                    self._count(answer)
                    waiting.discard(fd)
                    self._poll.unregister(fd)
        for connection in self._connections.values():
            connection.socket.close()
        self._poll.close()

    def _count(self, answer: bytes) -> None:
        word = "SUCCESS" if b"SUCCESS" in answer else "other"
        self._answers[f"{answer[9:12].decode()} {word}"] += 1


def main() -> None:
    known: dict[str, Requests] = {}
    for line in sys.stdin:
        order = json.loads(line)
        path = order["requests"]
        if path not in known:
            known[path] = Requests(Path(path), order["stride"])
        try:
            done = asdict(Loop(order, known[path]).run(order["warm_s"], order["seconds"]))
        except (OSError, IndexError) as error:
            done = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(done), flush=True)


if __name__ == "__main__":
    main()
