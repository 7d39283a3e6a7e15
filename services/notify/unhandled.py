"""Authentic news of WeChat's that is about no payment and no refund: kept, and shown once. A
complaint is a case, because a person must answer it, and WeChat is asked for all of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models import RawNotify
from models.store import Store
from models.transaction import Batch, NewEvent
from payments.encryption import Sealer
from payments.errors import Busy
from payments.outcomes import Outcome
from payments.v3.notify import ComplaintNews, OtherEvent
from services.complaints.told import take_complaints
from services.runtime.clock import Clock
from services.runtime.ids import raw_notify_id, sealing_nonce
from services.settlement.waits import PATIENCE_S


@dataclass(frozen=True)
class _UnhandledNotify:
    """`received_at` in ms UTC; `sealed` is the text, encrypted."""

    news: OtherEvent | ComplaintNews
    sealed: bytes
    source: str
    received_at: int
    id: str


class Unhandled:
    """`on_complaint` is called after one was kept: WeChat is to be asked about it."""

    def __init__(
        self, store: Store, sealer: Sealer, clock: Clock, on_complaint: Callable[[], None]
    ) -> None:
        self._store = store
        self._sealer = sealer
        self._clock = clock
        self._on_complaint = on_complaint

    async def take(self, event: OtherEvent | ComplaintNews, source: str) -> Outcome:
        """Raises Busy."""
        received_at = self._clock.now_ms()
        name = raw_notify_id(received_at)
        sealed = self._sealer.seal(event.text, name, sealing_nonce())
        item = _UnhandledNotify(event, sealed, source, received_at, name)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._store.write(record_ignored, item)
        except TimeoutError as error:
            raise Busy("The database did not take it in time.") from error
        if isinstance(event, ComplaintNews):
            self._on_complaint()
        return Outcome.IGNORED


def record_ignored(batch: Batch, items: Sequence[_UnhandledNotify]) -> list[None]:
    for item in items:
        if isinstance(item.news, OtherEvent):
            account = item.news.merchant.name
            data = {"eventType": item.news.event_type, "merchant": account, "notifyId": item.id}
            if item.news.echo:
                data["echo"] = item.news.echo
            batch.emit(NewEvent("system.ignored", None, data))
    complaints = [(i.news, i.id) for i in items if isinstance(i.news, ComplaintNews)]
    take_complaints(batch, complaints)
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
