"""The short measurement, `make bench`: a durable notify beside a bare Tornado echo and, where git
has it, beside the build of the first measurements. SQLite with synchronous=FULL, one process each.

No figure is printed before the databases are checked. Exits with 1 below a floor.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from bench.prepared import Prepared
from bench.programs import EARLIER, earlier_build, echo, on_sqlite
from bench.rounds import (
    Generator,
    Rounds,
    Spread,
    Stage,
    Wrong,
    cpu,
    generator,
    p50,
    p99,
    rate,
    running,
    to_echo,
    to_other,
    wanted,
)

OURS = "paywatch"
RATE_FLOOR, CPU_CEILING = 0.5, 2.0
"""Of the echo's requests a second, and of its CPU a request, with 64 connections."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.5, help="of one slice")
    given = parser.parse_args()
    many = Stage(64, given.rounds, given.seconds)
    one = Stage(1, given.rounds, given.seconds / 2)
    try:
        with tempfile.TemporaryDirectory() as folder, generator() as load:
            found = measure(load, Prepared(Path(folder)), many, one)
    except Wrong as error:
        sys.exit(f"No figures: {error}")
    sys.exit(report(*found))


def measure(load: Generator, prepared: Prepared, many: Stage, one: Stage) -> tuple[Rounds, Rounds]:
    count = wanted(load, prepared, (many, one))
    print(f"Preparing {count:,} orders and signed notifies …", flush=True)
    requests = prepared.v2(count)
    others = [on_sqlite(OURS, prepared, requests)]
    if root := earlier_build(prepared):
        others.append(on_sqlite(EARLIER, prepared, requests, root))
    else:
        print(f"This clone does not have the commit {EARLIER}, so it is left out.")
    with running(load, echo(requests), others) as run:
        return run.stage(many), run.stage(one)


def report(many: Rounds, one: Rounds) -> int:
    """Print the figures, each the median of the pairs (least–greatest); the exit status."""
    print(f"load average {os.getloadavg()[0]:.1f}; median of the pairs (least–greatest)")
    heads = ("requests/s", "CPU a request", "p99", "p50 of 1")
    print(f"{'':24}" + "".join(f"{head:20}" for head in heads))
    for name, pairs in many.items():
        values = [to_echo(pairs, value) for value in (rate, cpu, p99)]
        _line(f"{name} ÷ echo", [*values, to_echo(one[name], p50)])
    if EARLIER in many:
        values = [to_other(many, OURS, EARLIER, value) for value in (rate, cpu, p99)]
        _line(f"{OURS} ÷ {EARLIER}", [*values, to_other(one, OURS, EARLIER, p50)])
    ours = many[OURS]
    if to_echo(ours, rate).median < RATE_FLOOR or to_echo(ours, cpu).median > CPU_CEILING:
        print(
            f"Bounds missed: rate at least {RATE_FLOOR}, CPU at most {CPU_CEILING} of the echo's."
        )
        return 1
    return 0


def _line(name: str, values: list[Spread]) -> None:
    print(f"{name:24}" + "".join(f"{value!s:20}" for value in values))


if __name__ == "__main__":
    main()
