"""Our match and DuckDB's of the same day, one after the other in the same run, each as a process
from its start to its end. The bookings are in tables of DuckDB's own before that."""

from __future__ import annotations

import csv
import json
import sqlite3
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import peer_servers
from bench.bills.data import ACCOUNT, DATE
from bench.bills.day import BillDay
from bench.bills.match import CostOfMatch, cpu_of_children, match_exactly
from bench.prepared import ROOT
from bench.rounds import Spread, Wrong, progress, spread
from services.bills.pairing.bill_span import BillSpan

ROUNDS = 3
COPIED = {
    "orders": "SELECT transaction_id, mch_id, total_fen, refunded_fen,"
    " COALESCE(wechat_paid_at, paid_at) FROM orders WHERE paid_at IS NOT NULL",
    "refunds": "SELECT refund_num, mch_id, amount_fen, status, accepted_at FROM refunds",
}


@dataclass(frozen=True)
class CostOfDuckdb:
    """What the process of this version of DuckDB took, with so many threads."""

    cpu_s: float
    wall_s: float
    peak_kib: int
    threads: int
    version: str


@dataclass(frozen=True)
class SideBySide:
    """The rounds, in turn ours and DuckDB's first."""

    ours: list[CostOfMatch]
    duckdb: list[CostOfDuckdb]
    """With its default, as many threads as cores."""
    one_thread: list[CostOfDuckdb]
    """With one, as our match has."""

    def ratio(self, theirs: str, value: Callable[[CostOfMatch | CostOfDuckdb], float]) -> Spread:
        """Ours as a multiple of theirs (`duckdb` or `one_thread`), round by round."""
        both = zip(self.ours, getattr(self, theirs), strict=True)
        return spread([value(ours) / value(theirs) for ours, theirs in both])


def side_by_side(day: BillDay, folder: Path) -> SideBySide:
    """Raises Wrong where one of them found anything but what was planted, and NotInstalled."""
    progress("installing the peers' packages, the first time for some minutes")
    peer_servers.install_python()
    database = folder / "peer.duckdb"
    _load(day, database, folder)
    found = SideBySide([], [], [])
    for turn in range(ROUNDS):
        each = [
            lambda: found.ours.append(match_exactly(day)),
            lambda: found.duckdb.append(_match(day, database, 0)),
            lambda: found.one_thread.append(_match(day, database, 1)),
        ]
        for take in each[:: (-1) ** turn]:
            take()
        ours, theirs = found.ours[-1], found.duckdb[-1]
        progress(
            f"CPU {ours.cpu_s:.1f} and {theirs.cpu_s:.1f} s, "
            f"wall {ours.wall_s:.1f} and {theirs.wall_s:.1f} s, "
            f"with one thread {found.one_thread[-1].wall_s:.1f} s"
        )
    return found


def _load(day: BillDay, database: Path, folder: Path) -> None:
    progress("copying the bookings into DuckDB")
    source = sqlite3.connect(day.path)
    for name, query in COPIED.items():
        with (folder / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows(source.execute(query))
    source.close()
    _run("load", str(database))


def _match(day: BillDay, database: Path, threads: int) -> CostOfDuckdb:
    span = BillSpan.of(DATE)
    before, begin = cpu_of_children(), time.perf_counter()
    given = [str(database), str(day.bill), ACCOUNT]
    given += map(str, (span.start, span.end, threads))
    told = json.loads(_run("match", *given))
    wall, cpu = time.perf_counter() - begin, cpu_of_children() - before
    counts = {kind: count for kind, count in told["counts"].items() if count}
    if counts != day.kinds():
        raise Wrong(f"DuckDB found {counts}, planted were {day.kinds()}.")
    return CostOfDuckdb(cpu, wall, told["peakKib"], told["threads"], told["version"])


def _run(*given: str) -> bytes:
    command = [str(peer_servers.HERE / "bin" / "python"), "-m", "bench.peers.duckdb_bill", *given]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
