"""Refunds, and when WeChat is to be asked about them."""

from __future__ import annotations

from peewee import BigAutoField, CharField, IntegerField

from models.base import BaseModel, FenField, TimeField, fen_between, one_of
from payments.refund import RefundOrigin, RefundStatus


class Refund(BaseModel):
    """One refund of one transaction: that of an order, or that behind a receipt (`receipt_id`).

    `total_fen` is the whole transaction's amount. A row is written before WeChat is called, but
    for one of the `origin` wechat: that was made outside, and is recorded when we hear of it. A
    migration makes one more index, of `refund_num` in small letters (`models.base.folded`).
    """

    id = BigAutoField()
    refund_num = CharField(max_length=64, unique=True)
    order_num = CharField(max_length=64)
    receipt_id = IntegerField(null=True, index=True)
    app_id = CharField(max_length=32)
    mch_id = CharField(max_length=32)
    transaction_id = CharField(max_length=64)
    total_fen = FenField()
    amount_fen = FenField()
    reason = CharField(max_length=255)
    status = CharField(max_length=12, default=RefundStatus.REQUESTED)
    refund_id = CharField(max_length=64, null=True)
    """WeChat's number."""
    requested_by = CharField(max_length=80)
    first_by = CharField(max_length=80, null=True)
    """The admin who approved it first, where it needs two."""
    decided_by = CharField(max_length=80, null=True)
    """The name of the person or key that approved or rejected it."""
    failure = CharField(max_length=255, null=True)
    """Why it did not succeed, in WeChat's words or an admin's."""
    ended_from = CharField(max_length=12, null=True)
    """The state that it had when an admin ended it."""
    created_at = TimeField()
    updated_at = TimeField()
    accepted_at = TimeField(null=True)
    """When WeChat took it, as far as we know: the day of its row in a bill. For one from before
    this was kept, when it was asked for; for one that a person entered, when that was. Null for one
    that was made outside and that WeChat told of, until a bill has it."""
    succeeded_at = TimeField(null=True)
    origin = CharField(max_length=10, default=RefundOrigin.PAYWATCH)

    class Meta:
        table_name = "refunds"
        constraints = (
            fen_between("total_fen", 1),
            fen_between("amount_fen", 1),
            one_of("status", RefundStatus),
        )
        indexes = (
            (("order_num", "id"), False),
            (("refund_id",), False),
            (("status", "id"), False),
            (("requested_by", "created_at"), False),
            (("accepted_at",), False),
        )


class RefundCheck(BaseModel):
    """A refund that WeChat may have news of is asked about when it is due."""

    refund_num = CharField(max_length=64, primary_key=True)
    due_at = TimeField(index=True)
    tries = IntegerField(default=0)
    claimed = CharField(max_length=12, null=True)
    """The state that an unproven notify claimed; the answer to the query must confirm it."""
    sends = IntegerField(default=0)
    """How often the number was sent; counted before each call, so that no crash hides one."""
    refusals = IntegerField(default=0)
    """Answers in a row that were not the success that we asked for."""
    answer = CharField(max_length=32, null=True)
    """WeChat's code in its last answer to a send, in API v2's word."""

    class Meta:
        table_name = "refund_checks"


class OutsideLook(BaseModel):
    """A payment of which money went back without a request of ours, as WeChat says: WeChat is asked
    for its refunds when it is due. With a `refund_num`, for that one alone."""

    id = BigAutoField()
    transaction_id = CharField(max_length=64)
    refund_num = CharField(max_length=64, default="")
    order_num = CharField(max_length=64)
    """The order that WeChat named; it may not be paid yet here, or not be ours."""
    due_at = TimeField(index=True)
    tries = IntegerField(default=0)

    class Meta:
        table_name = "outside_looks"
        indexes = ((("transaction_id", "refund_num"), True),)
