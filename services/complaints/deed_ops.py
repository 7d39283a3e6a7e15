"""What staff do about a complaint, as rows: written before WeChat is called, so that a crash or a
lost answer leaves a question and never a second answer to the buyer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from models import Complaint, ComplaintDeed
from models.base import locked
from models.complaints import DeedKind, DeedStatus
from models.transaction import Batch, NewEvent, dump
from payments.complaints.complaint import (
    ComplaintAction,
    ComplaintEntry,
    ComplaintState,
    RefundAction,
)
from payments.errors import PaymentError
from payments.masking import mask_mch_id
from services.complaints.complaint_views import public_complaint
from services.complaints.deadlines import tell_deadline
from services.complaints.look_ops import WantedLook, ask_soon
from services.runtime.audit_log import Deed, record
from services.runtime.clock import MINUTE_MS

LOST_MS = 2 * MINUTE_MS
"""A call that has no result after so long was cut off with its process."""
SETTLED_MS = MINUTE_MS
"""What WeChat has nothing of so long after the call did not arrive."""
CLOCKS_APART_MS = 5 * MINUTE_MS
AGAIN_MS = 20_000
"""While an outcome is unknown WeChat is asked so often."""
_OPEN = (DeedStatus.SENDING.value, DeedStatus.UNKNOWN.value)
_SHOWN_BY = {
    DeedKind.REPLY: (ComplaintAction.REPLIED.value,),
    DeedKind.FINISH: (ComplaintAction.FINISHED.value,),
    DeedKind.DECISION: (ComplaintAction.APPROVED.value, ComplaintAction.REJECTED.value),
}
"""The lines of a history that prove a deed."""
_VERBS = {DeedKind.REPLY: "replied", DeedKind.FINISH: "finished", DeedKind.DECISION: "decided"}


class ComplaintNotFound(PaymentError):
    code = "not_found"
    message = "There is no such complaint."


class ComplaintConflict(PaymentError):
    """`detail["complaint"]` is the complaint as it is now."""

    code = "conflict"
    message = "This complaint has changed meanwhile: look at it again before you answer."
    under_way = (
        "An answer to this complaint is on its way to WeChat, or its outcome is not known yet: "
        "WeChat is asked for it, so wait a minute before you send another."
    )


class NotAnswered(PaymentError):
    """`detail["complaint"]` is the complaint as it is now."""

    code = "not_answered"
    message = "WeChat takes this only of a complaint that was answered: reply to the buyer first."


@dataclass(frozen=True)
class NewDeed:
    """`body` is what is sent; with a `version` the deed is refused where the complaint has another
    by now."""

    complaint_id: str
    kind: DeedKind
    body: dict[str, Any]
    by: str
    version: int | None = None


@dataclass(frozen=True)
class BegunDeed:
    """`id` is None where nothing is left to do: the complaint is finished already."""

    id: int | None
    mch_id: str
    order_num: str | None
    refund_fen: int | None
    amount_fen: int | None
    times: int
    is_immediate: bool


@dataclass(frozen=True)
class EndedDeed:
    """What became of the call. `problem` is `{"code","words"}` where it did not succeed."""

    id: int
    status: DeedStatus
    problem: dict[str, str] = field(default_factory=dict)


def begin_deeds(batch: Batch, deeds: Sequence[NewDeed]) -> list[BegunDeed | PaymentError]:
    """Each written before WeChat is called; of two at once, one gets ComplaintConflict."""
    return [_begin(batch, deed) for deed in deeds]


def _begin(batch: Batch, deed: NewDeed) -> BegunDeed | PaymentError:
    row = locked(Complaint.select().where(Complaint.complaint_id == deed.complaint_id)).first()
    if row is None:
        return ComplaintNotFound()
    if refusal := _refusal(batch, row, deed):
        return refusal
    made = None
    if not (deed.kind is DeedKind.FINISH and row.state == ComplaintState.PROCESSED):
        made = ComplaintDeed.create(
            complaint=row.id,
            kind=deed.kind.value,
            body=dump(deed.body),
            by=deed.by,
            at=batch.now,
        )
        row.version, row.updated_at = row.version + 1, batch.now
        row.save(only=["version", "updated_at"])
        detail = {"complaintId": row.complaint_id, "account": mask_mch_id(row.mch_id)}
        if deed.kind is DeedKind.DECISION:
            detail["decision"] = str(deed.body["action"])
        action = f"complaint.{_VERBS[deed.kind]}"
        record(batch, Deed(deed.by, action, row.order_num or row.complaint_id, detail))
        after = LOST_MS + AGAIN_MS  # should this process end before it knows
        ask_soon(batch, [WantedLook(row.complaint_id, row.mch_id, after)])
    return BegunDeed(
        made.id if made else None,
        row.mch_id,
        row.order_num,
        row.refund_fen,
        row.amount_fen,
        row.times,
        row.is_immediate,
    )


def _refusal(batch: Batch, row: Complaint, deed: NewDeed) -> PaymentError | None:
    if deed.version is not None and deed.version != row.version:
        return ComplaintConflict(complaint=public_complaint(row))
    under_way = ComplaintDeed.select().where(
        ComplaintDeed.complaint == row.id, ComplaintDeed.status.in_(_OPEN)
    )
    if under_way.exists():
        return ComplaintConflict(ComplaintConflict.under_way, complaint=public_complaint(row))
    if deed.kind is not DeedKind.REPLY and row.state == ComplaintState.PENDING:
        return NotAnswered(complaint=public_complaint(row))
    return None


def end_deeds(batch: Batch, ended: Sequence[EndedDeed]) -> list[None]:
    """What is known of them now; WeChat is asked about the complaint again in any case."""
    for each in ended:
        deed = locked(ComplaintDeed.select().where(ComplaintDeed.id == each.id)).first()
        row = locked(Complaint.select().where(Complaint.id == deed.complaint)).first()
        if deed.status in _OPEN:
            _end(batch, row, deed, each.status, each.problem)
            row.version, row.updated_at = row.version + 1, batch.now
            row.save()
            tell_deadline(batch, row)
        unknown = each.status is DeedStatus.UNKNOWN
        wanted = WantedLook(row.complaint_id, row.mch_id, AGAIN_MS if unknown else 0)
        ask_soon(batch, [wanted])
    return [None] * len(ended)


def settle_deeds(
    batch: Batch, row: Complaint, history: Sequence[ComplaintEntry], began: int
) -> bool:
    """Settle by WeChat's own history what has no known outcome; `row` is changed and not saved.
    True where something was settled."""
    query = ComplaintDeed.select().where(
        ComplaintDeed.complaint == row.id, ComplaintDeed.status.in_(_OPEN)
    )
    settled = False
    for deed in locked(query.order_by(ComplaintDeed.id)):
        if deed.status == DeedStatus.SENDING and batch.now - deed.at < LOST_MS:
            continue  # its own call is still under way
        if _is_proven(deed, row, history):
            _end(batch, row, deed, DeedStatus.DONE, {})
        elif began - deed.at >= SETTLED_MS:
            _end(batch, row, deed, DeedStatus.FAILED, {"code": "not_arrived"})
        else:
            ask_soon(batch, [WantedLook(row.complaint_id, row.mch_id, AGAIN_MS)])
            continue
        settled = True
    return settled


def _is_proven(deed: ComplaintDeed, row: Complaint, history: Sequence[ComplaintEntry]) -> bool:
    kind = DeedKind(deed.kind)
    if kind is DeedKind.FINISH and row.state == ComplaintState.PROCESSED:
        return True
    text = str(json.loads(deed.body).get("text", "")).strip()
    return any(
        line.action in _SHOWN_BY[kind]
        and line.at >= deed.at - CLOCKS_APART_MS
        and (kind is not DeedKind.REPLY or _says(line, text))
        for line in history
    )


def _says(line: ComplaintEntry, text: str) -> bool:
    """An answer in the immediate service stands beside the text of its line, as JSON."""
    return line.text.strip() == text or json.dumps(text, ensure_ascii=False) in line.more


def _end(
    batch: Batch,
    row: Complaint,
    deed: ComplaintDeed,
    status: DeedStatus,
    problem: dict[str, str],
) -> None:
    ComplaintDeed.update(
        status=status.value,
        code=problem.get("code"),
        words=problem.get("words"),
        ended_at=None if status is DeedStatus.UNKNOWN else batch.now,
    ).where(ComplaintDeed.id == deed.id).execute()
    if status is not DeedStatus.DONE:
        return
    row.fetched_at = max(row.fetched_at, batch.now)  # what was asked for before is older than this
    told = {"complaintId": row.complaint_id, "account": mask_mch_id(row.mch_id), "by": deed.by}
    if deed.kind == DeedKind.REPLY:
        if row.state == ComplaintState.PENDING:
            row.state = ComplaintState.PROCESSING.value
        row.user_waits = False
        batch.emit(NewEvent("complaint.replied", row.order_num, {**told, "state": row.state}))
    elif _finishes(deed) and row.state != ComplaintState.PROCESSED:
        row.state = ComplaintState.PROCESSED.value
        batch.emit(NewEvent("complaint.finished", row.order_num, {**told, "state": row.state}))


def _finishes(deed: ComplaintDeed) -> bool:
    """A refund that is rejected ends the complaint at WeChat, too."""
    rejects = json.loads(deed.body).get("action") == RefundAction.REJECT
    return deed.kind == DeedKind.FINISH or rejects
