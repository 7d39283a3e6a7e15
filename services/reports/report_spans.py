"""What a report is asked for: its days, the length of its spans, and their starts in China."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from payments.errors import BadRequest
from services.bills.bill_dates import start_of
from services.runtime.clock import DAY_MS, HOUR_MS

MOST_DAYS, MOST_DAYS_OF_HOURS = 1096, 62
"""Three years with a leap day; two months."""
DEFAULT_DAYS = 30
OLDEST, NEWEST = date(2000, 1, 1), date(2100, 12, 31)
LONGEST_NAME = 32


class SpanLength(StrEnum):
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    """From Monday on."""
    MONTH = "month"


@dataclass(frozen=True)
class ReportWanted:
    """`since` and `until` are days in Asia/Shanghai, both included; an empty account or product
    stands for all."""

    since: date
    until: date
    by: SpanLength
    account: str = ""
    product: str = ""

    @property
    def has_fees(self) -> bool:
        """Bills have days, and no products."""
        return self.by is not SpanLength.HOUR and not self.product

    @property
    def bounds(self) -> tuple[int, int]:
        """The first millisecond, and the first after it."""
        return start_of(self.since), start_of(self.until) + DAY_MS

    def starts(self) -> dict[int, int]:
        """The start of each hour or day (ms), oldest first, and of the span that holds it. That of
        the first span may be before `since`."""
        start, end = self.bounds
        if self.by is SpanLength.HOUR:
            return {at: at for at in range(start, end, HOUR_MS)}
        first = {day: start_of(day) for day in {self._first(each) for each in self._days()}}
        return {start + n * DAY_MS: first[self._first(day)] for n, day in enumerate(self._days())}

    def _first(self, day: date) -> date:
        """The first day of the span that holds this one."""
        if self.by is SpanLength.WEEK:
            return day - timedelta(days=day.weekday())
        return day.replace(day=1) if self.by is SpanLength.MONTH else day

    def _days(self) -> Iterator[date]:
        for number in range((self.until - self.since).days + 1):
            yield self.since + timedelta(days=number)


def read_wanted(
    since: str, until: str, by: str, account: str, product: str, today: date
) -> ReportWanted:
    """The texts of a query; "" stands for a default: the last 30 days, of hours today alone, day by
    day. Raises BadRequest."""
    if by and by not in tuple(SpanLength):
        raise BadRequest(f"by must be one of {', '.join(SpanLength)}.")
    length = SpanLength(by or SpanLength.DAY)
    last = _day(until) if until else today
    days = 1 if length is SpanLength.HOUR else DEFAULT_DAYS
    first = _day(since) if since else last - timedelta(days=days - 1)
    if first > last:
        raise BadRequest("from must not be after to.")
    most = MOST_DAYS_OF_HOURS if length is SpanLength.HOUR else MOST_DAYS
    if (last - first).days >= most:
        raise BadRequest(f"A report by {length} has at most {most:,} days.")
    if max(len(account), len(product)) > LONGEST_NAME:
        raise BadRequest(f"account and product have at most {LONGEST_NAME} characters.")
    return ReportWanted(first, last, length, account, product)


def _day(text: str) -> date:
    rule = f"from and to must be days as YYYY-MM-DD, from {OLDEST} to {NEWEST}."
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadRequest(rule) from None
    if day.isoformat() != text or not OLDEST <= day <= NEWEST:
        raise BadRequest(rule)
    return day
