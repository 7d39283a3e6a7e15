"""Alert cases inside a transaction: raise, count, reopen; one case for one cause."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import Enum, auto
from typing import Any

from models import Alert, AlertEntry, AlertMessage
from models.alert import AlertStatus, MessageState
from models.statements import Dialect
from models.transaction import Batch, NewEvent, dump
from payments.alert_kinds import AlertKind, Severity
from payments.cause_sentences import sentence
from payments.causes import Cause, CauseValues
from payments.payment_rules import Compared
from services.alerts.rules import (
    FORGED_COUNT,
    LEAVES_FROM,
    LEVELS,
    SLIGHT_FEN,
    Values,
    read_values,
    severity_of,
)
from services.runtime.clock import MINUTE_MS

OPEN_GAUGE = "alerts_unresolved"
CRITICAL_GAUGE = "alerts_critical"
OPEN_STEPS = "alert_steps"
"""The change of OPEN_GAUGE in each minute."""
BURST_MS = 10 * MINUTE_MS
_RANK = {level.value: rank for rank, level in enumerate(LEVELS)}

LONGEST_SUBJECT = Alert.subject.max_length
Key = tuple[str, str]


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: its cause with the cause's values, and its evidence. `subject` is
    the order number or source; `at_least` makes it graver than its kind is."""

    kind: AlertKind
    subject: str
    order_num: str | None
    cause: Cause
    expected: int | str | None
    actual: int | str | None
    fields: tuple[Compared, ...] = ()
    values: CauseValues = field(default_factory=dict)
    notice_id: str | None = None
    authentic: bool = True
    event_data: dict[str, Any] = field(default_factory=dict)
    at_least: Severity = LEVELS[0]

    def __post_init__(self) -> None:
        object.__setattr__(self, "subject", fitted(self.subject))

    @property
    def key(self) -> Key:
        return self.kind.value, self.subject

    @property
    def rule(self) -> str:
        return sentence(self.cause, self.values)

    def evidence(self) -> str:
        return dump(
            {
                "code": self.cause.value,
                "values": dict(self.values),
                "rule": self.rule,
                "fields": [asdict(row) for row in self.fields],
                "notifyId": self.notice_id,
            }
        )

    def told(self) -> dict[str, Any]:
        """The values that every event about the case shows, beside those of the single event."""
        message = {"message": self.rule} if self.kind is AlertKind.SYSTEM else {}
        return {
            "alertKind": self.kind.value,
            "code": self.cause.value,
            "values": dict(self.values),
            "expected": self.expected,
            "actual": self.actual,
            **message,
            **self.event_data,
        }


def fitted(subject: str) -> str:
    """The subject within its column; one that is longer ends in a digest of the whole, so that two
    with the same beginning stay two cases."""
    if len(subject) <= LONGEST_SUBJECT:
        return subject
    digest = hashlib.sha256(subject.encode()).hexdigest()[:8]
    return f"{subject[: LONGEST_SUBJECT - 9]}~{digest}"


class Raised(Enum):
    """The effect of a finding on its case."""

    OPENED = auto()
    REPEATED = auto()
    COUNTED = auto()


@dataclass
class _Case:
    id: int
    status: str
    count: int
    severity: str
    counted: bool = False
    shown: Finding | None = None
    """The finding whose evidence the case is to show from now on, if it changes."""


