"""A day in China, as a bill has it: from midnight to midnight, in ms UTC."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from services.bills.bill_dates import start_of
from services.runtime.clock import DAY_MS, MINUTE_MS

NEAR_MIDNIGHT_MS = 10 * MINUTE_MS
"""WeChat's clock and ours differ by less. What is booked so near to midnight may stand in the bill
of the day beside."""


class BillSpan(NamedTuple):
    """`date` is `YYYY-MM-DD`; a moment is in it from `start` on and before `end`."""

    date: str
    start: int
    end: int

    @classmethod
    def of(cls, date_text: str) -> BillSpan:
        """Raises ValueError for another text than a date's."""
        day = date.fromisoformat(date_text)
        return cls(day.isoformat(), start_of(day), start_of(day) + DAY_MS)

    def has(self, at_ms: int) -> bool:
        return self.start <= at_ms < self.end

    def beside(self, days: int) -> str:
        """The date so many days later."""
        return (date.fromisoformat(self.date) + timedelta(days=days)).isoformat()

    def neighbour_of(self, at_ms: int) -> str | None:
        """The date on the other side of the midnight that is near to this moment of the day; None
        when none is near."""
        if at_ms - self.start < NEAR_MIDNIGHT_MS:
            return self.beside(-1)
        return self.beside(1) if self.end - at_ms <= NEAR_MIDNIGHT_MS else None
