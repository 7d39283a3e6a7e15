"""When WeChat is asked about an open order or an unfinished refund next. The tables are the truth:
a restart forgets nothing."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from models import Order, OrderCheck, PrepayAttempt, Refund, RefundCheck
from models.base import IF_ANY, rows
from models.order import AttemptState
from models.transaction import Batch
from payments.refund import ASKED_ABOUT, RefundStatus
from payments.states import PAYABLE
from services.runtime.clock import DAY_MS, HOUR_MS, MINUTE_MS

FIRST_LOOK_MS, SPREAD_MS = 20_000, 10_000
"""An order is asked about 20 to 30 s after a prepay: most notifies have come by then, and orders
that were made together are not asked about together."""
SHORTEST_MS, LONGEST_MS = MINUTE_MS // 2, 9 * MINUTE_MS // 2
AGE_SHARE = 8
"""The gap between two looks is this share of the time since the prepay, within the two bounds
above: a payment in the first ten minutes is found within 90 s, any other within five minutes."""
CHECK_GRACE_MS = 30_000
"""After its expiry an order is left alone this long: a prepay that began in its last second has
had its answer by then."""
FIRST_WAIT_MS = MINUTE_MS // 2
"""After a look that failed; it doubles while looks fail."""
FIRST_REFUND_MS = 15_000
"""The first look at a refund; the gap doubles up to an hour, and up to a day where WeChat has no
such refund."""
ABNORMAL_LOOKS = 3 * 24
"""A refund that waits for an act of the merchant's is asked about hourly for three days."""
REFUND_LOOKS = 8 + 30 * 24
"""Any other for a month. Both daily from then on, until they are over."""


@dataclass(frozen=True)
class DueCheck:
    """A look that is due: `number` is that of an order or a refund. `due_at` is None when the
    table has no row for it; `tries` are the looks in a row that came to nothing."""

    number: str
    tries: int
    due_at: int | None


@dataclass(frozen=True)
class Delay:
    """The next look, unless somebody has set another one meanwhile. `unpaid_at` (ms): WeChat said
    then that it holds no payment."""

    check: DueCheck
    due_at: int
    tries: int
    unpaid_at: int | None = None

    @property
    def order_num(self) -> str:
        """The number by which the store sorts its items."""
        return self.check.number


