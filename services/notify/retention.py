"""How long raw notices are kept: older ones go, but never one that an unresolved alert shows."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from models import Alert, RawNotify, Receipt
from models.alert import AlertStatus
from models.base import rows
from models.notify import UNDECIDED
from models.store import Store
from models.transaction import Batch
from services.runtime.clock import DAY_MS, Clock
from services.runtime.ids import first_raw_notify_id

log = logging.getLogger(__name__)

CHUNK = 500
MAX_CHUNKS = 2000
"""A million notices a step, which is run every hour: more than are taken in that time."""
ALERTS_PAGE = 1000
MAX_PAGES = 100


class Retention:
    """`days` is how long a raw notice is kept; 0 keeps it for ever."""

    def __init__(self, store: Store, clock: Clock, days: int) -> None:
        self._store = store
        self._clock = clock
        self._days = days

    async def step(self) -> None:
        """Delete what is too old, a little at a time, so that no payment waits for it. Several
        processes may do it at once. Nothing goes while the clock is in doubt. Raises Busy."""
        if not self._days or not self._store.may_forget():
            return
        end = first_raw_notify_id(self._clock.now_ms() - self._days * DAY_MS)
        shown = await self._shown(end)
        if shown is None:
            log.warning("Too many unresolved alerts; no raw notify is deleted.")
            return
        after = ""
        for _ in range(MAX_CHUNKS):
            last = await self._store.write(delete_notices, _Range(after, end, shown))
            if last is None:
                return
            after = last

    async def _shown(self, end: str) -> frozenset[str] | None:
        """The notices before `end` that an unresolved alert names as its evidence; None when
        there are more alerts than we look at."""
        shown: set[str] = set()
        after = 0
        for _ in range(MAX_PAGES):
            page = await self._store.read(_read_evidence, after)
            shown.update(name for _, name in page if name and name < end)
            if len(page) < ALERTS_PAGE:
                return frozenset(shown)
            after = page[-1][0]
        return None


@dataclass(frozen=True)
class _Range:
    """Notices whose ids are above `after` and below `end`, but those that are `shown`."""

    after: str
    end: str
    shown: frozenset[str]


def delete_notices(batch: Batch, ranges: Sequence[_Range]) -> list[str | None]:
    """Delete the first CHUNK of each range, but what proves money that waits for a decision;
    returns the last id looked at, None at its end."""
    return [_delete(chosen) for chosen in ranges]


def _delete(chosen: _Range) -> str | None:
    query = (
        RawNotify.select(RawNotify.id)
        .where(RawNotify.id > chosen.after, RawNotify.id < chosen.end)
        .order_by(RawNotify.id)
        .limit(CHUNK)
    )
    found = [name for (name,) in rows(query)]
    waiting = Receipt.select(Receipt.notice_id).where(
        Receipt.notice_id.in_(found), Receipt.state.in_(UNDECIDED)
    )
    kept = chosen.shown | {name for (name,) in rows(waiting)}
    old = [name for name in found if name not in kept]
    if old:
        RawNotify.delete().where(RawNotify.id.in_(old)).execute()
    return found[-1] if len(found) == CHUNK else None


def _read_evidence(after: int) -> list[tuple[int, str | None]]:
    """The next page of unresolved alerts: their ids, and the notices that they name."""
    query = (
        Alert.select(Alert.id, Alert.evidence)
        .where(Alert.status != AlertStatus.RESOLVED, Alert.id > after)
        .order_by(Alert.id)
        .limit(ALERTS_PAGE)
    )
    return [(id_, json.loads(evidence)["notifyId"]) for id_, evidence in rows(query)]
