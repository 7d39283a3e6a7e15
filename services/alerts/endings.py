"""Ends cases whose cause is over, inside a transaction and without a person."""

from __future__ import annotations

from collections.abc import Iterable

from models import Alert, AlertEntry
from models.alert import AlertStatus
from models.base import locked
from models.transaction import Batch, NewEvent
from payments.alert_kinds import Severity
from services.alerts.cases import add_to_gauges

OURSELVES = "system"
"""Who ended it, in the history."""


def end_cases(batch: Batch, subjects: Iterable[str]) -> None:
    """Resolve every unresolved case of these subjects; people see that nobody of them did it."""
    wanted = (Alert.subject.in_(sorted(set(subjects))), Alert.status != AlertStatus.RESOLVED.value)
    for row in locked(Alert.select().where(*wanted).order_by(Alert.id)):
        Alert.update(status=AlertStatus.RESOLVED.value, version=row.version + 1).where(
            Alert.id == row.id
        ).execute()
        AlertEntry.create(alert=row.id, at=batch.now, action="resolved", by=OURSELVES)
        add_to_gauges(batch, row.severity, -1)
        data = {
            "alertId": row.id,
            "alertKind": row.kind,
            "by": OURSELVES,
            "assignee": row.assignee,
            "note": None,
        }
        batch.emit(NewEvent("alert.resolved", row.order_num, data, Severity.INFO))
