"""The memory of the product's process while it takes many notifies: a curve, and its end against
the point after 20,000."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

from bench.prepared import Prepared
from bench.process_tree import file_bytes, processes, resident_bytes
from bench.programs import Program, on_sqlite, started
from bench.rounds import Generator, Stage, check, progress, send
from bench.sections.outcome import Outcome, Table

FIRST = 20_000
PROMISED = 1_000_000
ALL = int(os.environ.get("BENCH_NOTIFIES", PROMISED))
"""With fewer than were promised the sizes are told, and no figure."""
POINTS = (FIRST, *(PROMISED * tenth // 10 for tenth in (1, 2, 4, 6, 8)))
SPARE = 100_000
"""Of requests for the last slice."""
MIB = 2**20


@dataclass(frozen=True)
class Point:
    """The process after so many notifies, `seconds` after the first of them: its RSS in bytes, and
    how much of it is pages of files."""

    notifies: int
    seconds: float
    resident: int
    files: int

    def row(self) -> list[str]:
        sizes = (self.resident, self.resident - self.files, self.files)
        figures = [f"{size / MIB:.1f}" for size in sizes]
        return [f"{self.notifies:,}", f"{self.seconds:.0f}", *figures]


def measure(load: Generator, prepared: Prepared) -> Outcome:
    progress(f"preparing {ALL:,} orders and notifies")
    program = on_sqlite("memory", prepared, prepared.v2(ALL + SPARE))
    with started([program]):
        begin = time.monotonic()
        points = [_point(load, program, count, begin) for count in _counts()]
    check(program)
    early, late = points[0], points[-1]
    found = Outcome(bars_title="RSS after so many notifies, MiB")
    if program.sent >= PROMISED:
        found.add("memory", late.resident / early.resident)
    heads = ["notifies", "seconds", "RSS, MiB", "of it its own", "pages of files"]
    found.tables.append(Table("the same with its parts", heads, [each.row() for each in points]))
    found.bars = {f"{each.notifies:,}": each.resident / MIB for each in points}
    found.notes.append(f"All {program.sent:,} are paid and checked.")
    return found


def _counts() -> list[int]:
    return [*(count for count in POINTS if count < ALL), ALL]


def _point(load: Generator, program: Program, count: int, begin: float) -> Point:
    """When at least so many notifies have been answered."""
    while program.sent < count:
        seconds = 0.5 if count == FIRST else 4.0
        send(load, program, Stage(64, 1, seconds), seconds)
        progress(f"{program.sent:,} notifies")
    pids, seconds = processes([program.pid]), time.monotonic() - begin
    return Point(program.sent, seconds, resident_bytes(pids), file_bytes(pids))
