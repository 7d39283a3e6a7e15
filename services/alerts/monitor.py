"""Checks every half minute for faults that no single payment shows: late notifies, none at all,
many failures, a certificate that ends, rows that wait for too long.

It reads counters, not rows. A case is raised once when a fault begins, and its history says when
the fault is over; a case that nobody has taken is resolved when it has stayed so. A counter keeps
that the fault has begun, so that neither a restart nor another process raises it again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from models import Counter, PlatformCertificate
from models.base import locked, rows
from models.store import Store
from models.transaction import Batch
from payments.keys import facts
from payments.merchant import Merchants
from services.alerts.cases import Cases
from services.alerts.detectors import (
    OURS,
    WECHATS,
    WINDOW_MS,
    Figures,
    Observation,
    ending,
    failing,
    late,
    refused,
    silent,
)
from services.alerts.recovery import end_well, note_over, read_well
from services.alerts.refusals import read_prepay_refusal
from services.alerts.rules import SILENT_MINUTES, read_values
from services.alerts.standstill import read_waits
from services.runtime.clock import DAY_MS, HOUR_MS, MINUTE_MS, Clock
from services.runtime.counters import FAILED_COUNT, PAID_COUNT, REFUSED_COUNT


class Monitor:
    """`step` is run every half minute, in one process at a time."""

    def __init__(self, store: Store, clock: Clock, merchants: Merchants) -> None:
        self._store = store
        self._clock = clock
        self._by_certificate = tuple(
            sorted({m.mch_id for m in merchants if m.api_v3_key and not m.public_keys})
        )
        self._ours = _own_ends(merchants)
        self._since = clock.now_ms()

    async def step(self) -> None:
        """Raises Busy."""
        now = self._clock.now_ms()
        values = await self._store.read(read_values)
        silence_ms = values[SILENT_MINUTES] * MINUTE_MS
        figures = await self._store.read(_read_figures, now, silence_ms, self._by_certificate)
        looks = [
            *await self._store.read(read_waits, now),
            late(values, figures, now),
            silent(values, figures, now, self._since),
            failing(values, figures, now),
            refused(figures, now),
            *(ending(values, WECHATS, *each, now) for each in figures.certificates.items()),
            *(ending(values, OURS, *each, now) for each in self._ours.items()),
        ]
        changed = tuple(
            look for look in looks if look.level not in (None, figures.levels.get(look.name, 0))
        )
        if changed:
            await self._store.write(observe, changed)
        if well := await self._store.read(read_well, now):
            await self._store.write(end_well, well)


def _own_ends(merchants: Merchants) -> dict[str, int]:
    """When our own API certificates end (ms), by merchant number."""
    ends = {}
    for merchant in merchants:
        if merchant.client_cert:
            # One that is none has no end; the refund that needs it says so in a case of its own.
            with contextlib.suppress(ValueError):
                end = facts(merchant.client_cert).expires_at
                ends[merchant.mch_id] = int(end.timestamp() * 1000)
    return ends


# --- the op --------------------------------------------------------------------------------------


def observe(batch: Batch, groups: Sequence[tuple[Observation, ...]]) -> list[None]:
    """Raise what has begun or become worse, note what is over, keep the levels."""
    looks = [look for group in groups for look in group]
    names = sorted({look.name for look in looks})
    known = locked(
        Counter.select(Counter.name, Counter.value)
        .where(Counter.at == 0, Counter.name.in_(names))
        .order_by(Counter.name)
    )
    levels = {row.name: row.value for row in known}
    cases = Cases(batch, [look.finding().key for look in looks])
    for look in looks:
        level, before = look.level or 0, levels.get(look.name, 0)
        if level > before:
            cases.raise_(look.finding())
        elif not level and before:
            note_over(batch, [[look.finding().key]])
        batch.add(look.name, 0, level - before)
        levels[look.name] = level
    cases.flush()
    return [None] * len(groups)


# --- reads ---------------------------------------------------------------------------------------


def _read_figures(now: int, silence_ms: int, accounts: tuple[str, ...]) -> Figures:
    """The counters of the last minutes, and of the hour before a silence."""
    start = now - max(silence_ms, WINDOW_MS) - HOUR_MS - MINUTE_MS
    query = Counter.select(Counter.name, Counter.at, Counter.value)
    minutes = {(name, at): value for name, at, value in rows(query.where(Counter.at >= start))}
    levels = {name: value for name, _, value in rows(query.where(Counter.at == 0))}
    some = any(name == REFUSED_COUNT for name, _ in minutes)
    refusal = read_prepay_refusal() if some else None
    return Figures(minutes, _read_usual(now), _read_ends(accounts), levels, refusal)


def _read_usual(now: int) -> int | None:
    for moment in (now - 7 * DAY_MS, now - DAY_MS):
        if _counted(moment - DAY_MS // 2, moment + DAY_MS // 2).exists():
            around = _counted(moment - HOUR_MS // 2, moment + HOUR_MS // 2)
            return sum(int(value) for (value,) in rows(around))
    return None


def _counted(start: int, end: int) -> Any:
    return Counter.select(Counter.value).where(
        Counter.at >= start, Counter.at < end, Counter.name.in_((PAID_COUNT, FAILED_COUNT))
    )


def _read_ends(accounts: tuple[str, ...]) -> dict[str, int]:
    ends: dict[str, int] = {}
    query = PlatformCertificate.select(PlatformCertificate.mch_id, PlatformCertificate.expires_at)
    for mch_id, end in rows(query.where(PlatformCertificate.mch_id.in_(accounts))):
        ends[mch_id] = max(end, ends.get(mch_id, 0))
    return ends
