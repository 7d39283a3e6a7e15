"""Who did what: rows that are chained, so that an edit, a deletion or a new order shows."""

from __future__ import annotations

from peewee import BigIntegerField, CharField, IntegerField, TextField

from models.base import BaseModel, TimeField


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