class Cases:
    """The cases that a batch of findings touches. Call `raise_` for each, then `flush`."""

    def __init__(self, batch: Batch, keys: Iterable[Key]) -> None:
        self._batch = batch
        self._cases: dict[Key, _Case] = {}
        self._values: Values | None = None
        self._messages: list[dict[str, Any]] = []
        wanted = set(keys)
        subjects = sorted({subject for _, subject in wanted})
        for row in batch.sql.fetch(_select_cases, subjects):
            id_, kind, subject, status, count, severity = row
            if (kind, subject) in wanted:
                self._cases[kind, subject] = _Case(id_, status, count, severity)

    def raise_(self, finding: Finding) -> Raised:
        """Open, count or reopen the case. Every authentic repeat is announced and becomes the
        case's evidence; one that proves nothing only at counts 2, 4, 8, …, so that a forger
        can fill neither the screen nor the disk. So is a repeat that makes its case graver."""
        case = self._cases.get(finding.key)
        if case is None:
            case = self._cases[finding.key] = self._open(finding)
            self._announce("alert.raised", case, finding)
            return Raised.OPENED
        case.count += 1
        case.counted = True
        power_of_two = case.count & (case.count - 1) == 0
        reopened = case.status == AlertStatus.RESOLVED
        rose = not reopened and self._rise(case, finding)
        if not (finding.authentic or power_of_two or reopened or rose):
            return Raised.COUNTED
        case.shown = finding
        if reopened:
            self._reopen(case, finding)
            return Raised.OPENED
        if power_of_two:
            self._enter(case, "repeated")
        self._announce("alert.repeated", case, finding)
        return Raised.REPEATED

    def __contains__(self, key: Key) -> bool:
        return key in self._cases

    def add(self, finding: Finding, times: int, span: int) -> None:
        """Count `times` more at once, without evidence of their own. The latest count of 2, 4, 8,
        … is announced if it is among the last `span`."""
        if finding.key not in self:
            self.raise_(finding)
            times -= 1
        case = self._cases[finding.key]
        case.count += times
        case.counted = True
        power_of_two = 1 << (case.count.bit_length() - 1)
        if case.status == AlertStatus.RESOLVED:
            self._reopen(case, finding)
        elif self._rise(case, finding):
            self._announce("alert.repeated", case, finding)
        elif power_of_two > case.count - span:
            self._enter(case, "repeated", power_of_two)
            self._announce("alert.repeated", case, finding, power_of_two)

    def flush(self) -> None:
        """Write what changed; the database order of cases is their order by id."""
        now = self._batch.now
        cases = sorted(self._cases.values(), key=lambda case: case.id)
        counts = [
            {
                "id": case.id,
                "status": case.status,
                "count": case.count,
                "severity": case.severity,
                "last_seen": now,
            }
            for case in cases
            if case.counted
        ]
        shown = [
            {
                "id": case.id,
                "expected": dump(case.shown.expected),
                "actual": dump(case.shown.actual),
                "evidence": case.shown.evidence(),
            }
            for case in cases
            if case.shown
        ]
        self._batch.sql.write(_count_case, counts)
        self._batch.sql.write(_show_case, shown)
        self._batch.sql.insert(AlertMessage, self._messages)
        self._messages = []

    def severity(self, finding: Finding) -> Severity:
        """How grave a case of this is, by the alert rules of now."""
        set_ = Severity(self._value(severity_of(finding.kind)))
        if finding.kind is AlertKind.AMOUNT_MISMATCH and self._is_slight(finding):
            set_ = Severity.MEDIUM
        return max(set_, finding.at_least, key=lambda level: _RANK[level])

    def _is_slight(self, finding: Finding) -> bool:
        """A little more was paid than is due, as little as the rules let pass as medium."""
        due, paid = finding.expected, finding.actual
        if not (isinstance(due, int) and isinstance(paid, int)):
            return False
        limit: int = self._value(SLIGHT_FEN)
        return 0 < paid - due < limit

    def _value(self, name: str) -> Any:
        if self._values is None:
            self._values = read_values()
        return self._values[name]

    def _rise(self, case: _Case, finding: Finding) -> bool:
        """A repeat may make an unresolved case graver, never milder."""
        if case.severity == Severity.CRITICAL:
            return False
        wanted = Severity.CRITICAL if self._is_burst(case, finding) else self.severity(finding)
        before = case.severity
        if _RANK[wanted] <= _RANK[before]:
            return False
        case.severity = wanted.value
        if wanted is Severity.CRITICAL:
            self._batch.add(CRITICAL_GAUGE, 0, 1)
        if not self._leaves(before):
            self._tell(case, "graver")
        return True

    def _is_burst(self, case: _Case, finding: Finding) -> bool:
        """True when a source has reached the number of bad signatures, within ten minutes of its
        first, that makes its case critical."""
        if finding.kind is not AlertKind.BAD_SIGNATURE:
            return False
        limit = self._value(FORGED_COUNT)
        if not limit or case.count < limit:
            return False
        last = (
            AlertEntry.select(AlertEntry.at, AlertEntry.count)
            .where(AlertEntry.alert == case.id, AlertEntry.action.in_(("raised", "reopened")))
            .where(AlertEntry.count.is_null(False))
            .order_by(AlertEntry.id.desc())
            .first()
        )
        recent = bool(self._batch.now - last.at <= BURST_MS)
        return recent and bool(case.count - last.count + 1 >= limit)

    def _leaves(self, severity: str) -> bool:
        """Whether a case so grave is told outside the console."""
        return _RANK[severity] >= _RANK[self._value(LEAVES_FROM)]

    def _tell(self, case: _Case, cause: str) -> None:
        """Leave a message for the outbox, in the transaction of the case itself."""
        if self._leaves(case.severity):
            now = self._batch.now
            self._messages.append(
                {
                    "alert": case.id,
                    "channel": "",
                    "cause": cause,
                    "count": case.count,
                    "state": MessageState.NEW.value,
                    "attempts": 0,
                    "created_at": now,
                    "due_at": now,
                }
            )

    def _open(self, finding: Finding) -> _Case:
        now, severity = self._batch.now, self.severity(finding)
        alert = Alert.create(
            kind=finding.kind.value,
            subject=finding.subject,
            severity=severity.value,
            order_num=finding.order_num,
            first_seen=now,
            last_seen=now,
            expected=dump(finding.expected),
            actual=dump(finding.actual),
            evidence=finding.evidence(),
        )
        case = _Case(alert.id, AlertStatus.OPEN, 1, severity.value)
        self._enter(case, "raised")
        self._gauge(case, 1)
        self._tell(case, "raised")
        return case

    def _reopen(self, case: _Case, finding: Finding) -> None:
        case.status, case.severity = AlertStatus.OPEN, self.severity(finding).value
        Alert.update(version=Alert.version + 1, assignee=None).where(Alert.id == case.id).execute()
        self._enter(case, "reopened")
        self._gauge(case, 1)
        self._tell(case, "reopened")
        self._announce("alert.reopened", case, finding)

    def _enter(self, case: _Case, action: str, count: int | None = None) -> None:
        reached = count or case.count
        AlertEntry.create(alert=case.id, at=self._batch.now, action=action, count=reached)

    def _gauge(self, case: _Case, step: int) -> None:
        add_to_gauges(self._batch, case.severity, step)

    def _announce(self, kind: str, case: _Case, finding: Finding, count: int | None = None) -> None:
        data = {
            "alertId": case.id,
            "count": count or case.count,
            **finding.told(),
        }
        event = NewEvent(kind, finding.order_num, data, Severity(case.severity))
        self._batch.emit(event)


