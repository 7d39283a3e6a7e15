"""Complaints as the console reads them. What a buyer wrote leaves as text, phones and openids in it
masked."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from models import (
    Complaint,
    ComplaintDeed,
    ComplaintImage,
    ComplaintLine,
    ComplaintLook,
    ComplaintPoll,
)
from models.base import rows
from models.store import Store
from payments.complaints.complaint import ComplaintState
from payments.encryption import Sealer
from payments.masking import mask_open_id, mask_phone, mask_text
from services.complaints.look_ops import read_problem
from services.runtime.clock import rfc3339

PAGE, MAX_PAGE = 50, 100
DUE = "DUE"
"""In place of a state: every complaint that is not finished."""
STATUSES = (*(state.value for state in ComplaintState), DUE)
UNFINISHED = (ComplaintState.PENDING.value, ComplaintState.PROCESSING.value)
LONGEST_QUERY = 128
MOST_OF_ORDER = 20
_DIGITS = re.compile(r"\d{3}")


@dataclass(frozen=True)
class ComplaintFilter:
    """Which complaints a list is to show; None leaves a condition out. `before` is the `next` of
    the page before."""

    status: str | None = None
    account: str | None = None
    q: str | None = None
    before: tuple[int, int] | None = None
    limit: int = PAGE


class ComplaintViews:
    def __init__(self, store: Store, sealer: Sealer) -> None:
        self._store = store
        self._sealer = sealer

    async def page(self, wanted: ComplaintFilter) -> dict[str, Any]:
        """Complaints, newest first, the `next` to go on from, and how far WeChat's own lists are
        known."""
        return await self._store.read(_read_page, wanted)

    async def detail(self, complaint_id: str) -> dict[str, Any] | None:
        """With history, media and what staff did; None for an unknown id."""
        return await self._store.read(_read_detail, complaint_id, self._sealer)


def read_before(text: str) -> tuple[int, int] | None:
    """The `next` of a page; None for a text that no page has given."""
    found = re.fullmatch(r"([0-9]{1,15})-([0-9]{1,15})", text)
    return (int(found[1]), int(found[2])) if found else None


def read_complaints_of(order_num: str) -> list[dict[str, Any]]:
    """A read: the complaints about an order, newest first."""
    query = Complaint.select().where(Complaint.order_num == order_num)
    newest = query.order_by(Complaint.created_at.desc(), Complaint.id.desc())
    return [public_complaint(row) for row in newest.limit(MOST_OF_ORDER)]


def public_complaint(row: Complaint) -> dict[str, Any]:
    """One of a list."""
    return {
        "id": row.complaint_id,
        "account": row.mch_id,
        "state": row.state,
        "orderNum": row.order_num,
        "transactionId": row.transaction_id,
        "amountFen": row.amount_fen,
        "text": mask_text(row.text),
        "problem": row.problem,
        "title": mask_text(row.title),
        "createdAt": rfc3339(row.created_at),
        "replyDueAt": rfc3339(row.reply_due_at),
        "finishDueAt": rfc3339(row.finish_due_at),
        "userWaits": row.user_waits,
        "times": row.times,
        "refundFen": row.refund_fen,
        "fullyRefunded": row.fully_refunded,
        "inPlatform": row.in_platform,
        "immediate": row.is_immediate,
        "version": row.version,
        "fetchedAt": rfc3339(row.fetched_at),
    }


def _read_page(wanted: ComplaintFilter) -> dict[str, Any]:
    query = Complaint.select()
    if wanted.status == DUE:
        query = query.where(Complaint.state.in_(UNFINISHED))
    elif wanted.status:
        query = query.where(Complaint.state == wanted.status)
    if wanted.account:
        query = query.where(Complaint.mch_id == wanted.account)
    if wanted.q:
        query = query.where(_holds(wanted.q))
    if wanted.before:
        at, id_ = wanted.before
        later = (Complaint.created_at == at) & (Complaint.id < id_)
        query = query.where((Complaint.created_at < at) | later)
    newest = query.order_by(Complaint.created_at.desc(), Complaint.id.desc())
    found = list(newest.limit(wanted.limit + 1))
    shown = found[: wanted.limit]
    following = f"{shown[-1].created_at}-{shown[-1].id}" if len(found) > wanted.limit else None
    return {
        "complaints": [public_complaint(row) for row in shown],
        "next": following,
        "lists": _read_lists(),
    }


def _holds(q: str) -> Any:
    """A number is found whole, a word within the text. A text is not searched for digits: so a
    search could find out the phone in it, which is shown masked."""
    numbers = Complaint.complaint_id, Complaint.order_num, Complaint.transaction_id
    condition = (numbers[0] == q) | (numbers[1] == q) | (numbers[2] == q)
    if not _DIGITS.search(q):
        condition |= Complaint.text.contains(q) | Complaint.title.contains(q)
    return condition


def _read_lists() -> list[dict[str, Any]]:
    """Of each account: when WeChat's list was read to its end last, and what hinders it now."""
    polls = ComplaintPoll.select(
        ComplaintPoll.mch_id, ComplaintPoll.done_at, ComplaintPoll.problem
    ).order_by(ComplaintPoll.mch_id)
    return [
        {"account": mch_id, "asOf": rfc3339(done_at), "problem": read_problem(problem)}
        for mch_id, done_at, problem in rows(polls)
    ]


