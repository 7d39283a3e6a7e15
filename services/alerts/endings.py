"""Ends cases whose cause is over, inside a transaction and without a person."""

from __future__ import annotations

import json
from collections.abc import Iterable

from models import Alert, AlertEntry, Event
from models.alert import AlertStatus
from models.base import locked, rows
from models.transaction import Batch, NewEvent
from payments.alert_kinds import AlertKind, Severity
from payments.causes import Cause
from payments.masking import mask_text
from services.alerts.cases import add_to_gauges

OURSELVES = "system"
"""Who ended it, in the history."""


OVER = "over"
"""In the history of a case that stays open: a fault that it tells of has ended by itself."""
_COUNTED = ("alert.raised", "alert.repeated", "alert.reopened")
_RESOLVED = "alert.resolved"


def end_cases(batch: Batch, subjects: Iterable[str]) -> None:
    """Resolve every unresolved case of these subjects; people see that nobody of them did it."""
    wanted = (Alert.subject.in_(sorted(set(subjects))), Alert.status != AlertStatus.RESOLVED.value)
    for row in locked(Alert.select().where(*wanted).order_by(Alert.id)):
        resolve_case(batch, row)


def end_cause(batch: Batch, kind: AlertKind, order_num: str, cause: Cause, why: str) -> None:
    """Resolve the unresolved case of this order if `cause` is all that it tells of. If it counted
    other faults too, or some that no event names, it stays open, and its history says that one is
    over. `why` is a code of the words `reason.…`, and what it is about."""
    row = locked(
        Alert.select().where(
            Alert.kind == kind.value,
            Alert.subject == order_num,
            Alert.status != AlertStatus.RESOLVED.value,
        )
    ).first()
    if row is None:
        return
    told, events = _causes_of(row.id, order_num)
    if told == {cause.value} and events == row.count:
        resolve_case(batch, row, why)
    elif cause.value in told:
        AlertEntry.create(alert=row.id, at=batch.now, action=OVER, note=why)


def _causes_of(alert_id: int, order_num: str) -> tuple[set[str], int]:
    """The causes of a case that were told since it was opened last, and how often one was told in
    its whole life: of many repeats only some are."""
    told: set[str] = set()
    times = 0
    events = Event.select(Event.kind, Event.data).where(
        Event.order_num == order_num, Event.kind.in_((*_COUNTED, _RESOLVED))
    )
    for kind, text in rows(events.order_by(Event.seq)):
        data = json.loads(text)
        if data.get("alertId") != alert_id:
            continue
        times += kind != _RESOLVED
        told = set() if kind == _RESOLVED else told | {data.get("code", "")}
    return told, times


def resolve_case(batch: Batch, row: Alert, note: str | None = None, by: str = OURSELVES) -> None:
    """Resolve this unresolved case, whose row is locked; `note` begins with a code of the words
    `reason.…`."""
    Alert.update(status=AlertStatus.RESOLVED.value, version=row.version + 1).where(
        Alert.id == row.id
    ).execute()
    AlertEntry.create(alert=row.id, at=batch.now, action="resolved", by=by, note=note)
    add_to_gauges(batch, row.severity, -1)
    data = {
        "alertId": row.id,
        "alertKind": row.kind,
        "by": by,
        "assignee": row.assignee,
        "note": mask_text(note),
    }
    batch.emit(NewEvent(_RESOLVED, row.order_num, data, Severity.INFO))
