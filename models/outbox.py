"""Messages about alerts that leave the browser, and how far each of them is."""

from __future__ import annotations

from enum import StrEnum

from peewee import BigAutoField, BigIntegerField, CharField, ForeignKeyField, IntegerField

from models.alert import Alert
from models.base import BaseModel, TimeField, one_of


class MessageState(StrEnum):
    NEW = "new"
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


class Message(BaseModel):
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
