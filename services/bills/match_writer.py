"""Writes what a match tells, line by line, in chunks: nothing is held that the bill makes long."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from models.store import Store
from services.bills.bill_days import DayRun
from services.bills.match_lines import (
    FoundDifference,
    MatchedBill,
    MatchLine,
    MatchProgress,
    MovedBooking,
    ToldDifference,
)
from services.bills.match_ops import OfRun, move_bookings, put_differences, tell_held

CHUNK = 500
"""So many lines are written in one transaction."""


class MatchWriter:
    """Of one run. `tell` is given each line of progress. Of a bill that is not `proven`, only its
    differences are written: it dates no booking, and says nothing of other days."""

    def __init__(
        self,
        store: Store,
        of: DayRun,
        tell: Callable[[MatchProgress], None],
        *,
        proven: bool = True,
    ) -> None:
        self._store = store
        self._of = of
        self._tell = tell
        self._proven = proven
        self._found: list[FoundDifference] = []
        self._moved: list[MovedBooking] = []

    async def write(self, lines: AsyncIterator[MatchLine]) -> MatchedBill:
        """Returns the last line. Raises what the lines raise, DayTaken and Busy."""
        async for line in lines:
            match line:
                case FoundDifference():
                    self._found.append(line)
                case MovedBooking():
                    if self._proven:
                        self._moved.append(line)
                case ToldDifference():
                    if self._proven:
                        await self._store.write(tell_held, OfRun(self._of, (line,)))
                case MatchProgress():
                    await self._flush()
                    self._tell(line)
                case MatchedBill():
                    await self._flush()
                    return line
            if len(self._found) + len(self._moved) >= CHUNK:
                await self._flush()
        raise RuntimeError("The match ended without its last line.")

    async def _flush(self) -> None:
        found, self._found = tuple(self._found), []
        moved, self._moved = tuple(self._moved), []
        if found:
            await self._store.write(put_differences, OfRun(self._of, found))
        if moved:
            await self._store.write(move_bookings, OfRun(self._of, moved))
