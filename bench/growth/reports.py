"""What a report of a year costs with few orders and with many: the product's own read, asked of
both databases in turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module

from peewee import Database

from bench.growth.cpu_clock import CpuClock
from bench.growth.data import DAYS, NOW
from models import TABLES
from services.bills.bill_dates import china_date
from services.reports.report_spans import ReportWanted, SpanLength
from services.reports.reports import read_report

WARM, TIMES = 20, 400
ACCOUNT, PRODUCT = "1900000109", "p0"


@dataclass(frozen=True)
class PricedReport:
    """A report and the p99 of its CPU (ms) with few orders and with many."""

    name: str
    few_ms: float
    many_ms: float

    @property
    def ratio(self) -> float:
        return self.many_ms / self.few_ms


def fill_sums(database: Database) -> None:
    """The sums of the orders that are there, as the migration makes them."""
    database.execute_sql("DELETE FROM report_sums")
    import_module("models.migrations.0024_reports").fill(database)


def price_reports(few: Database, many: Database) -> Iterator[PricedReport]:
    both = [(each, CpuClock(each)) for each in (few, many)]
    for name, wanted in _year().items():
        times: tuple[list[float], list[float]] = ([], [])
        for turn in range(WARM + TIMES):
            for at in (0, 1) if turn % 2 else (1, 0):
                taken = _ask(*both[at], wanted)
                if turn >= WARM:
                    times[at].append(taken)
        yield PricedReport(name, *(sorted(each)[TIMES * 99 // 100] for each in times))


def _year() -> dict[str, ReportWanted]:
    until = china_date(NOW)
    since = until - timedelta(days=DAYS - 1)
    day, month = SpanLength.DAY, SpanLength.MONTH
    return {
        "365 days, day by day": ReportWanted(since, until, day),
        "365 days, by month": ReportWanted(since, until, month),
        "365 days of an account": ReportWanted(since, until, day, ACCOUNT),
        "365 days of a product": ReportWanted(since, until, day, "", PRODUCT),
    }


def _ask(database: Database, clock: CpuClock, wanted: ReportWanted) -> float:
    with database.bind_ctx(TABLES):
        begin = clock.now_ms()
        read_report(wanted)
        return clock.now_ms() - begin
