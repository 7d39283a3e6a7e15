"""Complaints as WeChat has them, their histories and images, and what staff did about them."""

from __future__ import annotations

from enum import StrEnum

from peewee import (
    BigAutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    CharField,
    IntegerField,
    TextField,
)

from models.base import BaseModel, TimeField, one_of
from payments.complaints.complaint import ComplaintState


class Complaint(BaseModel):
    """One complaint, as WeChat described it last. Text is kept as it was written.

    `order_num`, `transaction_id` and `amount_fen` are those of the first payment that it is about;
    `orders` has all of them, as JSON. `payer` is JSON with the phone and openid, sealed. `since` is
    the moment from which the deadlines are counted: that of the complaint, or that of its latest
    continuation. `told` is the deadline and level that its case tells of. `version` moves with
    every change."""

    id = BigAutoField()
    complaint_id = CharField(max_length=64, unique=True)
    mch_id = CharField(max_length=32)
    state = CharField(max_length=12)
    order_num = CharField(max_length=64, null=True)
    transaction_id = CharField(max_length=64, null=True)
    amount_fen = BigIntegerField(null=True)
    orders = TextField()
    text = TextField()
    problem = CharField(max_length=64, null=True)
    title = TextField(null=True)
    user_waits = BooleanField(default=False)
    times = IntegerField(default=1)
    fully_refunded = BooleanField(default=False)
    refund_fen = BigIntegerField(null=True)
    tags = TextField()
    in_platform = BooleanField(default=False)
    is_immediate = BooleanField(default=False)
    payer = BlobField(null=True)
    created_at = TimeField()
    since = TimeField()
    reply_due_at = TimeField()
    finish_due_at = TimeField()
    told = CharField(max_length=24, default="")
    version = BigIntegerField(default=1)
    fetched_at = TimeField()
    """When WeChat was asked last."""
    updated_at = TimeField()

    class Meta:
        table_name = "complaints"
        constraints = (one_of("state", ComplaintState),)
        indexes = (
            (("created_at", "id"), False),
            (("state", "created_at", "id"), False),
            (("mch_id", "created_at", "id"), False),
            (("order_num",), False),
            (("transaction_id",), False),
        )


class ComplaintLine(BaseModel):
    """One line of the history of a complaint (`complaint` is the id of its row), by WeChat's number
    of it. `more` is JSON that WeChat sends beside the text."""

    id = BigAutoField()
    complaint = BigIntegerField()
    log_id = CharField(max_length=64)
    at = TimeField()
    operator = CharField(max_length=64)
    action = CharField(max_length=64)
    text = TextField()
    more = TextField()

    class Meta:
        table_name = "complaint_lines"
        indexes = ((("complaint", "log_id"), True), (("complaint", "at"), False))


class ComplaintImage(BaseModel):
    """One image at WeChat, the `n`-th of its complaint; `log_id` names the line of the history that
    it belongs to."""

    id = BigAutoField()
    complaint = BigIntegerField()
    n = IntegerField()
    kind = CharField(max_length=32)
    url = TextField()
    log_id = CharField(max_length=64, null=True)

    class Meta:
        table_name = "complaint_images"
        indexes = ((("complaint", "n"), True),)


class DeedKind(StrEnum):
    REPLY = "reply"
    FINISH = "finish"
    DECISION = "decision"


class DeedStatus(StrEnum):
    """What became of a call to WeChat. UNKNOWN: no answer came, and WeChat is asked; FAILED: it was
    asked, and has nothing of it."""

    SENDING = "sending"
    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    FAILED = "failed"


class ComplaintDeed(BaseModel):
    """What a person did about a complaint; written before WeChat is called. `body` is JSON: the
    text and images of a reply, the action and reason of a decision."""

    id = BigAutoField()
    complaint = BigIntegerField()
    kind = CharField(max_length=10)
    body = TextField()
    by = CharField(max_length=80)
    at = TimeField()
    status = CharField(max_length=10, default=DeedStatus.SENDING)
    code = CharField(max_length=64, null=True)
    """WeChat's code of a refusal, or that of our own error."""
    words = CharField(max_length=255, null=True)
    ended_at = TimeField(null=True)

    class Meta:
        table_name = "complaint_deeds"
        constraints = (one_of("kind", DeedKind), one_of("status", DeedStatus))
        indexes = ((("complaint", "id"), False), (("status", "at"), False))
