"""The events about refunds."""

from __future__ import annotations

from typing import Any

from models.transaction import Batch, NewEvent
from payments.alert_kinds import Severity
from payments.masking import mask_text
from payments.refund import RefundOrigin, RefundStatus
from services.settlement.refund_store import LockedRefunds, RefundView
from services.settlement.snapshots import OrderSnapshot


def _refund_data(
    view: RefundView, snapshot: OrderSnapshot | None, by: str | None, notice_id: str | None = None
) -> dict[str, Any]:
    """The data of every event about a refund."""
    data = {
        **(snapshot.shown if snapshot else {}),
        "amountFen": view.amount_fen,
        "refundNum": view.refund_num,
        "totalFen": view.total_fen,
        "by": by,
        "status": view.status.value,
        "failure": mask_text(view.failure),
        "failureCode": view.failure_code,
        "transactionId": view.transaction_id,
    }
    if view.origin is RefundOrigin.WECHAT:
        data["origin"] = view.origin.value
    if view.receipt_id is not None:
        data["receiptId"] = view.receipt_id
    return {**data, "notifyId": notice_id} if notice_id else data


_KINDS = {
    RefundStatus.REQUESTED: "refund.requested",
    RefundStatus.APPROVED: "refund.approved",
    RefundStatus.SUCCESS: "refund.succeeded",
    RefundStatus.ABNORMAL: "refund.failed",
    RefundStatus.CLOSED: "refund.failed",
    RefundStatus.REFUSED: "refund.failed",
    RefundStatus.REJECTED: "refund.failed",
    RefundStatus.ENDED: "refund.failed",
}


def tell_refund(
    batch: Batch,
    book: LockedRefunds,
    view: RefundView,
    by: str | None,
    notice_id: str | None = None,
    note: str | None = None,
) -> None:
    """The event of the state that a refund has now. PROCESSING is told only where nothing told
    before that the money is on its way: WeChat alone decided it, or has a refund that had ended
    here."""
    kind = _KINDS.get(view.status)
    if kind is None:
        if view.refund_num not in book.begun:
            return
        kind = "refund.approved"
    severity = Severity.MEDIUM if kind == "refund.failed" else Severity.INFO
    data = _refund_data(view, book.snapshot(view), by, notice_id)
    if note:
        data["note"] = mask_text(note)
    batch.emit(NewEvent(kind, view.order_num or None, data, severity))
