"""How much waits for a person, and since when: the badges and the list "needs me"."""

from __future__ import annotations

from typing import Any

from models import Alert, BillDifference, Complaint, Receipt, Refund
from models.alert import AlertStatus
from models.money_totals import undecided
from models.notify import ReceiptState
from models.store import Store
from payments.alert_kinds import Severity
from payments.bills.differences import DifferenceStatus
from payments.complaints.complaint import ComplaintState
from payments.refund import RefundStatus
from services.auth.roles import Permission, Principal
from services.runtime.clock import rfc3339

NAMES = ("approvals", "receipts", "alerts", "complaints", "differences", "webhooks")
MINE = "mine"
_Waits = dict[str, tuple[int, int | None]]
"""By name: how many, and since when the oldest waits (ms)."""


class Inbox:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def of(self, principal: Principal) -> dict[str, Any]:
        """What waits for this user: approvals, unmatched payments and differences of bills for who
        decides, alerts for who handles them (`mine`: those in the user's hands, and critical ones
        in nobody's) and complaints that are not finished; 0 of everything else. `oldest` has the
        times, by name."""
        waits: _Waits = {}
        if principal.may(Permission.DECIDE):
            waits |= await self._store.read(_read_decisions)
        if principal.may(Permission.HANDLE):
            waits |= await self._store.read(_read_alerts, principal.name)
            waits |= await self._store.read(_read_complaints)
        counts = {name: waits.get(name, (0, None))[0] for name in (*NAMES, MINE)}
        oldest = {name: rfc3339(since) for name, (_, since) in waits.items() if since}
        return {**counts, "oldest": oldest}


def _waiting(model: Any, since: Any, *where: Any) -> tuple[int, int | None]:
    waiting = model.select(since).where(*where)
    return int(waiting.count()), waiting.order_by(since).scalar()


def _read_decisions() -> _Waits:
    requested = Refund.status == RefundStatus.REQUESTED.value
    proposed = Receipt.state == ReceiptState.PROPOSED.value
    both = (
        _waiting(Refund, Refund.created_at, requested),
        _waiting(Receipt, Receipt.proposed_at, proposed),
    )
    is_open = BillDifference.status == DifferenceStatus.OPEN.value
    return {
        "approvals": (
            sum(count for count, _ in both),
            min((since for _, since in both if since is not None), default=None),
        ),
        "receipts": _waiting(Receipt, Receipt.received_at, undecided()),
        "differences": _waiting(BillDifference, BillDifference.found_at, is_open),
    }


def _read_complaints() -> _Waits:
    unfinished = Complaint.state != ComplaintState.PROCESSED.value
    return {"complaints": _waiting(Complaint, Complaint.since, unfinished)}


def _read_alerts(name: str) -> _Waits:
    unresolved = Alert.status != AlertStatus.RESOLVED.value
    urgent = Alert.assignee.is_null() & (Alert.severity == Severity.CRITICAL.value)
    mine = (Alert.assignee == name) | urgent
    return {
        "alerts": _waiting(Alert, Alert.first_seen, unresolved),
        MINE: _waiting(Alert, Alert.first_seen, unresolved, mine),
    }
