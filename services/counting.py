"""The figures behind the tiles, kept by the transactions that change them."""

from __future__ import annotations

from bisect import bisect_left

from models.stream import Batch
from services.clock import MINUTE_MS

PAID_COUNT = "paid_count"
PAID_FEN = "paid_fen"
FAILED_COUNT = "failed_count"
PENDING = "orders_pending"
PENDING_STEPS = "pending_steps"
"""By how much PENDING moved, minute by minute: with it, any earlier minute's figure."""
STEPS_SINCE = "steps_since"
"""The time (ms) from which such steps are counted; a migration wrote it."""

DELAY_BOUNDS_MS = (
    100, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 7500, 10_000, 15_000, 30_000, 60_000,
    300_000,
)  # fmt: skip
"""Upper bounds of the buckets for how long after the payment its notify was booked."""
DELAY_PREFIX = "notify_delay_"
SLOWEST = "over"
_BUCKETS = tuple(f"{DELAY_PREFIX}{bound}" for bound in (*DELAY_BOUNDS_MS, SLOWEST))


def count_paid(batch: Batch, fen: int, received_at: int, wechat_ms: int | None) -> None:
    """One payment booked; its delay is measured from WeChat's own time of payment."""
    minute = received_at // MINUTE_MS * MINUTE_MS
    batch.add(PAID_COUNT, minute, 1)
    batch.add(PAID_FEN, minute, fen)
    count_pending(batch, -1)
    if wechat_ms is not None:
        delay = received_at - wechat_ms
        bucket = _BUCKETS[bisect_left(DELAY_BOUNDS_MS, delay)]
        batch.add(bucket, minute, 1)


def count_reopened(batch: Batch, fen: int) -> None:
    """A closed order is paid after all. It was not pending, and its delay says nothing."""
    minute = batch.now // MINUTE_MS * MINUTE_MS
    batch.add(PAID_COUNT, minute, 1)
    batch.add(PAID_FEN, minute, fen)


def count_failed(batch: Batch, at: int) -> None:
    """One payment that failed, or that was refused for the first time."""
    batch.add(FAILED_COUNT, at // MINUTE_MS * MINUTE_MS, 1)


def count_pending(batch: Batch, step: int) -> None:
    batch.add(PENDING, 0, step)
    batch.add(PENDING_STEPS, batch.now // MINUTE_MS * MINUTE_MS, step)
