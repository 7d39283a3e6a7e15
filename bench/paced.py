"""Notifies at an even pace, whatever the product does: a slow answer delays no other notify, and is
counted from the moment at which its notify was due."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

CONNECTIONS = 64


class Answers:
    """How long each notify took, in ms, and how many were not answered SUCCESS."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.refused = 0

    def percentile(self, percent: float) -> float:
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


class _Connection(asyncio.Protocol):
    def __init__(self, answers: Answers, free: asyncio.Queue[_Connection]) -> None:
        self._answers, self._free = answers, free
        self._due, self._buffer = 0.0, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._free.put_nowait(self)

    def send(self, body: bytes, due: float) -> None:
        self._due, self._buffer = due, b""
        self._transport.write(
            b"POST /pay/notify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        )

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if b"</xml>" not in self._buffer:
            return
        self._answers.times.append((time.monotonic() - self._due) * 1000)
        self._answers.refused += b"SUCCESS" not in self._buffer
        self._free.put_nowait(self)

    def close(self) -> None:
        self._transport.close()


async def send(port: int, bodies: Iterator[bytes], a_second: float, seconds: float) -> Answers:
    """Send so many a second for so long; returns when all are answered."""
    loop, answers = asyncio.get_running_loop(), Answers()
    free: asyncio.Queue[_Connection] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        await loop.create_connection(lambda: _Connection(answers, free), "127.0.0.1", port)
    begin = time.monotonic()
    for number in range(int(a_second * seconds)):
        due = begin + number / a_second
        await asyncio.sleep(due - time.monotonic())
        (await free.get()).send(next(bodies), due)
    for _ in range(CONNECTIONS):
        (await free.get()).close()
    return answers
