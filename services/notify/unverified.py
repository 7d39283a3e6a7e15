"""Messages whose signature failed: one open case for each source, and limits on what they cost.

The limits apply only to messages whose signature failed, so WeChat is never limited. The first
messages of a source in a minute are written one by one; the others are counted in memory, and added
to the case once a second.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models import Counter, RawNotify
from models.statements import Dialect
from models.store import Store
from models.transaction import Batch
from payments.alert_kinds import AlertKind
from payments.causes import Cause
from payments.encryption import Sealer
from payments.errors import Busy
from payments.outcomes import Outcome
from payments.payment_rules import Compared, cut
from services.alerts.cases import Cases, Finding, Raised
from services.runtime.clock import DAY_MS, Clock
from services.runtime.ids import raw_notify_id, sealing_nonce

WRITTEN_THROUGH = 32
"""The number of messages of one source that are written one by one in a minute, so that small
counts are exact at once."""
PER_MINUTE = 100
"""Beyond so many of a source in a minute the answer is "too many"."""
PUBLIC_KEY = "PUB_KEY_ID_"
"""So the ids of WeChat's public keys begin; other serials are of certificates."""
MINUTE_S = 60.0
MAX_SOURCES = 4096
MANY = "many networks"
"""The common source of those that are too many to be known one by one."""
CASES_A_DAY = 200
MAX_TEXT = 8 * 1024
"""Bytes of a forged message that are kept."""

_KIND = AlertKind.BAD_SIGNATURE
_OPENED = "forged_sources"
SIGNATURE_CAUSES = {
    "missing": Cause.SIGNATURE_MISSING,
    "ambiguous": Cause.SIGNATURE_AMBIGUOUS,
    "wrong": Cause.SIGNATURE_WRONG,
    "stale": Cause.SIGNATURE_STALE,
    "unknown_serial": Cause.SIGNATURE_UNKNOWN_SERIAL,
    "public_key": Cause.SIGNATURE_PUBLIC_KEY,
    "sealed": Cause.SIGNATURE_SEALED,
    "algorithm": Cause.SIGNATURE_ALGORITHM,
    "no_key": Cause.REFUND_NOTIFY_UNREADABLE,
}
"""The texts by the reasons of BadSignature."""


@dataclass(frozen=True)
class UnverifiedMessage:
    """One message that proved nothing. `source` is a network, `reason` our words."""

    source: str
    reason: str
    sealed: bytes
    received_at: int
    id: str
    serial: str = ""
    """The key that it claims to be signed with, where that is not known."""


@dataclass(frozen=True)
class SourceCount:
    """`times` more of a source, without their texts. A minute that is over says with `in_minute`
    how many were counted so since its begin, and its case is announced again."""

    source: str
    reason: str
    times: int
    in_minute: int = 0


@dataclass
class _Source:
    """A source in its minute, which began at `since` (monotonic seconds)."""

    since: float
    reason: str
    seen: int = 0
    tallied: int = 0
    unwritten: int = 0
    merged: bool = False
    """It has no case of its own: it is counted on the common one."""

    def tally(self) -> None:
        self.tallied += 1
        self.unwritten += 1


