"""Counts searches for phones and openids: who asks for many of them learns what the mask hides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models import Counter, User
from models.base import rows, total
from models.store import Store
from models.transaction import Batch
from payments.alert_kinds import AlertKind, Severity
from payments.causes import Cause
from services.alerts.cases import Finding, raise_all
from services.runtime.clock import DAY_MS, MINUTE_MS, Clock
from services.views.query_parser import Field, Reading, readings

BUCKET_MS = 10 * MINUTE_MS
BOUNDS = ((BUCKET_MS, 60), (30 * DAY_MS, 6_000))
"""So many searches of one user in so long a time are a burst. To guess the four hidden digits of
one phone takes up to 10,000."""
_TELLING = (Field.PHONE, Field.PHONE_TAIL, Field.OPEN_ID)


@dataclass(frozen=True)
class PersonalSearch:
    """A search of this user that may tell something of so many masked values."""

    by: str
    count: int = 1


class SearchWatch:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def note(self, text: str, by: str) -> None:
        """Count a search before it is answered, if it asks for a phone or an openid. Raises
        Busy."""
        ways = readings(text, self._clock.now_ms())
        if asked := max((_told(way) for way in ways), default=0):
            await self._store.write(count_searches, PersonalSearch(by, asked))


def _told(lookup: Reading) -> int:
    """Of how many masked values a reading may tell."""
    return sum(each.field in _TELLING for each in lookup.parts or (lookup,))


def count_searches(batch: Batch, searches: Sequence[PersonalSearch]) -> list[None]:
    for search in searches:
        ((user_id,),) = rows(User.select(User.id).where(User.name == search.by))
        name, now = f"searches.{user_id}", batch.now // BUCKET_MS * BUCKET_MS
        batch.add(name, now, search.count)
        pending = batch.sums[name, now]
        for span_ms, most in BOUNDS:
            count = _count(name, now - span_ms) + pending
            if count >= most:
                raise_all(batch, [burst(search.by, count, span_ms)])
                break
    return [None] * len(searches)


def _count(name: str, since: int) -> int:
    query = Counter.select(total(Counter.value)).where(Counter.name == name, Counter.at > since)
    ((count,),) = rows(query)
    return int(count or 0)


def burst(by: str, count: int, span_ms: int) -> Finding:
    return Finding(
        AlertKind.SYSTEM,
        f"searches of {by}"[:64],
        None,
        Cause.SEARCH_BURST,
        None,
        count,
        values={"by": by, "count": count, "minutes": span_ms // MINUTE_MS},
        authentic=False,
        at_least=Severity.HIGH,
    )
