"""What notifies and searches cost with millions of orders, against the same with few."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager

from bench.growth.data import fill
from bench.growth.lookups import Priced, ask_all
from bench.growth.notifies import REQUESTS, compare, on
from bench.prepared import Prepared
from bench.rounds import Generator, progress
from bench.sections.outcome import Outcome, Table
from models.database import open_database
from tests.support.databases import PostgreSQL

MANY = int(os.environ.get("BENCH_ORDERS", "5000000"))
FEW_NOTIFIES, FEW_LOOKUPS = 1_000, 10_000
SHOWN = 15
"""Of all questions those that grow most are in the document."""


def measure(load: Generator, prepared: Prepared) -> Outcome:
    found = Outcome()
    asked: dict[str, list[Priced]] = {}
    for kind in ("SQLite", "PostgreSQL"):
        with _addresses(kind, prepared) as (addresses, server):
            for count, url in addresses.items():
                progress(f"{kind}: filling {count:,} orders")
                with closing(open_database(url, patient=True)) as database:
                    fill(database, count)
            asked[kind] = _asked(addresses[FEW_LOOKUPS], addresses[MANY])
            requests = prepared.v2(REQUESTS)
            both = [
                on(addresses[count], f"{count:,}", prepared, requests, server)
                for count in (FEW_NOTIFIES, MANY)
            ]
            found.add(f"growth {kind.lower()}", compare(load, *both))
    found.add("lookup", max(each.ratio for all_asked in asked.values() for each in all_asked))
    found.tables += [_table(kind, all_asked) for kind, all_asked in asked.items()]
    found.notes.append(
        f"{MANY:,} orders against {FEW_NOTIFIES:,} for a notify and {FEW_LOOKUPS:,} for a search. "
        "A search is one answer here; the console asks up to ten times for a page that is not full."
    )
    return found


@contextmanager
def _addresses(kind: str, prepared: Prepared) -> Iterator[tuple[dict[int, str], int]]:
    """A database for each number of orders; and the process of their server, 0 on SQLite."""
    counts = (FEW_NOTIFIES, FEW_LOOKUPS, MANY)
    if kind == "SQLite":
        folder = prepared.new_folder()
        yield {count: f"sqlite:///{folder}/{count}.db" for count in counts}, 0
        for path in folder.iterdir():
            path.unlink()
        return
    server = PostgreSQL(parent=prepared.folder)
    for count in counts:
        server.execute(f"CREATE DATABASE orders_{count}")
    yield {count: server.url(f"orders_{count}") for count in counts}, server.pid


def _asked(few: str, many: str) -> list[Priced]:
    databases = [open_database(alone(url), patient=True) for url in (few, many)]
    try:
        found = []
        for each in ask_all(*databases):
            progress(f"{each.name}: {each.few_ms:.2f} ms, {each.many_ms:.2f} ms, {each.ratio:.2f}")
            found.append(each)
        return found
    finally:
        for database in databases:
            database.close()


def alone(url: str) -> str:
    """Without the server's helpers, whose CPU is not seen."""
    if url.startswith("sqlite"):
        return url
    return f"{url}{'&' if '?' in url else '?'}options=-c%20max_parallel_workers_per_gather%3D0"


def _table(kind: str, asked: list[Priced]) -> Table:
    most = sorted(asked, key=lambda each: each.ratio, reverse=True)[:SHOWN]
    rows = [
        [each.name, f"{each.few_ms:.2f}", f"{each.many_ms:.2f}", f"{each.ratio:.2f}"]
        for each in most
    ]
    title = f"the {SHOWN} of {len(asked)} searches on {kind} that grow most, CPU in ms"
    return Table(title, ["", f"{FEW_LOOKUPS:,}", f"{MANY:,}", "ratio"], rows)
