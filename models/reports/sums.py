"""The sums behind the reports, kept by the transactions that move money."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from peewee import EXCLUDED, BigIntegerField, CharField, CompositeKey, IntegerField, fn

from models.base import BaseModel, TimeField
from models.statements import Dialect

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
_CHINA_MS = 8 * HOUR_MS
HOUR, DAY = 1, 24
"""The lengths of the spans that have sums, in hours."""
ALL_PRODUCTS = ""
SUMS = ("paid_count", "paid_fen", "refund_count", "refunded_fen", "failed_count")


class ReportSum(BaseModel):
    """What one account (`mch_id`, '' where a message named none of ours) took and gave back in one
    span: an hour, or a day of Asia/Shanghai. `hours` is the span's length, 1 or 24, and `at` its
    start. A row of `product_id` '' is the sum over all products, so that a report reads one row a
    span and account however many products there are.

    A payment is in the span of WeChat's time of it, a refund that succeeded in that of the time at
    which WeChat took it; only payments that are booked on an order and the refunds of these."""

    hours = IntegerField()
    product_id = CharField(max_length=32)
    at = TimeField()
    mch_id = CharField(max_length=32)
    paid_count = BigIntegerField(default=0)
    paid_fen = BigIntegerField(default=0)
    refund_count = BigIntegerField(default=0)
    refunded_fen = BigIntegerField(default=0)
    failed_count = BigIntegerField(default=0)

    class Meta:
        table_name = "report_sums"
        primary_key = CompositeKey("hours", "product_id", "at", "mch_id")


Sold = tuple[str, str]
"""The account, and the product."""


class ReportSums:
    """What one transaction adds, by hour, account and product."""

    def __init__(self) -> None:
        self._sums: defaultdict[tuple[int, Sold], list[int]] = defaultdict(_nothing)

    def paid(self, at: int, of: Sold, fen: int, count: int = 1) -> None:
        """Payments at `at` (ms), `fen` each; a negative `count` takes back what was added."""
        sums = self._sums[at - at % HOUR_MS, of]
        sums[0] += count
        sums[1] += fen * count

    def refunded(self, at: int, of: Sold, fen: int, count: int = 1) -> None:
        """As `paid`, for refunds."""
        sums = self._sums[at - at % HOUR_MS, of]
        sums[2] += count
        sums[3] += fen * count

    def failed(self, at: int, of: Sold) -> None:
        """One payment that failed at `at` (ms); of no product where no order is known."""
        self._sums[at - at % HOUR_MS, of][4] += 1

    def rows(self) -> list[dict[str, Any]]:
        """The rows to add: each hour and its day, of the product and of all products. In the order
        of the key, in which every transaction locks them."""
        found: dict[tuple[int, str, int, str], list[int]] = {}
        for (at, (mch_id, product_id)), sums in self._sums.items():
            spans = (HOUR, at), (DAY, day_of(at))
            for product in (product_id, ALL_PRODUCTS) if product_id else (ALL_PRODUCTS,):
                for hours, start in spans:
                    key = hours, product, start, mch_id
                    known = found.get(key)
                    found[key] = (
                        [a + b for a, b in zip(known, sums, strict=True)] if known else sums
                    )
        return [_row(key, sums) for key, sums in sorted(found.items()) if any(sums)]


def day_of(at: int) -> int:
    """The start of the day in Asia/Shanghai that holds `at` (ms)."""
    return at - (at + _CHINA_MS) % DAY_MS


def _nothing() -> list[int]:
    return [0, 0, 0, 0, 0]


def _row(key: tuple[int, str, int, str], sums: list[int]) -> dict[str, Any]:
    hours, product_id, at, mch_id = key
    paid_count, paid_fen, refund_count, refunded_fen, failed_count = sums
    return {
        "hours": hours,
        "product_id": product_id,
        "at": at,
        "mch_id": mch_id,
        "paid_count": paid_count,
        "paid_fen": paid_fen,
        "refund_count": refund_count,
        "refunded_fen": refunded_fen,
        "failed_count": failed_count,
    }


_KEY = ("hours", "product_id", "at", "mch_id")


def add_to_report(d: Dialect) -> Any:
    """The statement that adds one such row."""
    insert = ReportSum.insert({getattr(ReportSum, name): d[name] for name in (*_KEY, *SUMS)})
    if d.is_mysql:
        return insert.on_conflict(update=_added(fn.VALUES))
    return insert.on_conflict(
        conflict_target=[getattr(ReportSum, name) for name in _KEY],
        update=_added(lambda column: getattr(EXCLUDED, column.name)),
    )


def _added(given: Any) -> Mapping[Any, Any]:
    columns = [getattr(ReportSum, name) for name in SUMS]
    return {column: column + given(column) for column in columns}
