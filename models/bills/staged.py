"""The rows of a bill while it is matched, in a temporary table of one connection."""

from __future__ import annotations

from peewee import BigIntegerField, CharField, IntegerField

from models.base import BaseModel, TimeField


class StagedRow(BaseModel):
    """A payment row (`kind` 0), a refund row (1) or a reversed payment (2) of a trade bill; a
    payment (3) or a refund (4) of a fund-flow bill. `number` is what it is matched by: WeChat's
    transaction id, or its refund id. Never in the schema: the connection makes it and it goes with
    the connection."""

    line = IntegerField()
    kind = IntegerField()
    number = CharField(max_length=64)
    order_num = CharField(max_length=64)
    refund_num = CharField(max_length=64)
    transaction_id = CharField(max_length=64)
    at = TimeField()
    fen = BigIntegerField()
    """订单金额 of a payment, 申请退款金额 of a refund, 收支金额 in a fund-flow bill."""
    state = CharField(max_length=16)
    """退款状态 of a refund."""

    class Meta:
        table_name = "staged_rows"
        primary_key = False
