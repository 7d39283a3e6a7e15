"""Money that waits for an admin's word: a case for each refund and each proposal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models import Alert, Receipt, Refund
from models.alert import AlertStatus
from models.base import rows
from models.notify import ReceiptState
from models.store import Store
from models.transaction import Batch
from payments.alert_kinds import AlertKind, Severity
from payments.causes import Cause
from payments.money import yuan
from payments.refund import RefundStatus
from services.alerts.cases import Finding, raise_all
from services.alerts.endings import end_cases
from services.refunds.independence import is_key, key_name
from services.runtime.clock import DAY_MS, Clock

MOST = 500
"""The number of waiting rows that are looked at; those that wait longest come first."""
_SUBJECT = "approval of "


@dataclass(frozen=True)
class WaitingApproval:
    """One refund or decision that needs an admin; `by` is who asked for it."""

    subject: str
    order_num: str | None
    amount_fen: int
    by: str

    def finding(self) -> Finding:
        cause = Cause.KEY_REFUND_WAITS if is_key(self.by) else Cause.APPROVAL_WAITS
        who = {"key": key_name(self.by)} if is_key(self.by) else {"by": self.by}
        return Finding(
            AlertKind.SYSTEM,
            self.subject,
            self.order_num,
            cause,
            None,
            "waiting",
            values={"amount": yuan(self.amount_fen), **who},
            at_least=Severity.HIGH,
        )


class Approvals:
    """`step` is run in one process at a time, three times a minute."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def step(self) -> None:
        """Raise the case of what waits since the last step, again what was told a day ago, and end
        that of what was decided. A case that a person has resolved opens again only then. Raises
        Busy."""
        waiting = await self._store.read(read_waiting)
        told, over = await self._store.read(
            _read_changes, [each.subject for each in waiting], self._clock.now_ms() - DAY_MS
        )
        raised = tuple(each.finding() for each in waiting if each.subject not in told)
        if raised or over:
            await self._store.write(_tell, (raised, over))


def read_waiting() -> list[WaitingApproval]:
    """A read for the store: what waits for an admin."""
    refunds = (
        Refund.select(Refund.id, Refund.order_num, Refund.amount_fen, Refund.requested_by)
        .where(Refund.status == RefundStatus.REQUESTED.value)
        .order_by(Refund.id)
        .limit(MOST)
    )
    receipts = (
        Receipt.select(
            Receipt.id, Receipt.order_num, Receipt.amount_fen, Receipt.proposed_by, Receipt.version
        )
        .where(Receipt.state == ReceiptState.PROPOSED.value)
        .order_by(Receipt.id)
        .limit(MOST)
    )
    return [
        *(
            WaitingApproval(f"{_SUBJECT}refund {id_}", order_num or None, fen, by)
            for id_, order_num, fen, by in rows(refunds)
        ),
        *(
            WaitingApproval(f"{_SUBJECT}receipt {id_}.{version}", order_num or None, fen, by or "")
            for id_, order_num, fen, by, version in rows(receipts)
        ),
    ]


def _read_changes(waiting: list[str], since: int) -> tuple[set[str], tuple[str, ...]]:
    """The subjects that wait and were told later than `since` (ms), and those with an open case
    that wait no more."""
    lately = (Alert.subject.in_(waiting), Alert.last_seen > since)
    told = {subject for (subject,) in rows(_cases().where(*lately))}
    unresolved = Alert.status != AlertStatus.RESOLVED.value
    still = {s for (s,) in rows(_cases().where(Alert.subject.startswith(_SUBJECT), unresolved))}
    return told, tuple(sorted(still - set(waiting)))


def _cases() -> Any:
    return Alert.select(Alert.subject).where(Alert.kind == AlertKind.SYSTEM.value)


def _tell(
    batch: Batch, changes: Sequence[tuple[tuple[Finding, ...], tuple[str, ...]]]
) -> list[None]:
    for raised, over in changes:
        raise_all(batch, raised)
        end_cases(batch, over)
    return [None] * len(changes)
