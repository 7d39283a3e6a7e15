"""The ops around a call to WeChat about a refund: the send is counted before it, the answer noted
after it; and how a refund ends that WeChat did not take. Each locks the order first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models import Refund, RefundCheck
from models.base import rows
from models.transaction import Batch
from payments.alert_kinds import AlertKind
from payments.causes import Cause
from payments.masking import mask_text
from payments.payment_rules import Compared
from payments.refund import RefundStatus
from services.alerts.cases import Finding, raise_all
from services.alerts.refusals import refusal_rows
from services.refunds.refund_ops import FIRST_LOOK_MS, RefundConflict, RefundHeld, RefundNotFound
from services.runtime.audit_log import Deed, record
from services.settlement.refund_news import tell_refund
from services.settlement.refund_store import (
    LockedRefunds,
    plan_check,
    public,
)
from services.settlement.settlement import follow_refunds

TOLD_FROM = 3
"""So many answers in a row without success are told to a person."""


@dataclass(frozen=True)
class NotedAnswer:
    """An answer that was not the success we asked for. `code` is in API v2's word where it answered
    a send, None where it answered a question; `said`, `words`, `issue` and `request_id` are
    WeChat's own. `cure` is what a person can do."""

    refund_num: str
    code: str | None
    said: str
    words: str
    cure: Cause
    issue: str | None = None
    request_id: str | None = None

    @property
    def failure(self) -> str:
        return f"{self.said}: {self.words}"[:255]


@dataclass(frozen=True)
class RefundRefusal:
    """WeChat did not take a refund; `words` say why, None for those that were noted last."""

    refund_num: str
    words: str | None = None


@dataclass(frozen=True)
class RefundEnd:
    """An admin ends a refund; `denied`: WeChat, asked just now, has none with this number."""

    refund_num: str
    reason: str
    by: str
    denied: bool


def begin_sends(batch: Batch, refund_nums: Sequence[str]) -> list[int]:
    """Count a send of each number before it is made; how many there were, this one included."""
    return [_count_send(batch, refund_num) for refund_num in refund_nums]


def _count_send(batch: Batch, refund_num: str) -> int:
    where = RefundCheck.refund_num == refund_num
    if not RefundCheck.update(sends=RefundCheck.sends + 1).where(where).execute():
        plan_check(batch, refund_num, batch.now + FIRST_LOOK_MS)
        RefundCheck.update(sends=2).where(where).execute()
    return int(rows(RefundCheck.select(RefundCheck.sends).where(where))[0][0])


def take_back_sends(batch: Batch, refund_nums: Sequence[str]) -> list[None]:
    """Nothing was sent after all: there was no key, no certificate, or no place for the call."""
    counted = RefundCheck.refund_num.in_(sorted(refund_nums)), RefundCheck.sends > 0
    RefundCheck.update(sends=RefundCheck.sends - 1).where(*counted).execute()
    return [None] * len(refund_nums)


def note_answers(batch: Batch, answers: Sequence[NotedAnswer]) -> list[None]:
    """Keep what WeChat said last; from the third time on it is a case, with WeChat's words."""
    book = LockedRefunds(batch, refund_nums=[answer.refund_num for answer in answers])
    findings = []
    for answer in answers:
        where = RefundCheck.refund_num == answer.refund_num
        changed: dict[str, Any] = {"refusals": RefundCheck.refusals + 1}
        if answer.code is not None:
            changed["answer"] = answer.code[:32]
        RefundCheck.update(changed).where(where).execute()
        view = book.refunds.get(answer.refund_num)
        if view is None:
            continue
        if view.status is RefundStatus.APPROVED:
            named = Refund.refund_num == answer.refund_num
            Refund.update(failure=answer.failure).where(named).execute()
        found = rows(RefundCheck.select(RefundCheck.refusals).where(where))
        if found and found[0][0] >= TOLD_FROM:
            findings.append(not_taken(view.refund_num, view.order_num, view.amount_fen, answer))
    raise_all(batch, findings)
    return [None] * len(answers)


def not_taken(refund_num: str, order_num: str, amount_fen: int, answer: NotedAnswer) -> Finding:
    """WeChat refuses this refund again and again. Repeats are announced at counts 2, 4, 8, …"""
    told = refusal_rows(answer.said, answer.words, answer.issue, answer.request_id)
    return Finding(
        AlertKind.REFUND_ANOMALY,
        order_num or refund_num,
        order_num or None,
        answer.cure,
        RefundStatus.PROCESSING.value,
        answer.said,
        (Compared("out_refund_no", refund_num, refund_num, True), *told),
        {"code": answer.said, "words": mask_text(answer.words) or ""},
        authentic=False,
        event_data={"refundNum": refund_num, "amountFen": amount_fen},
    )


def refuse_refunds(batch: Batch, refusals: Sequence[RefundRefusal]) -> list[None]:
    """APPROVED → REFUSED, unless news that came meanwhile says otherwise."""
    book = LockedRefunds(batch, refund_nums=[refusal.refund_num for refusal in refusals])
    for refusal in refusals:
        view = book.refunds.get(refusal.refund_num)
        if view is not None and view.status is RefundStatus.APPROVED:
            words = (refusal.words or view.failure or "")[:255]
            view = book.move(view, RefundStatus.REFUSED, failure=words)
            tell_refund(batch, book, view, None)
    follow_refunds(batch, book)
    return [None] * len(refusals)


def end_refunds(batch: Batch, endings: Sequence[RefundEnd]) -> list[Exception | None]:
    """A refund that WeChat denies, or that is ABNORMAL, becomes ENDED."""
    book = LockedRefunds(batch, refund_nums=[each.refund_num for each in endings])
    results = [_end(batch, book, each) for each in endings]
    follow_refunds(batch, book)
    return results


def _end(batch: Batch, book: LockedRefunds, ending: RefundEnd) -> Exception | None:
    view = book.refunds.get(ending.refund_num)
    if view is None:
        return RefundNotFound()
    abnormal = view.status is RefundStatus.ABNORMAL
    if not abnormal and view.status not in (RefundStatus.APPROVED, RefundStatus.PROCESSING):
        return RefundConflict(refund=public(view))
    if not (abnormal or ending.denied):
        return RefundHeld(refund=public(view))
    before = view.status
    view = book.move(view, RefundStatus.ENDED, failure=ending.reason[:255], ended_from=before)
    tell_refund(batch, book, view, ending.by)
    detail = {
        "refundNum": view.refund_num,
        "amountFen": view.amount_fen,
        "from": before.value,
        "reason": ending.reason,
    }
    record(batch, Deed(ending.by, "refund.ended", view.order_num, detail))
    return None


def resume_refunds(batch: Batch, refund_nums: Sequence[str]) -> list[None]:
    """ABNORMAL → PROCESSING: WeChat took the order to pay it elsewhere, and is asked soon."""
    book = LockedRefunds(batch, refund_nums=refund_nums)
    for refund_num in refund_nums:
        view = book.refunds.get(refund_num)
        if view is not None and view.status is RefundStatus.ABNORMAL:
            book.move(view, RefundStatus.PROCESSING, failure=None)
            plan_check(batch, refund_num, batch.now + FIRST_LOOK_MS)
            RefundCheck.update(tries=0).where(RefundCheck.refund_num == refund_num).execute()
    follow_refunds(batch, book)
    return [None] * len(refund_nums)
