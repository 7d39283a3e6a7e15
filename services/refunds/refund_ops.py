"""The ops of people on a refund: request, approve, reject. Each is one transaction that locks the
order first; a second decision finds the first one made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from models import Order
from models.base import rows
from models.transaction import Batch
from payments.errors import NotRefundable, OrderNotFound, PaymentError, RefundExists
from payments.refund import GIVEN_UP, RefundStatus
from payments.states import SETTLED
from services.orders.create_order import new_order_num
from services.refunds.independence import accounts_of, is_key, lock_people, was_there
from services.refunds.refund_limits import (
    RefundLimits,
    is_too_much_alone,
    lock_keys,
    over_key_limit,
)
from services.runtime.audit_log import Deed, record
from services.runtime.clock import DAY_MS
from services.settlement.refund_news import tell_refund
from services.settlement.refund_store import (
    LockedRefunds,
    RefundView,
    plan_check,
    public,
)
from services.settlement.settlement import follow_refunds
from services.settlement.snapshots import OrderSnapshot

LATEST_MS = 365 * DAY_MS
MOST = 50
"""WeChat's rules: a year after the payment, and fifty refunds of one order."""
FIRST_LOOK_MS = 15_000
"""The call that follows an approval has this long before anybody asks about the refund."""

_NEVER_TAKEN = frozenset({RefundStatus.REJECTED, *GIVEN_UP})


class RefundNotFound(PaymentError):
    code = "not_found"
    message = "There is no such refund."


class RefundConflict(PaymentError):
    """It is in another state by now; `detail["refund"]` is the refund as it is now."""

    code = "conflict"
    message = "This refund has changed meanwhile: somebody else or WeChat has decided on it."


class RefundHeld(PaymentError):
    """`detail["refund"]` is the refund as it is now."""

    code = "refund_held"
    message = "WeChat has this refund, so it cannot be ended here."


class SecondAdminNeeded(PaymentError):
    code = "second_admin"
    message = (
        "An amount this large needs another person than who asked for it or approved it first: one "
        "with an account from before, which they have not made or changed in the last seven days."
    )


@dataclass(frozen=True)
class RefundRequest:
    """A request for a refund; without a number one is made. `at_once`: the person who asks may
    approve it, below the limits."""

    order_num: str
    amount_fen: int
    reason: str
    by: str
    refund_num: str | None
    at_once: bool
    limits: RefundLimits
    key_day_fen: int | None = None
    """The most that the API key which asks may refund on one day."""


@dataclass(frozen=True)
class RequestedRefund:
    refund: RefundView
    is_new: bool


@dataclass(frozen=True)
class RefundChoice:
    """An admin approves or rejects; from the limits on not what they asked for themselves."""

    refund_num: str
    approves: bool
    by: str
    note: str | None
    limits: RefundLimits


def new_refund_num(now_ms: int) -> str:
    """A new number: an R and the form of an order's number."""
    return "R" + new_order_num(now_ms)


def request_refunds(
    batch: Batch, asks: Sequence[RefundRequest]
) -> list[RequestedRefund | Exception]:
    named = [ask.refund_num for ask in asks if ask.refund_num]
    _lock(ask.by for ask in asks)
    book = LockedRefunds(batch, [ask.order_num for ask in asks], named)
    results = [_request(batch, book, ask) for ask in asks]
    follow_refunds(batch, book)
    return results


def _request(batch: Batch, book: LockedRefunds, ask: RefundRequest) -> RequestedRefund | Exception:
    if earlier := book.refunds.get(ask.refund_num or ""):
        same = (earlier.order_num, earlier.amount_fen) == (ask.order_num, ask.amount_fen)
        return (
            RequestedRefund(earlier, False) if same and not earlier.receipt_id else RefundExists()
        )
    snapshot = book.snapshots.get(ask.order_num)
    if snapshot is None:
        return OrderNotFound()
    if refusal := _not_refundable(batch, book, snapshot, ask.amount_fen):
        return refusal
    if over := over_key_limit(batch, ask.by, ask.amount_fen, ask.key_day_fen):
        return over
    facts = snapshot.facts
    view = book.add(
        refund_num=ask.refund_num or new_refund_num(batch.now),
        order_num=ask.order_num,
        app_id=facts.app_id,
        mch_id=facts.mch_id,
        transaction_id=facts.transaction_id,
        total_fen=facts.total_fen,
        amount_fen=ask.amount_fen,
        reason=ask.reason,
        status=RefundStatus.REQUESTED,
        requested_by=ask.by,
    )
    tell_refund(batch, book, view, ask.by)
    _log(batch, view, "requested", ask.by)
    if ask.at_once and not is_too_much_alone(book, view, _accounts(batch, ask), ask.limits):
        view = approve(batch, book, view, ask.by)
    return RequestedRefund(view, True)


