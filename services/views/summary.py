"""The figures of the live monitor: today, yesterday up to the same second, the last hour.

Everything comes from counters that the transactions keep, so it costs the same at any size.
"""

from __future__ import annotations

from typing import Any

from models import Counter, Order
from models.base import begins, rows, total
from models.store import Store
from payments.states import PAYABLE
from services.alerts.cases import CRITICAL_GAUGE, OPEN_GAUGE, OPEN_STEPS
from services.runtime.clock import DAY_MS, MINUTE_MS, Clock, day_start, rfc3339
from services.runtime.counters import (
    FAILED_COUNT,
    PAID_COUNT,
    PAID_FEN,
    PENDING,
    PENDING_STEPS,
    REFUSED_COUNT,
    STEPS_SINCE,
    p95,
)

MINUTES = 60
_LEVELS = (("pendingCount", PENDING, PENDING_STEPS), ("openAlerts", OPEN_GAUGE, OPEN_STEPS))


class Summary:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def get(self) -> dict[str, Any]:
        return await self._store.read(_read_summary, self._clock.now_ms(), self._store.uncounted)


def _read_summary(now: int, uncounted: str) -> dict[str, Any]:
    gauges = _gauges()
    live = {
        "pendingCount": gauges.get(PENDING, 0),
        "oldestPendingAt": rfc3339(_oldest_pending(uncounted)),
        "openAlerts": gauges.get(OPEN_GAUGE, 0),
        "criticalAlerts": gauges.get(CRITICAL_GAUGE, 0),
    }
    # What was pending or open at this second of yesterday is not kept; the sums are.
    unknown = dict.fromkeys(live)
    today, yesterday = _hour(now), _hour(now - DAY_MS)
    return {
        "at": rfc3339(now),
        "today": {**_figures(_sums(day_start(now), now + 1)), **live},
        "yesterday": {**_until(day_start(now) - DAY_MS, now - DAY_MS, uncounted), **unknown},
        "minutes": _minutes(today, gauges),
        "yesterdayMinutes": _minutes(yesterday, _gauges_before(today[0], gauges, yesterday)),
    }


def _until(start: int, end: int, uncounted: str) -> dict[str, Any]:
    """A day that went on after `end`: whole minutes from the counters, and the payments of the
    broken minute one by one."""
    minute = end // MINUTE_MS * MINUTE_MS
    sums = _sums(start, minute)
    query = _counted(Order.select(Order.total_fen), uncounted).where(
        Order.paid_at >= minute, Order.paid_at <= end
    )
    amounts = [fen for (fen,) in rows(query)]
    sums[PAID_COUNT] = sums.get(PAID_COUNT, 0) + len(amounts)
    sums[PAID_FEN] = sums.get(PAID_FEN, 0) + sum(amounts)
    return _figures(sums)


def _figures(sums: dict[str, int]) -> dict[str, Any]:
    paid, failed = sums.get(PAID_COUNT, 0), sums.get(FAILED_COUNT, 0)
    return {
        "paidFen": sums.get(PAID_FEN, 0),
        "paidCount": paid,
        "successRate": paid / (paid + failed) if paid + failed else None,
        "notifyP95Ms": p95(sums),
    }


def _sums(start: int, end: int) -> dict[str, int]:
    query = (
        Counter.select(Counter.name, total(Counter.value))
        .where(Counter.at >= start, Counter.at < end)
        .group_by(Counter.name)
    )
    return {name: int(value) for name, value in rows(query)}


def _hour(now: int) -> range:
    """The starts of the minute that runs and of the 59 before it."""
    last = now // MINUTE_MS * MINUTE_MS
    return range(last - (MINUTES - 1) * MINUTE_MS, last + 1, MINUTE_MS)


def _minutes(hour: range, gauges: dict[str, int]) -> list[dict[str, Any]]:
    """`gauges`: the running figures at the end of this hour."""
    query = Counter.select(Counter.name, Counter.at, Counter.value).where(
        Counter.at >= hour[0], Counter.at <= hour[-1]
    )
    counts: dict[int, dict[str, int]] = {at: {} for at in hour}
    for name, at, value in rows(query):
        counts.setdefault(at, {})[name] = int(value)
    levels = {name: _levels(hour, counts, gauges, *names) for name, *names in _LEVELS}
    return [
        {
            "at": rfc3339(at),
            "paidCount": counts[at].get(PAID_COUNT, 0),
            "paidFen": counts[at].get(PAID_FEN, 0),
            "failedCount": counts[at].get(FAILED_COUNT, 0),
            "notifyP95Ms": p95(counts[at]),
            **{name: level[at] for name, level in levels.items()},
            **_refused(counts[at]),
        }
        for at in hour
    ]


def _refused(counts: dict[str, int]) -> dict[str, int]:
    """Named only in a minute that had some."""
    count = counts.get(REFUSED_COUNT, 0)
    return {"refusedPrepayCount": count} if count else {}


def _levels(
    hour: range, counts: dict[int, dict[str, int]], gauges: dict[str, int], gauge: str, steps: str
) -> dict[int, int | None]:
    """The value of a running figure at the end of each minute, computed backwards from its changes;
    None for the time before its changes were counted."""
    level = gauges.get(gauge, 0)
    since = gauges.get(STEPS_SINCE)
    known: dict[int, int | None] = {}
    for at in reversed(hour):
        known[at] = level if since is not None and at + MINUTE_MS > since else None
        level -= counts[at].get(steps, 0)
    return known


def _gauges_before(first: int, gauges: dict[str, int], hour: range) -> dict[str, int]:
    """The running figures at the end of an earlier hour."""
    later = _sums(hour[-1] + MINUTE_MS, first + MINUTES * MINUTE_MS)
    return {**gauges, **{g: gauges.get(g, 0) - later.get(steps, 0) for _, g, steps in _LEVELS}}


def _gauges() -> dict[str, int]:
    query = Counter.select(Counter.name, Counter.value).where(Counter.at == 0)
    return {name: int(value) for name, value in rows(query)}


def _counted(query: Any, uncounted: str) -> Any:
    """Without the orders that no figure counts, as models.transaction.Batch tells them apart."""
    return query.where(~begins(Order.order_num, uncounted)) if uncounted else query


def _oldest_pending(uncounted: str) -> int | None:
    oldest = [
        _counted(Order.select(Order.created_at), uncounted)
        .where(Order.status == status.value)
        .order_by(Order.created_at, Order.id)
        .limit(1)
        .scalar()
        for status in PAYABLE
    ]
    return min((at for at in oldest if at is not None), default=None)
