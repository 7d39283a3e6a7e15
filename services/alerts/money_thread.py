"""A case about a payment on no order and the unmatched payment behind it are one thread: what is
decided on the payment ends the case, and no case ends as refunded before the money went back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from models import Alert, AlertEntry, BillDifference, Event, Receipt, Refund
from models.alert import AlertStatus
from models.base import dicts, locked, rows
from models.notify import UNDECIDED, ReceiptState
from models.transaction import Batch
from payments.alert_kinds import AlertKind
from payments.bills.differences import DifferenceStatus
from payments.errors import PaymentError
from payments.refund import RefundStatus
from services.alerts.endings import OURSELVES, OVER, resolve_case

MONEY_KINDS = (
    AlertKind.AMOUNT_MISMATCH.value,
    AlertKind.ILLEGAL_TRANSITION.value,
    AlertKind.MISSING_ORDER.value,
    AlertKind.FOREIGN_MERCHANT.value,
)
"""The kinds of the cases that tell of a payment on no order."""
REFUNDED = "refunded"
"""The outcome of a case whose money went back."""
_OUTCOMES = {
    ReceiptState.ACCEPTED: "receipt_accepted",
    ReceiptState.BOOKED: "receipt_booked",
    ReceiptState.REFUNDED: REFUNDED,
}
"""Why a case is over, by the last state of its money: codes of the words `reason.…`."""
_TOLD = ("alert.raised", "alert.repeated", "alert.reopened")
_RESOLVED = "alert.resolved"
MOST = 20


class NotRefunded(PaymentError):
    """`detail["receiptId"]` is the unmatched payment that is to be refunded first, if one is."""

    code = "not_refunded"
    message = "No money went back here yet: refund it first, or choose another outcome."


# --- ops ------------------------------------------------------------------------------------------


def follow_money(
    batch: Batch, order_num: str, transaction_id: str, by: str = OURSELVES, words: str | None = None
) -> None:
    """The receipt of this payment has reached a last state just now: resolve the cases that tell of
    it and of nothing undecided; the history of one that tells of more says that this is over.
    `words` are the note of who decided."""
    where = Receipt.transaction_id == transaction_id, Receipt.order_num == order_num
    found = rows(Receipt.select(Receipt.state, Receipt.refund_num).where(*where))
    if not found or found[0][0] not in _OUTCOMES:
        return
    state, refund_num = found[0]
    about = words or (refund_num if state == ReceiptState.REFUNDED else None)
    note = ": ".join(part for part in (_OUTCOMES[state], about) if part)
    for case in locked(_cases_of(order_num)):
        told = _told_of(case)
        if transaction_id not in told:
            continue
        if told <= _settled(order_num):
            resolve_case(batch, case, note, by)
        else:
            AlertEntry.create(alert=case.id, at=batch.now, action=OVER, note=note)


def refunded_or_error(case: Alert) -> NotRefunded | None:
    """The refusal to resolve this case as refunded, while nothing of its money went back or some
    of it is undecided. Cases that name no order are not compared."""
    if not case.order_num:
        return None
    if case.kind in MONEY_KINDS:
        query = Receipt.select(Receipt.id, Receipt.state).where(Receipt.order_num == case.order_num)
        money = rows(query.order_by(Receipt.id))
        if waiting := [id_ for id_, state in money if state in UNDECIDED]:
            return NotRefunded(receiptId=waiting[0])
        if any(state == ReceiptState.REFUNDED for _, state in money):
            return None
    done = Refund.status == RefundStatus.SUCCESS.value
    went_back = Refund.select().where(Refund.order_num == case.order_num, done).exists()
    return None if went_back else NotRefunded()


def _cases_of(order_num: str) -> Any:
    """The unresolved cases about payments under this number; it is '' where WeChat named none."""
    subjects = [order_num] if order_num else [f"{kind}:no order number" for kind in MONEY_KINDS]
    return (
        Alert.select()
        .where(Alert.subject.in_(subjects), Alert.kind.in_(MONEY_KINDS))
        .where(Alert.status != AlertStatus.RESOLVED.value)
        .order_by(Alert.id)
    )


def _told_of(case: Alert) -> set[str | None]:
    """The transactions that a case tells of since it was opened last, None for a payment without
    one. Where its events are not to be found, the one of its evidence, and None if it counts more.
    """
    told: set[str | None] = set()
    events = Event.select(Event.kind, Event.data).where(Event.kind.in_((*_TOLD, _RESOLVED)))
    query = events.where(Event.order_num == case.order_num).order_by(Event.seq)
    for kind, text in rows(query) if case.order_num else ():
        data = json.loads(text)
        if data.get("alertId") == case.id:
            told = set() if kind == _RESOLVED else told | {data.get("transactionId")}
    if told:
        return told
    return {shown_transaction(json.loads(case.evidence)), *([None] if case.count > 1 else [])}


def _settled(order_num: str) -> set[str | None]:
    """The transactions under this number of which nothing is to be decided any more."""
    query = Receipt.select(Receipt.transaction_id).where(
        Receipt.order_num == order_num, Receipt.state.in_([state.value for state in _OUTCOMES])
    )
    return {transaction_id for (transaction_id,) in rows(query)}


# --- reads ----------------------------------------------------------------------------------------


def shown_transaction(evidence: dict[str, Any]) -> str | None:
    """The transaction that the evidence of a case names."""
    fields = evidence["fields"]
    return next((row["wechat"] for row in fields if row["name"] == "transaction_id"), None)


def read_money_of(case: dict[str, Any]) -> dict[str, Any]:
    """A read for the store, of a public case: `receipt` is that of the payment that it shows,
    `receipts` all of its number, at most MOST, each with the state of its refund, and
    `differences` those of bills about their payments."""
    if not case["orderNum"] or case["kind"] not in MONEY_KINDS:
        return {"receipt": None, "receipts": [], "differences": []}
    query = Receipt.select().where(Receipt.order_num == case["orderNum"]).order_by(Receipt.id)
    found = list(query.limit(MOST))
    refunds = read_refund_states([row.refund_num for row in found if row.refund_num])
    receipts = [_receipt(row, refunds) for row in found]
    told = shown_transaction(case["evidence"])
    shown = (each for each in receipts if each["transactionId"] == told)
    differences = read_differences(found)
    return {
        "receipt": next(shown, None),
        "receipts": receipts,
        "differences": [each for some in differences.values() for each in some],
    }


def read_cases_of(receipts: Sequence[Receipt]) -> dict[int, list[dict[str, Any]]]:
    """A read for the store: the cases that tell of the payments under the numbers of these
    receipts, by the receipt's id."""
    named = sorted({row.order_num for row in receipts if row.order_num})
    columns = (Alert.id, Alert.kind, Alert.severity, Alert.status, Alert.order_num)
    query = Alert.select(*columns).where(Alert.order_num.in_(named), Alert.kind.in_(MONEY_KINDS))
    cases: dict[str, list[dict[str, Any]]] = {}
    for row in dicts(query.order_by(Alert.id)) if named else ():
        cases.setdefault(row.pop("order_num"), []).append(row)
    return {row.id: cases.get(row.order_num, []) for row in receipts}