class Unverified:
    """`flush` is run every second; `close` once, before the store is closed."""

    def __init__(self, store: Store, sealer: Sealer, clock: Clock) -> None:
        self._store = store
        self._sealer = sealer
        self._clock = clock
        self._sources: dict[str, _Source] = {}

    async def take(
        self, body: bytes, network: str, received_at: int, reason: str, serial: str = ""
    ) -> Outcome:
        """Count one message of `network`; never raises for what came. `received_at` in ms UTC;
        `serial` is what it says of its key."""
        if reason == "unknown_serial" and serial.startswith(PUBLIC_KEY):
            reason = "public_key"
        source, known = self._source(network, reason)
        known.seen += 1
        seen = known.seen
        if seen > WRITTEN_THROUGH or known.merged:
            known.tally()
        else:
            await self._write(body, source, received_at, reason, serial)
        return Outcome.THROTTLED if seen > PER_MINUTE else Outcome.UNPROVEN

    def _source(self, network: str, reason: str) -> tuple[str, _Source]:
        full = len(self._sources) >= MAX_SOURCES and network not in self._sources
        source = MANY if full else network
        known = self._sources.get(source)
        if known is None:
            known = self._sources[source] = _Source(self._clock.monotonic(), reason)
        known.reason = reason
        return source, known

    async def _write(
        self, body: bytes, source: str, received_at: int, reason: str, serial: str
    ) -> None:
        name = raw_notify_id(received_at)
        text = body[:MAX_TEXT].decode("utf-8-sig", "ignore")
        sealed = self._sealer.seal(text, name, sealing_nonce())
        forgery = UnverifiedMessage(source, reason, sealed, received_at, name, serial)
        try:
            (subject,) = await self._store.write(count_forgeries, (forgery,))
        except Busy:
            self._source(source, reason)[1].tally()  # refused all the same; counted a little later
        else:
            self._source(source, reason)[1].merged = subject != source

    async def flush(self, *, final: bool = False) -> None:
        """Add what was only counted to the cases. Raises Busy, and then loses nothing."""
        now = self._clock.monotonic()
        over = {s for s, known in self._sources.items() if final or now - known.since >= MINUTE_S}
        tallies = tuple(
            SourceCount(
                source, known.reason, known.unwritten, known.tallied if source in over else 0
            )
            for source, known in self._sources.items()
            if known.unwritten or (known.tallied and source in over)
        )
        for tally in tallies:  # before the wait: who is stopped in it must not count twice
            self._sources[tally.source].unwritten -= tally.times
        try:
            if tallies:
                await self._store.write(count_forgeries, tallies)
        except Busy:
            for tally in tallies:
                self._sources[tally.source].unwritten += tally.times
            raise
        for source in over:
            self._end_minute(source, now)

    def _end_minute(self, source: str, now: float) -> None:
        known = self._sources.pop(source, None)
        if known and known.unwritten:  # came while we wrote
            left = known.unwritten
            self._sources[source] = _Source(now, known.reason, left, left, left, known.merged)

    async def close(self) -> None:
        """Write the last counts; what the database does not take now is lost."""
        with contextlib.suppress(Busy):
            await self.flush(final=True)


# --- the op --------------------------------------------------------------------------------------


def count_forgeries(
    batch: Batch, groups: Sequence[tuple[UnverifiedMessage | SourceCount, ...]]
) -> list[tuple[str, ...]]:
    """Count each on the case of its source; returns the subjects that they were counted on: the
    source, or MANY when today's new cases are used up."""
    sources = dict.fromkeys(item.source for group in groups for item in group)
    cases = Cases(batch, [(_KIND.value, subject) for subject in (*sources, MANY)])
    subjects = _subjects(batch, cases, list(sources))
    texts = [
        _row(item)
        for group in groups
        for item in group
        if _count(cases, item, subjects[item.source]) and isinstance(item, UnverifiedMessage)
    ]
    cases.flush()
    batch.sql.insert(RawNotify, texts)
    return [tuple(subjects[item.source] for item in group) for group in groups]


def _subjects(batch: Batch, cases: Cases, sources: list[str]) -> dict[str, str]:
    """Which case each source is counted on. So many new ones a UTC day, and then a common one."""
    new = [s for s in sources if s != MANY and (_KIND.value, s) not in cases]
    subjects = {source: source for source in sources}
    if not new:
        return subjects
    today = batch.now // DAY_MS * DAY_MS
    opened = sum(value for (value,) in batch.sql.fetch(_select_opened, (today,)))
    room = max(0, CASES_A_DAY - opened)
    batch.add(_OPENED, today, len(new[:room]))
    return subjects | dict.fromkeys(new[room:], MANY)


def _select_opened(d: Dialect) -> Any:
    return Counter.select(Counter.value).where(
        Counter.name == d.literal(_OPENED), d.among(Counter.at)
    )


def _count(cases: Cases, item: UnverifiedMessage | SourceCount, subject: str) -> bool:
    """True when the case shows this one, so that its text is to be kept."""
    finding = Finding(
        kind=_KIND,
        subject=subject,
        order_num=None,
        cause=SIGNATURE_CAUSES.get(item.reason, Cause.SIGNATURE_WRONG),
        expected="valid",
        actual=item.reason,
        fields=(
            Compared("sign", "valid", item.reason, False),
            *_claimed(item),
            Compared("source", None, subject, True),
        ),
        notice_id=item.id if isinstance(item, UnverifiedMessage) else None,
        authentic=False,
        event_data={"source": subject},
    )
    if isinstance(item, UnverifiedMessage):
        return cases.raise_(finding) is not Raised.COUNTED
    cases.add(finding, item.times, item.in_minute)
    return False


def _claimed(item: UnverifiedMessage | SourceCount) -> tuple[Compared, ...]:
    serial = item.serial if isinstance(item, UnverifiedMessage) else ""
    return (Compared("serial", None, cut(serial), False),) if serial else ()


def _row(forgery: UnverifiedMessage) -> dict[str, Any]:
    return {
        "id": forgery.id,
        "order_num": None,
        "transaction_id": None,
        "source": forgery.source,
        "authentic": False,
        "outcome": Outcome.UNPROVEN.value,
        "sealed": forgery.sealed,
        "received_at": forgery.received_at,
    }
