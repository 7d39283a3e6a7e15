"""What a match found, written: differences, WeChat's times on our bookings, the figures of the day.

Each op does nothing for a run that has lost its day to another: it answers DayTaken. A run that was
killed half-way is done again from the start, and its second time writes the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date as calendar_date
from typing import Any, Generic, TypeVar

from models import BillDay, BillDifference
from models.base import locked, rows
from models.transaction import Batch, dump
from payments.bills.differences import (
    ASKED,
    PROPOSALS,
    BillStatus,
    DifferenceKind,
    DifferenceStatus,
    Proposal,
    Resolution,
)
from services.bills.bill_cases import end_not_there, follow_cases
from services.bills.bill_dates import china_date
from services.bills.bill_days import DayRun, DayTaken, day_of, is_run
from services.bills.day_counts import is_over, of_day, recount
from services.bills.day_news import differences_changed, tell_news
from services.bills.match_lines import (
    FoundDifference,
    MatchedBill,
    MovedBooking,
    ToldDifference,
)
from services.bills.order_news import tell_found, tell_opened, tell_resolved, told_of
from services.bills.pairing.bill_span import BillSpan
from services.bills.pairing.midnight import awaited_by
from services.runtime.clock import HOUR_MS
from services.settlement.report_counts import date_payment, date_refund

OPEN, HELD, RESOLVED = (
    DifferenceStatus.OPEN.value,
    DifferenceStatus.HELD.value,
    DifferenceStatus.RESOLVED.value,
)
SIDES = ("ours", "wechat", "difference_fen")
ASK_AGAIN_MS = HOUR_MS
"""A run that asked WeChat about everything takes this back; one that was killed, or that got no
answer, leaves it."""
LONGEST = BillDifference.subject.max_length

Told = TypeVar("Told")


@dataclass(frozen=True)
class OfRun(Generic[Told]):
    """Some of what a run told."""

    of: DayRun
    told: Sequence[Told]


@dataclass(frozen=True)
class MatchEnd:
    """The end of a run; `digest` is of the bills' files, None where WeChat says that nothing moved.
    `due_at` (ms): when the day is looked at again by itself. `from_file`: WeChat has not proven the
    bill, so what it does not have any more is not resolved."""

    of: DayRun
    bill: MatchedBill
    digest: str | None
    due_at: int | None = None
    from_file: bool = False


@dataclass(frozen=True)
class AllAsked:
    """WeChat has answered whatever this run asked it; `due_at` as that of MatchEnd."""

    of: DayRun
    due_at: int | None


def put_differences(
    batch: Batch, chunks: Sequence[OfRun[FoundDifference]]
) -> list[DayTaken | None]:
    return _each_held(batch, chunks, _put)


def move_bookings(batch: Batch, chunks: Sequence[OfRun[MovedBooking]]) -> list[DayTaken | None]:
    """Write WeChat's time onto what is booked here, as by it the money belongs to this bill's day;
    what the bill of the booking's own day missed is explained."""
    return _each_held(batch, chunks, _move)


def tell_held(batch: Batch, chunks: Sequence[OfRun[ToldDifference]]) -> list[DayTaken | None]:
    """What was held for this bill, which has it not: from now on it counts, on its own day."""
    return _each_held(batch, chunks, _tell)


def _each_held(
    batch: Batch, chunks: Sequence[OfRun[Any]], write: Callable[[Batch, OfRun[Any]], None]
) -> list[DayTaken | None]:
    answers: list[DayTaken | None] = []
    for chunk in chunks:
        holds = bool(rows(locked(BillDay.select(BillDay.id).where(*is_run(chunk.of)))))
        if holds:
            BillDay.update(updated_at=batch.now).where(*is_run(chunk.of)).execute()
            write(batch, chunk)
        answers.append(None if holds else DayTaken())
    return answers