def _lock(askers: Iterable[str]) -> None:
    """Sums of an asker are added up by one process at a time; their rows before the orders'."""
    names = list(askers)
    lock_keys(names)
    lock_people(names)


def _accounts(batch: Batch, ask: RefundRequest) -> Collection[str]:
    """Who may stand behind a request. An API key with a bound of its own has no other a day."""
    if is_key(ask.by):
        return {ask.by} if ask.key_day_fen is None else ()
    return accounts_of(ask.by, batch.now)


def _not_refundable(
    batch: Batch, book: LockedRefunds, snapshot: OrderSnapshot, amount_fen: int
) -> NotRefundable | None:
    facts = snapshot.facts
    if facts.status not in SETTLED:
        return NotRefundable("Only an order that was paid can be refunded.", refundableFen=0)
    refunds = book.of_order(facts.order_num)
    left = facts.total_fen - sum(v.amount_fen for v in refunds if v.reserves)
    if amount_fen > left:
        return NotRefundable(refundableFen=left)
    if sum(view.status not in _NEVER_TAKEN for view in refunds) >= MOST:
        words = f"WeChat takes at most {MOST} refunds of one order."
        return NotRefundable(words, refundableFen=left)
    paid_at = rows(Order.select(Order.paid_at).where(Order.order_num == facts.order_num))[0][0]
    if batch.now - paid_at > LATEST_MS:
        words = "WeChat refunds up to a year after the payment; this one is older."
        return NotRefundable(words, refundableFen=left)
    return None


def _outgrown(book: LockedRefunds, view: RefundView) -> NotRefundable | None:
    """A refund that we took for over may have succeeded since this one was asked for."""
    snapshot = book.snapshots[view.order_num]
    others = (v for v in book.of_order(view.order_num) if v.refund_num != view.refund_num)
    reserved = sum(other.amount_fen for other in others if other.reserves)
    left = max(snapshot.facts.total_fen - reserved, 0)
    return NotRefundable(refundableFen=left) if view.amount_fen > left else None


def approve(
    batch: Batch, book: LockedRefunds, view: RefundView, by: str, note: str | None = None
) -> RefundView:
    """REQUESTED → APPROVED; from now on WeChat is asked until it says what became of it."""
    view = book.move(view, RefundStatus.APPROVED, decided_by=by)
    plan_check(batch, view.refund_num, batch.now + FIRST_LOOK_MS)
    tell_refund(batch, book, view, by, note=note)
    _log(batch, view, "approved", by)
    return view


def _log(batch: Batch, view: RefundView, verb: str, by: str) -> None:
    detail = {"refundNum": view.refund_num, "amountFen": view.amount_fen}
    record(batch, Deed(by, f"refund.{verb}", view.order_num, detail))


def decide_refunds(batch: Batch, choices: Sequence[RefundChoice]) -> list[RefundView | Exception]:
    _lock(choice.by for choice in choices)
    book = LockedRefunds(batch, refund_nums=[choice.refund_num for choice in choices])
    results = [_decide(batch, book, choice) for choice in choices]
    follow_refunds(batch, book)
    return results


def _decide(batch: Batch, book: LockedRefunds, choice: RefundChoice) -> RefundView | Exception:
    view = book.refunds.get(choice.refund_num)
    if view is None:
        return RefundNotFound()
    if view.status is not RefundStatus.REQUESTED:
        return RefundConflict(refund=public(view))
    if not choice.approves:
        why = (choice.note or "")[:255] or None
        view = book.move(view, RefundStatus.REJECTED, decided_by=choice.by, failure=why)
        tell_refund(batch, book, view, choice.by)
        _log(batch, view, "rejected", choice.by)
        return view
    if refusal := _outgrown(book, view) or _not_second(batch, book, view, choice):
        return refusal
    if is_key(view.requested_by) and view.first_by is None:
        view = book.move(view, RefundStatus.REQUESTED, first_by=choice.by)
        _log(batch, view, "approved_first", choice.by)
        return view
    return approve(batch, book, view, choice.by, choice.note)


def _not_second(
    batch: Batch, book: LockedRefunds, view: RefundView, choice: RefundChoice
) -> SecondAdminNeeded | None:
    """A request of the merchant's server that waits needs two admins; one of a person needs another
    person, from the limits on. An account that is younger than the request is nobody's."""
    accounts = accounts_of(choice.by, batch.now)
    was_known = was_there(choice.by, view.created_at)
    if is_key(view.requested_by):
        return None if was_known and view.first_by not in accounts else SecondAdminNeeded()
    if was_known and view.requested_by not in accounts:
        return None
    both = {*accounts, view.requested_by}
    return SecondAdminNeeded() if is_too_much_alone(book, view, both, choice.limits) else None
