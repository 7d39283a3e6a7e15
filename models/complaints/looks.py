"""When WeChat is to be asked about complaints."""

from __future__ import annotations

from peewee import CharField, IntegerField, TextField

from models.base import BaseModel, TimeField


class ComplaintLook(BaseModel):
    """WeChat is asked for this complaint when it is due; a notify writes it in its own transaction,
    so that nothing is lost between the two. `problem` is JSON, `{"code","words"}`: why the last try
    brought nothing."""

    complaint_id = CharField(max_length=64, primary_key=True)
    mch_id = CharField(max_length=32)
    asked_at = TimeField()
    """When it was put here last: a look that began earlier does not end it."""
    due_at = TimeField(index=True)
    tries = IntegerField(default=0)
    problem = TextField(null=True)

    class Meta:
        table_name = "complaint_looks"


class ComplaintPoll(BaseModel):
    """The list of an account's complaints, which is read page by page: of the days from `begins` to
    `ends` (`YYYY-MM-DD`), the next page from `at_row`. `done_at` is when it was read to its end
    last, `whole_at` when all days that WeChat lists were."""

    mch_id = CharField(max_length=32, primary_key=True)
    begins = CharField(max_length=10)
    ends = CharField(max_length=10)
    at_row = IntegerField(default=0)
    due_at = TimeField()
    done_at = TimeField(null=True)
    whole_at = TimeField(null=True)
    is_whole = IntegerField(default=0)
    tries = IntegerField(default=0)
    problem = TextField(null=True)

    class Meta:
        table_name = "complaint_polls"
