"""Tells of deadlines: the case of a complaint opens when something is due, grows critical shortly
before the deadline, and ends by itself when that was kept."""

from __future__ import annotations

from collections.abc import Sequence

from models import Alert, Complaint
from models.alert import AlertStatus
from models.base import locked, rows
from models.store import Store
from models.transaction import Batch
from payments.alert_kinds import AlertKind, Severity
from payments.causes import Cause
from payments.complaints.complaint import ComplaintState
from payments.complaints.deadlines import last_day
from payments.masking import mask_mch_id
from payments.payment_rules import Compared
from services.alerts.cases import Finding, raise_all
from services.alerts.endings import OVER, resolve_case
from services.runtime.clock import DAY_MS, HOUR_MS, Clock

CRITICAL_MS = 4 * HOUR_MS
FINISH_MS = DAY_MS
"""So long before the end a complaint that was answered is told again, if it is not finished."""
MOST = 2000

_CAUSES = {
    "reply": Cause.COMPLAINT_REPLY_DUE,
    "waits": Cause.COMPLAINT_USER_WAITS,
    "finish": Cause.COMPLAINT_FINISH_DUE,
}


def told_now(state: str, waits: bool, reply_due: int, finish_due: int, now: int) -> str:
    """The deadline that a case is to tell of, and how urgent it is: `reply.high`,
    `finish.overdue`, …; '' while nothing is to be told. `waits`: the buyer wrote again."""
    if state == ComplaintState.PROCESSED:
        return ""
    if now >= finish_due:
        return "finish.overdue"
    if state == ComplaintState.PENDING:
        if now >= reply_due:
            return "reply.overdue"
        return "reply.critical" if now >= reply_due - CRITICAL_MS else "reply.high"
    if now >= finish_due - CRITICAL_MS:
        return "finish.critical"
    if waits:
        return "waits.high"
    return "finish.high" if now >= finish_due - FINISH_MS else ""


class Deadlines:
    """`step` is run in one process at a time."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def step(self) -> None:
        """Raise or end the cases of complaints whose deadline came nearer. Raises Busy."""
        if moved := await self._store.read(_read_moved, self._clock.now_ms()):
            await self._store.write(tell_deadlines, moved)


def _read_moved(now: int) -> list[int]:
    """The complaints whose case tells of something else than it is to tell by now."""
    columns = (
        Complaint.id,
        Complaint.told,
        Complaint.state,
        Complaint.user_waits,
        Complaint.reply_due_at,
        Complaint.finish_due_at,
    )
    unfinished = Complaint.state.in_(
        [ComplaintState.PENDING.value, ComplaintState.PROCESSING.value]
    )
    found = rows(Complaint.select(*columns).where(unfinished).order_by(Complaint.id).limit(MOST))
    return [
        id_
        for id_, told, state, waits, reply_due, finish_due in found
        if told != told_now(state, waits, reply_due, finish_due, now)
    ]


def tell_deadlines(batch: Batch, groups: Sequence[Sequence[int]]) -> list[None]:
    ids = sorted({id_ for group in groups for id_ in group})
    for row in locked(Complaint.select().where(Complaint.id.in_(ids)).order_by(Complaint.id)):
        tell_deadline(batch, row)
    return [None] * len(groups)


def tell_deadline(batch: Batch, row: Complaint, *, is_new: bool = False) -> None:
    """Bring the case of this complaint, whose row is locked, to what it is to tell now. `is_new`:
    a notify may have opened a case before there was a row."""
    before = row.told
    now = told_now(row.state, row.user_waits, row.reply_due_at, row.finish_due_at, batch.now)
    if now == before and not (is_new and not now):
        return
    row.told = now
    Complaint.update(told=now).where(Complaint.id == row.id).execute()
    if not now or (before and before.partition(".")[0] != now.partition(".")[0]):
        _end_case(batch, row.complaint_id)
    if now:
        raise_all(batch, [deadline_finding(row, now)])


def _end_case(batch: Batch, complaint_id: str) -> None:
    same = Alert.kind == AlertKind.COMPLAINT.value, Alert.subject == complaint_id
    unresolved = Alert.status != AlertStatus.RESOLVED.value
    case = locked(Alert.select().where(*same, unresolved)).first()
    if case is not None:
        resolve_case(batch, case, OVER)


def deadline_finding(row: Complaint, told: str) -> Finding:
    what, _, level = told.partition(".")
    due_at = row.reply_due_at if what == "reply" else row.finish_due_at
    cause = Cause.COMPLAINT_OVERDUE if level == "overdue" else _CAUSES[what]
    account, day = mask_mch_id(row.mch_id), last_day(due_at)
    return Finding(
        AlertKind.COMPLAINT,
        row.complaint_id,
        row.order_num,
        cause,
        day,
        row.state,
        (
            Compared("complaint_id", None, row.complaint_id, True),
            Compared("complaint_state", None, row.state, level != "overdue"),
            Compared("mch_id", account, account, True),
        ),
        {"complaint": row.complaint_id, "account": account, "day": day},
        at_least=Severity.HIGH if level == "high" else Severity.CRITICAL,
    )
