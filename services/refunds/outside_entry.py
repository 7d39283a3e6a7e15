"""An outside refund that a person enters: it was made on WeChat's merchant platform, and WeChat
does not list it. Nothing is sent; the record says what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models import Receipt
from models.money_totals import refundable
from models.notify import UNDECIDED, ReceiptState
from models.transaction import Batch
from payments.errors import NotRefundable, OrderNotFound, RefundExists
from payments.masking import mask_text
from payments.refund import RefundOrigin, RefundStatus
from payments.states import SETTLED
from services.refunds.refund_ops import new_refund_num
from services.runtime.audit_log import Deed, record
from services.runtime.clock import MINUTE_MS
from services.settlement.outside_refund_ops import TAKEN, add_outside, match_again
from services.settlement.paid_money import PaidMoney, left_of
from services.settlement.refund_news import tell_refund
from services.settlement.refund_store import LockedRefunds, RefundView
from services.settlement.settlement import follow_refunds
from services.settlement.snapshots import OrderSnapshot

SAME_MS = MINUTE_MS
"""The same entry of the same person within so long is one entry: a double click."""


@dataclass(frozen=True)
class OutsideEntry:
    """`refund_id` is WeChat's number, where the person has it."""

    order_num: str
    amount_fen: int
    refund_id: str | None
    reason: str
    by: str


def enter_outside_refunds(
    batch: Batch, entries: Sequence[OutsideEntry]
) -> list[RefundView | Exception]:
    """Returns the recorded refund, also when it was recorded before; or OrderNotFound,
    NotRefundable (more than is left of what was paid), RefundExists (this number of WeChat's is
    recorded with another amount)."""
    numbers = [entry.order_num for entry in entries]
    receipts = {number: _receipts(number) for number in numbers}
    ids = [receipt.id for found in receipts.values() for receipt in found]
    book = LockedRefunds(batch, numbers, receipt_ids=ids)
    results = [_enter(batch, book, entry) for entry in entries]
    follow_refunds(batch, book)
    return results


def _enter(batch: Batch, book: LockedRefunds, entry: OutsideEntry) -> RefundView | Exception:
    if earlier := _earlier(batch, book, entry):
        return earlier if earlier.amount_fen == entry.amount_fen else RefundExists()
    snapshot = book.snapshots.get(entry.order_num)
    receipts = _receipts(entry.order_num)  # again: now their order is locked
    if snapshot is None and not receipts:
        return OrderNotFound()
    left, money = _holder(book, snapshot, receipts, entry.amount_fen)
    if money is None:
        return NotRefundable(refundableFen=left)
    return enter_refund(
        batch, book, money, entry.amount_fen, entry.reason, entry.by, entry.refund_id
    )


def _earlier(batch: Batch, book: LockedRefunds, entry: OutsideEntry) -> RefundView | None:
    """The refund that this entry is about, when it is recorded already."""
    known = [view for view in book.refunds.values() if view.order_num == entry.order_num]
    if entry.refund_id:
        return next((view for view in known if view.refund_id == entry.refund_id), None)
    same = (entry.amount_fen, entry.reason, entry.by)
    return next(
        (
            view
            for view in known
            if view.origin is RefundOrigin.WECHAT
            and (view.amount_fen, view.reason, view.requested_by) == same
            and batch.now - view.created_at < SAME_MS
        ),
        None,
    )


def _holder(
    book: LockedRefunds,
    snapshot: OrderSnapshot | None,
    receipts: Sequence[Receipt],
    amount_fen: int,
) -> tuple[int, PaidMoney | None]:
    """The payment that the money was of: that of the order, or an unmatched one under its number;
    with the most that is left of one."""
    held = [(left_of(receipt), money_of(receipt)) for receipt in receipts]
    if snapshot and snapshot.facts.status in SETTLED:
        held.insert(0, _of_order(book, snapshot))
    most = max((left for left, _ in held), default=0)
    return most, next((money for left, money in held if amount_fen <= left), None)


def _of_order(book: LockedRefunds, snapshot: OrderSnapshot) -> tuple[int, PaidMoney]:
    facts = snapshot.facts
    taken = [view for view in book.of_order(facts.order_num) if view.status in TAKEN]
    left = facts.total_fen - sum(view.amount_fen for view in taken)
    tx = facts.transaction_id or ""
    money = PaidMoney(tx, facts.order_num, None, facts.app_id, facts.mch_id, facts.total_fen)
    return left, money


def money_of(receipt: Receipt) -> PaidMoney:
    """The payment behind a receipt."""
    return PaidMoney(
        receipt.transaction_id,
        receipt.order_num,
        receipt.id,
        receipt.app_id,
        receipt.mch_id,
        receipt.amount_fen,
    )


def _receipts(order_num: str) -> list[Receipt]:
    """The unmatched payments under an order number whose money is not gone yet."""
    states = (*UNDECIDED, ReceiptState.ACCEPTED)
    query = Receipt.select().where(
        Receipt.order_num == order_num, Receipt.state.in_(states), refundable()
    )
    return list(query.order_by(Receipt.id))


def enter_refund(
    batch: Batch,
    book: LockedRefunds,
    money: PaidMoney,
    amount_fen: int,
    reason: str,
    by: str,
    refund_id: str | None = None,
) -> RefundView:
    """Record that this went back of a payment, as this person says. When WeChat took it nobody
    knows: it is expected in the bill of today, and those that missed it are looked at again."""
    view = add_outside(
        batch,
        book,
        money,
        refund_num="OUT" + new_refund_num(batch.now),
        amount_fen=amount_fen,
        reason=reason,
        status=RefundStatus.SUCCESS,
        refund_id=refund_id,
        requested_by=by,
        decided_by=by,
        accepted_at=batch.now,
        succeeded_at=batch.now,
    )
    match_again(batch, money.order_num, money.mch_id)
    tell_refund(batch, book, view, by)
    detail = {
        "refundNum": view.refund_num,
        "amountFen": amount_fen,
        "refundId": refund_id,
        "reason": mask_text(reason),
    }
    record(batch, Deed(by, "refund.entered", money.order_num, detail))
    return view
