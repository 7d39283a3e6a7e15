"""An admin's decision on a receipt, in one transaction: the order locked first, then the receipt.

A version that was seen decides who came first; a large amount needs two admins.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from models import Order, Receipt
from models.base import locked, rows
from models.money_totals import counts, returning_of, settled_among
from models.notify import ReceiptState
from models.transaction import Batch, NewEvent
from payments.errors import PaymentError
from payments.merchant import Merchant, Merchants
from payments.money import is_amount
from payments.payment_rules import ReceiptReason
from payments.refund import RefundStatus
from payments.states import OrderStatus
from services.alerts.money_thread import follow_money
from services.orders.query_schedule import plan_order_check
from services.refunds.independence import accounts_of, lock_people, was_there
from services.refunds.outside_entry import enter_refund, money_of
from services.refunds.refund_limits import RefundLimits, is_too_much_a_day
from services.refunds.refund_ops import SecondAdminNeeded, approve, new_refund_num
from services.runtime.audit_log import Deed as Logged
from services.runtime.audit_log import record
from services.settlement.announcements import amount_told
from services.settlement.paid_money import left_of
from services.settlement.refund_news import tell_refund
from services.settlement.refund_store import LockedRefunds
from services.settlement.settlement import Reopening, reopen_order
from services.settlement.snapshots import OrderSnapshot

REFUND, ACCEPT, REOPEN, DECLINE = "refund", "accept", "reopen", "decline"
RETURNED = "returned"
"""It went back already, by a refund on WeChat's merchant platform."""
ACTIONS = (REFUND, ACCEPT, REOPEN, RETURNED, DECLINE)
_TOLD = {
    ReceiptReason.LATE: "订单已关闭,退回付款",
    ReceiptReason.PAID_TWICE: "重复付款,退回",
    ReceiptReason.WRONG_AMOUNT: "付款金额不符,退回",
    ReceiptReason.UNKNOWN_ORDER: "订单不存在,退回付款",
    ReceiptReason.REUSED_ID: "退回付款",
    ReceiptReason.OLDER_THAN_ORDER: "退回付款",
    ReceiptReason.FOREIGN_CURRENCY: "退回付款",
    ReceiptReason.PARTNER: "退回付款",
}
"""The reason that the buyer sees; the note is for the staff."""
_AFTER = {
    REFUND: ReceiptState.REFUNDING,
    ACCEPT: ReceiptState.ACCEPTED,
    REOPEN: ReceiptState.BOOKED,
}
_NOBODY: dict[str, Any] = dict.fromkeys(("action", "proposed_by", "proposed_at"))


class ReceiptNotFound(PaymentError):
    code = "not_found"
    message = "There is no such unmatched payment."


class ReceiptConflict(PaymentError):
    code = "conflict"
    message = "Somebody else has decided on this unmatched payment; load it again."


class NotDecidable(PaymentError):
    code = "not_decidable"
    message = "This decision is not possible for this unmatched payment."


@dataclass(frozen=True)
class ReceiptFacts:
    """The facts that decide which actions a receipt allows. `counts`: its money is booked nowhere
    else, and the buyer did not get it another way; `returning_fen` is what WeChat is giving back
    now."""

    counts: bool
    returning_fen: int = 0
    order_status: str | None = None
    order_fen: int | None = None
    account: tuple[str, str] | None = None


@dataclass(frozen=True)
class ReceiptDecision:
    """The decision of an admin; `version` is that of the receipt that they saw."""

    receipt_id: int
    action: str
    version: int
    note: str
    by: str
    limits: RefundLimits
    merchants: Merchants


def read_facts(receipts: Iterable[Receipt]) -> dict[int, ReceiptFacts]:
    """The facts of each receipt, by its id."""
    found = list(receipts)
    ids = [receipt.id for receipt in found]
    counting = {
        id_ for (id_,) in rows(Receipt.select(Receipt.id).where(Receipt.id.in_(ids), counts()))
    }
    chosen = (Order.order_num, Order.status, Order.total_fen, Order.app_id, Order.mch_id)
    named = [receipt.order_num for receipt in found]
    orders = {
        row[0]: row[1:] for row in rows(Order.select(*chosen).where(Order.order_num << named))
    }
    counting -= settled_among(ids)
    returning = returning_of(ids)
    facts = {}
    for receipt in found:
        order = orders.get(receipt.order_num)
        known = (order[0], order[1], (order[2], order[3])) if order else ()
        facts[receipt.id] = ReceiptFacts(
            receipt.id in counting, returning.get(receipt.id, 0), *known
        )
    return facts


