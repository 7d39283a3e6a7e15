"""A closed loop of senders over keep-alive connections, each with bodies of its own.

Cheap on purpose: it shares two cores with what it measures.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

CONNECTIONS = 64


@dataclass
class Result:
    """Answers by their HTTP status and first words; latencies in ms."""

    seconds: float
    answers: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return sum(self.answers.values()) / self.seconds

    def percentile(self, percent: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


class _Sender(asyncio.Protocol):
    def __init__(self, bodies: Iterator[bytes], result: Result, end: float) -> None:
        self._bodies, self._result, self._end = bodies, result, end
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._next()

    def _next(self) -> None:
        self._sent = time.perf_counter()
        body = next(self._bodies, None) if self._sent < self._end else None
        if body is None:
            self._transport.close()
            return
        self._transport.write(
            b"POST /pay/notify HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        )

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n", 1)[0])
        if len(rest) < length:
            return
        self._buffer = rest[length:]
        word = b"SUCCESS" if b"SUCCESS" in rest else b"FAIL"
        self._result.answers[(head[9:12] + b" " + word).decode()] += 1
        self._result.latencies.append((time.perf_counter() - self._sent) * 1000)
        self._next()

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def run(port: int, bodies: Iterator[bytes], seconds: float) -> Result:
    """Send for so many seconds, or until the bodies are used up."""
    loop, result = asyncio.get_running_loop(), Result(seconds)
    begin = time.perf_counter()
    senders = [
        (
            await loop.create_connection(
                lambda: _Sender(bodies, result, begin + seconds), "127.0.0.1", port
            )
        )[1]
        for _ in range(CONNECTIONS)
    ]
    await asyncio.gather(*(sender.done for sender in senders))
    result.seconds = time.perf_counter() - begin
    return result
