"""The audit log: rows that are chained, so that an edit, a deletion or a new order shows. A deed
waits in the batch and is written at the end of its transaction, behind the one before it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from peewee import BigIntegerField, CharField, IntegerField, TextField

from models.base import BaseModel, TimeField, locked


class AuditEntry(BaseModel):
    """One deed. `hash` is the SHA-256 over the row before it and this one's values; `detail` is
    JSON and never holds a full openid, phone, password or key."""

    seq = BigIntegerField(primary_key=True)
    at = TimeField(index=True)
    by = CharField(max_length=80)
    action = CharField(max_length=40)
    subject = CharField(max_length=128)
    detail = TextField()
    hash = CharField(max_length=64)

    class Meta:
        table_name = "audit"
        indexes = ((("by", "seq"), False), (("action", "seq"), False), (("subject", "seq"), False))


class AuditHead(BaseModel):
    """One row: the last number and hash. It stays locked from its advance to the commit."""

    id = IntegerField(primary_key=True)
    seq = BigIntegerField()
    hash = CharField(max_length=64)

    class Meta:
        table_name = "audit_head"


FIRST_HASH = ""
"""The hash before the first row."""


@dataclass(frozen=True)
class Deed:
    """`action` is noun.verb ("user.created", "order.unmasked"); `subject` what it was done to;
    `detail` never holds a full openid, phone, password or key."""

    by: str
    action: str
    subject: str
    detail: dict[str, Any] = field(default_factory=dict)


def write_deeds(now: int, deeds: list[Deed]) -> None:
    """The head's row stays locked from here to the commit, so this comes late."""
    head = locked(AuditHead.select().where(AuditHead.id == 1)).get()
    seq, last = head.seq, head.hash
    for deed in deeds:
        seq += 1
        detail = _dump(deed.detail)
        last = chained(last, seq, now, deed.by, deed.action, deed.subject, detail)
        AuditEntry.create(
            seq=seq,
            at=now,
            by=deed.by,
            action=deed.action,
            subject=deed.subject,
            detail=detail,
            hash=last,
        )
    AuditHead.update(seq=seq, hash=last).where(AuditHead.id == 1).execute()


def chained(before: str, *values: object) -> str:
    """The hash of a row: SHA-256, hexadecimal, over the hash before it and its own values."""
    return hashlib.sha256(_dump([before, *values]).encode()).hexdigest()


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