def possible(receipt: Receipt, facts: ReceiptFacts) -> tuple[str, ...]:
    """The actions that are possible now, the usual one first. Money that is booked on an order,
    counted on an earlier receipt, given to the buyer another way, or not ours to refund can only be
    accepted; of what all goes back already there is nothing to decide."""
    if receipt.state not in (ReceiptState.WAITING, ReceiptState.PROPOSED):
        return ()
    if not facts.counts or not _is_refundable(receipt):
        return (ACCEPT,)
    gone = receipt.refunded_fen + facts.returning_fen
    if gone >= receipt.amount_fen:
        return ()
    if receipt.reason == ReceiptReason.OLDER_THAN_ORDER:
        return (ACCEPT, REFUND, RETURNED)  # it pays an earlier sale, which is rarely to be undone
    own = facts.account == (receipt.app_id, receipt.mch_id)
    equal = facts.order_fen == receipt.amount_fen
    closed = facts.order_status == OrderStatus.CLOSED
    is_late = receipt.reason == ReceiptReason.LATE and not gone
    books = is_late and closed and own and equal
    return (REFUND, *((REOPEN,) if books else ()), RETURNED, ACCEPT)


def _is_refundable(receipt: Receipt) -> bool:
    """Our refunds are in yuan, up to a limit, and of our own payments: what else there is goes
    back on WeChat's merchant platform alone."""
    ours = receipt.currency == "CNY" and receipt.reason != ReceiptReason.PARTNER
    return ours and is_amount(receipt.amount_fen)


def proposal(receipt: Receipt, facts: ReceiptFacts) -> str | None:
    """The usual action; None when there is nothing to decide."""
    return next(iter(possible(receipt, facts)), None)


def decide_receipts(batch: Batch, deeds: Sequence[ReceiptDecision]) -> list[str | Exception | None]:
    """Returns the number of the refund that is to be sent, if one is."""
    lock_people(deed.by for deed in deeds)
    return [_decide(batch, deed) for deed in deeds]


def _decide(batch: Batch, deed: ReceiptDecision) -> str | Exception | None:
    seen = rows(Receipt.select(Receipt.order_num).where(Receipt.id == deed.receipt_id))
    if not seen:
        return ReceiptNotFound()
    book = LockedRefunds(batch, [seen[0][0]])
    receipt = locked(Receipt.select().where(Receipt.id == deed.receipt_id)).get()
    if _is_repeat(receipt, deed):
        return None
    if receipt.version != deed.version:
        return ReceiptConflict()
    if receipt.state == ReceiptState.PROPOSED:
        return _second(batch, book, receipt, deed)
    if refusal := _forbidden(receipt, deed):
        return refusal
    if _is_too_much(batch, receipt, deed):
        proposed = {"proposed_by": deed.by, "proposed_at": batch.now}
        _write(batch, receipt, deed, ReceiptState.PROPOSED, **proposed)
        return None
    return _carry_out(batch, book, receipt, deed)


def _is_repeat(receipt: Receipt, deed: ReceiptDecision) -> bool:
    """The same admin's same decision once more: a double click."""
    who = receipt.proposed_by if receipt.state == ReceiptState.PROPOSED else receipt.decided_by
    same = (receipt.version, receipt.action, who) == (deed.version + 1, deed.action, deed.by)
    return same and receipt.state != ReceiptState.WAITING


def _forbidden(receipt: Receipt, deed: ReceiptDecision) -> NotDecidable | None:
    if deed.action in possible(receipt, read_facts([receipt])[receipt.id]):
        return None
    return NotDecidable()


def _second(
    batch: Batch, book: LockedRefunds, receipt: Receipt, deed: ReceiptDecision
) -> str | Exception | None:
    """Another admin confirms what one has proposed; anybody may take it back."""
    if deed.action == DECLINE:
        _write(batch, receipt, deed, ReceiptState.WAITING, **_NOBODY)
        return None
    if deed.action != receipt.action:
        return NotDecidable(
            "Another decision is proposed for this unmatched payment; decline it first."
        )
    accounts = accounts_of(deed.by, batch.now)
    if receipt.proposed_by in accounts or not was_there(deed.by, receipt.proposed_at):
        return SecondAdminNeeded()
    return _forbidden(receipt, deed) or _carry_out(batch, book, receipt, deed)


def _is_too_much(batch: Batch, receipt: Receipt, deed: ReceiptDecision) -> bool:
    """Whether this decision needs a second admin; for a refund the sum of the day counts too."""
    if left_of(receipt) >= deed.limits.alone_fen:
        return True
    accounts = accounts_of(deed.by, batch.now)
    return deed.action == REFUND and is_too_much_a_day(
        batch.now, left_of(receipt), accounts, deed.limits
    )


