"""What two products make of the same requests, one behind each door: the answers and the tables.
For tests; holds none itself."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import tempfile
from collections import Counter as Sums
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models import Alert, AlertMessage, Counter, Event, Order, OutsideLook, RawNotify, Receipt
from models.alert import AlertEntry
from models.base import dicts
from services.runtime.clock import Clock
from tests.doors.draws import LANES, Wave, numbered
from tests.doors.lanes import CLOSED, RESET, Lanes
from tests.doors.messages import sales
from tests.support.notify_rig import SEALER
from tests.support.rig import Product, product
from tests.support.v3_keys import WITH_PUBLIC_KEY, HeldClock

DOORS = ("fast", "tornado")
A_FEW = 3
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a private folder in it
"""The doors know nothing of the disk."""
TABLES = (
    Order,
    Event,
    RawNotify,
    Receipt,
    Alert,
    AlertEntry,
    AlertMessage,
    Counter,
    OutsideLook,
)
BY_TURN = re.compile(
    rb'"requestId":"[0-9a-f]+"|127\.0\.0\.1:\d+|\r\n(?:Date|Etag|X-Request-Id): [^\r]*'
)
"""What Tornado's application says anew each time, and the product's own port."""
REFUSAL = b"HTTP/1.1 400 Bad Request\r\n\r\n"
BY_CHANCE = {"status_token", "id", "notice_id", "sealed", "notifyId", "seq", "chain"}


class StillClock(HeldClock):
    def monotonic(self) -> float:
        return 0.0


@dataclass
class Seen:
    """What became of the requests of one round. `handed_on`: connections that the fast door gave to
    Tornado's server; `complaints`: what was logged as an error."""

    answers: list[bytes] = field(default_factory=list)
    tables: dict[str, list[str]] = field(default_factory=dict)
    handed_on: int = 0
    complaints: list[str] = field(default_factory=list)


class Complaints(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(logging.Formatter().format(record))


@asynccontextmanager
async def behind(door: str, folder: Path) -> AsyncIterator[Product]:
    """A product with the same orders at the same time, behind one of the doors."""
    more = {**WITH_PUBLIC_KEY, "TRUSTED_PROXIES": "127.0.0.0/8"}
    clock: Clock = StillClock()
    async with product(folder, clock=clock, by_hand=True, **more) as shop:
        assert shop.running.server
        if door == "tornado":
            shop.running.server.fast_door = None
        await shop.running.jobs.stop()
        for lane in range(LANES):
            await asyncio.gather(*(shop.order(orderNum=sale.order_num) for sale in sales(lane)))
        yield shop


async def seen_behind(door: str, waves: Sequence[Wave]) -> Seen:
    """Send all of it to a new product behind this door."""
    complaints = Complaints()
    logging.getLogger().addHandler(complaints)
    seen = Seen(complaints=complaints.found)
    try:
        with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
            async with behind(door, Path(folder)) as shop:
                await _send(shop, waves, seen)
                await shop.running.unverified.flush(final=True)
                seen.tables = await shop.running.store.read(_tables)
    finally:
        logging.getLogger().removeHandler(complaints)
    return seen


async def _send(shop: Product, waves: Sequence[Wave], seen: Seen) -> None:
    lanes = Lanes(shop)
    fast = shop.running.server and shop.running.server.fast_door
    if fast:
        fast.hand_on = _counting(fast.hand_on, seen)
    try:
        for wave in waves:
            seen.answers += [BY_TURN.sub(b"", each) for each in await lanes.answers(wave)]
    finally:
        lanes.close()


def _counting(hand_on: Callable[..., Any], seen: Seen) -> Callable[..., Any]:
    def counted(*given: Any) -> Any:
        seen.handed_on += 1
        return hand_on(*given)

    return counted


# --- the tables ----------------------------------------------------------------------------------

Names = dict[str, dict[int, str]]
"""What the numbers of cases and receipts stand for, which the lanes take as they come."""


def _tables() -> dict[str, list[str]]:
    """The rows, without what is made by chance; texts as they were sent. Those about one thing are
    numbered in the order in which they were made."""
    cases = {row["id"]: f"{row['kind']} {row['subject']}" for row in dicts(Alert.select())}
    receipts = {row["id"]: row["transaction_id"] for row in dicts(Receipt.select())}
    names = {"alert": cases, "alertId": cases, "receiptId": receipts}
    return {table.__name__: _rows(table, names) for table in TABLES}


def _rows(table: Any, names: Names) -> list[str]:
    numbers: Sums[str] = Sums()
    told = []
    for row in dicts(table.select().order_by(*_keys(table))):
        about, text = _told(row, names)
        numbers[about] += bool(about)
        told.append(f"{about} {numbers[about]}: {text}")
    return sorted(told)


def _keys(table: Any) -> list[Any]:
    key = table._meta.primary_key
    return [getattr(table, name) for name in getattr(key, "field_names", None) or (key.name,)]


def _told(row: dict[str, Any], names: Names) -> tuple[str, str]:
    """What a row is about, and the row."""
    kept = _named(row, names)
    if "sealed" in row:
        kept["text"] = SEALER.open(bytes(row["sealed"]), row["id"])
    for name in {"data", "evidence"} & row.keys():
        kept[name] = _named(json.loads(row[name]), names)
    case = kept.get("alert") or kept.get("data", {}).get("alertId")
    about = row.get("order_num") or row.get("subject") or case or row.get("source")
    return about or "", repr(sorted(kept.items()))


def _named(values: dict[str, Any], names: Names) -> dict[str, Any]:
    return {
        name: names[name].get(value) if name in names else value
        for name, value in values.items()
        if name not in BY_CHANCE
    }


# --- the comparison ------------------------------------------------------------------------------


def differences(sent: Sequence[Wave], fast: Seen, tornado: Seen) -> list[str]:
    """In words, a few of each kind; empty when the two are the same."""
    answers = zip(numbered(sent).items(), fast.answers, tornado.answers, strict=True)
    found = [
        f"request {number}: {request}\n  fast:    {one!r}\n  tornado: {other!r}"
        for (number, request), one, other in answers
        if not _are_same(one, other)
    ][:A_FEW]
    for name, rows in fast.tables.items():
        ours, theirs = Sums(rows), Sums(tornado.tables[name])
        found += [f"{name}, fast only: {row}" for row in list(ours - theirs)[:A_FEW]]
        found += [f"{name}, tornado only: {row}" for row in list(theirs - ours)[:A_FEW]]
    for door, seen in zip(DOORS, (fast, tornado), strict=True):
        found += [f"logged behind {door}: {each}" for each in seen.complaints[:A_FEW]]
    return found


def _are_same(one: bytes, other: bytes) -> bool:
    """A connection that is closed before all that came was read is reset. That may overtake a last
    refusal: the kernel holds it back until the answer before it has arrived."""
    said, told = (each.replace(RESET, CLOSED, 1) for each in (one, other))
    return (
        said == told
        or (one.startswith(RESET) and said + REFUSAL == told)
        or (other.startswith(RESET) and told + REFUSAL == said)
    )
