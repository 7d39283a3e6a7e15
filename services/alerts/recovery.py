"""Faults that end by themselves: the history of the case says so, and a case that nobody has taken
is resolved when it has stayed well for a while."""

from __future__ import annotations

from collections.abc import Sequence

from models import Alert, AlertEntry
from models.alert import AlertStatus
from models.base import locked
from models.transaction import Batch
from payments.alert_kinds import AlertKind
from services.alerts.cases import Key
from services.alerts.endings import OVER, resolve_case
from services.runtime.clock import MINUTE_MS

WELL_MS = 10 * MINUTE_MS
"""A fault that comes and goes would tell its case anew each time."""
MOST_ENDED = 100
COMES = ("raised", "repeated", "reopened")
"""What a fault enters into the history of its case when it begins or comes again."""
REDIS: Key = (AlertKind.SYSTEM.value, "redis")


def note_over(batch: Batch, groups: Sequence[Sequence[Key]]) -> list[None]:
    """The faults of these unresolved cases are over; said once, until they come again."""
    for kind, subject in sorted({key for group in groups for key in group}):
        unresolved = Alert.status != AlertStatus.RESOLVED.value
        same = Alert.kind == kind, Alert.subject == subject
        row = locked(Alert.select().where(*same, unresolved)).first()
        if row is not None and _over_since(row) is None:
            AlertEntry.create(alert=row.id, at=batch.now, action=OVER)
    return [None] * len(groups)


def read_well(now: int) -> list[int]:
    """A read: the cases that may be resolved by `end_well`."""
    waiting = Alert.select().where(*_untaken(now)).order_by(Alert.id).limit(MOST_ENDED)
    return [row.id for row in waiting if _is_well(row, now)]


def end_well(batch: Batch, groups: Sequence[Sequence[int]]) -> list[None]:
    ids = sorted({id_ for group in groups for id_ in group})
    wanted = Alert.select().where(Alert.id.in_(ids), *_untaken(batch.now))
    for row in locked(wanted.order_by(Alert.id)):
        if _is_well(row, batch.now):
            resolve_case(batch, row, OVER)
    return [None] * len(groups)


def _untaken(now: int) -> tuple[object, ...]:
    """Conditions: a case about the system that nobody has taken or was given. One about an order is
    money's, and a person's."""
    return (
        Alert.status == AlertStatus.OPEN.value,
        Alert.kind == AlertKind.SYSTEM.value,
        Alert.order_num.is_null(),
        Alert.assignee.is_null(),
        Alert.last_seen <= now - WELL_MS,
    )


def _is_well(row: Alert, now: int) -> bool:
    since = _over_since(row)
    return since is not None and since <= now - WELL_MS


def _over_since(row: Alert) -> int | None:
    """When the fault of this case was over (ms); None where it has come again since."""
    entries = AlertEntry.select(AlertEntry.at, AlertEntry.action).where(
        AlertEntry.alert == row.id, AlertEntry.action.in_((*COMES, OVER))
    )
    last = entries.order_by(AlertEntry.id.desc()).first()
    return last.at if last and last.action == OVER and last.at >= row.last_seen else None