def _put(batch: Batch, chunk: OfRun[FoundDifference]) -> None:
    of = chunk.of
    found = {(each.kind.value, each.subject[:LONGEST]): _columns(each) for each in chunk.told}
    earlier = BillDifference.select().where(
        *of_day(of.mch_id, of.date),
        BillDifference.subject.in_(sorted({subject for _, subject in found})),
    )
    known = {(row.kind, row.subject): row for row in earlier}
    opened = [
        row.id for key, row in known.items() if key in found and _repeat(row, found[key], of.run)
    ]
    tell_opened(batch, of.mch_id, of.date, opened)
    always = {"mch_id": of.mch_id, "date": of.date, "run": of.run, "found_at": batch.now}
    always["told"] = False
    new = [columns | always for key, columns in found.items() if key not in known]
    for each in tell_found(batch, of.mch_id, of.date, [e for e in new if e["status"] == OPEN]):
        each["told"] = True
    batch.sql.insert(BillDifference, new, ignore=True)


def _columns(found: FoundDifference) -> dict[str, Any]:
    return {
        "kind": found.kind.value,
        "subject": found.subject[:LONGEST],
        "order_num": found.order_num,
        "transaction_id": found.transaction_id,
        "refund_num": found.refund_num,
        "ours": _text(found.ours),
        "wechat": _text(found.wechat),
        "difference_fen": found.difference_fen,
        "status": HELD if found.held else OPEN,
        "proposal": PROPOSALS.get(found.kind, Proposal.LOOK).value,
        "evidence": dump(found.evidence),
    }


def _repeat(row: BillDifference, columns: dict[str, Any], run: str) -> bool:
    """Found again. What a person has decided stays, unless it is another difference by now. True
    where it is open by this."""
    same = all(getattr(row, name) == columns[name] for name in SIDES)
    by_person = row.status == RESOLVED and row.resolution != Resolution.HEALED
    changed = {name: columns[name] for name in (*SIDES, "evidence")} | {"run": run}
    turns = not (same and by_person) and row.status != columns["status"]
    if turns:
        of_before = dict.fromkeys(("resolution", "resolved_at", "resolved_by", "note"))
        changed |= of_before | {"status": columns["status"]}  # the audit log keeps the words
    BillDifference.update(**changed).where(BillDifference.id == row.id).execute()
    return turns and columns["status"] == OPEN


def _move(batch: Batch, chunk: OfRun[MovedBooking]) -> None:
    explained = set()
    for moved in chunk.told:
        if china_date(moved.at) == calendar_date.fromisoformat(chunk.of.date):
            _date(batch, moved)
        if moved.booked_date and _explain(batch, chunk.of.mch_id, moved):
            explained.add(moved.booked_date)
    for date in sorted(explained):
        differences_changed(batch, chunk.of.mch_id, date)


def _date(batch: Batch, moved: MovedBooking) -> None:
    if moved.kind is DifferenceKind.REFUND_MISSING_AT_WECHAT:
        date_refund(batch, moved.subject, moved.at)
    else:
        date_payment(batch, moved.subject, moved.at)


def _explain(batch: Batch, mch_id: str, moved: MovedBooking) -> bool:
    """True when people were told of a difference that is explained now."""
    same = (
        *of_day(mch_id, moved.booked_date or ""),
        BillDifference.kind == moved.kind.value,
        BillDifference.subject == moved.subject,
    )
    BillDifference.delete().where(*same, BillDifference.status == HELD).execute()
    return _heal(batch, *same, BillDifference.status == OPEN) > 0


def _tell(batch: Batch, chunk: OfRun[ToldDifference]) -> None:
    for told in chunk.told:
        held = BillDifference.id == told.id, BillDifference.status == HELD
        row = BillDifference.get_or_none(*held)
        if row is not None:
            BillDifference.update(status=OPEN).where(*held).execute()
            tell_opened(batch, row.mch_id, row.date, [row.id])
            if row.date != chunk.of.date:  # that one is counted at the end
                differences_changed(batch, row.mch_id, row.date)


def _heal(batch: Batch, *where: Any) -> int:
    healed = {"status": RESOLVED, "resolution": Resolution.HEALED.value, "resolved_at": batch.now}
    told = told_of(*where)
    count: int = BillDifference.update(**healed).where(*where).execute()
    tell_resolved(batch, told)
    return count


