"""The stream of events, the row that numbers them, and the counters behind the tiles."""

from __future__ import annotations

from peewee import BigIntegerField, CharField, CompositeKey, IntegerField, TextField

from models.base import BaseModel, TimeField


class Event(BaseModel):
    """An event, written in the transaction of the change that it reports. `seq` is 1, 2, 3 … in
    commit order without a hole; `data` is JSON that every role may read."""

    seq = BigIntegerField(primary_key=True)
    kind = CharField(max_length=32)
    severity = CharField(max_length=10)
    order_num = CharField(max_length=64, null=True)
    at = TimeField()
    data = TextField()

    class Meta:
        table_name = "events"
        indexes = ((("order_num", "seq"), False),)


class EventHead(BaseModel):
    """One row. It is advanced last in a transaction and so locked until the commit: that makes
    the numbers gap-free and in commit order over all processes, which a sequence is not."""

    id = IntegerField(primary_key=True)
    seq = BigIntegerField()
    epoch = CharField(max_length=32)

    class Meta:
        table_name = "event_head"


class Counter(BaseModel):
    """A sum kept by the transactions themselves, so that no tile ever counts rows.

    `at` is the start of the minute or hour it belongs to (ms), 0 for a running figure."""

    name = CharField(max_length=32)
    at = TimeField()
    value = BigIntegerField()

    class Meta:
        table_name = "counters"
        primary_key = CompositeKey("at", "name")
