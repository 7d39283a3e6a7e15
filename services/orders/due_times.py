"""Due times that nobody can have set, because a clock that was ahead wrote them."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from models import OrderCheck, OutsideLook, PrepayAttempt, RefundCheck
from models.order import AttemptState
from models.store import Store
from models.transaction import Batch
from services.runtime.clock import DAY_MS, HOUR_MS, MINUTE_MS

log = logging.getLogger(__name__)

APART_MS = 10 * MINUTE_MS
"""The clocks of two machines may differ by so much."""
FARTHEST_MS = HOUR_MS + APART_MS
"""The longest wait that query_schedule.py sets for an order that WeChat may know is an hour, and so
it is for a refund in its first FEW_LOOKS."""
SELDOM_MS, FEW_LOOKS = DAY_MS + APART_MS, 9
"""A refund that WeChat does not have, or has not finished in a month, is asked about once a day."""


class DueTimes:
    """`step` is run every minute, in one process at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def step(self) -> None:
        """Make due now what is due later than anybody can have meant. Raises Busy."""
        if moved := await self._store.write(bring_back, None):
            log.warning("%d due times were too far ahead; WeChat is asked now.", moved)


def bring_back(batch: Batch, asks: Sequence[None]) -> list[int]:
    """An order that WeChat does not know waits for its expiry, which may be days ahead, and keeps
    its time."""
    far = batch.now + FARTHEST_MS
    sent = PrepayAttempt.select(PrepayAttempt.order_num).where(
        PrepayAttempt.state != AttemptState.REFUSED
    )
    moved: int = (
        OrderCheck.update(due_at=batch.now)
        .where(OrderCheck.due_at > far, OrderCheck.order_num.in_(sent))
        .execute()
    )
    few = (RefundCheck.tries <= FEW_LOOKS) & (RefundCheck.due_at > far)
    farther = few | (RefundCheck.due_at > batch.now + SELDOM_MS)
    moved += RefundCheck.update(due_at=batch.now).where(farther).execute()
    moved += OutsideLook.update(due_at=batch.now).where(OutsideLook.due_at > far).execute()
    return [moved] * len(asks)
