"""The days of the accounts as rows: planned, claimed by one run at a time, followed and ended."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date as calendar_date
from datetime import timedelta
from typing import Any

from models import BillDay, Order
from models.base import rows
from models.transaction import Batch, dump
from payments.bills.differences import BillStatus
from payments.errors import PaymentError
from services.bills.bill_cases import tell_not_there
from services.bills.bill_dates import KEPT_DAYS, china_date, ready_at, start_of
from services.runtime.clock import DAY_MS, HOUR_MS, MINUTE_MS

LATE_MS = 2 * DAY_MS
"""So long after a day began its bill is missed: WeChat gives it in the morning after the day."""
FILE_MS = 10 * MINUTE_MS
"""A dropped file is matched within this time, or its process has ended."""
STALE_MS = 15_000
"""A run tells every second that it lives. One that has told nothing for so long is dead: its day is
free."""
AHEAD_MS = HOUR_MS
"""A run that told a time so far ahead counts as dead: a clock was wrong, and the day is not to wait
until it is right."""

_DEFAULTS = {
    name: field.default for name, field in BillDay._meta.fields.items() if field.default is not None
}


class DayTaken(PaymentError):
    code = "conflict"
    message = "Another run works on this day: wait until it has ended, and look again."


@dataclass(frozen=True)
class DayRun:
    """The work of one run on one day of an account (`YYYY-MM-DD`)."""

    mch_id: str
    date: str
    run: str


@dataclass(frozen=True)
class Plan:
    """The accounts whose days are to have rows, and the minute of the day after on which a bill is
    asked for."""

    mch_ids: tuple[str, ...]
    bill_minute: int


@dataclass(frozen=True)
class Step:
    """Where a run is: `done` of `whole` (0: not known)."""

    of: DayRun
    step: str
    done: int = 0
    whole: int = 0


@dataclass(frozen=True)
class NotMatched:
    """A run that ended without a match: waiting, or failed. `problem` has `code` and `values`; at
    `due_at` it is tried again by itself (None: never)."""

    of: DayRun
    status: BillStatus
    problem: Mapping[str, Any]
    due_at: int | None


def day_of(mch_id: str, day: str) -> tuple[Any, Any]:
    """Conditions: the row of this day of the account."""
    return BillDay.mch_id == mch_id, BillDay.date == day


def is_run(of: DayRun) -> tuple[Any, ...]:
    """Conditions: the row of its day, as long as it is this run's."""
    return (*day_of(of.mch_id, of.date), BillDay.run == of.run)


def plan_days(batch: Batch, plans: Sequence[Plan]) -> list[None]:
    """Make the rows that are missing: from an account's first order on, of the last 90 days."""
    for plan in plans:
        for mch_id in plan.mch_ids:
            _plan(batch, mch_id, plan.bill_minute)
    return [None] * len(plans)


def _plan(batch: Batch, mch_id: str, bill_minute: int) -> None:
    first = rows(
        Order.select(Order.created_at)
        .where(Order.mch_id == mch_id)
        .order_by(Order.created_at)
        .limit(1)
    )
    if not first:
        return
    today = china_date(batch.now)
    start = max(china_date(first[0][0]), today - timedelta(days=KEPT_DAYS))
    wanted = [start + timedelta(days=n) for n in range((today - start).days)]
    known = {
        day
        for (day,) in rows(
            BillDay.select(BillDay.date).where(
                BillDay.mch_id == mch_id, BillDay.date >= start.isoformat()
            )
        )
    }
    batch.sql.insert(
        BillDay,
        [
            _new(mch_id, day.isoformat(), batch.now, ready_at(day, bill_minute))
            for day in wanted
            if day.isoformat() not in known
        ],
        ignore=True,
    )


def _new(mch_id: str, day: str, now: int, due_at: int | None) -> dict[str, Any]:
    given = {"mch_id": mch_id, "date": day, "due_at": due_at, "updated_at": now}
    return {**_DEFAULTS, "status": BillStatus.WAITING.value, **given}


def claim_days(batch: Batch, runs: Sequence[DayRun]) -> list[DayTaken | None]:
    """Begin each run, if no other works on its day. A day that is due although a run works on it
    became so since: the run knows nothing of the reason, and the day is worked on again."""
    return [_claim(batch, run) for run in runs]


def is_free(now: int) -> Any:
    """A condition: no run that lives works on the day."""
    lives = BillDay.updated_at.between(now - STALE_MS, now + AHEAD_MS)
    return BillDay.run.is_null() | ~lives


def _claim(batch: Batch, run: DayRun) -> DayTaken | None:
    batch.sql.insert(BillDay, [_new(run.mch_id, run.date, batch.now, None)], ignore=True)
    batch.sql.flush()
    changed = {"run": run.run, "step": "fetching", "done": 0, "whole": 0, "due_at": None}
    taken = BillDay.update(**changed, updated_at=batch.now).where(
        *day_of(run.mch_id, run.date), is_free(batch.now)
    )
    return None if taken.execute() else DayTaken()


