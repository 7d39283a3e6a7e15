"""Alert cases as staff see them and decide on them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models import Alert, AlertEntry, User
from models.alert import AlertStatus
from models.base import dicts, locked, rows
from models.store import Store
from models.transaction import Batch, NewEvent
from payments.alert_kinds import AlertKind, Severity
from payments.causes import Cause, CauseValues
from payments.errors import BadRequest, PaymentError
from payments.masking import mask_text
from payments.payment_rules import Compared
from services.alerts.cases import Finding, Key, add_to_gauges, raise_all
from services.alerts.money_thread import REFUNDED, read_money_of, refunded_or_error
from services.alerts.recovery import note_over
from services.auth.roles import PERMISSIONS, Permission
from services.runtime.audit_log import Deed, record
from services.runtime.clock import rfc3339

PAGE = 50
MAX_PAGE = 100
MAX_AT_ONCE = 100
"""The number of cases that one request may decide on."""
HISTORY = 200
NOBODY = "~nobody"
"""In place of an assignee's name, which never holds a ~: cases that nobody has."""
MAX_PEOPLE = 500
HANDLERS = sorted(role for role, may in PERMISSIONS.items() if Permission.HANDLE in may)
"""The roles that may have a case."""


class AlertNotFound(PaymentError):
    code = "not_found"
    message = "There is no such alert."


class AlertConflict(PaymentError):
    """Another person was faster; `detail["alert"]` is the case as it is now."""

    code = "conflict"
    message = "Somebody else has changed this alert."


@dataclass(frozen=True)
class Decision:
    """The action of a person on a case: acknowledge, resolve, reopen, assign or note."""

    alert_id: int
    action: str
    version: int
    by: str
    note: str | None = None
    assignee: str | None = None
    outcome: str | None = None
    """Of `resolve`: the code of the reason; it stands in the note too."""


@dataclass(frozen=True)
class AlertFilter:
    """Which cases a list is to show; None leaves a condition out."""

    status: str | None = None
    kind: str | None = None
    order_num: str | None = None
    severity: str | None = None
    assignee: str | None = None


@dataclass(frozen=True)
class _Move:
    """From which states, to which, and under which names in history and stream."""

    before: frozenset[str]
    after: str | None
    entry: str
    event: str


_UNRESOLVED = frozenset({AlertStatus.OPEN.value, AlertStatus.ACKNOWLEDGED.value})
_ANY = frozenset(status.value for status in AlertStatus)
MOVES = {
    "acknowledge": _Move(
        frozenset({AlertStatus.OPEN.value}),
        AlertStatus.ACKNOWLEDGED,
        "acknowledged",
        "alert.acknowledged",
    ),
    "assign": _Move(_UNRESOLVED, AlertStatus.ACKNOWLEDGED, "assigned", "alert.assigned"),
    "resolve": _Move(_UNRESOLVED, AlertStatus.RESOLVED, "resolved", "alert.resolved"),
    "reopen": _Move(
        frozenset({AlertStatus.RESOLVED.value}), AlertStatus.OPEN, "reopened", "alert.reopened"
    ),
    "note": _Move(_ANY, None, "note", "note.added"),
}


