"""Each transaction's last event holds the end of the chain of all events; those that are there are
chained a hundred at a time."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from peewee import CharField

CHUNK = 5000
LINK = 100
READ = (
    "SELECT seq, kind, severity, order_num, at, data FROM events WHERE seq > ? ORDER BY seq LIMIT ?"
)
LINKED = "UPDATE events SET chain = ? WHERE seq = ?"
ENDED = "UPDATE event_head SET chain = ?"


def up(migrator, db):
    """MySQL commits each change by itself, so any of this may be there: this may be a second try."""
    if not _has(db, "events"):
        migrator.migrate(
            migrator.add_column("events", "chain", CharField(max_length=64, null=True))
        )
    if not _has(db, "event_head"):
        chain = CharField(max_length=64, default="")
        migrator.migrate(migrator.add_column("event_head", "chain", chain))
    end, seq = "", 0
    while found := _read(db, seq):
        for start in range(0, len(found), LINK):
            events = found[start : start + LINK]
            seq = events[-1][0]
            end = _sha256(end + _sha256("".join(_line(*event[1:]) for event in events)))
            db.execute_sql(LINKED.replace("?", db.param), (end, seq))
    db.execute_sql(ENDED.replace("?", db.param), (end,))


def down(migrator, db):
    for table in ("event_head", "events"):
        migrator.migrate(migrator.drop_column(table, "chain"))


def _has(db: Any, table: str) -> bool:
    return any(column.name == "chain" for column in db.get_columns(table))


def _read(db: Any, after: int) -> list[tuple[Any, ...]]:
    return list(db.execute_sql(READ.replace("?", db.param), (after, CHUNK)).fetchall())


def _line(kind: str, severity: str, order_num: str | None, at: int, data: str) -> str:
    number = "null" if order_num is None else json.dumps(order_num, ensure_ascii=False)
    return f"{kind}\n{severity}\n{number}\n{at}\n{data}\n"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