def tell_steps(batch: Batch, steps: Sequence[Step]) -> list[DayTaken | None]:
    """DayTaken when another has taken over: then this run must stop."""
    answers: list[DayTaken | None] = []
    for step in steps:
        changed = {"step": step.step, "done": step.done, "whole": step.whole}
        query = BillDay.update(**changed, updated_at=batch.now).where(*is_run(step.of))
        answers.append(None if query.execute() else DayTaken())
    return answers


def end_unmatched(batch: Batch, ends: Sequence[NotMatched]) -> list[None]:
    """What an earlier bill of the day said stays; only why there is no newer one is told."""
    for end in ends:
        where = is_run(end.of)
        row = BillDay.get_or_none(*where)
        if row is None:
            continue
        never_matched = row.status in (BillStatus.WAITING, BillStatus.FAILED)
        BillDay.update(
            status=end.status.value if never_matched else row.status,
            problem=dump(dict(end.problem)),
            due_at=end.due_at,
            tries=row.tries + 1,
            run=None,
            step=None,
            updated_at=batch.now,
        ).where(*where).execute()
        day = calendar_date.fromisoformat(end.of.date)
        if never_matched and batch.now >= start_of(day) + LATE_MS:
            tell_not_there(batch, end.of.mch_id, end.of.date, str(end.problem["code"]))
    return [None] * len(ends)


def give_up(batch: Batch, runs: Sequence[DayRun]) -> list[None]:
    """A run that was interrupted: its day is free again, and due at once."""
    for run in runs:
        BillDay.update(run=None, step=None, due_at=batch.now).where(*is_run(run)).execute()
    return [None] * len(runs)


def ask_for_days(batch: Batch, days: Sequence[tuple[str, str]]) -> list[None]:
    """Each (account, date) is due now, unless a run is working on it."""
    return _queue(batch, days, due_at=batch.now)


def queue_days(batch: Batch, days: Sequence[tuple[str, str]]) -> list[None]:
    """A file of each (account, date) waits for its turn. Should its process end before, WeChat is
    asked for the bill."""
    return _queue(batch, days, due_at=batch.now + FILE_MS)


def _queue(batch: Batch, days: Sequence[tuple[str, str]], **more: Any) -> list[None]:
    for mch_id, day in days:
        batch.sql.insert(BillDay, [_new(mch_id, day, batch.now, None)], ignore=True)
        batch.sql.flush()
        where = (*day_of(mch_id, day), BillDay.run.is_null())
        BillDay.update(step="queued", done=0, whole=0, **more).where(*where).execute()
    return [None] * len(days)


# --- reads ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DueDay:
    mch_id: str
    date: str
    tries: int
    problem: str | None

    @property
    def day(self) -> calendar_date:
        return calendar_date.fromisoformat(self.date)

    @property
    def last_code(self) -> str:
        """Of the try before."""
        return str(json.loads(self.problem or "{}").get("code", ""))


def due_days(now: int, mch_ids: Sequence[str]) -> list[DueDay]:
    """A read: the next day that is due, the newest first, of those that can be fetched. A day is
    due also where its run has died."""
    today = china_date(now)
    oldest = (today - timedelta(days=KEPT_DAYS)).isoformat()
    columns = (BillDay.mch_id, BillDay.date, BillDay.tries, BillDay.problem)
    query = BillDay.select(*columns).where(
        (BillDay.due_at <= now) | BillDay.run.is_null(False),
        BillDay.date >= oldest,
        BillDay.date < today.isoformat(),
        is_free(now),
        BillDay.mch_id.in_(list(mch_ids)),
    )
    return [DueDay(*row) for row in rows(query.order_by(BillDay.date.desc()).limit(1))]


def read_tries(mch_id: str, day: str) -> int:
    """A read."""
    found = rows(BillDay.select(BillDay.tries).where(*day_of(mch_id, day)))
    return found[0][0] if found else 0


@dataclass(frozen=True)
class DayFigures:
    """A day as a command shows it; amounts in fen."""

    date: str
    mch_id: str
    status: str
    rows_count: int
    wechat_paid_fen: int
    our_paid_fen: int
    wechat_refunded_fen: int
    our_refunded_fen: int
    wechat_fee_fen: int
    wechat_net_fen: int
    open_count: int
    unexplained_fen: int
    from_file: bool
    problem: str | None

    @property
    def words(self) -> str:
        """Why it has no match, in English."""
        return str(json.loads(self.problem)["words"]) if self.problem else ""


def day_figures(mch_ids: Sequence[str], day: str) -> list[DayFigures]:
    """A read."""
    columns = [getattr(BillDay, each.name) for each in fields(DayFigures)]
    query = BillDay.select(*columns).where(BillDay.date == day, BillDay.mch_id.in_(list(mch_ids)))
    return [DayFigures(*row) for row in rows(query.order_by(BillDay.mch_id))]
