"""The audit log: every action with its person and its subject, written in the transaction of the
action, each row chained to the one before it; reading the log, and verifying its chain."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models import AuditEntry, AuditHead
from models.audit import FIRST_HASH, Deed, chained
from models.base import rows
from models.store import Store
from models.transaction import Batch
from services.runtime.clock import rfc3339

__all__ = ["AuditLog", "Deed", "record", "record_deeds"]

PAGE = 50
MAX_PAGE = 100
CHUNK = 1000
NEWEST = 10_000
"""The number of newest rows that are verified for a page; `paywatch verify-audit` verifies all."""
COMMAND_LINE = "command line"
"""The name in the log for actions of the server's command line; no user's name holds a blank."""
RECONCILER = "reconciler"
PROGRAMS = frozenset({"expiry", RECONCILER, "system"})
"""The names under which Paywatch itself acts; its actions are in the events."""


def record(batch: Batch, *deeds: Deed) -> None:
    """Write deeds of people at the end of this transaction; what programs of ours do is left
    out."""
    batch.deeds.extend(deed for deed in deeds if deed.by not in PROGRAMS)


def record_deeds(batch: Batch, deeds: Sequence[Deed]) -> list[None]:
    """An op: deeds that change no row of ours, such as a question to WeChat."""
    record(batch, *deeds)
    return [None] * len(deeds)


@dataclass(frozen=True)
class AuditFilter:
    """Which rows of the log: every field that is set must match. Times in ms; `before` is a
    number of a row."""

    by: str | None = None
    action: str | None = None
    subject: str | None = None
    since: int | None = None
    until: int | None = None
    before: int | None = None
    limit: int = PAGE


@dataclass(frozen=True)
class AuditCheck:
    """`rows` were looked at, up to `seq` with `hash`; `flaw` says what is wrong with which row, or
    is empty."""

    rows: int
    seq: int
    hash: str
    flaw: str = ""


class AuditLog:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def page(self, wanted: AuditFilter) -> dict[str, Any]:
        """Rows, newest first, and the `next` to begin before."""
        return await self._store.read(_read_page, wanted)

    async def anchor(self) -> tuple[int, str]:
        """The number of the newest row and its hash, to be kept where nobody who can write the
        database can. Raises Busy."""
        return await self._store.read(_read_head)

    async def keeps(self, seq: int, hash_: str) -> bool:
        """Whether the row with this number still has this hash: nobody has made the chain anew."""
        return bool(await self._store.read(_read_hash, seq) == hash_)

    async def verify(self, newest: int | None = None) -> AuditCheck:
        """Walk the chain, or its `newest` rows, a thousand at a time. Rows that come meanwhile
        are not looked at."""
        top = await self._store.read(_read_top)
        head_seq, head_hash = await self._store.read(_read_head)
        if top > head_seq:  # read before the head, which moves with every row
            return AuditCheck(
                0, head_seq, head_hash, f"Row {head_seq + 1} is behind the chain's end."
            )
        start = max(0, head_seq - newest) if newest else 0
        seq, last = start, await self._store.read(_read_hash, start)
        while seq < head_seq:
            found = await self._store.read(_read_chunk, seq, head_seq)
            for row in found or [(head_seq + 1,)]:
                if flaw := _flaw(seq + 1, last, row):
                    return AuditCheck(seq - start, seq, last, flaw)
                seq, last = row[0], row[-1]
        if last != head_hash:
            flaw = f"Row {seq} is not the one that the chain ends with."
            return AuditCheck(seq - start, seq, last, flaw)
        return AuditCheck(seq - start, seq, last)


def _flaw(expected: int, last: str, row: tuple[Any, ...]) -> str:
    if row[0] != expected:
        return f"Row {expected} is missing."
    if chained(last, *row[:-1]) != row[-1]:
        return f"Row {expected} was changed, or does not follow the row before it."
    return ""


# --- reads ---------------------------------------------------------------------------------------


def _read_page(wanted: AuditFilter) -> dict[str, Any]:
    query = AuditEntry.select().order_by(AuditEntry.seq.desc()).limit(wanted.limit + 1)
    for name in ("by", "action", "subject"):
        if value := getattr(wanted, name):
            query = query.where(getattr(AuditEntry, name) == value)
    if wanted.since is not None:
        query = query.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditEntry.at < wanted.until)
    if wanted.before:
        query = query.where(AuditEntry.seq < wanted.before)
    found = list(query)
    following = str(found[wanted.limit - 1].seq) if len(found) > wanted.limit else None
    return {"entries": [_public(row) for row in found[: wanted.limit]], "next": following}


def _public(row: AuditEntry) -> dict[str, Any]:
    return {
        "seq": row.seq,
        "at": rfc3339(row.at),
        "by": row.by,
        "action": row.action,
        "subject": row.subject,
        "detail": json.loads(row.detail),
        "hash": row.hash,
    }


def _read_top() -> int:
    found = rows(AuditEntry.select(AuditEntry.seq).order_by(AuditEntry.seq.desc()).limit(1))
    return int(found[0][0]) if found else 0


def _read_head() -> tuple[int, str]:
    (head,) = rows(AuditHead.select(AuditHead.seq, AuditHead.hash).where(AuditHead.id == 1))
    return head[0], head[1]


def _read_hash(seq: int) -> str:
    found = rows(AuditEntry.select(AuditEntry.hash).where(AuditEntry.seq == seq))
    return str(found[0][0]) if found else FIRST_HASH


def _read_chunk(after: int, to: int) -> list[tuple[Any, ...]]:
    """In the order of the numbers; the hash is the last of each."""
    columns = (
        AuditEntry.seq,
        AuditEntry.at,
        AuditEntry.by,
        AuditEntry.action,
        AuditEntry.subject,
        AuditEntry.detail,
        AuditEntry.hash,
    )
    query = AuditEntry.select(*columns).where(AuditEntry.seq > after, AuditEntry.seq <= to)
    return rows(query.order_by(AuditEntry.seq).limit(CHUNK))
