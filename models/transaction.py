"""The last statements of every transaction: the audit log, counters, the numbers of its events."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from peewee import EXCLUDED, SQL, fn

from models.audit import Deed, write_deeds
from models.event import Counter, Event, EventHead, EventText, digest_of
from models.reports.sums import ReportSums, add_to_report
from models.statements import Dialect, Statements
from payments.alert_kinds import Severity


class NewEvent(NamedTuple):
    """An event without its number; `data` must not hold a full openid, phone or key."""

    kind: str
    order_num: str | None
    data: dict[str, Any]
    severity: Severity = Severity.INFO
    at: int | None = None
    """When it happened (ms), where that is not now."""


@dataclass
class Batch:
    """One transaction, as an op sees it: `now` (ms), the statements, what to announce, and what
    people did."""

    now: int
    sql: Statements
    events: list[NewEvent] = field(default_factory=list)
    sums: defaultdict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    reports: ReportSums = field(default_factory=ReportSums)
    deeds: list[Deed] = field(default_factory=list)
    may_forget: bool = True
    """Old rows may be deleted: False while it is not known that `now` is right."""
    uncounted: str = ""
    """Orders whose number begins so are in no figure; empty: every order is."""

    def emit(self, event: NewEvent) -> None:
        self.events.append(event)

    def counts(self, order_num: str | None) -> bool:
        return not (self.uncounted and (order_num or "").startswith(self.uncounted))

    def add(self, name: str, at: int, amount: int) -> None:
        """Add to a counter; `at` as in `models.event.Counter`."""
        self.sums[name, at] += amount


LINK = 1000
"""The most events that are chained as one link: of so many one is named that was changed. A batch
of the writer has fewer; each link costs two round trips on MySQL."""


def finish(batch: Batch) -> Callable[[], int | None]:
    """Write deeds, counters and events; after the commit the call returns the new head, or None
    when there was no event.

    What others wait for, the counters' rows and the head's, is locked from here to the commit, so
    this comes last, and on PostgreSQL it goes out with the commit.
    """
    if batch.deeds:
        write_deeds(batch.now, batch.deeds)
    batch.sql.flush()
    rows = [
        {"name": name, "at": at, "value": value}
        for (name, at), value in sorted(batch.sums.items())
        if value
    ]
    batch.sql.add(_add_to_counter, rows)
    batch.sql.add(add_to_report, batch.reports.rows())
    if not batch.events:
        return lambda: None
    texts = [
        EventText(
            event.kind,
            event.severity.value,
            event.order_num,
            batch.now if event.at is None else event.at,
            dump(event.data),
        )
        for event in batch.events
    ]
    parts = [texts[start : start + LINK] for start in range(0, len(texts), LINK)]
    return [_append(batch, part) for part in parts][-1]


def _append(batch: Batch, texts: list[EventText]) -> Callable[[], int]:
    rows = [text._asdict() for text in texts]
    return batch.sql.append(_advance_head, Event, rows, digest_of(texts))


def dump(value: object) -> str:
    """JSON as it is stored and sent: compact, Chinese as it is."""
    return _JSON.encode(value)


_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
"""Kept: `json.dumps` makes one for each value."""


def _advance_head(d: Dialect) -> Any:
    """On MySQL the driver hears the new number with the answer."""
    seq = EventHead.seq + d["k"]
    return EventHead.update(
        seq=fn.LAST_INSERT_ID(seq) if d.is_mysql else seq,
        chain=d.chained(EventHead.chain, "digest"),
    ).where(EventHead.id == SQL("1"))


def _add_to_counter(d: Dialect) -> Any:
    insert = Counter.insert({getattr(Counter, name): d[name] for name in ("name", "at", "value")})
    if d.is_mysql:
        return insert.on_conflict(update={Counter.value: Counter.value + fn.VALUES(Counter.value)})
    return insert.on_conflict(
        conflict_target=[Counter.name, Counter.at],
        update={Counter.value: Counter.value + EXCLUDED.value},
    )
