"""Authentic news of WeChat's of a kind that we do not use: kept, and shown once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from models import RawNotify
from models.store import Store
from models.transaction import Batch, NewEvent
from payments.encryption import Sealer
from payments.errors import Busy
from payments.outcomes import Outcome
from payments.v3.notify import OtherEvent
from services.runtime.clock import Clock
from services.runtime.ids import raw_notify_id, sealing_nonce
from services.settlement.settlement import PATIENCE_S


@dataclass(frozen=True)
class _UnhandledNotify:
    """`received_at` in ms UTC; `sealed` is the text, encrypted."""

    event_type: str
    account: str
    sealed: bytes
    source: str
    received_at: int
    id: str


class Unhandled:
    def __init__(self, store: Store, sealer: Sealer, clock: Clock) -> None:
        self._store = store
        self._sealer = sealer
        self._clock = clock

    async def take(self, event: OtherEvent, source: str) -> Outcome:
        """Raises Busy."""
        received_at = self._clock.now_ms()
        name = raw_notify_id(received_at)
        sealed = self._sealer.seal(event.text, name, sealing_nonce())
        account = event.merchant.name
        item = _UnhandledNotify(event.event_type, account, sealed, source, received_at, name)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._store.write(record_ignored, item)
        except TimeoutError as error:
            raise Busy("The database did not take it in time.") from error
        return Outcome.IGNORED


def record_ignored(batch: Batch, items: Sequence[_UnhandledNotify]) -> list[None]:
    for item in items:
        data = {"eventType": item.event_type, "merchant": item.account, "notifyId": item.id}
        batch.emit(NewEvent("system.ignored", None, data))
    batch.sql.insert(
        RawNotify,
        [
            {
                "id": item.id,
                "order_num": None,
                "transaction_id": None,
                "source": item.source,
                "authentic": True,
                "outcome": Outcome.IGNORED.value,
                "sealed": item.sealed,
                "received_at": item.received_at,
            }
            for item in items
        ],
    )
    return [None] * len(items)
