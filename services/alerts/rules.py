"""The alert rules that admins may turn: their defaults and bounds, and what is set now.

They are read from the database where they are needed, also inside a transaction, so a change counts
at once and in every process.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models import AlertSetting
from models.base import locked, rows
from models.store import Store
from models.transaction import Batch, dump
from payments.alert_kinds import SEVERITY, Severity
from payments.errors import BadRequest, PaymentError
from services.runtime.audit_log import Deed, record
from services.runtime.clock import rfc3339

LEVELS = (Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)
"""From mild to grave."""

Values = Mapping[str, Any]

LEAVES_FROM = "leave.severity"
SLIGHT_FEN = "amount.slight_fen"
FORGED_COUNT = "signature.critical_count"
LATE_MS = "late.p95_ms"
SILENT_MINUTES = "silence.minutes"
SUCCESS_PERCENT = "success.percent"
SUCCESS_PAYMENTS = "success.payments"
CERTIFICATE_DAYS = "certificate.days"
CERTIFICATE_URGENT_DAYS = "certificate.urgent_days"


class AlertRuleConflict(PaymentError):
    """`detail["names"]` are those that somebody has changed meanwhile."""

    code = "conflict"
    message = "Somebody else has changed these alert rules; load them again."


@dataclass(frozen=True)
class _Level:
    default: Severity

    def check(self, name: str, value: object) -> None:
        if value not in LEVELS:
            raise BadRequest(f"{name} must be one of {', '.join(LEVELS)}.")

    def bounds(self) -> dict[str, Any]:
        return {"levels": [level.value for level in LEVELS]}


@dataclass(frozen=True)
class _Number:
    default: int
    lowest: int
    highest: int
    off: bool = False
    """0 switches the rule off."""

    def check(self, name: str, value: object) -> None:
        whole = type(value) is int and (
            self.lowest <= value <= self.highest or (self.off and value == 0)
        )
        if not whole:
            off = ", or 0 for never" if self.off else ""
            raise BadRequest(
                f"{name} must be a whole number, {self.lowest} to {self.highest}{off}."
            )

    def bounds(self) -> dict[str, Any]:
        return {"lowest": self.lowest, "highest": self.highest, "off": self.off}


def severity_of(kind: str) -> str:
    """The name of the knob that sets how grave a kind of alert is."""
    return f"severity.{kind}"


KNOBS: dict[str, _Level | _Number] = {
    **{severity_of(kind): _Level(severity) for kind, severity in SEVERITY.items()},
    LEAVES_FROM: _Level(Severity.CRITICAL),
    SLIGHT_FEN: _Number(0, 1, 100_000, off=True),
    FORGED_COUNT: _Number(0, 2, 1_000, off=True),
    LATE_MS: _Number(3_000, 500, 60_000, off=True),
    SILENT_MINUTES: _Number(10, 3, 720, off=True),
    SUCCESS_PERCENT: _Number(70, 1, 99, off=True),
    SUCCESS_PAYMENTS: _Number(20, 5, 10_000),
    CERTIFICATE_DAYS: _Number(30, 1, 365, off=True),
    CERTIFICATE_URGENT_DAYS: _Number(7, 1, 365),
}


def read_values() -> Values:
    """Every knob's value now. A read, or a part of a transaction."""
    values: dict[str, Any] = {name: knob.default for name, knob in KNOBS.items()}
    set_ = {
        name: json.loads(value)
        for name, value in rows(AlertSetting.select(AlertSetting.name, AlertSetting.value))
    }
    return values | {name: value for name, value in set_.items() if name in KNOBS}


@dataclass(frozen=True)
class RuleChange:
    """`wanted` is the new value and the version that was seen, by name; version 0 is "never
    set"."""

    wanted: Mapping[str, tuple[Any, int]]
    by: str


class AlertRules:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def values(self) -> Values:
        return await self._store.read(read_values)

    async def all(self) -> list[dict[str, Any]]:
        """Every knob with its value, default, bounds, version, and who changed it when."""
        return await self._store.read(_read_all)

    async def change(self, change: RuleChange) -> list[dict[str, Any]]:
        """All of it or nothing. Raises BadRequest, AlertRuleConflict, Busy."""
        for name, (value, _) in change.wanted.items():
            if name not in KNOBS:
                raise BadRequest(f"There is no alert rule named {name[:40]}.")
            KNOBS[name].check(name, value)
        await self._store.write(change_knobs, change)
        return await self.all()


def change_knobs(batch: Batch, changes: Sequence[RuleChange]) -> list[Exception | None]:
    return [_change(batch, change) for change in changes]


def _change(batch: Batch, change: RuleChange) -> Exception | None:
    names = sorted(change.wanted)
    found = locked(
        AlertSetting.select().where(AlertSetting.name.in_(names)).order_by(AlertSetting.name)
    )
    now = {row.name: row for row in found}
    versions = {name: now[name].version if name in now else 0 for name in names}
    stale = [name for name in names if change.wanted[name][1] != versions[name]]
    if stale:
        return AlertRuleConflict(names=stale)
    for name in names:
        value = change.wanted[name][0]
        before = json.loads(now[name].value) if name in now else KNOBS[name].default
        if value == before:
            continue
        given = {"value": dump(value), "changed_by": change.by, "changed_at": batch.now}
        if name in now:
            AlertSetting.update(version=AlertSetting.version + 1, **given).where(
                AlertSetting.name == name
            ).execute()
        else:  # two at once: the key lets one through, the other's batch is run again
            AlertSetting.create(name=name, **given)
        record(batch, Deed(change.by, "setting.changed", name, {"before": before, "after": value}))
    return None


def _read_all() -> list[dict[str, Any]]:
    known = {row.name: row for row in AlertSetting.select()}
    return [
        {
            "name": name,
            "value": json.loads(known[name].value) if name in known else knob.default,
            "default": knob.default,
            "version": known[name].version if name in known else 0,
            "changedBy": known[name].changed_by if name in known else None,
            "changedAt": rfc3339(known[name].changed_at) if name in known else None,
            **knob.bounds(),
        }
        for name, knob in KNOBS.items()
    ]
