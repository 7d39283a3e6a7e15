"""A report: the sums of its spans out of the rows that the settling transactions keep, and the fees
out of the bills."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from models import BillDay, Product, ReportSum
from models.base import plain_rows, rows, total
from models.reports.sums import DAY, HOUR, SUMS
from models.store import Store
from payments.merchant import Merchants
from services.bills.bill_dates import china_date, start_of
from services.bills.day_counts import SETTLED
from services.reports.report_spans import ReportWanted, SpanLength, read_wanted
from services.runtime.clock import Clock, rfc3339

MOST_PRODUCTS = 1000


@dataclass
class SpanSums:
    """`at` is the start of the span (ms), None for the totals; `fee_fen` None where it is not known
    in full."""

    at: int | None = None
    paid_count: int = 0
    paid_fen: int = 0
    refund_count: int = 0
    refunded_fen: int = 0
    failed_count: int = 0
    fee_fen: int | None = None

    def add(self, sums: Iterable[int]) -> None:
        """In the order of `models.reports.sums.SUMS`."""
        paid_count, paid_fen, refund_count, refunded_fen, failed_count = sums
        self.paid_count += paid_count
        self.paid_fen += paid_fen
        self.refund_count += refund_count
        self.refunded_fen += refunded_fen
        self.failed_count += failed_count

    @property
    def sums(self) -> tuple[int, ...]:
        """In the same order."""
        return (
            self.paid_count,
            self.paid_fen,
            self.refund_count,
            self.refunded_fen,
            self.failed_count,
        )

    @property
    def net_fen(self) -> int:
        return self.paid_fen - self.refunded_fen - (self.fee_fen or 0)

    @property
    def success_rate(self) -> float | None:
        tries = self.paid_count + self.failed_count
        return self.paid_count / tries if tries else None

    def public(self) -> dict[str, Any]:
        start = {} if self.at is None else {"at": rfc3339(self.at)}
        return start | {
            "paidCount": self.paid_count,
            "paidFen": self.paid_fen,
            "refundedFen": self.refunded_fen,
            "refundCount": self.refund_count,
            "netFen": self.net_fen,
            "feeFen": self.fee_fen,
            "failedCount": self.failed_count,
            "successRate": self.success_rate,
        }


@dataclass(frozen=True)
class Report:
    wanted: ReportWanted
    spans: list[SpanSums]
    totals: SpanSums

    def public(self) -> dict[str, Any]:
        return {"rows": [each.public() for each in self.spans], "totals": self.totals.public()}


class Reports:
    def __init__(self, store: Store, merchants: Merchants, clock: Clock) -> None:
        self._store = store
        self._names = {m.mch_id: m.name for m in reversed(merchants.all)}
        self._accounts = list(dict.fromkeys(m.mch_id for m in merchants))
        self._clock = clock

    def wanted(self, since: str, until: str, by: str, account: str, product: str) -> ReportWanted:
        """The texts of a query. Raises BadRequest."""
        today = china_date(self._clock.now_ms())
        return read_wanted(since, until, by, account, product, today)

    async def report(self, wanted: ReportWanted) -> Report:
        """Raises Busy."""
        return await self._store.read(read_report, wanted)

    async def choices(self) -> dict[str, Any]:
        """What a report can be narrowed to: the accounts of the settings, and the products. Raises
        Busy."""
        products = await self._store.read(_read_products)
        accounts = [{"account": each, "name": self._names[each]} for each in self._accounts]
        return {"accounts": accounts, "products": products}


def read_report(wanted: ReportWanted) -> Report:
    """A read for the store: one row a span and account; weeks and months are made of days."""
    starts = wanted.starts()
    of_start = {start: SpanSums(start) for start in starts.values()}
    spans = {at: of_start[start] for at, start in starts.items()}
    totals, moved = SpanSums(), set()
    if wanted.has_fees:
        for at, mch_id, *sums in plain_rows(_rows(wanted, ReportSum.mch_id, *_SUMS)):
            spans[at].add(sums)
            if any(sums[:4]):
                moved.add((at, mch_id))
    else:
        added = map(total, _SUMS)
        for at, *sums in plain_rows(_rows(wanted, *added).group_by(ReportSum.at)):
            spans[at].add(map(int, sums))  # PostgreSQL and MariaDB add up to decimals
    for span in of_start.values():
        totals.add(span.sums)
    if wanted.has_fees:
        _add_fees(wanted, spans, totals, moved)
    return Report(wanted, list(of_start.values()), totals)


_SUMS = tuple(getattr(ReportSum, name) for name in SUMS)


def _rows(wanted: ReportWanted, *columns: Any) -> Any:
    start, end = wanted.bounds
    query = ReportSum.select(ReportSum.at, *columns).where(
        ReportSum.hours == (HOUR if wanted.by is SpanLength.HOUR else DAY),
        ReportSum.product_id == wanted.product,
        ReportSum.at >= start,
        ReportSum.at < end,
    )
    return query.where(ReportSum.mch_id == wanted.account) if wanted.account else query


def _add_fees(
    wanted: ReportWanted,
    spans: dict[int, SpanSums],
    totals: SpanSums,
    moved: set[tuple[int, str]],
) -> None:
    """A span has its fees where each of its days with money, by account, has a bill; so have the
    totals. `spans` by the start of each day."""
    query = BillDay.select(BillDay.date, BillDay.mch_id, BillDay.wechat_fee_fen).where(
        BillDay.date >= wanted.since.isoformat(),
        BillDay.date <= wanted.until.isoformat(),
        BillDay.status.in_([status.value for status in SETTLED]),
    )
    if wanted.account:
        query = query.where(BillDay.mch_id == wanted.account)
    fees = {
        (start_of(date.fromisoformat(day)), mch_id): int(fen) for day, mch_id, fen in rows(query)
    }
    for each in (*spans.values(), totals):
        each.fee_fen = 0
    for (at, _), fen in fees.items():
        for each in (spans[at], totals):
            each.fee_fen = (each.fee_fen or 0) + fen
    for at, _ in moved - fees.keys():
        spans[at].fee_fen = totals.fee_fen = None


def _read_products() -> list[dict[str, Any]]:
    query = Product.select(Product.id, Product.title).order_by(Product.id).limit(MOST_PRODUCTS)
    return [{"id": id_, "title": title} for id_, title in rows(query)]
