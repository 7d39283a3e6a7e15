"""Authentic news of WeChat's that is about no payment and no refund: kept, and shown once. A
complaint is a case, because a person must answer it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from models import RawNotify
from models.store import Store
from models.transaction import Batch, NewEvent
from payments.alert_kinds import AlertKind
from payments.causes import Cause
from payments.encryption import Sealer
from payments.errors import Busy
from payments.masking import mask_mch_id
from payments.outcomes import Outcome
from payments.payment_rules import Compared
from payments.v3.notify import ComplaintNews, OtherEvent
from services.alerts.cases import Finding, raise_all
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
    def __init__(self, store: Store, sealer: Sealer, clock: Clock) -> None:
        self._store = store
        self._sealer = sealer
        self._clock = clock

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
        return Outcome.IGNORED


def record_ignored(batch: Batch, items: Sequence[_UnhandledNotify]) -> list[None]:
    for item in items:
        if isinstance(item.news, OtherEvent):
            account = item.news.merchant.name
            data = {"eventType": item.news.event_type, "merchant": account, "notifyId": item.id}
            if item.news.echo:
                data["echo"] = item.news.echo
            batch.emit(NewEvent("system.ignored", None, data))
    told = ((item.news, item.id) for item in items)
    raise_all(batch, [complained(n, id_) for n, id_ in told if isinstance(n, ComplaintNews)])
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


def complained(news: ComplaintNews, notify_id: str) -> Finding:
    """The case of a complaint, one for each. An id or action of WeChat's is cut to the length that
    it has at most."""
    account = mask_mch_id(news.merchant.mch_id)
    complaint = (news.complaint_id or "-")[:64]
    action = (news.action or news.event_type)[:64]
    return Finding(
        AlertKind.COMPLAINT,
        complaint,
        None,
        Cause.COMPLAINT_TOLD,
        None,
        action,
        (
            Compared("complaint_id", None, complaint, True),
            Compared("action_type", None, action, True),
            Compared("mch_id", account, account, True),
        ),
        {"complaint": complaint, "account": account, "action": action},
        notice_id=notify_id,
    )
