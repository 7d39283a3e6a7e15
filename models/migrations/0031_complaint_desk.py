"""Complaints, their histories and images, what staff did, and when WeChat is asked."""

from typing import Any

from peewee import (
    BigAutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    CharField,
    Check,
    IntegerField,
    Model,
    TextField,
)


def up(migrator, db):
    """MySQL commits each change by itself, so any of this may be there: this may be a second try."""
    db.create_tables(_tables(db))


def down(migrator, db):
    db.drop_tables(_tables(db))


def _tables(db: Any) -> list[type[Model]]:
    return [*_complaints(db), *_looks(db)]


def _complaints(db: Any) -> list[type[Model]]:
    class Complaint(Model):
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
        created_at = BigIntegerField()
        since = BigIntegerField()
        reply_due_at = BigIntegerField()
        finish_due_at = BigIntegerField()
        told = CharField(max_length=24, default="")
        version = BigIntegerField(default=1)
        fetched_at = BigIntegerField()
        updated_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "complaints"
            constraints = (Check("state IN ('PENDING', 'PROCESSING', 'PROCESSED')"),)
            indexes = (
                (("created_at", "id"), False),
                (("state", "created_at", "id"), False),
                (("mch_id", "created_at", "id"), False),
                (("order_num",), False),
                (("transaction_id",), False),
            )

    class ComplaintLine(Model):
        id = BigAutoField()
        complaint = BigIntegerField()
        log_id = CharField(max_length=64)
        at = BigIntegerField()
        operator = CharField(max_length=64)
        action = CharField(max_length=64)
        text = TextField()
        more = TextField()

        class Meta:
            database = db
            table_name = "complaint_lines"
            indexes = ((("complaint", "log_id"), True), (("complaint", "at"), False))

    class ComplaintImage(Model):
        id = BigAutoField()
        complaint = BigIntegerField()
        n = IntegerField()
        kind = CharField(max_length=32)
        url = TextField()
        log_id = CharField(max_length=64, null=True)

        class Meta:
            database = db
            table_name = "complaint_images"
            indexes = ((("complaint", "n"), True),)

    class ComplaintDeed(Model):
        id = BigAutoField()
        complaint = BigIntegerField()
        kind = CharField(max_length=10)
        body = TextField()
        by = CharField(max_length=80)
        at = BigIntegerField()
        status = CharField(max_length=10, default="sending")
        code = CharField(max_length=64, null=True)
        words = CharField(max_length=255, null=True)
        ended_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "complaint_deeds"
            constraints = (
                Check("kind IN ('reply', 'finish', 'decision')"),
                Check("status IN ('sending', 'done', 'refused', 'unknown', 'failed')"),
            )
            indexes = ((("complaint", "id"), False), (("status", "at"), False))

    return [Complaint, ComplaintLine, ComplaintImage, ComplaintDeed]


def _looks(db: Any) -> list[type[Model]]:
    class ComplaintLook(Model):
        complaint_id = CharField(max_length=64, primary_key=True)
        mch_id = CharField(max_length=32)
        asked_at = BigIntegerField()
        due_at = BigIntegerField(index=True)
        tries = IntegerField(default=0)
        problem = TextField(null=True)

        class Meta:
            database = db
            table_name = "complaint_looks"

    class ComplaintPoll(Model):
        mch_id = CharField(max_length=32, primary_key=True)
        begins = CharField(max_length=10)
        ends = CharField(max_length=10)
        at_row = IntegerField(default=0)
        due_at = BigIntegerField()
        done_at = BigIntegerField(null=True)
        whole_at = BigIntegerField(null=True)
        is_whole = IntegerField(default=0)
        tries = IntegerField(default=0)
        problem = TextField(null=True)

        class Meta:
            database = db
            table_name = "complaint_polls"

    return [ComplaintLook, ComplaintPoll]
