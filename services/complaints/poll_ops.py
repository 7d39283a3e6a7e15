"""How far the list of each account's complaints was read. Every few minutes the days that may still
be due are read again, once a day all that WeChat lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models import Complaint, ComplaintPoll
from models.base import rows
from models.transaction import Batch, dump
from payments.alert_kinds import AlertKind
from payments.causes import Cause
from payments.complaints.complaint import ListedComplaint
from payments.complaints.deadlines import day_of
from payments.errors import PaymentError
from payments.masking import mask_mch_id
from payments.payment_rules import Compared
from payments.v3.complaint import LIST_PAGE
from services.alerts.cases import Finding, raise_all
from services.alerts.recovery import note_over
from services.complaints.look_ops import CLAIM_MS, WantedLook, ask_soon, problem_of
from services.runtime.clock import DAY_MS, HOUR_MS, MINUTE_MS

POLL_MS = 10 * MINUTE_MS
PAGE_MS = 4000
"""Between two pages: WeChat takes twenty questions a minute from an account."""
WHOLE_DAYS, LATELY_DAYS = 30, 5
MOST_ROWS = 10_000
TELL_AT = 4
"""After so many failures in a row, a quarter of an hour, a case tells of them."""
FIRST_WAIT_MS = MINUTE_MS
"""After a page that failed; it doubles up to an hour."""


@dataclass(frozen=True)
class DuePoll:
    """The page that is read next: of the days from `begins` to `ends`, from the row `at_row`."""

    mch_id: str
    begins: str
    ends: str
    at_row: int
    due_at: int
    tries: int


@dataclass(frozen=True)
class PageRead:
    poll: DuePoll
    listed: tuple[ListedComplaint, ...]
    more: bool


@dataclass(frozen=True)
class FailedPoll:
    poll: DuePoll
    error: PaymentError


def plan_polls(batch: Batch, groups: Sequence[Sequence[str]]) -> list[None]:
    """Every account has a row, and one that is due and at its beginning has its days."""
    wanted = {mch_id for group in groups for mch_id in group}
    known = {mch_id for (mch_id,) in rows(ComplaintPoll.select(ComplaintPoll.mch_id))}
    for mch_id in sorted(wanted - known):
        ComplaintPoll.create(mch_id=mch_id, begins="", ends="", due_at=batch.now)
    starting = ComplaintPoll.select().where(
        ComplaintPoll.mch_id.in_(sorted(wanted)),
        ComplaintPoll.due_at <= batch.now,
        ComplaintPoll.begins == "",
    )
    for row in starting:
        is_whole = row.whole_at is None or batch.now - row.whole_at >= DAY_MS
        days = WHOLE_DAYS if is_whole else LATELY_DAYS
        ComplaintPoll.update(
            begins=day_of(batch.now - (days - 1) * DAY_MS),
            ends=day_of(batch.now),
            at_row=0,
            is_whole=int(is_whole),
        ).where(ComplaintPoll.mch_id == row.mch_id).execute()
    return [None] * len(groups)


def read_due_polls(now: int, accounts: Sequence[str]) -> list[DuePoll]:
    """A read: the page that has waited longest (ms), if one is due."""
    columns = (
        ComplaintPoll.mch_id,
        ComplaintPoll.begins,
        ComplaintPoll.ends,
        ComplaintPoll.at_row,
        ComplaintPoll.due_at,
        ComplaintPoll.tries,
    )
    due = ComplaintPoll.select(*columns).where(
        ComplaintPoll.due_at <= now,
        ComplaintPoll.begins != "",
        ComplaintPoll.mch_id.in_(list(accounts)),
    )
    return [DuePoll(*row) for row in rows(due.order_by(ComplaintPoll.due_at).limit(1))]


def claim_polls(batch: Batch, polls: Sequence[DuePoll]) -> list[bool]:
    """True for the one who is to read the page: over all processes nobody else does then."""
    return [
        bool(
            ComplaintPoll.update(due_at=batch.now + CLAIM_MS)
            .where(*_at(poll), ComplaintPoll.due_at == poll.due_at)
            .execute()
        )
        for poll in polls
    ]


def page_read(batch: Batch, pages: Sequence[PageRead]) -> list[None]:
    """Want a look at each complaint that is not known or has moved, and go on."""
    for page in pages:
        ask_soon(batch, _moved(page))
        if page.poll.tries:
            note_over(batch, [[(AlertKind.SYSTEM.value, _subject(page.poll))]])
        poll, after = page.poll, page.poll.at_row + LIST_PAGE
        if page.more and after < MOST_ROWS:
            next_: dict[str, object] = {"at_row": after, "due_at": batch.now + PAGE_MS}
        else:
            row = ComplaintPoll.get(ComplaintPoll.mch_id == poll.mch_id)
            whole_at = batch.now if row.is_whole else row.whole_at
            next_ = {"begins": "", "due_at": batch.now + POLL_MS, "done_at": batch.now}
            next_ |= {"whole_at": whole_at}
        ComplaintPoll.update({**next_, "tries": 0, "problem": None}).where(*_at(poll)).execute()
    return [None] * len(pages)


def fail_polls(batch: Batch, failed: Sequence[FailedPoll]) -> list[None]:
    """After some failures in a row a case says so, once."""
    told = [unread(each) for each in failed if each.poll.tries + 1 == TELL_AT]
    raise_all(batch, told)
    for each in failed:
        wait_ms = min(FIRST_WAIT_MS << min(each.poll.tries, 8), HOUR_MS)
        ComplaintPoll.update(
            due_at=batch.now + wait_ms,
            tries=ComplaintPoll.tries + 1,
            problem=dump(problem_of(each.error)),
        ).where(*_at(each.poll)).execute()
    return [None] * len(failed)


def unread(failed: FailedPoll) -> Finding:
    account, problem = mask_mch_id(failed.poll.mch_id), problem_of(failed.error)["code"]
    return Finding(
        AlertKind.SYSTEM,
        _subject(failed.poll),
        None,
        Cause.COMPLAINTS_UNREAD,
        None,
        problem,
        (Compared("answer", None, problem, False),),
        {"account": account, "problem": problem},
        authentic=False,
    )


def _subject(poll: DuePoll) -> str:
    return f"complaints {poll.mch_id}"


def _at(poll: DuePoll) -> tuple[object, ...]:
    """Conditions: nobody else has read on meanwhile."""
    return (
        ComplaintPoll.mch_id == poll.mch_id,
        ComplaintPoll.begins == poll.begins,
        ComplaintPoll.at_row == poll.at_row,
    )


def _moved(page: PageRead) -> list[WantedLook]:
    ids = [each.complaint_id for each in page.listed]
    known = Complaint.select(
        Complaint.complaint_id, Complaint.state, Complaint.times, Complaint.user_waits
    ).where(Complaint.complaint_id.in_(ids))
    as_kept = {row[0]: row[1:] for row in (rows(known) if ids else [])}
    return [
        WantedLook(each.complaint_id, page.poll.mch_id)
        for each in page.listed
        if as_kept.get(each.complaint_id) != (each.state, each.times, each.user_waits)
    ]
