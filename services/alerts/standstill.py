"""What waits in the tables, how long it may, and the case of what waits longer: whatever the cause
is, a job that has ended or a process that hangs, nothing stands still unseen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from models import (
    AlertMessage,
    Order,
    OrderCheck,
    OutsideLook,
    PrepayAttempt,
    Receipt,
    RefundCheck,
)
from models.alert import MessageState
from models.money_totals import undecided
from models.order import AttemptState
from payments.alert_kinds import Severity
from payments.causes import Cause, CauseValues
from payments.states import PAYABLE
from services.alerts.detectors import Observation
from services.runtime.clock import DAY_MS, MINUTE_MS

SOON_MS = 5 * MINUTE_MS
"""For what a job does by itself: the busiest hour, and a process that takes over, included."""


@dataclass(frozen=True)
class Wait:
    """One kind of row that waits: `waiting` are all of them, and `since` is the column of the time
    (ms) from which on they do."""

    name: str
    subject: str
    cause: Cause
    longest_ms: int
    waiting: Callable[[], Any]
    since: Any
    at_least: Severity = Severity.HIGH

    def look(self, now: int) -> Observation:
        """A read for the store."""
        late = self.waiting().where(self.since < now - self.longest_ms)
        about = self.name, self.subject, self.cause
        count = late.count()
        if not count:
            return Observation(*about, 0)
        oldest = late.order_by(self.since).scalar()
        values: CauseValues = {"count": count, "minutes": (now - oldest) // MINUTE_MS}
        return Observation(*about, 1, f"{count}", values, self.at_least)


def _unwatched() -> Any:
    """Prepays without WeChat's word on orders that nobody will ask about."""
    attempt = PrepayAttempt
    return (
        attempt.select(attempt.created_at)
        .join(Order, on=(Order.order_num == attempt.order_num))
        .where(
            attempt.state.in_((AttemptState.CALLING, AttemptState.UNKNOWN)),
            attempt.order_num.not_in(OrderCheck.select(OrderCheck.order_num)),
            Order.status.in_(PAYABLE),
        )
    )


def _unsent() -> Any:
    open_states = (MessageState.NEW, MessageState.WAITING)
    return AlertMessage.select(AlertMessage.due_at).where(AlertMessage.state.in_(open_states))


def _undecided() -> Any:
    return Receipt.select(Receipt.received_at).where(undecided())


WAITS = (
    Wait(
        "wait_orders",
        "orders not asked about",
        Cause.ORDERS_NOT_ASKED,
        SOON_MS,
        lambda: OrderCheck.select(OrderCheck.due_at),
        OrderCheck.due_at,
    ),
    Wait(
        "wait_refunds",
        "refunds not asked about",
        Cause.REFUNDS_NOT_ASKED,
        SOON_MS,
        lambda: RefundCheck.select(RefundCheck.due_at),
        RefundCheck.due_at,
    ),
    Wait(
        "wait_outside",
        "outside refunds not asked about",
        Cause.REFUNDS_NOT_ASKED,
        SOON_MS,
        lambda: OutsideLook.select(OutsideLook.due_at),
        OutsideLook.due_at,
    ),
    Wait(
        "wait_attempts",
        "prepays unwatched",
        Cause.PREPAYS_UNWATCHED,
        SOON_MS,
        _unwatched,
        PrepayAttempt.created_at,
    ),
    Wait(
        "wait_messages",
        "messages not sent",
        Cause.MESSAGES_NOT_SENT,
        SOON_MS,
        _unsent,
        AlertMessage.due_at,
    ),
    Wait(
        "wait_receipts",
        "unmatched payments not decided",
        Cause.RECEIPTS_NOT_DECIDED,
        DAY_MS,
        _undecided,
        Receipt.received_at,
        Severity.MEDIUM,
    ),
)
"""What a job does by itself may take minutes, what a person decides a day. Refunds that wait for an
admin have a case each, which services/refunds/approvals.py tells again each day."""


def read_waits(now: int) -> list[Observation]:
    """A read for the store: how long everything waits."""
    return [wait.look(now) for wait in WAITS]
