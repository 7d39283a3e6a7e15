"""The days of an account, each with its bill, and the differences that were found."""

from __future__ import annotations

from peewee import BigAutoField, BigIntegerField, BooleanField, CharField, IntegerField, TextField

from models.base import BaseModel, TimeField, one_of
from payments.bills.differences import BillStatus, DifferenceKind, DifferenceStatus


class BillDay(BaseModel):
    """One day of one account (`mch_id`), in Asia/Shanghai: `date` is `YYYY-MM-DD`.

    The sums of `wechat_…` are those of the trade bill's rows, those of `our_…` what is booked here
    as of that day. `problem` is JSON, `{"code","values"}`: why it failed or is waited for. While a
    run works on the day, `step` says what it does and `done` of `whole` how far it is; `run` names
    the run, so that what an earlier one left unfinished is told apart."""

    id = BigAutoField()
    mch_id = CharField(max_length=32)
    date = CharField(max_length=10)
    status = CharField(max_length=12, default=BillStatus.WAITING)
    fetched_at = TimeField(null=True)
    rows_count = IntegerField(default=0)
    wechat_paid_fen = BigIntegerField(default=0)
    wechat_paid_count = IntegerField(default=0)
    wechat_refunded_fen = BigIntegerField(default=0)
    wechat_refund_count = IntegerField(default=0)
    wechat_fee_fen = BigIntegerField(default=0)
    wechat_net_fen = BigIntegerField(default=0)
    our_paid_fen = BigIntegerField(default=0)
    our_paid_count = IntegerField(default=0)
    our_refunded_fen = BigIntegerField(default=0)
    our_refund_count = IntegerField(default=0)
    flow_net_fen = BigIntegerField(null=True)
    """Income less expense of payments, refunds and fees in the fund-flow bill; null without one."""
    open_count = IntegerField(default=0)
    unexplained_fen = BigIntegerField(default=0)
    digest = CharField(max_length=64, null=True)
    """SHA-256 of the text that was matched, of both bills: the same again changes nothing."""
    from_file = BooleanField(default=False)
    """It was a file that a person brought: nothing of it is proven by WeChat."""
    problem = TextField(null=True)
    tries = IntegerField(default=0)
    due_at = TimeField(null=True, index=True)
    """When it is fetched by itself, next; null: never again."""
    asked_at = TimeField(null=True)
    """When WeChat was asked for its trade bill last."""
    run = CharField(max_length=32, null=True)
    step = CharField(max_length=12, null=True)
    done = IntegerField(default=0)
    whole = IntegerField(default=0)
    told_count = IntegerField(default=0)
    """Of so many of its differences the orders were told."""
    updated_at = TimeField()

    class Meta:
        table_name = "bill_days"
        constraints = (one_of("status", BillStatus),)
        indexes = ((("mch_id", "date"), True), (("date",), False))


class BillDifference(BaseModel):
    """One thing in which a bill and our books differ. `subject` names it within its day, account
    and kind: a transaction, a refund, a line, a column. `ours` and `wechat` are fen, or text for
    states and summaries. `evidence` is JSON: the bill's row, our booking, both times."""

    id = BigAutoField()
    mch_id = CharField(max_length=32)
    date = CharField(max_length=10)
    kind = CharField(max_length=24)
    subject = CharField(max_length=64)
    order_num = CharField(max_length=64, null=True)
    transaction_id = CharField(max_length=64, null=True)
    refund_num = CharField(max_length=64, null=True)
    ours = CharField(max_length=64, null=True)
    wechat = CharField(max_length=64, null=True)
    difference_fen = BigIntegerField(default=0)
    status = CharField(max_length=10, default=DifferenceStatus.OPEN)
    resolution = CharField(max_length=12, null=True)
    note = CharField(max_length=500, null=True)
    resolved_by = CharField(max_length=80, null=True)
    resolved_at = TimeField(null=True)
    proposal = CharField(max_length=24)
    evidence = TextField()
    run = CharField(max_length=32)
    """The last run that found it."""
    found_at = TimeField()
    told = BooleanField(default=False)
    """Its order has an event of it."""

    class Meta:
        table_name = "bill_differences"
        constraints = (one_of("kind", DifferenceKind), one_of("status", DifferenceStatus))
        indexes = (
            (("mch_id", "date", "kind", "subject"), True),
            (("date", "id"), False),
            (("status", "id"), False),
            (("order_num",), False),
        )
