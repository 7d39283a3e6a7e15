"""Raw notifies as they came, and the receipts for money that is on no order."""

from __future__ import annotations

from enum import StrEnum

from peewee import BigAutoField, BlobField, BooleanField, CharField, IntegerField

from models.base import BaseModel, FenField, TimeField, one_of
from payments.payment_rules import ReceiptReason


class RawNotify(BaseModel):
    """One delivery. `id` begins with its time; `sealed` is the text as received, encrypted
    (`payments.sealing`); it leaves the house masked only. Found by its id, which every event and
    case about it names."""

    id = CharField(max_length=24, primary_key=True)
    order_num = CharField(max_length=64, null=True)
    transaction_id = CharField(max_length=64, null=True)
    source = CharField(max_length=64)
    authentic = BooleanField()
    outcome = CharField(max_length=20)
    sealed = BlobField()
    received_at = TimeField()

    class Meta:
        table_name = "raw_notices"


class ReceiptState(StrEnum):
    WAITING = "waiting"
    PROPOSED = "proposed"
    """One admin has decided, and the amount needs a second."""
    REFUNDING = "refunding"
    REFUNDED = "refunded"
    ACCEPTED = "accepted"
    """Kept, on no order."""
    BOOKED = "booked"
    """On its order: by itself, its cause being mended, or because an admin reopened the order."""


UNDECIDED = (ReceiptState.WAITING, ReceiptState.PROPOSED, ReceiptState.REFUNDING)
"""Not decided to the end."""
OPEN = (ReceiptState.WAITING, ReceiptState.PROPOSED)
"""Nobody, or not enough people, decided."""


class Receipt(BaseModel):
    """Money that WeChat holds for us and that is booked on no order, once a transaction.

    `amount_fen` is in the smallest unit of `currency`, which is fen for CNY; `wechat_paid_at` is
    WeChat's own time of the payment. `action` is what was decided (`refund`, `accept`, `reopen`);
    `app_id` and `mch_id` say whose account holds the money ('' in rows from before they were
    kept)."""

    id = BigAutoField()
    transaction_id = CharField(max_length=64)
    order_num = CharField(max_length=64)
    amount_fen = FenField()
    currency = CharField(max_length=16, default="CNY")
    reason = CharField(max_length=20)
    state = CharField(max_length=10, default=ReceiptState.WAITING)
    notice_id = CharField(max_length=24)
    received_at = TimeField()
    wechat_paid_at = TimeField(null=True)
    app_id = CharField(max_length=32, default="")
    mch_id = CharField(max_length=32, default="")
    action = CharField(max_length=10, null=True)
    proposed_by = CharField(max_length=80, null=True)
    proposed_at = TimeField(null=True)
    decided_by = CharField(max_length=80, null=True)
    decided_at = TimeField(null=True)
    note = CharField(max_length=500, null=True)
    refund_num = CharField(max_length=64, null=True)
    refunded_fen = FenField(default=0)
    """The amount of it that went back, by whomever."""
    version = IntegerField(default=1)

    class Meta:
        table_name = "receipts"
        constraints = (one_of("reason", ReceiptReason),)
        indexes = (
            (("transaction_id", "order_num"), True),
            (("state", "id"), False),
        )
