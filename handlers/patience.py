"""How long a connection is waited for."""

from __future__ import annotations

import asyncio

from tornado.iostream import IOStream

LAST_S = 1.0
LATE_S = 0.2
MOST_LOOKS = 5


class Patience:
    """Closes a connection after so many seconds, unless it is cancelled before. After a standstill
    of the process a timer may run before what has come meanwhile is read, which would be lost. So
    the last second begins when the others are seen to be over, and anew where it ends late."""

    def __init__(self, stream: IOStream, seconds: float) -> None:
        self._stream = stream
        self._loop = asyncio.get_running_loop()
        self._looks = 0
        self._wait(max(0.0, seconds - LAST_S))

    def renew(self, seconds: float) -> None:
        """Begin anew."""
        self.cancel()
        self._looks = 0
        self._wait(max(0.0, seconds - LAST_S))

    def cancel(self) -> None:
        self._timer.cancel()

    def _wait(self, seconds: float) -> None:
        self._due = self._loop.time() + seconds
        self._timer: asyncio.Handle = self._loop.call_later(seconds, self._look)

    def _look(self) -> None:
        self._looks += 1
        is_late = self._loop.time() - self._due > LATE_S
        if self._looks == 1 or (is_late and self._looks < MOST_LOOKS):
            self._wait(LAST_S)
        else:  # what this turn has read still cancels it
            self._timer = self._loop.call_soon(self._stream.close)
