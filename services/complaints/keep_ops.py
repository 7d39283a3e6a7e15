"""Keeps a complaint as WeChat described it: once, whatever told of it, and with an event for what
is new in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from models import Complaint, ComplaintImage, ComplaintLine
from models.base import locked, rows
from models.transaction import Batch, NewEvent, dump
from payments.complaints.complaint import (
    COMES,
    ComplaintDetail,
    ComplaintEntry,
    ComplaintState,
    ImageAddress,
)
from payments.complaints.deadlines import finish_due, reply_due
from payments.masking import mask_mch_id
from services.complaints.deadlines import tell_deadline
from services.complaints.deed_ops import settle_deeds
from services.complaints.look_ops import end_looks

MOST_IMAGES = 500


@dataclass(frozen=True)
class FetchedComplaint:
    """A complaint with its whole history, asked for since `began` (ms). `payer` is sealed."""

    mch_id: str
    detail: ComplaintDetail
    history: tuple[ComplaintEntry, ...]
    payer: bytes | None
    began: int


def keep_complaints(batch: Batch, fetched: Sequence[FetchedComplaint]) -> list[None]:
    for item in fetched:
        end_looks(batch, item.detail.complaint_id, item.began)
        _keep(batch, item)
    return [None] * len(fetched)


def _keep(batch: Batch, item: FetchedComplaint) -> None:
    row = locked(
        Complaint.select().where(Complaint.complaint_id == item.detail.complaint_id)
    ).first()
    if row is not None and row.fetched_at > item.began:
        return  # a newer look was faster
    values = _values(item)
    if row is None:
        row = Complaint.create(
            **values,
            complaint_id=item.detail.complaint_id,
            mch_id=item.mch_id,
            payer=item.payer,
            fetched_at=item.began,
            updated_at=batch.now,
        )
        _add_lines(row.id, item.history)
        _add_images(row.id, item)
        batch.emit(NewEvent("complaint.raised", row.order_num, told_of(row)))
        tell_deadline(batch, row, is_new=True)
        return
    _renew(batch, row, item, values)


def _renew(batch: Batch, row: Complaint, item: FetchedComplaint, values: dict[str, Any]) -> None:
    was = row.state
    new_lines = _add_lines(row.id, item.history)
    _add_images(row.id, item)
    changed = {name for name, value in values.items() if getattr(row, name) != value}
    if row.payer is None and item.payer is not None:
        changed, values = changed | {"payer"}, {**values, "payer": item.payer}
    for name in changed:
        setattr(row, name, values[name])
    row.fetched_at = item.began
    settled = settle_deeds(batch, row, item.history, item.began)
    if changed or new_lines or settled:
        row.version, row.updated_at = row.version + 1, batch.now
    row.save()
    tell_deadline(batch, row)
    if row.state == ComplaintState.PROCESSED and was != ComplaintState.PROCESSED:
        data = {**told_of(row), "by": None}
        batch.emit(NewEvent("complaint.finished", row.order_num, data))
    elif changed or new_lines:
        data = {**told_of(row), "newLines": new_lines}
        batch.emit(NewEvent("complaint.updated", row.order_num, data))


def told_of(row: Complaint) -> dict[str, Any]:
    """What every event of a complaint says: nothing that a buyer wrote, and no buyer."""
    return {
        "complaintId": row.complaint_id,
        "account": mask_mch_id(row.mch_id),
        "state": row.state,
        "amountFen": row.amount_fen,
        "userWaits": row.user_waits,
        "times": row.times,
    }


def _values(item: FetchedComplaint) -> dict[str, Any]:
    detail, first = item.detail, (*item.detail.orders, None)[0]
    since = max([detail.created_at, *(e.at for e in item.history if e.action in COMES)])
    return {
        "state": detail.state.value,
        "order_num": first.order_num if first else None,
        "transaction_id": first.transaction_id if first else None,
        "amount_fen": first.amount_fen if first else None,
        "orders": dump(
            [
                {
                    "orderNum": order.order_num,
                    "transactionId": order.transaction_id,
                    "amountFen": order.amount_fen,
                }
                for order in detail.orders
            ]
        ),
        "text": detail.text,
        "problem": detail.problem,
        "title": detail.title,
        "user_waits": detail.user_waits,
        "times": detail.times,
        "fully_refunded": detail.fully_refunded,
        "refund_fen": detail.refund_fen,
        "tags": dump(list(detail.tags)),
        "in_platform": detail.in_platform,
        "is_immediate": detail.is_immediate,
        "created_at": detail.created_at,
        "since": since,
        "reply_due_at": reply_due(since),
        "finish_due_at": finish_due(since),
    }


def _add_lines(complaint: int, history: Sequence[ComplaintEntry]) -> int:
    """How many are new."""
    known = {
        log_id
        for (log_id,) in rows(
            ComplaintLine.select(ComplaintLine.log_id).where(ComplaintLine.complaint == complaint)
        )
    }
    new = [line for line in history if line.log_id not in known]
    for line in new:
        ComplaintLine.create(
            complaint=complaint,
            log_id=line.log_id,
            at=line.at,
            operator=line.operator,
            action=line.action,
            text=line.text,
            more=line.more,
        )
    return len(new)


def _add_images(complaint: int, item: FetchedComplaint) -> None:
    """An image keeps its number for good."""
    of_complaint = ComplaintImage.complaint == complaint
    known = {url for (url,) in rows(ComplaintImage.select(ComplaintImage.url).where(of_complaint))}
    images = [*item.detail.images, *(image for line in item.history for image in line.images)]
    for image in _each_once(images):
        if image.url in known or len(known) >= MOST_IMAGES:
            continue
        known.add(image.url)
        ComplaintImage.create(
            complaint=complaint, n=len(known), kind=image.kind, url=image.url, log_id=image.log_id
        )


def _each_once(images: Sequence[ImageAddress]) -> list[ImageAddress]:
    """One that both the complaint and a line name keeps the complaint's kind and has that line."""
    found: dict[str, ImageAddress] = {}
    for image in images:
        first = found.setdefault(image.url, image)
        found[image.url] = replace(first, log_id=first.log_id or image.log_id)
    return list(found.values())