class Alerts:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def page(
        self,
        status: str | None = None,
        kind: str | None = None,
        order_num: str | None = None,
        before: int | None = None,
        limit: int = PAGE,
        severity: str | None = None,
        assignee: str | None = None,
    ) -> dict[str, Any]:
        """Cases, newest first. `status` may also be `unresolved`: open or acknowledged;
        `assignee` may also be NOBODY."""
        wanted = AlertFilter(status, kind, order_num, severity, assignee)
        return await self._store.read(_read_page, wanted, before, limit)

    async def get(self, alert_id: int) -> dict[str, Any]:
        alert = await self._store.read(read_alert, alert_id)
        if alert is None:
            raise AlertNotFound
        return alert

    async def money(self, alert: dict[str, Any]) -> dict[str, Any]:
        """The unmatched payments that a case tells of, with their refunds, and the differences of
        bills about them: see `read_money_of`."""
        return await self._store.read(read_money_of, alert)

    async def people(self) -> list[dict[str, str]]:
        """The users to whom a case can be assigned: names and roles, by name."""
        return await self._store.read(_read_people)

    async def decide(self, decision: Decision) -> dict[str, Any]:
        """Raises AlertNotFound, AlertConflict (another version, or not possible in this
        state), NotRefunded, Busy."""
        await self._store.write(decide, decision)
        return await self.get(decision.alert_id)

    async def decide_each(self, decisions: Sequence[Decision]) -> list[dict[str, Any]]:
        """Decide several cases, each for itself: `{"id","alert"}` in the given order, with
        `error` where that one was not decided: `conflict` (the case as it is now),
        `not_refunded`, `not_found` (None) or `busy`. Raises BadRequest: the assignee is nobody
        who may have a case."""
        told = await asyncio.gather(
            *(self._store.write(decide, decision) for decision in decisions),
            return_exceptions=True,
        )
        for error in told:
            if isinstance(error, BadRequest) or not isinstance(error, PaymentError | None):
                raise error
        now = await self._store.read(_read_some, [decision.alert_id for decision in decisions])
        return [
            {
                "id": decision.alert_id,
                "alert": now.get(decision.alert_id),
                **({"error": error.code} if isinstance(error, PaymentError) else {}),
            }
            for decision, error in zip(decisions, told, strict=True)
        ]

    async def system(
        self, subject: str, cause: Cause, actual: str, values: CauseValues | None = None
    ) -> None:
        """Raise a `system` case about ourselves, e.g. that Redis is away."""
        fields = (Compared(subject, None, actual, False),)
        finding = Finding(
            AlertKind.SYSTEM,
            subject,
            None,
            cause,
            None,
            actual,
            fields,
            values or {},
        )
        await self._store.write(raise_findings, finding)

    async def recovered(self, key: Key) -> None:
        """The fault behind this case is over. Raises Busy."""
        await self._store.write(note_over, [key])


def raise_findings(batch: Batch, findings: Sequence[Finding]) -> list[None]:
    raise_all(batch, findings)
    return [None] * len(findings)


def decide(batch: Batch, decisions: Sequence[Decision]) -> list[Exception | None]:
    return [_decide(batch, decision) for decision in decisions]


def _decide(batch: Batch, decision: Decision) -> Exception | None:
    move = MOVES[decision.action]
    # Locked: a repeat may make the case graver meanwhile, and the gauges go by how grave it is.
    row = locked(Alert.select().where(Alert.id == decision.alert_id)).first()
    if row is None:
        return AlertNotFound()
    if row.version != decision.version or row.status not in move.before:
        return AlertConflict(alert=_full(row))
    if decision.action == "assign" and not _is_user(decision.assignee):
        return BadRequest("assignee must be the name of an admin or support user.")
    is_refunded = decision.action == "resolve" and decision.outcome == REFUNDED
    if is_refunded and (refusal := refunded_or_error(row)):
        return refusal
    assignee = _assignee(decision, row)
    changed = (
        Alert.update(status=move.after or row.status, assignee=assignee, version=row.version + 1)
        .where(Alert.id == row.id, Alert.version == decision.version)
        .execute()
    )
    if changed != 1:
        return AlertConflict(alert=_full(row))
    _count(batch, row, move)
    AlertEntry.create(
        alert=row.id,
        at=batch.now,
        action=move.entry,
        by=decision.by,
        note=decision.note,
        assignee=decision.assignee if decision.action == "assign" else None,
    )
    data = {
        "alertId": row.id,
        "alertKind": row.kind,
        "by": decision.by,
        "assignee": assignee,
        "note": mask_text(decision.note),
    }
    batch.emit(NewEvent(move.event, row.order_num, data, Severity.INFO))
    record(batch, _deed(row, decision, move))
    return None


def _deed(row: Alert, decision: Decision, move: _Move) -> Deed:
    verb = "noted" if move.entry == "note" else move.entry
    detail = {"alertId": row.id, "kind": row.kind}
    if decision.action == "assign":
        detail["assignee"] = decision.assignee
    if decision.note:
        detail["note"] = mask_text(decision.note)
    return Deed(decision.by, f"alert.{verb}", row.order_num or f"alert {row.id}", detail)


