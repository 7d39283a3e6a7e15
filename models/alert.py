"""Alerts: one case for one cause, however often it happens; the messages that tell of one outside
the console; and what admins set about them."""

from __future__ import annotations

from enum import StrEnum

from peewee import (
    BigAutoField,
    BigIntegerField,
    CharField,
    ForeignKeyField,
    IntegerField,
    TextField,
)

from models.base import BaseModel, TimeField, one_of
from payments.alert_kinds import AlertKind, Severity


class AlertStatus(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Alert(BaseModel):
    """A case. `subject` is the order number or the source that it is about; `expected` and
    `actual` are JSON values; `version` moves with every decision of a person."""

    id = BigAutoField()
    kind = CharField(max_length=20)
    subject = CharField(max_length=64)
    severity = CharField(max_length=10)
    status = CharField(max_length=15, default=AlertStatus.OPEN)
    order_num = CharField(max_length=64, null=True, index=True)
    count = BigIntegerField(default=1)
    first_seen = TimeField()
    last_seen = TimeField()
    assignee = CharField(max_length=64, null=True)
    version = BigIntegerField(default=1)
    expected = TextField()
    actual = TextField()
    evidence = TextField()

    class Meta:
        table_name = "alerts"
        constraints = (
            one_of("kind", AlertKind),
            one_of("severity", Severity),
            one_of("status", AlertStatus),
        )
        indexes = (
            (("kind", "subject"), True),
            (("status", "id"), False),
            (("assignee", "id"), False),
        )


class AlertEntry(BaseModel):
    """One line in the history of a case; `assignee` is to whom it was given."""

    id = BigAutoField()
    alert = ForeignKeyField(Alert, backref="entries")
    at = TimeField()
    action = CharField(max_length=15)
    by = CharField(max_length=64, null=True)
    note = TextField(null=True)
    count = BigIntegerField(null=True)
    assignee = CharField(max_length=64, null=True)

    class Meta:
        table_name = "alert_entries"


class MessageState(StrEnum):
    NEW = "new"
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


class AlertMessage(BaseModel):
    """One message on one channel. Until it is given to the channels it is `new` and has none.
    `reason` is a word of ours, never what a server said."""

    id = BigAutoField()
    alert = ForeignKeyField(Alert, index=True)
    channel = CharField(max_length=40, default="")
    cause = CharField(max_length=10)
    count = BigIntegerField()
    state = CharField(max_length=10, default=MessageState.NEW)
    attempts = IntegerField(default=0)
    created_at = TimeField()
    due_at = TimeField()
    ended_at = TimeField(null=True)
    reason = CharField(max_length=20, null=True)

    class Meta:
        table_name = "outbox"
        constraints = (one_of("state", MessageState),)
        indexes = ((("state", "due_at"), False),)


class AlertSetting(BaseModel):
    """A value that is not the default. `value` is JSON; `version` moves with every change, so that
    no change is lost under another's."""

    name = CharField(primary_key=True, max_length=40)
    value = TextField()
    version = BigIntegerField(default=1)
    changed_by = CharField(max_length=80)
    changed_at = TimeField()

    class Meta:
        table_name = "knobs"
