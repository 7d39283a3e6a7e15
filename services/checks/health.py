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


class Health:
    def __init__(self, store: Store, locks: Locks, redis_used: bool) -> None:
        self._store = store
        self._locks = locks
        self._redis_used = redis_used
        self.stopping = False

    async def report(self) -> dict[str, Any]:
        """`ready` needs a database that takes a write; Redis is reported and not needed."""
        writable = await self._writable()
        redis = "up" if self._redis_used and await self._locks.reach() else "down"
        database = "file gone" if self._store.file_gone else "not writable"
        return {
            "ready": writable and not self.stopping,
            "database": "writable" if writable else database,
            "redis": redis if self._redis_used else "not used",
        }

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
