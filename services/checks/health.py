"""Whether this process can take money now."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from models import EventHead
from models.store import Store
from models.transaction import Batch
from payments.errors import Busy
from services.runtime.locks import Locks

PATIENCE_S = 2.0
FRESH_S = 1.0
"""How long an answer of the database holds: whoever may ask must not make it write all the time."""


class Health:
    def __init__(self, store: Store, locks: Locks, redis_used: bool) -> None:
        self._store = store
        self._locks = locks
        self._redis_used = redis_used
        self.stopping = False
        self._turn = asyncio.Lock()
        self._was_writable = False
        self._until = float("-inf")

    async def report(self) -> dict[str, Any]:
        """`ready` needs a database that takes a write; Redis is reported and not needed."""
        writable = await self._lately_writable() and not self._store.lost_file
        redis = "up" if self._redis_used and await self._locks.reach() else "down"
        database = "file gone" if self._store.lost_file else "not writable"
        return {
            "ready": writable and not self.stopping,
            "database": "writable" if writable else database,
            "redis": redis if self._redis_used else "not used",
        }

    async def _lately_writable(self) -> bool:
        """Of many who ask at once one tries, and the others hear the same."""
        async with self._turn:
            loop = asyncio.get_running_loop()
            if loop.time() >= self._until:
                self._was_writable = await self._writable()
                self._until = loop.time() + FRESH_S
            return self._was_writable

    async def _writable(self) -> bool:
        try:
            async with asyncio.timeout(PATIENCE_S):
                return self._store.alive and await self._store.write(touch, None)
        except (Busy, TimeoutError):
            return False


def touch(_batch: Batch, asks: Sequence[None]) -> list[bool]:
    """A write that changes nothing: it needs what every write needs."""
    written = EventHead.update(seq=EventHead.seq).where(EventHead.id == 1).execute() == 1
    return [written] * len(asks)
