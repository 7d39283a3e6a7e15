"""What a report of a year costs with millions of orders, against the same with few."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager

from bench.growth.data import fill
from bench.growth.reports import TIMES, PricedReport, fill_sums, price_reports
from bench.prepared import Prepared
from bench.rounds import Generator, Wrong, progress
from bench.sections.growth import alone
from bench.sections.outcome import Outcome, Table
from models.database import open_database
from tests.support.databases import PostgreSQL

FEW, MANY = 10_000, int(os.environ.get("BENCH_ORDERS", "5000000"))


def measure(_load: Generator, prepared: Prepared) -> Outcome:
    """Raises Wrong where the sums are not those of the orders."""
    found, ratios = Outcome(), []
    for kind in ("SQLite", "PostgreSQL"):
        with _addresses(kind, prepared) as addresses:
            for count, url in addresses.items():
                progress(f"{kind}: filling {count:,} orders")
                _fill(url, count)
            priced = _priced(*addresses.values())
        found.tables.append(_table(kind, priced))
        ratios += [each.ratio for each in priced]
    found.add("reports", max(ratios))
    found.notes.append(
        f"{TIMES} reads of each report, in turn of both databases; 305 products and 3 accounts."
    )
    return found


@contextmanager
def _addresses(kind: str, prepared: Prepared) -> Iterator[dict[int, str]]:
    if kind == "SQLite":
        folder = prepared.new_folder()
        yield {count: f"sqlite:///{folder}/{count}.db" for count in (FEW, MANY)}
        for path in folder.iterdir():
            path.unlink()
        return
    server = PostgreSQL(parent=prepared.folder)
    for count in (FEW, MANY):
        server.execute(f"CREATE DATABASE reports_{count}")
    yield {count: server.url(f"reports_{count}") for count in (FEW, MANY)}


def _fill(url: str, count: int) -> None:
    with closing(open_database(url, patient=True)) as database:
        fill(database, count)
        fill_sums(database)
        sums = "SELECT SUM(paid_fen) FROM report_sums WHERE hours = 24 AND product_id = ''"
        orders = "SELECT SUM(total_fen) FROM orders WHERE paid_at IS NOT NULL"
        ours, theirs = (database.execute_sql(text).fetchone()[0] for text in (sums, orders))
        if ours != theirs:
            raise Wrong(f"The sums hold {ours} fen, the orders {theirs}.")


def _priced(few: str, many: str) -> list[PricedReport]:
    databases = [open_database(alone(url), patient=True) for url in (few, many)]
    try:
        return list(price_reports(*databases))
    finally:
        for database in databases:
            database.close()


def _table(kind: str, priced: list[PricedReport]) -> Table:
    rows = [
        [each.name, f"{each.few_ms:.2f}", f"{each.many_ms:.2f}", f"{each.ratio:.2f}"]
        for each in priced
    ]
    return Table(
        f"reports on {kind}, p99 of the CPU in ms", ["", f"{FEW:,}", f"{MANY:,}", "ratio"], rows
    )
