"""How long a connection is waited for."""

from __future__ import annotations

import asyncio

from tornado.iostream import IOStream

LAST_S = 1.0


class Patience:
    """Closes a connection after so many seconds, unless it is cancelled before. The last of them
    begins when the others are seen to be over: after a standstill of the process this timer is the
    first to run, and what has come meanwhile would be lost unread."""

    def __init__(self, stream: IOStream, seconds: float) -> None:
        self._stream = stream
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(max(0.0, seconds - LAST_S), self._last)

    def cancel(self) -> None:
        self._timer.cancel()

    def _last(self) -> None:
        self._timer = self._loop.call_later(LAST_S, self._stream.close)