def end_matches(batch: Batch, ends: Sequence[MatchEnd]) -> list[DayTaken | None]:
    return [_end(batch, end) for end in ends]


def _end(batch: Batch, end: MatchEnd) -> DayTaken | None:
    """Resolve what this run did not find any more, and tell what the day is now, where that is
    news."""
    of = end.of
    before = locked(BillDay.select().where(*is_run(of))).first()
    if before is None:
        return DayTaken()
    if not end.from_file:
        gone = (*of_day(of.mch_id, of.date), BillDifference.run != of.run)
        BillDifference.delete().where(*gone, BillDifference.status == HELD).execute()
        _heal(batch, *gone, BillDifference.status == OPEN)
    BillDay.update(
        **_sums(end.bill),
        status=(BillStatus.MATCHED if end.digest else BillStatus.NONE).value,
        digest=end.digest,
        from_file=end.from_file,
        fetched_at=batch.now,
        problem=None,
        tries=0,
        due_at=_due_again(batch, before.due_at, end),
        run=None,
        step=None,
        done=0,
        whole=0,
    ).where(*is_run(of)).execute()
    recount(batch, of.mch_id, of.date)
    follow_cases(batch, of.mch_id, of.date)
    end_not_there(batch, of.mch_id, of.date)
    _look_again_at_held(batch, of.mch_id, of.date)
    tell_news(batch, before)
    return None


def _look_again_at_held(batch: Batch, mch_id: str, date: str) -> None:
    """What is held although the bill that it waits for is matched: both days were matched at one
    time, and neither knew of the other. The day that holds it is due now, and its next match knows.
    """
    span = BillSpan.of(date)
    near = [date, span.beside(-1), span.beside(1)]
    query = BillDifference.select(BillDifference.date, BillDifference.evidence).where(
        BillDifference.mch_id == mch_id,
        BillDifference.date.in_(near),
        BillDifference.status == HELD,
    )
    waiting = {(held_on, awaited_by(held_on, evidence)) for held_on, evidence in rows(query)}
    awaited = sorted({beside for _, beside in waiting if beside})
    if not awaited:
        return
    beside_days = BillDay.select(
        BillDay.date, BillDay.status, BillDay.from_file, BillDay.due_at, BillDay.run
    ).where(BillDay.mch_id == mch_id, BillDay.date.in_(awaited))
    there = {
        day
        for day, status, from_file, due_at, run in rows(beside_days)
        if is_over(status, from_file, due_at is not None or run is not None)
    }
    late = sorted({held_on for held_on, beside in waiting if beside in there})
    where = BillDay.mch_id == mch_id, BillDay.date.in_(late), BillDay.run.is_null()
    BillDay.update(due_at=batch.now).where(*where).execute()


def _due_again(batch: Batch, since: int | None, end: MatchEnd) -> int | None:
    """`since`: what happened during the run made the day due then."""
    by_itself = end.due_at or _ask_again_at(batch, end.of)
    return min((at for at in (since, by_itself) if at is not None), default=None)


def _ask_again_at(batch: Batch, of: DayRun) -> int | None:
    asked = BillDifference.kind.in_([kind.value for kind in ASKED])
    is_open = *of_day(of.mch_id, of.date), BillDifference.status == OPEN, asked
    return (
        batch.now + ASK_AGAIN_MS if rows(BillDifference.select().where(*is_open).limit(1)) else None
    )


def end_asking(batch: Batch, ends: Sequence[AllAsked]) -> list[None]:
    """The day is due no more, unless it is due now for another reason."""
    for end in ends:
        idle = BillDay.run.is_null(), BillDay.due_at > batch.now
        whose = day_of(end.of.mch_id, end.of.date)
        BillDay.update(due_at=end.due_at).where(*whose, *idle).execute()
    return [None] * len(ends)


def _sums(bill: MatchedBill) -> dict[str, Any]:
    """By the columns of BillDay."""
    told = bill._asdict()
    rows_count = told.pop("rows")
    del told["differences"], told["held"]  # counted from the rows themselves
    return {"rows_count": rows_count, **told}


def _text(value: int | str | None) -> str | None:
    return None if value is None else str(value)[:LONGEST]