def read_differences(receipts: Sequence[Receipt]) -> dict[int, list[dict[str, Any]]]:
    """A read for the store: the differences of bills about the payments of these receipts, by the
    receipt's id."""
    named = sorted({row.order_num for row in receipts if row.order_num})
    query = BillDifference.select().where(
        BillDifference.order_num.in_(named),
        BillDifference.status != DifferenceStatus.HELD.value,
    )
    found: dict[str | None, list[dict[str, Any]]] = {}
    for row in query.order_by(BillDifference.id).limit(MOST * 10) if named else ():
        shown = {name: getattr(row, name) for name in ("id", "date", "kind", "status")}
        found.setdefault(row.transaction_id, []).append({**shown, "account": row.mch_id})
    return {row.id: found.get(row.transaction_id, []) for row in receipts}


def _receipt(row: Receipt, refunds: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "state": row.state,
        "reason": row.reason,
        "amountFen": row.amount_fen,
        "currency": row.currency,
        "transactionId": row.transaction_id,
        "refundNum": row.refund_num,
        "refundStatus": refunds.get(row.refund_num or ""),
    }


def read_refund_states(refund_nums: Sequence[str]) -> dict[str, str]:
    """A read for the store: the states of these refunds, by number."""
    query = Refund.select(Refund.refund_num, Refund.status)
    return dict(rows(query.where(Refund.refund_num.in_(list(refund_nums)))))
