"""The case of each kind of difference on a day of an account: raised once, counted up when more are
found, ended when none is open."""

from __future__ import annotations

from collections import Counter as Numbers
from typing import NamedTuple

from models import Alert, AlertEntry, BillDifference
from models.alert import AlertStatus
from models.base import how_many, rows
from models.transaction import Batch
from payments.alert_kinds import AlertKind
from payments.bills.differences import DifferenceKind, DifferenceStatus
from payments.causes import Cause
from services.alerts.cases import Cases, Finding, raise_all
from services.alerts.endings import OURSELVES, end_cases
from services.bills.day_counts import of_day


class _Known(NamedTuple):
    """A case as it is: its number, its count, and whether we ended it ourselves."""

    times: int
    ended_by_us: bool


def subject_of(mch_id: str, date: str, kind: str) -> str:
    return f"bill {date} {mch_id} {kind}"


def follow_cases(batch: Batch, mch_id: str, date: str) -> None:
    """After each change of the day's differences. The count of a case is the number of all of them;
    so a match that brings nothing new changes none, and a case that a person resolved stays so."""
    total, still_open = _numbers(mch_id, date)
    subjects = {kind.value: subject_of(mch_id, date, kind) for kind in DifferenceKind}
    end_cases(batch, [subject for kind, subject in subjects.items() if not still_open[kind]])
    known = _known([subjects[kind] for kind in still_open])
    more = {}
    for kind in sorted(still_open):
        case = known.get(subjects[kind])
        added = total[kind] - (case.times if case else 0)
        if added > 0 or (case and case.ended_by_us):
            more[kind] = added
    if not more:
        return
    findings = {kind: differing(mch_id, date, kind, total[kind]) for kind in more}
    cases = Cases(batch, [finding.key for finding in findings.values()])
    for kind, finding in findings.items():
        cases.add(finding, max(more[kind], 0), max(more[kind], 0))
    cases.flush()


NOT_THERE = "not_there"


def tell_not_there(batch: Batch, mch_id: str, date: str, problem: str) -> None:
    """The bill of a day that is long over could not be matched: one case, until it is."""
    finding = not_there(mch_id, date, problem)
    if finding.subject not in _known([finding.subject]):
        raise_all(batch, [finding])


def not_there(mch_id: str, date: str, problem: str) -> Finding:
    return Finding(
        AlertKind.RECONCILE_GAP,
        subject_of(mch_id, date, NOT_THERE),
        None,
        Cause.BILL_NOT_THERE,
        None,
        None,
        values={"date": date, "account": mch_id, "problem": problem},
    )


def end_not_there(batch: Batch, mch_id: str, date: str) -> None:
    end_cases(batch, [subject_of(mch_id, date, NOT_THERE)])


def _numbers(mch_id: str, date: str) -> tuple[Numbers[str], Numbers[str]]:
    """Of each kind all differences, and the open ones."""
    query = BillDifference.select(
        BillDifference.kind, BillDifference.status, how_many(BillDifference.id)
    ).where(*of_day(mch_id, date), BillDifference.status != DifferenceStatus.HELD.value)
    total, still_open = Numbers[str](), Numbers[str]()
    for kind, status, count in rows(query.group_by(BillDifference.kind, BillDifference.status)):
        total[kind] += count
        if status == DifferenceStatus.OPEN:
            still_open[kind] += count
    return total, still_open


def _known(subjects: list[str]) -> dict[str, _Known]:
    query = Alert.select(Alert.id, Alert.subject, Alert.count, Alert.status).where(
        Alert.subject.in_(subjects), Alert.kind == AlertKind.RECONCILE_GAP.value
    )
    return {
        subject: _Known(count, status == AlertStatus.RESOLVED and _last_by(id_) == OURSELVES)
        for id_, subject, count, status in rows(query)
    }


def _last_by(alert_id: int) -> str | None:
    """Who resolved it last."""
    query = AlertEntry.select(AlertEntry.by).where(
        AlertEntry.alert == alert_id, AlertEntry.action == "resolved"
    )
    found = rows(query.order_by(AlertEntry.id.desc()).limit(1))
    return found[0][0] if found else None


def differing(mch_id: str, date: str, kind: str, count: int) -> Finding:
    """The account in full: it is ours, and a person has to find the day on the page."""
    return Finding(
        AlertKind.RECONCILE_GAP,
        subject_of(mch_id, date, kind),
        None,
        Cause.BILL_DIFFERS,
        None,
        None,
        values={"date": date, "account": mch_id, "difference": kind, "count": count},
    )
