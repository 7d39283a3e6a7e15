"""Time as the services see it: passed in, so that a test can hold it."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
CHINA_OFFSET_MS = 8 * HOUR_MS


class Clock(Protocol):
    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC; may jump."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump, for waits and limits."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return when so much of `monotonic` has passed."""
        ...


class SystemClock:
    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@lru_cache(maxsize=256)
def rfc3339(ms: int | None) -> str | None:
    """`2025-01-02T03:04:05.678Z`."""
    if ms is None:
        return None
    text = datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def day_start(ms: int) -> int:
    """Midnight in China (UTC+8) of the day that holds `ms`."""
    return (ms + CHINA_OFFSET_MS) // DAY_MS * DAY_MS - CHINA_OFFSET_MS
