"""Notifies that cannot be read, or are larger than any that is: WeChat sends none, so several of
one source are a gateway that blanks or rewrites them, or somebody else's messages. They are counted
in memory, and told once."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from models.store import Store
from payments.alert_kinds import AlertKind, Severity
from payments.causes import Cause
from payments.errors import Busy
from payments.payment_rules import Compared
from services.alerts.cases import Finding
from services.alerts.triage import raise_findings
from services.runtime.clock import Clock

ENOUGH = 5
"""So many of one source within SPAN_S; WeChat repeats a refused notify five times in that time."""
SPAN_S = 600.0
MAX_SOURCES = 256
"""More are not known one by one: each keeps a case of its own open. Of each cause."""
_NAMES = {Cause.NOTIFIES_UNREADABLE: "unreadable", Cause.NOTIFIES_TOO_LARGE: "too large"}
_LEVELS = {Cause.NOTIFIES_UNREADABLE: Severity.MEDIUM, Cause.NOTIFIES_TOO_LARGE: Severity.HIGH}
"""One that is too large may be a payment; what a gateway blanks was none that we could read."""


@dataclass
class _Sender:
    since: float
    seen: int = 0


class Unreadable:
    """Counts those of one `cause`."""

    def __init__(
        self, store: Store, clock: Clock, cause: Cause = Cause.NOTIFIES_UNREADABLE
    ) -> None:
        self._store = store
        self._clock = clock
        self._cause = cause
        self._sources: dict[str, _Sender] = {}

    async def take(self, source: str) -> None:
        """Count one message of this network. Never raises."""
        now = self._clock.monotonic()
        known = self._sources.get(source)
        if known is None or now - known.since > SPAN_S:
            if known is None and not self._has_room(now):
                return
            known = self._sources[source] = _Sender(now)
        known.seen += 1
        if known.seen == ENOUGH:
            with contextlib.suppress(Busy):
                await self._store.write(raise_findings, unreadable(source, self._cause))

    def _has_room(self, now: float) -> bool:
        if len(self._sources) >= MAX_SOURCES:
            left = {s: k for s, k in self._sources.items() if now - k.since <= SPAN_S}
            self._sources = left
        return len(self._sources) < MAX_SOURCES


def unreadable(source: str, cause: Cause = Cause.NOTIFIES_UNREADABLE) -> Finding:
    return Finding(
        AlertKind.SYSTEM,
        f"{_NAMES[cause]} {source}"[:64],
        None,
        cause,
        None,
        _NAMES[cause],
        (Compared("source", None, source, True),),
        {"source": source, "count": ENOUGH},
        authentic=False,
        at_least=_LEVELS[cause],
    )
