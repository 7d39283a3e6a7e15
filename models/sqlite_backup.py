"""A consistent copy of a SQLite database in one file, made while others write."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

from peewee import Database, SqliteDatabase, fn

from models.event import Event, EventHead
from models.inspection import Damaged, check_whole, event_head

STEPS_BETWEEN_WORDS = 2_000_000


def copy_sqlite(database: Database, target: Path, tell: Callable[[int], None]) -> int:
    """Fill the empty file `target`; `tell(bytes so far)` is called now and then. Returns the head
    of the copy's events. Raises Peewee's errors, and Damaged when the copy is not whole.

    The copy has another epoch than the original: dashboards that knew the original start over
    when the copy is restored in its place.
    """
    database.connect(reuse_if_open=True)
    connection = database.connection()
    connection.set_progress_handler(lambda: tell(target.stat().st_size), STEPS_BETWEEN_WORDS)
    database.execute_sql("VACUUM INTO ?", (str(target),))
    # No write-ahead log: all of the copy is in its one file.
    copy = SqliteDatabase(str(target), pragmas={"journal_mode": "delete", "synchronous": "full"})
    try:
        with copy.bind_ctx([Event, EventHead]):
            return _prepare(copy)
    finally:
        copy.close()


def _prepare(copy: Database) -> int:
    check_whole(copy)
    head = event_head(copy)
    if Event.select(fn.MAX(Event.seq)).scalar() not in (None, head):
        raise Damaged("The copy's events do not end at their head.")
    EventHead.update(epoch=secrets.token_hex(8)).where(EventHead.id == 1).execute()
    return head
