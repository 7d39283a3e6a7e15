"""How much waits for a person, as numbers for the badges."""

from __future__ import annotations

from models import Alert, BillDifference, Receipt, Refund
from models.alert import AlertStatus
from models.money_totals import undecided
from models.notify import ReceiptState
from models.store import Store
from payments.bills.differences import DifferenceStatus
from payments.refund import RefundStatus
from services.auth.roles import Permission, Principal

NAMES = ("approvals", "receipts", "alerts", "complaints", "differences", "webhooks")


class Inbox:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def of(self, principal: Principal) -> dict[str, int]:
        """What waits for the role of this user: approvals, unmatched payments and differences of
        bills for who decides, alerts for who handles them; 0 of everything else."""
        counts = dict.fromkeys(NAMES, 0)
        if principal.may(Permission.DECIDE):
            counts |= await self._store.read(_read_decisions)
        if principal.may(Permission.HANDLE):
            counts["alerts"] = await self._store.read(_read_alerts)
        return counts


def _read_decisions() -> dict[str, int]:
    requested = Refund.select().where(Refund.status == RefundStatus.REQUESTED.value).count()
    proposed = Receipt.select().where(Receipt.state == ReceiptState.PROPOSED.value).count()
    is_open = BillDifference.status == DifferenceStatus.OPEN.value
    return {
        "approvals": int(requested) + int(proposed),
        "differences": int(BillDifference.select().where(is_open).count()),
        "receipts": int(Receipt.select().where(undecided()).count()),
    }


def _read_alerts() -> int:
    return int(Alert.select().where(Alert.status != AlertStatus.RESOLVED.value).count())
