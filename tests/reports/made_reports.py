"""Sums and bills of known days, for the tests of reports; holds none itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from models.transaction import Batch
from services.bills.bill_dates import start_of
from tests.support.rig import MCH_ID, Product

TODAY = date(2026, 11, 23)
"""A Monday."""
NOON = start_of(TODAY) + 12 * 3_600_000


@dataclass(frozen=True)
class Took:
    """What an account took in an hour of a day: `paid` and `back` are the fen of each."""

    day: date
    hour: int = 0
    paid: tuple[int, ...] = ()
    back: tuple[int, ...] = ()
    failed: int = 0
    account: str = MCH_ID
    product: str = "p1"


def write_takings(batch: Batch, taken: Sequence[Took]) -> list[None]:
    for each in taken:
        at, of = start_of(each.day) + each.hour * 3_600_000, (each.account, each.product)
        for fen in each.paid:
            batch.reports.paid(at, of, fen)
        for fen in each.back:
            batch.reports.refunded(at, of, fen)
        for _ in range(each.failed):
            batch.reports.failed(at, of)
    return [None] * len(taken)


async def take(shop: Product, *taken: Took) -> None:
    for each in taken:
        await shop.running.store.write(write_takings, each)


def days_before(number: int) -> date:
    return TODAY - timedelta(days=number)
