"""Whether the SQLite file of this process, and the two beside it, are still those at their paths.
What is written into a file that was removed or replaced is lost at the next start, so nothing is
taken meanwhile."""

from __future__ import annotations

import contextlib
import logging

from models.store import Store
from payments.alert_kinds import AlertKind, Severity
from payments.causes import Cause
from payments.errors import Busy
from payments.payment_rules import Compared
from services.alerts.cases import Finding
from services.alerts.triage import raise_findings
from services.runtime.clock import Clock

log = logging.getLogger(__name__)

REPEAT_S = 60.0


class FileWatch:
    """`step` is run every second."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lost = ""
        self._next = float("-inf")

    async def step(self) -> None:
        """Say it in the log once a minute, and raise one case: in the file that is open, so that
        open monitors see it, and it is there if the file comes back."""
        lost = self._store.look_for_file()
        if lost and self._clock.monotonic() >= self._next:
            self._next = self._clock.monotonic() + REPEAT_S
            log.critical("%s was removed or replaced under the service: nothing is taken.", lost)
        if lost and not self._lost:
            with contextlib.suppress(Busy):
                await self._store.write(raise_findings, file_gone(lost), last_words=True)
        if self._lost and not lost:
            log.warning("%s is there again.", self._lost)
            self._next = float("-inf")
        self._lost = lost


def file_gone(path: str) -> Finding:
    return Finding(
        AlertKind.SYSTEM,
        "database file",
        None,
        Cause.DATABASE_FILE_GONE,
        None,
        "gone",
        (Compared("file", path, None, False),),
        {"file": path},
        at_least=Severity.CRITICAL,
    )
