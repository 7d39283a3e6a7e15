"""The figures of the live monitor: today, yesterday up to the same second, the last hour.

Everything comes from counters that the transactions keep, so it costs the same at any size.
"""

from __future__ import annotations

from typing import Any

from models import Counter, Order
from models.base import rows, total
from models.store import Store
from payments.states import PAYABLE
from services.cases import CRITICAL_GAUGE, OPEN_GAUGE
from services.clock import DAY_MS, MINUTE_MS, Clock, day_start, rfc3339
from services.counting import (
    DELAY_BOUNDS_MS,
    DELAY_PREFIX,
    FAILED_COUNT,
    PAID_COUNT,
    PAID_FEN,
    PENDING,
    SLOWEST,
)

MINUTES = 60
_BY_MINUTE = (PAID_COUNT, PAID_FEN, FAILED_COUNT)


class Summary:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def get(self) -> dict[str, Any]:
        return await self._store.read(_read_summary, self._clock.now_ms())


def _read_summary(now: int) -> dict[str, Any]:
    gauges = _gauges()
    live = {
        "pendingCount": gauges.get(PENDING, 0),
        "oldestPendingAt": rfc3339(_oldest_pending()),
        "openAlerts": gauges.get(OPEN_GAUGE, 0),
        "criticalAlerts": gauges.get(CRITICAL_GAUGE, 0),
    }
    # What was pending or open at this second of yesterday is not kept; the sums are.
    unknown = dict.fromkeys(live)
    return {
        "at": rfc3339(now),
        "today": {**_figures(_sums(day_start(now), now + 1)), **live},
        "yesterday": {**_until(day_start(now) - DAY_MS, now - DAY_MS), **unknown},
        "minutes": _minutes(now),
        "yesterdayMinutes": _minutes(now - DAY_MS),
    }


def _until(start: int, end: int) -> dict[str, Any]:
    """A day that went on after `end`: whole minutes from the counters, and the payments of the
    broken minute one by one. Delays are kept by the hour, so theirs is the whole hour."""
    minute = end // MINUTE_MS * MINUTE_MS
    sums = _sums(start, minute)
    query = Order.select(Order.total_fen).where(Order.paid_at >= minute, Order.paid_at <= end)
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
        "notifyP95Ms": _p95(sums),
    }


def _sums(start: int, end: int) -> dict[str, int]:
    query = (
        Counter.select(Counter.name, total(Counter.value))
        .where(Counter.at >= start, Counter.at < end)
        .group_by(Counter.name)
    )
    return {name: int(value) for name, value in rows(query)}


def _p95(sums: dict[str, int]) -> int | None:
    """The bucket that holds the 95th of a hundred, by its upper bound in ms."""
    counts = [(bound, sums.get(f"{DELAY_PREFIX}{bound}", 0)) for bound in DELAY_BOUNDS_MS]
    total = sum(count for _, count in counts) + sums.get(DELAY_PREFIX + SLOWEST, 0)
    if not total:
        return None
    seen, below = 0, 0
    for bound, count in counts:
        if count and (seen + count) * 100 >= total * 95:
            share = (total * 95 / 100 - seen) / count
            return round(below + (bound - below) * share)
        seen, below = seen + count, bound
    return DELAY_BOUNDS_MS[-1]


def _minutes(now: int) -> list[dict[str, Any]]:
    last = now // MINUTE_MS * MINUTE_MS
    first = last - (MINUTES - 1) * MINUTE_MS
    query = Counter.select(Counter.name, Counter.at, Counter.value).where(
        Counter.name.in_(_BY_MINUTE), Counter.at >= first, Counter.at <= last
    )
    values = {(name, at): value for name, at, value in rows(query)}
    return [
        {
            "at": rfc3339(at),
            "paidCount": values.get((PAID_COUNT, at), 0),
            "paidFen": values.get((PAID_FEN, at), 0),
            "failedCount": values.get((FAILED_COUNT, at), 0),
        }
        for at in range(first, last + 1, MINUTE_MS)
    ]


def _gauges() -> dict[str, int]:
    query = Counter.select(Counter.name, Counter.value).where(Counter.at == 0)
    return {name: int(value) for name, value in rows(query)}


def _oldest_pending() -> int | None:
    oldest = [
        Order.select(Order.created_at)
        .where(Order.status == status.value)
        .order_by(Order.id)
        .limit(1)
        .scalar()
        for status in PAYABLE
    ]
    return min((at for at in oldest if at is not None), default=None)
