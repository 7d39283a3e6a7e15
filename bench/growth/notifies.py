"""What a notify costs with few orders and with many, side by side; on PostgreSQL with the CPU of
its server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bench.prepared import Prepared, RequestFile, numbers
from bench.programs import Program, paywatch, started, stored
from bench.rounds import (
    Generator,
    Spread,
    Stage,
    check,
    progress,
    send,
    spread,
)
from tests.support.processes import insert_orders

STAGE = Stage(64, 12, 0.4, 0.1)
REQUESTS = 70_000


def on(url: str, name: str, prepared: Prepared, requests: RequestFile, beside: int) -> Program:
    """`paywatch serve` on this database, with an unpaid order more for each request. `beside` is
    the database's server, 0 on SQLite."""
    insert_orders(url, numbers(requests.count))
    before = stored(url)
    program = paywatch(name, prepared.new_folder(), requests, DATABASE_URL=url)
    program.stored = lambda: replace(now := stored(url), paid=now.paid - before.paid)
    program.beside = (beside,) if beside else ()
    return program


def compare(load: Generator, few: Program, many: Program) -> Spread:
    """CPU a notify with many orders as a multiple of that with few, pair by pair. Raises Wrong."""
    ratios = []
    with started([few, many]):
        for program in (few, many):
            send(load, program, STAGE, STAGE.seconds)
        for turn in range(STAGE.rounds):
            cpu = _turn(load, [few, many][:: (-1) ** turn])
            ratios.append(cpu[many.name] / cpu[few.name])
            progress(f"notifies: round {turn + 1} of {STAGE.rounds}")
    for program in (few, many):
        check(program)
    return spread(ratios)


def _turn(load: Generator, programs: Sequence[Program]) -> dict[str, float]:
    slices = {each.name: send(load, each, STAGE, STAGE.seconds) for each in programs}
    return {name: done.cpu_us + done.beside_us for name, done in slices.items()}
