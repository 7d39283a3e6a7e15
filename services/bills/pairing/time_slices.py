"""Goes through the rows of a table by time, in slices, so that no statement is long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from models.base import least, rows
from services.runtime.clock import MINUTE_MS

SLICE_MS = 10 * MINUTE_MS


def slices(time: Any, begin: int, end: int) -> Iterator[Any]:
    """Conditions, each of one slice that holds rows: together, every row whose time (a column with
    an index) is from `begin` on and before `end`."""
    first = time.model.select(least(time))
    while (begin := rows(first.where(time >= begin, time < end))[0][0]) is not None:
        to = min(begin + SLICE_MS, end)
        yield (time >= begin) & (time < to)
        begin = to
