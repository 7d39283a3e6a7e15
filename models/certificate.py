"""WeChat's platform certificates, shared by all processes. Public: no key of ours is here."""

from __future__ import annotations

from peewee import CharField, CompositeKey, TextField

from models.base import BaseModel, TimeField


class PlatformCertificate(BaseModel):
    """One certificate of WeChat's as one merchant account was given it, proven when it came."""

    mch_id = CharField(max_length=32)
    serial = CharField(max_length=64)
    pem = TextField()
    effective_at = TimeField()
    expires_at = TimeField()
    fetched_at = TimeField()

    class Meta:
        table_name = "platform_certificates"
        primary_key = CompositeKey("mch_id", "serial")
