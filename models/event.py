"""The stream of events, the row that numbers and chains them, and the counters behind the tiles."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any, NamedTuple

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
    chain = CharField(max_length=64, null=True)
    """On the last event of a transaction, and on each thousandth of one: the end of the chain of
    all events up to it."""

    class Meta:
        table_name = "events"
        indexes = ((("order_num", "seq"), False),)


TOLD = (Event.seq, Event.kind, Event.severity, Event.order_num, Event.at, Event.data)
"""The columns of an event that are told."""


class EventHead(BaseModel):
    """One row. It is advanced last in a transaction and so locked until the commit: that makes
    the numbers gap-free and in commit order over all processes, which a sequence is not. `chain`
    is the end of the chain of all events."""

    id = IntegerField(primary_key=True)
    seq = BigIntegerField()
    epoch = CharField(max_length=32)
    chain = CharField(max_length=64, default="")

    class Meta:
        table_name = "event_head"


class EventText(NamedTuple):
    """What the chain holds of an event: its columns as they are stored. Its number is proven by its
    place, as numbers have no hole."""

    kind: str
    severity: str
    order_num: str | None
    at: int
    data: str


def digest_of(events: Iterable[EventText]) -> str:
    """The SHA-256, hexadecimal, of the events of one transaction in their order. An order number
    and the data are JSON, so no two lists of events have the same text."""
    lines = [
        f"{kind}\n{severity}\n{_quoted(order_num)}\n{at}\n{data}\n"
        for kind, severity, order_num, at, data in events
    ]
    return sha256("".join(lines))


def chained(before: str, digest: str) -> str:
    """The end of the chain behind the events with this digest. The databases compute the same
    (`models.compiled.dialect.Dialect.chained`), as only they know the end before under its lock."""
    return sha256(before + digest)


def sha256(text: str) -> str:
    """Hexadecimal, of the text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def _quoted(text: str | None) -> Any:
    return "null" if text is None else _JSON.encode(text)


_JSON = json.JSONEncoder(ensure_ascii=False)


class Counter(BaseModel):
    """A sum kept by the transactions themselves, so that no tile ever counts rows.

    `at` is the start of the minute or hour it belongs to (ms), 0 for a running figure."""

    name = CharField(max_length=32)
    at = TimeField()
    value = BigIntegerField()

    class Meta:
        table_name = "counters"
        primary_key = CompositeKey("at", "name")
