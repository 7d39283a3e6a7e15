"""The bytes of the live stream. A frame is made once, and every dashboard gets the same bytes."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from models import Event
from models.base import rows
from models.event import TOLD
from models.transaction import dump
from services.runtime.clock import rfc3339

PING = memoryview(b"\x89\0")
"""The client's websocket answers it by itself."""


@dataclass(frozen=True)
class Frame:
    """Events `first` to `last`; `subjects` are the orders that they are about."""

    first: int
    last: int
    subjects: frozenset[str | None]
    bytes: memoryview


def text_frame(text: bytes) -> memoryview:
    """A whole websocket frame of the server with this text (RFC 6455, section 5.2)."""
    if len(text) < 126:
        head = struct.pack("!BB", 0x81, len(text))
    elif len(text) <= 0xFFFF:
        head = struct.pack("!BBH", 0x81, 126, len(text))
    else:
        head = struct.pack("!BBQ", 0x81, 127, len(text))
    return memoryview(head + text)


def message(content: dict[str, Any]) -> memoryview:
    """The frame of one JSON message."""
    return text_frame(dump(content).encode())


def read_frame(after: int, limit: int, replayed: bool = False) -> Frame | None:
    """The frame of up to `limit` events above `after`; None where there is none. For a reader."""
    query = Event.select(*TOLD).where(Event.seq > after).order_by(Event.seq).limit(limit)
    found = rows(query)
    if not found:
        return None
    first, last = found[0][0], found[-1][0]
    events = ",".join(map(_event, found))
    text = (
        f'{{"type":"events","from":{first},"to":{last},"events":[{events}],'
        f'"replayed":{dump(replayed)}}}'
    )
    subjects = frozenset(row[3] for row in found)
    return Frame(first, last, subjects, text_frame(text.encode()))


def _event(row: tuple[Any, ...]) -> str:
    """As `services.live.feed` shows it. The data is JSON already and is not read again."""
    seq, kind, severity, order_num, at, data = row
    return (
        f'{{"seq":{seq},"kind":{dump(kind)},"severity":{dump(severity)},'
        f'"orderNum":{dump(order_num)},"at":{dump(rfc3339(at))},"data":{data}}}'
    )
