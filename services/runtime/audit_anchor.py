"""Writes the end of the audit log's chain into the log of the service, which is kept elsewhere:
somebody who can write the database could make a whole new chain, and not that line."""

from __future__ import annotations

import logging

from services.runtime.audit_log import AuditLog
from services.runtime.clock import DAY_MS, Clock

log = logging.getLogger(__name__)


class AuditAnchor:
    """`step` is run every few minutes, in one process at a time."""

    def __init__(self, audit_log: AuditLog, clock: Clock) -> None:
        self._audit_log = audit_log
        self._clock = clock
        self._day: int | None = None

    async def step(self) -> None:
        """One line a UTC day, and one after a start; none while there is no row. Raises Busy."""
        day = self._clock.now_ms() // DAY_MS
        if day == self._day:
            return
        rows, last = await self._audit_log.anchor()
        if rows:
            log.info("The audit log's anchor is %d:%s", rows, last)
        self._day = day
