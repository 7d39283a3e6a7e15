"""The open dashboards of this process: how many, whose, and whether they still may look."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from services.auth.authentication import Authentication
from services.live.turns import in_turns
from services.runtime.clock import Clock
from services.runtime.metrics import Metrics

MAX_OPEN = 2000
MAX_OF_ONE_USER = 64
HEARTBEAT_S = 10.0
PING_S = 20.0
SEND_S = 10.0
"""A client that has not taken a frame after so long is disconnected."""

SESSION_ENDED = 4001
NOT_ALLOWED = 4003
TOO_SLOW = 4008
TOO_MANY = 4029
RESTART = 1001


class Dashboard(Protocol):
    """One open dashboard, as the edge has it."""

    session: str
    user: str

    def late_s(self) -> float:
        """For how long the client has not taken what was sent to it."""
        ...

    def heartbeat(self) -> None: ...

    def probe(self) -> None:
        """Ask for a sign of life; hang up if the last ping has had no answer."""
        ...

    def end(self, code: int) -> None: ...


class Dashboards:
    def __init__(self, authentication: Authentication, clock: Clock, metrics: Metrics) -> None:
        self._authentication = authentication
        self._clock = clock
        self._metrics = metrics
        self._open: set[Dashboard] = set()
        self._by_user: Counter[str] = Counter()
        self._beat_at = self._ping_at = 0.0

    def add(self, socket: Dashboard) -> bool:
        """False when there are too many, of all or of this user."""
        if len(self._open) >= MAX_OPEN or self._by_user[socket.user] >= MAX_OF_ONE_USER:
            return False
        self._open.add(socket)
        self._by_user[socket.user] += 1
        self._metrics.open_sockets.set(len(self._open))
        return True

    def remove(self, socket: Dashboard) -> None:
        if socket in self._open:
            self._open.remove(socket)
            self._by_user[socket.user] -= 1
            self._metrics.open_sockets.set(len(self._open))

    async def check(self) -> None:
        """End those that do not read and those whose session has ended, and let the others hear
        from us; jobs call this every second. One query for all of them."""
        for socket in [s for s in self._open if s.late_s() >= SEND_S]:
            socket.end(TOO_SLOW)
        ended = await self._authentication.ended(sorted({socket.session for socket in self._open}))
        for socket in [s for s in self._open if s.session in ended]:
            socket.end(SESSION_ENDED)
        if self._clock.monotonic() - self._beat_at >= HEARTBEAT_S:
            self._beat_at = self._clock.monotonic()
            async for socket in in_turns(list(self._open)):
                socket.heartbeat()
        if self._clock.monotonic() - self._ping_at >= PING_S:
            self._ping_at = self._clock.monotonic()
            async for socket in in_turns(list(self._open)):
                socket.probe()

    def end_all(self) -> None:
        for socket in list(self._open):
            socket.end(RESTART)
