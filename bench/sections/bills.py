"""A bill of a million rows: our match beside DuckDB's, and what a server keeps while it runs."""

from __future__ import annotations

import os
from collections.abc import Sequence

from bench.bills.beside_duckdb import CostOfDuckdb, SideBySide, side_by_side
from bench.bills.beside_server import (
    NOTIFIES,
    NOTIFY,
    PAGES,
    BesideServer,
    SlicesOfOneMatch,
    beside_server,
)
from bench.bills.day import BillDay
from bench.bills.match import CostOfMatch
from bench.prepared import Prepared
from bench.rounds import Generator, progress, spread
from bench.sections.outcome import Outcome, Table
from commands.match_bill import NICENESS

PROMISED = 1_000_000
ROWS = int(os.environ.get("BENCH_ROWS", PROMISED))
"""With fewer than were promised the tables are told, and no figure."""
MB = 1e6


def measure(load: Generator, prepared: Prepared) -> Outcome:
    """Raises Wrong where anything but the planted differences was found."""
    progress(f"writing a bill of {ROWS:,} rows and its bookings")
    day = BillDay(prepared.new_folder(), ROWS)
    pair = side_by_side(day, prepared.new_folder())
    beside = beside_server(load, prepared, day)
    found = Outcome()
    if ROWS >= PROMISED:
        _figures(found, pair, beside)
    found.tables += [_costs(pair), _kept(beside), _pings(beside)]
    found.notes += _notes(day, pair, beside)
    return found


def _figures(found: Outcome, pair: SideBySide, beside: BesideServer) -> None:
    found.add("bills cpu", pair.ratio("duckdb", lambda cost: cost.cpu_s))
    found.add("bills wall", pair.ratio("duckdb", lambda cost: cost.wall_s))
    found.add("bills one", pair.ratio("one_thread", lambda cost: cost.wall_s))
    pages = [beside.kept(name) for name in beside.without[0].rates if name != NOTIFY]
    found.add("bills pages", min(pages, key=lambda each: each.median))
    found.add("bills notifies", beside.kept(NOTIFY))
    found.add("bills stall", max(max(each.pings) for each in beside.matching))
    peaks = [cost.peak_kib for cost in (*pair.ours, *beside.matches)]
    found.add("bills memory", max(peaks) * 1024 / MB)


def _costs(pair: SideBySide) -> Table:
    rows = [
        [name, str(spread([c.cpu_s for c in costs])), str(spread([c.wall_s for c in costs])), peak]
        for name, costs, peak in (
            ("Paywatch", pair.ours, _peak(pair.ours)),
            ("DuckDB", pair.duckdb, _peak(pair.duckdb)),
            ("DuckDB, one thread", pair.one_thread, _peak(pair.one_thread)),
        )
    ]
    for name, theirs in (("ratio", "duckdb"), ("ratio, one thread", "one_thread")):
        cpu = pair.ratio(theirs, lambda cost: cost.cpu_s)
        wall = pair.ratio(theirs, lambda cost: cost.wall_s)
        rows.append([name, str(cpu), str(wall), ""])
    heads = ["", "CPU, s", "wall, s", "most memory, MB"]
    return Table(f"a bill of {ROWS:,} rows, process by process", heads, rows)


def _peak(costs: Sequence[CostOfMatch] | Sequence[CostOfDuckdb]) -> str:
    return f"{max(cost.peak_kib for cost in costs) * 1024 / MB:.0f}"


def _kept(beside: BesideServer) -> Table:
    rows = [
        [name, _means(beside.without, name), _means(beside.matching, name), str(beside.kept(name))]
        for name in beside.without[0].rates
    ]
    heads = ["requests/s", "without a match", "with one", "ratio"]
    return Table("`paywatch serve` while a bill is matched", heads, rows)


def _means(some: Sequence[SlicesOfOneMatch], name: str) -> str:
    return ", ".join(f"{each.mean(name):,.0f}" for each in some)


def _pings(beside: BesideServer) -> Table:
    rows = [
        [
            name,
            f"{sum(len(each.pings) for each in some):,}",
            ", ".join(f"{_p99(each.pings):.1f}" for each in some),
            ", ".join(f"{max(each.pings):.1f}" for each in some),
        ]
        for name, some in (("without a match", beside.without), ("with one", beside.matching))
    ]
    heads = ["GET /healthz every 5 ms", "answers", "p99, ms", "slowest, ms"]
    return Table("the loop of the server, match by match", heads, rows)


def _p99(times: list[float]) -> float:
    return sorted(times)[len(times) * 99 // 100]


def _notes(day: BillDay, pair: SideBySide, beside: BesideServer) -> list[str]:
    peer = pair.duckdb[0]
    pairs = sum(len(rates) for each in beside.without for rates in each.rates.values())
    text = f"""
{len(day.expected)} differences of all twelve kinds are planted, and both found these and no other.
DuckDB {peer.version} has its defaults, {peer.threads} threads, or one thread, and the bookings in
tables of its own before; our match has one thread, so that the other cores take payments, and the
tables of the server. DuckDB counts each kind; ours
also checks each row's form, tells both sides of each difference, and looks through unmatched
payments and the days beside. Beside the server, {len(beside.matches)} matches went from start to
end, stopped for every second slice: {pairs} pairs of slices, of pages ({PAGES.connections}
connections) and of notifies ({NOTIFIES.connections}). The server, the load generator and the match
share {os.cpu_count()} cores, of which the generator takes one; the match is niced ({NICENESS}), in
the session of the server. The
server does not measure its loop: an answer of /healthz stands for it, asked by another process
during all slices, so the line before it and the wait for a core are in it. A match is a process
that lives only while it matches: an idle server has none, so all of its memory is told.
"""
    return [" ".join(text.split())]