def _read_detail(complaint_id: str, sealer: Sealer) -> dict[str, Any] | None:
    row = Complaint.get_or_none(Complaint.complaint_id == complaint_id)
    if row is None:
        return None
    images = list(
        ComplaintImage.select().where(ComplaintImage.complaint == row.id).order_by(ComplaintImage.n)
    )
    deeds = ComplaintDeed.select().where(ComplaintDeed.complaint == row.id)
    look = ComplaintLook.get_or_none(ComplaintLook.complaint_id == complaint_id)
    payer = open_payer(row, sealer)
    return {
        **public_complaint(row),
        "orders": json.loads(row.orders),
        "tags": json.loads(row.tags),
        "phone": mask_phone(payer.get("phone")),
        "openId": mask_open_id(payer.get("openId")),
        "history": _read_history(row.id, images),
        "media": [_public_image(image) for image in images],
        "deeds": [_public_deed(deed) for deed in deeds.order_by(ComplaintDeed.id)],
        "fetchProblem": read_problem(look.problem) if look else None,
    }


def payer_name(complaint_id: str) -> str:
    """Under which the payer of a complaint is sealed."""
    return f"complaint {complaint_id}"


def open_payer(row: Complaint, sealer: Sealer) -> dict[str, str | None]:
    """Phone and openid in full; nothing where no key of ours opens them."""
    text = sealer.open(bytes(row.payer), payer_name(row.complaint_id)) if row.payer else None
    found: dict[str, str | None] = json.loads(text) if text else {}
    return found


def _read_history(complaint: int, images: list[ComplaintImage]) -> list[dict[str, Any]]:
    """Oldest first."""
    by_line = defaultdict(list)
    for image in images:
        by_line[image.log_id].append(image.n)
    lines = ComplaintLine.select().where(ComplaintLine.complaint == complaint)
    return [
        {
            "id": line.log_id,
            "at": rfc3339(line.at),
            "operator": line.operator,
            "action": line.action,
            "text": mask_text(line.text),
            "media": by_line[line.log_id],
            "more": _masked(json.loads(line.more)) if line.more else None,
        }
        for line in lines.order_by(ComplaintLine.at, ComplaintLine.id)
    ]


def _masked(value: Any) -> Any:
    """JSON with every text in it masked."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, list):
        return [_masked(each) for each in value]
    if isinstance(value, dict):
        return {name: _masked(each) for name, each in value.items()}
    return value


def _public_image(image: ComplaintImage) -> dict[str, Any]:
    return {"n": image.n, "kind": image.kind, "entry": image.log_id}


def _public_deed(deed: ComplaintDeed) -> dict[str, Any]:
    return {
        "id": deed.id,
        "kind": deed.kind,
        **json.loads(deed.body),
        "by": deed.by,
        "at": rfc3339(deed.at),
        "status": deed.status,
        "code": deed.code,
        "words": deed.words,
        "endedAt": rfc3339(deed.ended_at),
    }