def _is_user(name: str | None) -> bool:
    return bool(_handlers().where(User.name == name).exists())


def _handlers() -> Any:
    return User.select(User.name, User.role).where(~User.disabled, User.role.in_(HANDLERS))


def _assignee(decision: Decision, row: Alert) -> str | None:
    if decision.action == "acknowledge":
        return decision.by
    if decision.action == "assign":
        return decision.assignee
    return None if decision.action == "reopen" else row.assignee


def _count(batch: Batch, row: Alert, move: _Move) -> None:
    if move.after == AlertStatus.RESOLVED:
        add_to_gauges(batch, row.severity, -1)
    elif row.status == AlertStatus.RESOLVED and move.after == AlertStatus.OPEN:
        add_to_gauges(batch, row.severity, 1)


# --- reads -------------------------------------------------------------------------------------


def _read_page(wanted: AlertFilter, before: int | None, limit: int) -> dict[str, Any]:
    query = Alert.select().order_by(Alert.id.desc()).limit(limit + 1)
    if conditions := _conditions(wanted):
        query = query.where(*conditions)
    if before:
        query = query.where(Alert.id < before)
    found = list(query)
    following = str(found[limit - 1].id) if len(found) > limit else None
    return {"alerts": _with_history(found[:limit]), "next": following}


def _conditions(wanted: AlertFilter) -> list[Any]:
    equal = {
        Alert.kind: wanted.kind,
        Alert.order_num: wanted.order_num,
        Alert.severity: wanted.severity,
    }
    found: list[Any] = [field == value for field, value in equal.items() if value]
    if wanted.status == "unresolved":
        found.append(Alert.status.in_(sorted(_UNRESOLVED)))
    elif wanted.status:
        found.append(Alert.status == wanted.status)
    if wanted.assignee:
        nobody = wanted.assignee == NOBODY
        found.append(Alert.assignee.is_null() if nobody else Alert.assignee == wanted.assignee)
    return found


def read_alert(alert_id: int) -> dict[str, Any] | None:
    row = Alert.get_or_none(Alert.id == alert_id)
    return _full(row) if row else None


def read_alerts_of_order(order_num: str) -> list[dict[str, Any]]:
    page = _read_page(AlertFilter(order_num=order_num), None, MAX_PAGE)
    alerts: list[dict[str, Any]] = page["alerts"]
    return alerts


def _read_some(ids: list[int]) -> dict[int, dict[str, Any]]:
    found = _with_history(list(Alert.select().where(Alert.id.in_(ids))))
    return {alert["id"]: alert for alert in found}


def _read_people() -> list[dict[str, str]]:
    query = _handlers().order_by(User.name).limit(MAX_PEOPLE)
    return [{"name": name, "role": role} for name, role in rows(query)]


def _full(row: Alert) -> dict[str, Any]:
    return _with_history([row])[0]


def _with_history(rows: list[Alert]) -> list[dict[str, Any]]:
    history: dict[int, list[dict[str, Any]]] = {row.id: [] for row in rows}
    entries = (
        AlertEntry.select()
        .where(AlertEntry.alert.in_([row.id for row in rows]))
        .order_by(AlertEntry.id.desc())
        .limit(HISTORY * max(1, len(rows)))
    )
    for entry in dicts(entries):
        history[entry["alert"]].append(_entry(entry))
    return [_public(row, list(reversed(history[row.id]))) for row in rows]


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    note = {"note": mask_text(row["note"])}
    told = {name: row[name] for name in ("action", "by", "count", "assignee")}
    return {"at": rfc3339(row["at"]), **told, **note}


def _public(row: Alert, history: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "severity": row.severity,
        "status": row.status,
        "orderNum": row.order_num,
        "count": row.count,
        "firstSeen": rfc3339(row.first_seen),
        "lastSeen": rfc3339(row.last_seen),
        "assignee": row.assignee,
        "version": row.version,
        "expected": json.loads(row.expected),
        "actual": json.loads(row.actual),
        "evidence": json.loads(row.evidence),
        "history": history,
    }
