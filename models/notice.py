"""Raw notifies as they came, and the receipts for money that is on no order."""

from __future__ import annotations

from peewee import BigAutoField, BlobField, BooleanField, CharField

from models.base import BaseModel, FenField, TimeField, one_of
from payments.rules import ReceiptReason


class RawNotice(BaseModel):
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


class Receipt(BaseModel):
    """Money that WeChat holds for us and that is booked on no order, once a transaction."""

    id = BigAutoField()
    transaction_id = CharField(max_length=64)
    order_num = CharField(max_length=64)
    amount_fen = FenField()
    reason = CharField(max_length=20)
    state = CharField(max_length=10, default="waiting")
    notice_id = CharField(max_length=24)
    received_at = TimeField()

    class Meta:
        table_name = "receipts"
        constraints = (one_of("reason", ReceiptReason),)
        indexes = (
            (("transaction_id", "order_num"), True),
            (("state", "id"), False),
        )
