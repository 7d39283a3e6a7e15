"""The server's connections: accepted a few at a time, and closed without losing a request."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections.abc import Callable, Iterable
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream

from handlers.notifies.fast_door import FastDoor
from handlers.patience import Patience

log = logging.getLogger(__name__)

AT_A_TIME = 64
SHARED_AT_A_TIME = 2
YIELD_S, LONGEST_YIELD_S = 0.0001, 0.002
"""Several processes share one listening socket, and the kernel would give nearly all connections
to one of them. So a process waits YIELD_S for each connection that it has before it accepts."""
NO_DESCRIPTORS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
PAUSE_S = 0.2
COMPLAIN_S = 60.0

LINGER_S = 1.0
"""How long a connection that is idle when we stop may still bring a request."""
DRAIN_S = 3.5
"""How long requests that are under way when we stop are waited for; WeChat waits five seconds."""
LOOK_S = 0.02
SHORTEST_HEAD_S = 1.0


class ServerStream(IOStream):
    """A connection of Tornado's server, of which `begun` was read before. Each head is to be whole
    within `idle_s` seconds, the first within `head_s`, or the connection is closed."""

    def __init__(
        self, connection: socket.socket, begun: bytes, head_s: float, idle_s: float, **limits: Any
    ) -> None:
        self._begun = memoryview(begun)
        self._head_s, self._idle_s = head_s, idle_s
        super().__init__(connection, **limits)

    def read_from_fd(self, buf: bytearray | memoryview) -> int | None:
        if not self._begun:
            return super().read_from_fd(buf)
        size = min(len(buf), len(self._begun))
        buf[:size], self._begun = self._begun[:size], self._begun[size:]
        return size

    def read_until_regex(self, regex: bytes, max_bytes: int | None = None) -> asyncio.Future[bytes]:
        """Tornado's server reads each head so."""
        head: asyncio.Future[bytes] = super().read_until_regex(regex, max_bytes)  # type: ignore[assignment]
        patience = Patience(self, self._head_s)
        head.add_done_callback(lambda _: patience.cancel())
        self._head_s = self._idle_s
        return head


class Listener(HTTPServer):
    """An HTTPServer that survives a lack of file descriptors and can be drained. `shared`: other
    processes accept on the same sockets. With a `fast_door`, each connection meets that first."""

    shared = False
    fast_door: FastDoor | None = None

    def initialize(self, *given: Any, **limits: Any) -> None:
        """As Tornado's, but for the time of a head, which ServerStream looks after."""
        super().initialize(*given, **limits)
        self._idle_s = self.conn_params.header_timeout or SHORTEST_HEAD_S
        self.conn_params.header_timeout = None

    def add_sockets(self, sockets: Iterable[socket.socket]) -> None:
        for sock in sockets:
            self._sockets[sock.fileno()] = sock
            self._handlers[sock.fileno()] = _Acceptor(sock, self).stop

    def take(self, connection: socket.socket, address: Any) -> None:
        if self.fast_door:
            self.fast_door.welcome(connection, address)
        else:
            self.hand_on(connection, address, b"", 0.0)

    def hand_on(
        self, connection: socket.socket, address: Any, begun: bytes, waited_s: float
    ) -> IOStream:
        """Take a connection of which something was read before, so long after its last answer."""
        stream = ServerStream(
            connection,
            begun,
            max(SHORTEST_HEAD_S, self._idle_s - waited_s),
            self._idle_s,
            max_buffer_size=self.max_buffer_size,
            read_chunk_size=self.read_chunk_size,
        )
        self.handle_stream(stream, address)
        return stream

    def is_open(self) -> bool:
        """Whether there is any connection."""
        return bool(self._connections or (self.fast_door and self.fast_door.lines))

    def yield_s(self) -> float:
        """Seconds to wait so that other processes can accept first."""
        held = len(self._connections) + (len(self.fast_door.lines) if self.fast_door else 0)
        return min(held * YIELD_S, LONGEST_YIELD_S) if self.shared else 0.0

    async def drain(self, is_answering: Callable[[], bool]) -> None:
        """Take no new connection; answer what is under way and what still comes on an open
        connection, each answer with `Connection: close`; then close the idle ones.

        `is_answering` says whether any request is without its answer yet. Bounded by DRAIN_S.
        """
        self.stop()
        self.conn_params.no_keep_alive = True
        plain = self.fast_door
        if plain:
            plain.is_stopping = True
        loop = asyncio.get_running_loop()
        begin = loop.time()
        while loop.time() - begin < DRAIN_S:
            lingered = not self.is_open() or loop.time() - begin >= LINGER_S
            if lingered and not is_answering() and not (plain and plain.is_answering()):
                break
            await asyncio.sleep(LOOK_S)
        if plain:
            plain.close()
        await self.close_all_connections()


class _Acceptor:
    """Accepts on one socket. When no descriptor is free it pauses for PAUSE_S: the connections wait
    in the kernel's queue, and the loop does not spin."""

    def __init__(self, sock: socket.socket, listener: Listener) -> None:
        self._loop = asyncio.get_running_loop()
        self._sock = sock
        self._listener = listener
        self._stopped = False
        self._complained_at = float("-inf")
        self._listen()

    def _listen(self) -> None:
        if not self._stopped:
            self._loop.add_reader(self._sock.fileno(), self._somebody_waits)

    def stop(self) -> None:
        self._stopped = True
        self._loop.remove_reader(self._sock.fileno())

    def _somebody_waits(self) -> None:
        if not self._listener.shared:
            self._accept(AT_A_TIME)
            return
        self._loop.remove_reader(self._sock.fileno())
        self._loop.call_later(self._listener.yield_s(), self._accept_shared)

    def _accept_shared(self) -> None:
        if not self._stopped and self._accept(SHARED_AT_A_TIME):
            self._listen()

    def _accept(self, most: int) -> bool:
        """False when no descriptor is free; then the next accept comes after a pause. Any other
        error (accept(2) names a dozen) means that one connection was lost while it waited."""
        for _ in range(most):
            try:
                connection, address = self._sock.accept()
            except BlockingIOError:
                return True
            except OSError as error:
                if error.errno in NO_DESCRIPTORS:
                    self._pause(error)
                    return False
                self._complain("A connection was lost before it was taken: %s.", error)
            else:
                self._listener.take(connection, address)
        return True

    def _pause(self, error: OSError) -> None:
        self._loop.remove_reader(self._sock.fileno())
        self._loop.call_later(PAUSE_S, self._listen)
        self._complain("No new connection can be taken: %s. Raise LimitNOFILE.", error)

    def _complain(self, words: str, error: OSError) -> None:
        if self._loop.time() - self._complained_at >= COMPLAIN_S:
            self._complained_at = self._loop.time()
            log.error(words, error.strerror)