def raise_all(batch: Batch, findings: Iterable[Finding]) -> None:
    """Open, count or reopen the case of each, in their order."""
    found = list(findings)
    cases = Cases(batch, [finding.key for finding in found])
    for finding in found:
        cases.raise_(finding)
    cases.flush()


def add_to_gauges(batch: Batch, severity: str, step: int) -> None:
    """Keep the tiles' number of unresolved alerts."""
    batch.add(OPEN_GAUGE, 0, step)
    batch.add(OPEN_STEPS, batch.now // MINUTE_MS * MINUTE_MS, step)
    if severity == Severity.CRITICAL:
        batch.add(CRITICAL_GAUGE, 0, step)


def _select_cases(d: Dialect) -> Any:
    query = Alert.select(
        Alert.id, Alert.kind, Alert.subject, Alert.status, Alert.count, Alert.severity
    ).where(d.among(Alert.subject))
    return query.order_by(Alert.id).for_update() if d.locks_rows else query


def _count_case(d: Dialect) -> Any:
    return _update(d, "status", "count", "severity", "last_seen")


def _show_case(d: Dialect) -> Any:
    return _update(d, "expected", "actual", "evidence")


def _update(d: Dialect, *names: str) -> Any:
    values = {getattr(Alert, name): d[name] for name in names}
    return Alert.update(values).where(Alert.id == d["id"])
