"""Asks a server every 5 ms whether it is alive, and how long the answer takes: what stops the loop
of the server stops the answer. `python -m bench.bills.pings PORT`, a process of its own; each line
on standard input prints the times of the answers since the last one as a JSON array, in ms. It
stops at the end of its input.

An answer waits for its turn behind the other requests, and for a core, so the worst one is more
than the longest stall of the loop.
"""

from __future__ import annotations

import json
import select
import socket
import subprocess
import sys
import time

from bench.prepared import ROOT

EACH_S = 0.005
PATIENCE_S = 60
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


class Pings:
    """The process, as its user has it."""

    def __init__(self, port: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.bills.pings", str(port)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def since(self) -> list[float]:
        """The times of the answers since the last call, or the start, in ms."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        times: list[float] = json.loads(self._process.stdout.readline())
        return times

    def close(self) -> None:
        self._process.communicate("")


def _ping(connection: socket.socket) -> float:
    begin = time.perf_counter()
    connection.sendall(REQUEST)
    answer = connection.recv(65_536)
    if not answer.startswith(b"HTTP/1.1 200"):
        raise ConnectionError(f"The server answered {answer[:80]!r}.")
    return (time.perf_counter() - begin) * 1000


def main(port: int) -> None:
    connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    times: list[float] = []
    due = time.perf_counter()
    while True:
        times.append(_ping(connection))
        due = max(due + EACH_S, time.perf_counter())
        while select.select([sys.stdin], [], [], max(0.0, due - time.perf_counter()))[0]:
            if not sys.stdin.readline():
                return
            print(json.dumps(times), flush=True)
            times = []


if __name__ == "__main__":
    main(int(sys.argv[1]))
