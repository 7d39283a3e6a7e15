"""The rows of a bill while it is matched, in temporary tables of one connection."""

from __future__ import annotations

from enum import IntEnum

from peewee import BigIntegerField, CharField, IntegerField

from models.base import BaseModel, TimeField


class RowKind(IntEnum):
    """Of a staged row. The last two are of a fund-flow bill."""

    PAYMENT = 0
    REFUND = 1
    REVERSED = 2
    PAID_IN = 3
    PAID_BACK = 4


class StagedRow(BaseModel):
    """A row of a trade bill. `number` is what it is matched by: WeChat's transaction id, or the
    merchant's refund number (WeChat's where the row has none). `wechat_num` is the number under
    which a fund-flow bill has it: the transaction id, or WeChat's refund id. Never in the schema:
    the connection makes it, and it goes with the connection."""

    line = IntegerField(primary_key=True)
    kind = IntegerField()
    number = CharField(max_length=64)
    wechat_num = CharField(max_length=64)
    transaction_id = CharField(max_length=64)
    order_num = CharField(max_length=64)
    at = TimeField()
    fen = BigIntegerField()
    """订单金额 of a payment, 申请退款金额 of a refund or a reversed payment."""
    moved_fen = BigIntegerField()
    """应结订单金额 of a payment, else 退款金额: what the account gets or gives."""
    state = CharField(max_length=16)
    """退款状态 of a refund."""
    told = IntegerField()
    """1 once a difference of the row is told; the fund-flow bill adds no second one."""

    class Meta:
        table_name = "staged_rows"


class StagedMovement(BaseModel):
    """A payment or a refund in a fund-flow bill; not the fees, nor what is paid in or out.
    `voucher` is the merchant's refund number, where the bill has it."""

    line = IntegerField(primary_key=True)
    kind = IntegerField()
    number = CharField(max_length=64)
    voucher = CharField(max_length=64)
    at = TimeField()
    fen = BigIntegerField()

    class Meta:
        table_name = "staged_movements"


STAGED = (StagedRow, StagedMovement)
