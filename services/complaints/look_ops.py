"""Which complaints WeChat is to be asked about, and when: rows, so that no restart forgets one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from models import ComplaintLook
from models.base import rows
from models.transaction import Batch, dump
from payments.errors import PaymentError, WeChatRefused
from services.runtime.clock import HOUR_MS, MINUTE_MS

CLAIM_MS = MINUTE_MS
"""Who works on a look has it for so long; after a crash another takes it then."""
FIRST_WAIT_MS, LONGEST_MS = 15_000, HOUR_MS
"""After a look that failed; it doubles while looks fail."""
AT_ONCE = 5


@dataclass(frozen=True)
class WantedLook:
    """Have WeChat asked about this complaint of this account."""

    complaint_id: str
    mch_id: str
    after_ms: int = 0


@dataclass(frozen=True)
class DueLook:
    """One that is due. `asked_at` (ms) is when it was wanted last."""

    complaint_id: str
    mch_id: str
    asked_at: int
    due_at: int
    tries: int


@dataclass(frozen=True)
class FailedLook:
    look: DueLook
    error: PaymentError


def ask_soon(batch: Batch, wanted: Sequence[WantedLook]) -> list[None]:
    """A look that waits already keeps its earlier time."""
    for each in {one.complaint_id: one for one in wanted}.values():
        due_at = batch.now + each.after_ms
        same = ComplaintLook.complaint_id == each.complaint_id
        row = ComplaintLook.get_or_none(same)
        if row is None:
            ComplaintLook.create(
                complaint_id=each.complaint_id,
                mch_id=each.mch_id,
                asked_at=batch.now,
                due_at=due_at,
            )
        else:
            sooner = min(due_at, row.due_at)
            ComplaintLook.update(asked_at=batch.now, due_at=sooner).where(same).execute()
    return [None] * len(wanted)


def read_due(now: int, accounts: Sequence[str]) -> list[DueLook]:
    """A read: those of these accounts that are due (ms), the longest first."""
    columns = (
        ComplaintLook.complaint_id,
        ComplaintLook.mch_id,
        ComplaintLook.asked_at,
        ComplaintLook.due_at,
        ComplaintLook.tries,
    )
    due = ComplaintLook.select(*columns).where(
        ComplaintLook.due_at <= now, ComplaintLook.mch_id.in_(list(accounts))
    )
    return [DueLook(*row) for row in rows(due.order_by(ComplaintLook.due_at).limit(AT_ONCE))]


def claim_looks(batch: Batch, looks: Sequence[DueLook]) -> list[bool]:
    """True for the one who is to ask: over all processes nobody else has it then."""
    return [
        bool(
            ComplaintLook.update(due_at=batch.now + CLAIM_MS)
            .where(
                ComplaintLook.complaint_id == look.complaint_id, ComplaintLook.due_at == look.due_at
            )
            .execute()
        )
        for look in looks
    ]


def put_off(batch: Batch, failed: Sequence[FailedLook]) -> list[None]:
    """A look that brought nothing comes again, later each time; what hindered it is kept."""
    for each in failed:
        wait_ms = min(FIRST_WAIT_MS << min(each.look.tries, 12), LONGEST_MS)
        same = ComplaintLook.complaint_id == each.look.complaint_id
        ComplaintLook.update(
            due_at=batch.now + wait_ms,
            tries=ComplaintLook.tries + 1,
            problem=dump(problem_of(each.error)),
        ).where(same).execute()
    return [None] * len(failed)


def end_looks(batch: Batch, complaint_id: str, began: int) -> None:
    """The look that began then (ms) has brought the complaint. One that was wanted since stays, and
    is due."""
    same = ComplaintLook.complaint_id == complaint_id
    ComplaintLook.delete().where(same, ComplaintLook.asked_at < began).execute()
    ComplaintLook.update(due_at=batch.now, tries=0, problem=None).where(same).execute()


def problem_of(error: PaymentError) -> dict[str, str]:
    """`{"code","words"}`: WeChat's own where it refused."""
    if isinstance(error, WeChatRefused):
        return {"code": error.said[:64], "words": error.wechat_words[:128]}
    return {"code": error.code, "words": error.message[:128]}


def read_problem(text: str | None) -> dict[str, str] | None:
    found: dict[str, str] | None = json.loads(text) if text else None
    return found
