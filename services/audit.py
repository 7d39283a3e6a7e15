"""The audit log: who did what to what, in the transaction of the deed, each row chained to the one
before it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from models import AuditEntry, AuditHead
from models.base import locked
from models.stream import Batch, dump


@dataclass(frozen=True)
class Deed:
    """`action` is noun.verb ("user.created", "order.unmasked"); `subject` what it was done to;
    `detail` never holds a full openid, phone, password or key."""

    by: str
    action: str
    subject: str
    detail: dict[str, Any] = field(default_factory=dict)


def record(batch: Batch, *deeds: Deed) -> None:
    """Write deeds in this transaction. The head's row stays locked until the commit, so call it
    after the other rows were touched."""
    if not deeds:
        return
    head = locked(AuditHead.select().where(AuditHead.id == 1)).get()
    seq, last = head.seq, head.hash
    for deed in deeds:
        seq += 1
        detail = dump(deed.detail)
        last = chained(last, seq, batch.now, deed.by, deed.action, deed.subject, detail)
        AuditEntry.create(
            seq=seq, at=batch.now, by=deed.by, action=deed.action, subject=deed.subject,
            detail=detail, hash=last,
        )  # fmt: skip
    AuditHead.update(seq=seq, hash=last).where(AuditHead.id == 1).execute()


def chained(before: str, *values: object) -> str:
    """The hash of a row: SHA-256, hexadecimal, over the hash before it and its own values."""
    return hashlib.sha256(dump([before, *values]).encode()).hexdigest()
