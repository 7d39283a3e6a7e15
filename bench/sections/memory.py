"""The memory of the product's process after many notifies, against that after 20,000."""

from __future__ import annotations

import os

from bench.prepared import Prepared
from bench.process_tree import processes, resident_bytes
from bench.programs import Program, on_sqlite, started
from bench.rounds import Generator, Stage, check, progress, send
from bench.sections.outcome import Outcome

FIRST = 20_000
PROMISED = 1_000_000
ALL = int(os.environ.get("BENCH_NOTIFIES", PROMISED))
"""With fewer than were promised the sizes are told, and no figure."""
SPARE = 100_000
"""Of requests for the last slice."""


def measure(load: Generator, prepared: Prepared) -> Outcome:
    progress(f"preparing {ALL:,} orders and notifies")
    program = on_sqlite("memory", prepared, prepared.v2(ALL + SPARE))
    with started([program]):
        early = _resident(load, program, FIRST, 0.5)
        late = _resident(load, program, ALL, 4.0)
    check(program)
    found = Outcome()
    if program.sent >= PROMISED:
        found.add("memory", late / early)
    found.notes.append(
        f"{early / 2**20:.0f} MiB after {FIRST:,} notifies, {late / 2**20:.0f} MiB"
        f" after {program.sent:,}, all paid and checked."
    )
    return found


def _resident(load: Generator, program: Program, count: int, seconds: float) -> int:
    """Bytes, when at least so many notifies have been answered."""
    while program.sent < count:
        send(load, program, Stage(64, 1, seconds), seconds)
        progress(f"{program.sent:,} notifies")
    return resident_bytes(processes([program.pid]))