def _carry_out(
    batch: Batch, book: LockedRefunds, receipt: Receipt, deed: ReceiptDecision
) -> str | Exception | None:
    done: dict[str, Any] = {"decided_by": deed.by, "decided_at": batch.now}
    if deed.action == REFUND:
        merchant = _account(book.snapshots.get(receipt.order_num), receipt, deed.merchants)
        if merchant is None:
            return NotDecidable(
                "This unmatched payment belongs to a merchant that is no longer configured."
            )
        done["refund_num"] = _give_back(batch, book, receipt, deed, merchant)
    if deed.action == RETURNED:
        _record_return(batch, book, receipt, deed)
        return None
    if deed.action == REOPEN:
        snapshot = book.snapshots[receipt.order_num]
        told = receipt.transaction_id, receipt.notice_id, deed.by, receipt.wechat_paid_at
        reopening = Reopening(*told)
        if not reopen_order(batch, snapshot, reopening):
            return NotDecidable()
    _write(batch, receipt, deed, _AFTER[deed.action], **done)
    if receipt.order_num in book.snapshots:
        plan_order_check(batch, receipt.order_num)  # it may close now, should it still be open
    return done.get("refund_num")


def _account(
    snapshot: OrderSnapshot | None, receipt: Receipt, merchants: Merchants
) -> Merchant | None:
    """The account of the money. Rows that were written before the account was kept belong to the
    account of their order, or to the only account."""
    if receipt.mch_id:
        found = merchants.find(receipt.app_id, receipt.mch_id)
        return found or merchants.of_account(receipt.mch_id)
    if snapshot:
        return merchants.find(snapshot.facts.app_id, snapshot.facts.mch_id)
    return merchants.default if len({m.mch_id for m in merchants}) == 1 else None


def _record_return(
    batch: Batch, book: LockedRefunds, receipt: Receipt, deed: ReceiptDecision
) -> None:
    """The rest of the receipt is an outside refund, which makes it REFUNDED; if WeChat is giving
    back a part too, the receipt waits until that has ended."""
    money = money_of(receipt)
    view = enter_refund(batch, book, money, left_of(receipt), deed.note[:255], deed.by)
    fresh = Receipt.get(Receipt.id == receipt.id)
    state = ReceiptState(fresh.state)
    done: dict[str, Any] = {
        "refund_num": view.refund_num,
        "decided_by": deed.by,
        "decided_at": batch.now,
    }
    if state is not ReceiptState.REFUNDED:
        state, done = ReceiptState.WAITING, {"refund_num": view.refund_num, **_NOBODY}
    _write(batch, fresh, replace(deed, version=fresh.version), state, **done)


def _give_back(
    batch: Batch, book: LockedRefunds, receipt: Receipt, deed: ReceiptDecision, merchant: Merchant
) -> str:
    view = book.add(
        refund_num=new_refund_num(batch.now),
        order_num=receipt.order_num,
        receipt_id=receipt.id,
        app_id=merchant.app_id,
        mch_id=merchant.mch_id,
        transaction_id=receipt.transaction_id,
        total_fen=receipt.amount_fen,
        amount_fen=left_of(receipt),
        reason=_TOLD[ReceiptReason(receipt.reason)],
        status=RefundStatus.REQUESTED,
        requested_by=receipt.proposed_by or deed.by,
    )
    tell_refund(batch, book, view, view.requested_by)
    return approve(batch, book, view, deed.by).refund_num


def _write(
    batch: Batch, receipt: Receipt, deed: ReceiptDecision, state: ReceiptState, **changes: Any
) -> None:
    """The decision and its event."""
    changed = {"action": deed.action, "note": deed.note, "version": receipt.version + 1, **changes}
    where = (Receipt.id == receipt.id, Receipt.version == deed.version)
    if Receipt.update(state=state, **changed).where(*where).execute() != 1:
        raise RuntimeError("a receipt changed under its lock; the batch is run again")
    follow_money(batch, receipt.order_num, receipt.transaction_id, deed.by, deed.note)
    data = {
        "receiptId": receipt.id,
        "action": deed.action,
        "state": state.value,
        **amount_told(receipt.amount_fen, receipt.currency),
        "transactionId": receipt.transaction_id,
        "refundNum": changes.get("refund_num"),
        "by": deed.by,
    }
    batch.emit(NewEvent("receipt.decided", receipt.order_num or None, data))
    verb = "proposed" if state is ReceiptState.PROPOSED else "decided"
    kept = ("receiptId", "action", "amountFen", "amount", "currency", "refundNum")
    told = {name: data[name] for name in kept if name in data}
    subject = receipt.order_num or f"receipt {receipt.id}"
    record(batch, Logged(deed.by, f"receipt.{verb}", subject, told))
