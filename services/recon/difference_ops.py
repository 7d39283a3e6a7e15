"""A person's word on a difference: one transaction resolves it, counts its day anew and ends the
case where it was the last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models import BillDifference
from models.base import locked
from models.transaction import Batch
from payments.bills.differences import DifferenceStatus, Resolution
from payments.errors import PaymentError
from payments.masking import mask_mch_id, mask_text
from services.bills.day_news import differences_changed
from services.bills.order_news import tell_resolved
from services.recon.bill_views import public_differences
from services.runtime.audit_log import Deed, record


class DifferenceNotFound(PaymentError):
    code = "not_found"
    message = "There is no such difference."


class DifferenceConflict(PaymentError):
    """`detail["difference"]` is the difference as it is now."""

    code = "conflict"
    message = "This difference is resolved already, with another reason or by somebody else."


@dataclass(frozen=True)
class Resolving:
    """Why a difference needs no more work, in the words of `by`."""

    difference_id: int
    reason: Resolution
    note: str
    by: str


def resolve_differences(
    batch: Batch, items: Sequence[Resolving]
) -> list[dict[str, Any] | PaymentError]:
    """The difference as it is then; the same word again changes nothing."""
    days: set[tuple[str, str]] = set()
    answers = [_resolve(batch, item, days) for item in items]
    for mch_id, date in sorted(days):
        differences_changed(batch, mch_id, date)
    return answers


def _resolve(
    batch: Batch, item: Resolving, days: set[tuple[str, str]]
) -> dict[str, Any] | PaymentError:
    row = locked(BillDifference.select().where(BillDifference.id == item.difference_id)).first()
    if row is None or row.status == DifferenceStatus.HELD:
        return DifferenceNotFound()
    if row.status == DifferenceStatus.RESOLVED:
        told = (row.resolution, row.note, row.resolved_by)
        as_it_is = public_differences([row])[0]
        same = told == (item.reason.value, item.note, item.by)
        return as_it_is if same else DifferenceConflict(difference=as_it_is)
    row.status, row.resolution = DifferenceStatus.RESOLVED.value, item.reason.value
    row.note, row.resolved_by, row.resolved_at = item.note, item.by, batch.now
    row.save(only=["status", "resolution", "note", "resolved_by", "resolved_at"])
    tell_resolved(batch, [row.id])
    days.add((row.mch_id, row.date))
    record(batch, _deed(row, item.by))
    return public_differences([row])[0]


def _deed(row: BillDifference, by: str) -> Deed:
    detail = {
        "differenceId": row.id,
        "difference": row.kind,
        "date": row.date,
        "account": mask_mch_id(row.mch_id),
        "resolution": row.resolution,
        "note": mask_text(row.note),
    }
    subject = row.order_num or f"difference {row.id}"
    return Deed(by, "difference.resolved", subject, detail)
