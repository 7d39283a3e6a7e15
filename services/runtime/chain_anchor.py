"""Writes the end of a chain into the log of the service, which is kept elsewhere: somebody who can
write the database could make a whole new chain, and not that line."""

from __future__ import annotations

import logging
from typing import Protocol

from services.runtime.clock import DAY_MS, Clock

log = logging.getLogger(__name__)


class Chain(Protocol):
    async def anchor(self) -> tuple[int, str]:
        """The number of its last row and the hash there. Raises Busy."""


class ChainAnchor:
    """`name` is what the line is about. `step` is run every few minutes, in one process at a
    time."""

    def __init__(self, name: str, chain: Chain, clock: Clock) -> None:
        self._name = name
        self._chain = chain
        self._clock = clock
        self._day: int | None = None

    async def step(self) -> None:
        """One line a UTC day, and one after a start; none while there is no row. Raises Busy."""
        day = self._clock.now_ms() // DAY_MS
        if day == self._day:
            return
        rows, last = await self._chain.anchor()
        if rows and last:
            log.info("The %s's anchor is %d:%s", self._name, rows, last)
        self._day = day
