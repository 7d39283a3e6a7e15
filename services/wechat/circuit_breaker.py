"""Decides whether WeChat may be called for an account: after ten calls in a row without an answer
only one call every twenty seconds goes out, until one is answered. A refusal is an answer: it is
about the order or the app that was asked about, and slows down nobody else."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from payments.errors import PaymentError, WeChatRefused, WeChatUnreachable, WeChatUntrusted
from services.runtime.clock import Clock
from services.wechat.call_failures import NO_WORD

PROBE_S = 20.0
"""The pause between two calls that test whether an outage is over."""
OVERLOADED = ("SYSTEMERROR", "FREQUENCY_LIMITED")
"""WeChat did not look at the question: as good as no answer."""
ANSWERED = ("foreign", "odd_state", "client_certificate")
"""Doubts about an answer that WeChat did sign, or about a call that was never sent."""


@dataclass
class _Line:
    """The calls for one account: `unanswered` in a row, and `refused` in a row by app."""

    unanswered: int = 0
    refused: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    probe_at: float = 0.0
    probed: str = ""
    """The app of the last probe."""
    is_known: bool = False
    """It has answered since the start."""


@dataclass(frozen=True)
class Streak:
    """How many calls in a row, this one included, had no answer, or were refused for this app."""

    unanswered: int
    refused: int


class CircuitBreaker:
    """One line to WeChat for each account. Kept in memory; a new process finds out by itself."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lines: dict[str, _Line] = defaultdict(_Line)

    def outages(self) -> list[str]:
        """The accounts for which WeChat does not answer: nothing but probes is asked."""
        return sorted(mch_id for mch_id in self._lines if self.is_on(mch_id))

    def probes(self) -> list[tuple[str, str]]:
        """The accounts whose next probe is due, each with the app of its last one: another app's
        turn comes first."""
        now = self._clock.monotonic()
        lines = ((mch_id, self._lines[mch_id]) for mch_id in self.outages())
        return [(mch_id, line.probed) for mch_id, line in lines if now >= line.probe_at]

    def is_on(self, mch_id: str) -> bool:
        return mch_id in self._lines and self._lines[mch_id].unanswered >= NO_WORD

    def admits(self, mch_id: str, app_id: str) -> bool:
        """May WeChat be asked now? In an outage this is yes once in twenty seconds: the probe."""
        if not self.is_on(mch_id):
            return True
        line, now = self._lines[mch_id], self._clock.monotonic()
        if now < line.probe_at:
            return False
        line.probe_at, line.probed = now + PROBE_S, app_id
        return True

    def answered(self, mch_id: str, app_id: str) -> bool:
        """WeChat gave an answer that can be used. True where an outage is over by it; so may be one
        of before the start."""
        line = self._lines[mch_id]
        is_news = line.unanswered >= NO_WORD or not line.is_known
        line.is_known = True
        line.unanswered = 0
        line.refused.pop(app_id, None)
        return is_news

    def failed(self, mch_id: str, app_id: str, error: PaymentError) -> Streak:
        line = self._lines[mch_id]
        if _is_silence(error):
            line.unanswered += 1
            if line.unanswered == NO_WORD:
                line.probe_at = self._clock.monotonic() + PROBE_S
        elif isinstance(error, WeChatRefused | WeChatUntrusted):
            line.unanswered = 0
            line.refused[app_id] += 1
        return Streak(line.unanswered, line.refused[app_id])


def _is_silence(error: PaymentError) -> bool:
    if isinstance(error, WeChatRefused):
        return error.wechat_code in OVERLOADED
    if isinstance(error, WeChatUntrusted):
        return error.doubt not in ANSWERED
    return isinstance(error, WeChatUnreachable)
