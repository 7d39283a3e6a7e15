"""The figures behind the tiles, kept by the transactions that change them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from models import Counter, Order
from models.base import begins
from models.transaction import Batch
from payments.states import PAYABLE
from services.runtime.clock import MINUTE_MS

PAID_COUNT = "paid_count"
PAID_FEN = "paid_fen"
FAILED_COUNT = "failed_count"
TOLD_COUNT = "told_count"
"""Payments that a notify told us of; the others of PAID_COUNT were found by asking."""
PREPAY_COUNT = "prepay_count"
REFUSED_COUNT = "prepay_refused"
"""Prepays that WeChat gave, and that it refused; those without an answer are in neither."""
PENDING = "orders_pending"
PENDING_STEPS = "pending_steps"
"""The change of PENDING in each minute: with it, any earlier minute's figure."""
MODE = "simulated_orders"
_COUNTED, _LEFT_OUT = 1, 2
"""Whether the simulator's orders are in the figures, as it was at the last start."""
STEPS_SINCE = "steps_since"
"""The time (ms) from which such steps are counted; a migration wrote it."""

DELAY_BOUNDS_MS = (
    100,
    200,
    300,
    500,
    750,
    1000,
    1500,
    2000,
    3000,
    5000,
    7500,
    10_000,
    15_000,
    30_000,
    60_000,
    300_000,
)
"""Upper bounds of the buckets for how long after the payment its notify was booked."""
DELAY_PREFIX = "notify_delay_"
SLOWEST = "over"
DELAY_BUCKETS = tuple(f"{DELAY_PREFIX}{bound}" for bound in (*DELAY_BOUNDS_MS, SLOWEST))


SIMULATED = "SIM-"
"""The beginning of the numbers of orders that the simulator makes to test the product; in
simulation mode these orders are in no figure."""


def count_paid(
    batch: Batch, order_num: str, fen: int, received_at: int, wechat_ms: int | None, *, told: bool
) -> None:
    """One payment booked; its delay is measured from WeChat's own time of payment. `told` by a
    notify."""
    if not batch.counts(order_num):
        return
    minute = received_at // MINUTE_MS * MINUTE_MS
    batch.add(PAID_COUNT, minute, 1)
    batch.add(PAID_FEN, minute, fen)
    if told:
        batch.add(TOLD_COUNT, minute, 1)
    count_pending(batch, order_num, -1)
    if wechat_ms is not None:
        delay = received_at - wechat_ms
        bucket = DELAY_BUCKETS[bisect_left(DELAY_BOUNDS_MS, delay)]
        batch.add(bucket, minute, 1)


def count_reopened(batch: Batch, order_num: str, fen: int) -> None:
    """A closed order is paid after all. It was not pending, and its delay says nothing."""
    if not batch.counts(order_num):
        return
    minute = batch.now // MINUTE_MS * MINUTE_MS
    batch.add(PAID_COUNT, minute, 1)
    batch.add(PAID_FEN, minute, fen)


def count_failed(batch: Batch, order_num: str | None, at: int) -> None:
    """One payment that failed, or that was refused for the first time."""
    if batch.counts(order_num):
        batch.add(FAILED_COUNT, at // MINUTE_MS * MINUTE_MS, 1)


def count_prepay(batch: Batch, order_num: str, *, taken: bool) -> None:
    """One prepay that WeChat answered."""
    if batch.counts(order_num):
        name = PREPAY_COUNT if taken else REFUSED_COUNT
        batch.add(name, batch.now // MINUTE_MS * MINUTE_MS, 1)


def count_pending(batch: Batch, order_num: str, step: int) -> None:
    if batch.counts(order_num):
        batch.add(PENDING, 0, step)
        batch.add(PENDING_STEPS, batch.now // MINUTE_MS * MINUTE_MS, step)


def count_by_mode(batch: Batch, asks: Sequence[None]) -> list[None]:
    """At the start of a process: where the mode is another than at the last start, the simulator's
    orders that are still pending come into the figure, or leave it."""
    known = Counter.get_or_none(Counter.name == MODE, Counter.at == 0)
    mode = _LEFT_OUT if batch.uncounted else _COUNTED
    if known and known.value != mode:
        orders = Order.select().where(
            begins(Order.order_num, SIMULATED), Order.status.in_([each.value for each in PAYABLE])
        )
        step = orders.count() if mode == _COUNTED else -orders.count()
        batch.add(PENDING, 0, step)
        batch.add(PENDING_STEPS, batch.now // MINUTE_MS * MINUTE_MS, step)
    if known is None or known.value != mode:
        batch.add(MODE, 0, mode - (known.value if known else 0))
    return [None] * len(asks)


def p95(sums: dict[str, int]) -> int | None:
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
