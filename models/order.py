"""Orders and the one attempt that each makes at WeChat."""

from __future__ import annotations

from enum import StrEnum

from peewee import BigAutoField, CharField, Check, IntegerField, TextField

from models.base import BaseModel, FenField, TimeField, fen_between, one_of
from payments.merchant import Api
from payments.states import OrderStatus

PHONE_TAIL = 4
"""The number of last digits of a phone number that are kept beside it, because customers often say
only those."""


class Order(BaseModel):
    """One thing to be paid: one number, one trade type, one amount, for ever. The indexes that end
    with the time serve lists, newest first; migrations make three more: of the parts of `open_id`
    and `phone` that are shown (`models.base.head_of`), and of `order_num` in small letters
    (`models.base.folded`)."""

    id = BigAutoField()
    order_num = CharField(max_length=32, unique=True)
    product_id = CharField(max_length=32)
    title = CharField(max_length=255)
    quantity = IntegerField(default=1)
    total_fen = FenField()
    status = CharField(max_length=20, default=OrderStatus.INIT)
    service_status = CharField(max_length=20, null=True)
    app_id = CharField(max_length=32)
    mch_id = CharField(max_length=32)
    trade_type = CharField(max_length=10, null=True)
    open_id = CharField(max_length=128, null=True)
    phone = CharField(max_length=32, null=True)
    phone_tail = CharField(max_length=PHONE_TAIL, null=True)
    customer = CharField(max_length=64, null=True)
    transaction_id = CharField(max_length=64, null=True, unique=True)
    refunded_fen = FenField(default=0)
    status_token = CharField(max_length=32)
    created_at = TimeField()
    updated_at = TimeField()
    paid_at = TimeField(null=True)
    wechat_paid_at = TimeField(null=True)
    """WeChat's own time of the payment; `paid_at` is when we received the proof."""
    expires_at = TimeField()

    class Meta:
        table_name = "orders"
        constraints = (
            fen_between("total_fen", 1),
            fen_between("refunded_fen", 0),
            one_of("status", OrderStatus),
            Check("(status IN ('INIT', 'WAIT_PAY', 'CLOSED')) = (paid_at IS NULL)"),
            Check("paid_at IS NULL OR transaction_id IS NOT NULL"),
        )
        indexes = (
            (("paid_at",), False),
            (("wechat_paid_at",), False),
            (("created_at", "id"), False),
            (("status", "created_at", "id"), False),
            (("service_status", "created_at", "id"), False),
            (("mch_id", "created_at", "id"), False),
            (("total_fen", "created_at", "id"), False),
            (("product_id", "created_at", "id"), False),
            (("customer", "created_at", "id"), False),
            (("open_id", "created_at", "id"), False),
            (("phone", "created_at", "id"), False),
            (("phone_tail", "created_at", "id", "phone"), False),
        )


class AttemptState(StrEnum):
    CALLING = "calling"
    READY = "ready"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class PrepayAttempt(BaseModel):
    """The unified order of one order number. Its parameters are stored before the call and
    resent unchanged, because WeChat refuses the same number with other parameters. `open_id` is
    the buyer in them, `calls` the number of the newest call."""

    id = BigAutoField()
    order_num = CharField(max_length=32, unique=True)
    trade_type = CharField(max_length=10)
    api = CharField(max_length=4, default=Api.V2)
    parameters = TextField()
    open_id = CharField(max_length=128, null=True)
    state = CharField(max_length=10, default=AttemptState.CALLING)
    prepay_id = CharField(max_length=128, null=True)
    code_url = CharField(max_length=512, null=True)
    valid_until = TimeField(null=True)
    calls = IntegerField(default=0)
    created_at = TimeField()
    answered_at = TimeField(null=True)

    class Meta:
        table_name = "prepay_attempts"
        constraints = (one_of("state", AttemptState),)


class OrderCheck(BaseModel):
    """An order that nobody has paid yet is looked at by itself when it is due. Kept apart from the
    order, so that a notify need not touch it: a row whose order is settled is removed when due.
    `tries` are the looks in a row that came to nothing; `unpaid_at` is when WeChat said last that
    it holds no payment."""

    order_num = CharField(max_length=32, primary_key=True)
    due_at = TimeField(index=True)
    tries = IntegerField(default=0)
    unpaid_at = TimeField(null=True)

    class Meta:
        table_name = "order_checks"
