"""Decides whether WeChat may be called for a merchant: after ten failed calls in a row only one
call every twenty seconds goes out, until one is answered."""

from __future__ import annotations

from dataclasses import dataclass

from payments.errors import PaymentError, WeChatUnreachable, WeChatUntrusted
from services.runtime.clock import Clock
from services.wechat.call_failures import NO_WORD

PROBE_S = 20.0
"""The pause between two calls that test whether an outage is over."""


@dataclass
class _Line:
    failed: int = 0
    """Calls in a row that brought nothing that can be used."""
    unanswered: int = 0
    """Those of them in a row that brought no word of WeChat's."""
    probe_at: float = 0.0


class CircuitBreaker:
    """One line to WeChat for each merchant: one whose settings WeChat refuses holds up no other.
    Kept in memory; a new process finds out by itself."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lines: dict[str, _Line] = {}

    def paused(self) -> list[str]:
        """The merchant numbers for which nothing may be asked now."""
        now = self._clock.monotonic()
        return sorted(
            mch_id
            for mch_id, line in self._lines.items()
            if self.is_on(mch_id) and now < line.probe_at
        )

    def is_on(self, mch_id: str) -> bool:
        line = self._lines.get(mch_id)
        return line is not None and line.failed >= NO_WORD

    def admits(self, mch_id: str) -> bool:
        """May WeChat be asked now? In an outage this is yes once in twenty seconds: the probe."""
        if not self.is_on(mch_id):
            return True
        line, now = self._lines[mch_id], self._clock.monotonic()
        if now < line.probe_at:
            return False
        line.probe_at = now + PROBE_S
        return True

    def answered(self, mch_id: str) -> None:
        """WeChat gave an answer that can be used: the outage, if there was one, is over."""
        self._lines.pop(mch_id, None)

    def failed(self, mch_id: str, error: PaymentError) -> int:
        """A call failed; returns how many in a row had no word of WeChat's."""
        line = self._lines.setdefault(mch_id, _Line())
        line.failed += 1
        unanswered = isinstance(error, WeChatUnreachable | WeChatUntrusted)
        line.unanswered = line.unanswered + 1 if unanswered else 0
        if line.failed == NO_WORD:
            line.probe_at = self._clock.monotonic() + PROBE_S
        return line.unanswered
