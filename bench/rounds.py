"""Pairs of short slices, the echo's beside another server's, in an order that rotates; and the
check of the databases, before which no figure is told."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.load import Slice
from bench.prepared import ROOT, Prepared
from bench.programs import Program, Stored, started
from bench.programs import echo as echo_server

WARM_S = 1.0
"""Of load that is not measured, on each server once."""
SPARE = 2.0
Value = Callable[[Slice], float]


class Wrong(Exception):
    """The database does not hold what was answered, so there is no figure."""


@dataclass(frozen=True)
class Stage:
    """`rounds` pairs of slices of `seconds` for each server, over so many connections."""

    connections: int
    rounds: int
    seconds: float
    warm_s: float = 0.3

    def all_seconds(self) -> float:
        """Of load for one server."""
        return self.rounds * (self.seconds + self.warm_s)


@dataclass(frozen=True)
class Pair:
    echo: Slice
    other: Slice


@dataclass(frozen=True)
class Spread:
    """The median of the values of the pairs, the least and the greatest."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f}–{self.high:.2f})"


Rounds = dict[str, list[Pair]]
"""The pairs of each server, by its name, in the order of the rounds."""


def rate(done: Slice) -> float:
    """Requests a second."""
    return done.per_second


def cpu(done: Slice) -> float:
    """CPU of the server's processes a request."""
    return done.cpu_us


def p50(done: Slice) -> float:
    return done.p50_ms


def p99(done: Slice) -> float:
    return done.p99_ms


def spread(values: Sequence[float]) -> Spread:
    return Spread(statistics.median(values), min(values), max(values))


def to_echo(pairs: Sequence[Pair], value: Value) -> Spread:
    """A value of a server's slices as a multiple of the echo's."""
    return spread([value(pair.other) / value(pair.echo) for pair in pairs])


def to_other(rounds: Rounds, name: str, other: str, value: Value) -> Spread:
    """A value of one server as a multiple of another's, round by round."""
    both = zip(rounds[name], rounds[other], strict=True)
    return spread([value(a.other) / value(b.other) for a, b in both])


class Generator:
    """The process of bench/load.py."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.load"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def slice(self, program: Program, stage: Stage, seconds: float, first: int) -> Slice:
        """Load on one server, beginning with request `first`. A server that stores nothing may get
        the same requests again. Raises Wrong where it fails."""
        assert self._process.stdin
        assert self._process.stdout
        order = {
            "requests": str(program.requests.path),
            "stride": program.requests.stride,
            "port": program.port,
            "connections": stage.connections,
            "warm_s": stage.warm_s,
            "seconds": seconds,
            "first": first,
            "repeats": program.stored is None,
            "pids": [program.pid],
            "beside": program.beside,
        }
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise Wrong(f"{program.name}: {answer['error']}")
        return Slice(**answer)

    def close(self) -> None:
        self._process.communicate("")


@contextmanager
def generator() -> Iterator[Generator]:
    found = Generator()
    try:
        yield found
    finally:
        found.close()


class Run:
    """Servers that are up at once, and the stages that they go through."""

    def __init__(self, load: Generator, echo: Program, others: Sequence[Program]) -> None:
        self._load, self._echo, self._others = load, echo, list(others)

    def warm(self) -> None:
        for program in (self._echo, *self._others):
            send(self._load, program, Stage(64, 1, WARM_S), WARM_S)

    def stage(self, stage: Stage, names: Sequence[str] = ()) -> Rounds:
        """The pairs of the servers with these names, or of all."""
        chosen = [p for p in self._others if not names or p.name in names]
        found: Rounds = {program.name: [] for program in chosen}
        for turn in range(stage.rounds):
            at = turn % len(chosen)
            for program in chosen[at:] + chosen[:at]:
                found[program.name].append(self._pair(program, stage, turn))
            progress(f"{stage.connections} at once: round {turn + 1} of {stage.rounds}")
        return found

    def _pair(self, program: Program, stage: Stage, turn: int) -> Pair:
        both = [self._echo, program]
        slices = {p.name: send(self._load, p, stage, stage.seconds) for p in both[:: (-1) ** turn]}
        return Pair(slices[self._echo.name], slices[program.name])


def send(load: Generator, program: Program, stage: Stage, seconds: float) -> Slice:
    """Load on a server, from where the last one ended. Raises Wrong for an answer but SUCCESS."""
    done = load.slice(program, stage, seconds, program.sent)
    others = {answer: n for answer, n in done.answers.items() if answer != "200 SUCCESS"}
    if others:
        raise Wrong(f"{program.name} also answered {others}.")
    program.sent += done.sent
    return done


def check(program: Program) -> None:
    """Every answer SUCCESS stands for one paid order with one event and, at Paywatch, one raw
    notify, and nothing else is there. To be called when the server has ended. Raises Wrong."""
    if program.stored is None:
        return
    found, n = program.stored(), program.sent
    if found not in (Stored(n, n, n), Stored(n, n)):
        raise Wrong(f"{program.name} answered {n} times SUCCESS and holds {found}.")


@contextmanager
def running(
    load: Generator, echo: Program, others: Sequence[Program], preload: Path | None = None
) -> Iterator[Run]:
    """Start and warm all, and check all at the end."""
    run = Run(load, echo, others)
    with started([echo, *others], preload):
        run.warm()
        yield run
    for program in others:
        check(program)


def wanted(
    load: Generator, prepared: Prepared, stages: Sequence[Stage], spare: float = SPARE
) -> int:
    """How many requests one server may need for these stages after WARM_S of load: `spare` times
    what the echo would take here."""
    seconds = WARM_S + sum(stage.all_seconds() for stage in stages)
    program = echo_server(prepared.v2(1))
    with started([program]):
        speed = load.slice(program, Stage(64, 1, 0.7), 0.7, 0).per_second
    return int(speed * seconds * spare)


def progress(text: str) -> None:
    """Tell who waits how far the run is; no figure."""
    print(f"  {text}", file=sys.stderr, flush=True)