def gap_ms(age_ms: int) -> int:
    """Until the next look at an order whose prepay is so old, a little less than it may be: not
    all orders of one rush stay together."""
    return _spread(min(max(age_ms // AGE_SHARE, SHORTEST_MS), LONGEST_MS))


def wait_ms(tries: int, expired: bool) -> int:
    """Until an order is looked at again after `tries` looks and one more failed."""
    longest = HOUR_MS if expired else LONGEST_MS
    return _spread(min(FIRST_WAIT_MS << min(tries, 16), longest))


def refund_gap_ms(tries: int, status: RefundStatus, *, denied: bool = False) -> int:
    """Until a refund is asked about again after `tries` looks that moved nothing; `denied`: WeChat
    has no such refund."""
    if status is RefundStatus.ABNORMAL:
        return HOUR_MS if tries < ABNORMAL_LOOKS else DAY_MS
    longest = DAY_MS if denied or tries >= REFUND_LOOKS else HOUR_MS
    return _spread(min(FIRST_REFUND_MS << min(tries, 16), longest))


def _spread(ms: int) -> int:
    return ms - random.randrange(ms // 10)  # noqa: S311 - jitter


# --- reads ---------------------------------------------------------------------------------------


def due_orders(now: int, limit: int, without: Sequence[str]) -> list[DueCheck]:
    """The orders that are due, the longest due first; not those of the merchants `without`."""
    query = OrderCheck.select(OrderCheck.order_num, OrderCheck.tries, OrderCheck.due_at)
    if without:
        query = query.join(Order, on=(Order.order_num == OrderCheck.order_num))
        query = query.where(Order.mch_id.not_in(without))
    return _checks(query.where(OrderCheck.due_at <= now).order_by(OrderCheck.due_at).limit(limit))


def probe_orders(now: int, mch_id: str, after: str) -> list[DueCheck]:
    """One order of an account that is due: of the app behind `after`, so that no app of the account
    waits behind another's orders; the longest due one of that app."""
    query = OrderCheck.select(OrderCheck.order_num, OrderCheck.tries, OrderCheck.due_at)
    query = query.join(Order, on=(Order.order_num == OrderCheck.order_num))
    query = query.where(OrderCheck.due_at <= now, Order.mch_id == mch_id)
    query = query.order_by(Order.app_id, OrderCheck.due_at).limit(1)
    return _checks(query.where(Order.app_id > after)) or _checks(query)


def due_refunds(now: int, limit: int, without: Sequence[str]) -> list[DueCheck]:
    """As `due_orders`."""
    query = RefundCheck.select(RefundCheck.refund_num, RefundCheck.tries, RefundCheck.due_at)
    if without:
        query = query.join(Refund, on=(Refund.refund_num == RefundCheck.refund_num))
        query = query.where(Refund.mch_id.not_in(without))
    return _checks(query.where(RefundCheck.due_at <= now).order_by(RefundCheck.due_at).limit(limit))


def probe_refunds(now: int, mch_id: str, after: str) -> list[DueCheck]:
    """As `probe_orders`."""
    query = RefundCheck.select(RefundCheck.refund_num, RefundCheck.tries, RefundCheck.due_at)
    query = query.join(Refund, on=(Refund.refund_num == RefundCheck.refund_num))
    query = query.where(RefundCheck.due_at <= now, Refund.mch_id == mch_id)
    query = query.order_by(Refund.app_id, RefundCheck.due_at).limit(1)
    return _checks(query.where(Refund.app_id > after)) or _checks(query)


Place = tuple[int, int]
"""Of an order among all: its time and id."""


def open_orders(after: Place, until: int, limit: int) -> list[tuple[Place, DueCheck]]:
    """Orders behind `after` and with an id up to `until` that may still be paid and that WeChat
    may know, whenever they are due; with their places, the oldest first."""
    known = (PrepayAttempt.order_num == Order.order_num) & (
        PrepayAttempt.state != AttemptState.REFUSED
    )
    created_at, order_id = after
    later = (Order.created_at > created_at) | (Order.id > order_id)
    query = (
        Order.select(
            Order.created_at, Order.id, Order.order_num, OrderCheck.tries, OrderCheck.due_at
        )
        .join(PrepayAttempt, on=known)
        .join_from(Order, OrderCheck, IF_ANY, on=(OrderCheck.order_num == Order.order_num))
        .where(Order.status.in_(sorted(PAYABLE)), Order.created_at >= created_at, later)
        .where(Order.id <= until)
        .order_by(Order.created_at, Order.id)
        .limit(limit)
    )
    return [((at, id_), DueCheck(num, tries or 0, due)) for at, id_, num, tries, due in rows(query)]


def newest_order() -> int:
    """Its id; 0 without any."""
    newest = Order.select(Order.id).order_by(Order.id.desc()).tuples().first()
    return newest[0] if newest else 0


def unfinished_refunds(after: int, limit: int) -> list[tuple[int, DueCheck]]:
    """Those with an id above `after` that WeChat may have news of; with their ids."""
    query = (
        Refund.select(Refund.id, Refund.refund_num, RefundCheck.tries, RefundCheck.due_at)
        .join(RefundCheck, IF_ANY, on=(RefundCheck.refund_num == Refund.refund_num))
        .where(Refund.status.in_(sorted(ASKED_ABOUT)), Refund.id > after)
        .order_by(Refund.id)
        .limit(limit)
    )
    return [(id_, DueCheck(num, tries or 0, due)) for id_, num, tries, due in rows(query)]


def known_since(order_num: str) -> int | None:
    """Since when WeChat may know this order and can have been paid by the latest prepay; None
    when it was never sent, or was refused as never made."""
    row = (
        PrepayAttempt.select(PrepayAttempt.created_at, PrepayAttempt.answered_at)
        .where(PrepayAttempt.order_num == order_num, PrepayAttempt.state != AttemptState.REFUSED)
        .tuples()
        .first()
    )
    return max(row[0], row[1] or 0) if row else None


def _checks(query: Any) -> list[DueCheck]:
    return [DueCheck(*row) for row in rows(query)]


# --- ops; each follows the lock of the orders, where there is one --------------------------------


def hasten(batch: Batch, order_nums: Iterable[str]) -> None:
    """Make the next query of these orders due soon, because a buyer is about to pay. Written with
    the prepay's attempt and before the call, so that neither a lost answer nor a crash can leave
    one out."""
    for order_num in sorted(set(order_nums)):
        soon = batch.now + FIRST_LOOK_MS + random.randrange(SPREAD_MS)  # noqa: S311 - jitter
        # One that is due now may be under way, and would not see the payment that is to come.
        far = (OrderCheck.due_at > soon) | (OrderCheck.due_at <= batch.now)
        OrderCheck.update(due_at=soon).where(OrderCheck.order_num == order_num, far).execute()


def plan_order_check(batch: Batch, order_num: str) -> None:
    """Look at this order now, also when it was not looked at any more."""
    row = {"order_num": order_num, "due_at": batch.now, "tries": 0}
    batch.sql.insert(OrderCheck, [row], ignore=True)
    OrderCheck.update(due_at=batch.now, tries=0).where(OrderCheck.order_num == order_num).execute()


def end_order_checks(batch: Batch, order_nums: Sequence[str]) -> list[None]:
    OrderCheck.delete().where(OrderCheck.order_num.in_(sorted(order_nums))).execute()
    return [None] * len(order_nums)


def delay_order_checks(batch: Batch, delays: Sequence[Delay]) -> list[None]:
    for delay in delays:
        told = {} if delay.unpaid_at is None else {"unpaid_at": delay.unpaid_at}
        OrderCheck.update(due_at=delay.due_at, tries=delay.tries, **told).where(
            OrderCheck.order_num == delay.check.number, OrderCheck.due_at == delay.check.due_at
        ).execute()
    return [None] * len(delays)


def told_unpaid(batch: Batch, order_nums: Sequence[str]) -> list[None]:
    """WeChat has said now that it holds no payment for these orders."""
    of = OrderCheck.order_num.in_(sorted(order_nums))
    OrderCheck.update(unpaid_at=batch.now).where(of).execute()
    return [None] * len(order_nums)


def end_refund_checks(batch: Batch, refund_nums: Sequence[str]) -> list[None]:
    """But for those of which WeChat has claimed something meanwhile: they are asked about again."""
    finished = RefundCheck.refund_num.in_(sorted(refund_nums)), RefundCheck.claimed.is_null()
    RefundCheck.delete().where(*finished).execute()
    return [None] * len(refund_nums)


def delay_refund_checks(batch: Batch, delays: Sequence[Delay]) -> list[None]:
    for delay in delays:
        RefundCheck.update(due_at=delay.due_at, tries=delay.tries).where(
            RefundCheck.refund_num == delay.check.number, RefundCheck.due_at == delay.check.due_at
        ).execute()
    return [None] * len(delays)
