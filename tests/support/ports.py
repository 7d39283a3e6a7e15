"""Ports on 127.0.0.1 that no other test run of this machine takes."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Iterator
from functools import cache

FIRST, LAST = 10_000, 32_000
"""Below those that the system gives to clients."""
BLOCK = 500


def free_port() -> int:
    """A port on which nothing listens. It is this process's own until the process ends; it is
    given again after a few hundred others."""
    ports = _ports()
    for port in itertools.islice(ports, BLOCK):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError(f"None of {BLOCK} ports is free.")


@cache
def _ports() -> Iterator[int]:
    """The ports of a block of our own, round and round. A process owns a block while it holds the
    block's first port: the system gives that to one process only, and takes it back at its end."""
    for first in range(FIRST, LAST, BLOCK):
        holder = socket.socket()
        try:
            holder.bind(("127.0.0.1", first))
        except OSError:
            holder.close()
            continue
        _held.append(holder)
        return itertools.cycle(range(first + 1, first + BLOCK))
    raise RuntimeError(f"No block of ports between {FIRST} and {LAST} is free.")


_held: list[socket.socket] = []
