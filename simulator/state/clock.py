"""The simulator's clock: 24 hours of notify retries can pass in a minute, or at once.

Only waits use this clock. Times in messages (`time_end`) are real time, so a jump never makes the
product see payments from tomorrow.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

MIN_SPEED = 0.01
MAX_SPEED = 100_000.0
MAX_JUMP_S = 7 * 86_400.0
MAX_SKEW_S = 366 * 86_400.0


class SimulatedClock:
    """Seconds since 1970, passing `speed` times as fast as real ones. Never goes back."""

    def __init__(self, speed: float = 1.0, real: Callable[[], float] = time.time) -> None:
        self._real = real
        self._real_then = self._then = real()
        self._listeners: list[Callable[[], None]] = []
        self.speed = 1.0
        self.date_skew_s = 0.0
        """How far the Date header of every answer is ahead of the real time."""
        self.set_speed(speed)

    def real(self) -> float:
        return self._real()

    def now(self) -> float:
        return self._then + max(0.0, self._real() - self._real_then) * self.speed

    def set_speed(self, speed: float) -> None:
        """Raises ValueError outside MIN_SPEED … MAX_SPEED."""
        if not MIN_SPEED <= speed <= MAX_SPEED:
            raise ValueError(f"The speed must be between {MIN_SPEED} and {MAX_SPEED:.0f}.")
        self._anchor(self.now())
        self.speed = speed
        self._tell()

    def jump(self, seconds: float) -> None:
        """Go forward at once. Raises ValueError for a jump back or beyond a week."""
        if not 0 <= seconds <= MAX_JUMP_S:
            raise ValueError(f"A jump is between 0 and {MAX_JUMP_S:.0f} seconds.")
        self._anchor(self.now() + seconds)
        self._tell()

    def skew_date(self, seconds: float) -> None:
        """Raises ValueError beyond a year."""
        if not abs(seconds) <= MAX_SKEW_S:
            raise ValueError(f"The Date may be {MAX_SKEW_S:.0f} seconds off at most.")
        self.date_skew_s = seconds

    def real_seconds_until(self, when: float) -> float:
        return max(0.0, (when - self.now()) / self.speed)

    def on_change(self, listener: Callable[[], None]) -> None:
        """`listener` is called after each change of speed and each jump."""
        self._listeners.append(listener)

    def _anchor(self, now: float) -> None:
        self._then, self._real_then = now, self._real()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()


def rfc3339(seconds: float) -> str:
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
