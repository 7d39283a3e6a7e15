"""What a match takes from `paywatch serve` on the same SQLite file: load without a match and with
one, in turn, and the answers of /healthz all the while. The server, the load generator and the
match share the machine; the match is niced, as the product starts it."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from bench.bills.day import BillDay
from bench.bills.match import CostOfMatch, match_exactly
from bench.bills.pages import page_requests
from bench.bills.pings import Pings, PingTimes
from bench.growth.notifies import on
from bench.prepared import Prepared
from bench.programs import Program, started
from bench.rounds import (
    Generator,
    Spread,
    Stage,
    Wrong,
    check,
    progress,
    send,
    spread,
)
from tests.support.processes import prepare

ROUNDS = 3
NOTIFY = "POST /pay/notify"
NOTIFIES, PAGES = Stage(64, 1, 0.6, 0.2), Stage(2, 1, 1.0, 0.2)
"""Many payments at once; two consoles that ask again as soon as they are answered, which is enough
to keep the server busy and leaves the line before /healthz short."""
CYCLES_WITHOUT = 3
PREPARED = 500_000
"""Of notifies, for all slices of all rounds."""


@dataclass
class Phase:
    """The requests a second of each kind, slice by slice, and the answers of /healthz."""

    rates: dict[str, list[float]] = field(default_factory=dict)
    pings: PingTimes = field(default_factory=lambda: PingTimes(0, 0, 0))

    def mean(self, name: str) -> float:
        return statistics.mean(self.rates[name])


@dataclass(frozen=True)
class BesideServer:
    """The rounds: the phase without a match, the one with it, and what the match took."""

    without: list[Phase]
    matching: list[Phase]
    matches: list[CostOfMatch]

    def kept(self, name: str) -> Spread:
        """Of the requests a second of this kind, round by round."""
        both = zip(self.matching, self.without, strict=True)
        return spread([busy.mean(name) / idle.mean(name) for busy, idle in both])


class _Load:
    """Slices of each kind in turn."""

    def __init__(self, load: Generator, notifies: Program, pages: list[Program]) -> None:
        self._load, self._notifies, self._pages = load, notifies, pages

    def cycle(self, phase: Phase) -> None:
        """Raises Wrong for an answer that is none."""
        for page in self._pages:
            done = self._load.slice(page, PAGES, PAGES.seconds, page.sent)
            if any(not answer.startswith("200 ") for answer in done.answers):
                raise Wrong(f"{page.name} was answered {done.answers}.")
            page.sent += done.sent
            phase.rates.setdefault(page.name, []).append(done.per_second)
        done = send(self._load, self._notifies, NOTIFIES, NOTIFIES.seconds)
        phase.rates.setdefault(NOTIFY, []).append(done.per_second)


def beside_server(load: Generator, prepared: Prepared, day: BillDay) -> BesideServer:
    """Raises Wrong where a payment is lost, a page refused, or a match finds anything else."""
    progress(f"preparing {PREPARED:,} orders and notifies")
    prepare(day.url)
    program = on(day.url, NOTIFY, prepared, prepared.v2(PREPARED), 0)
    found = BesideServer([], [], [])
    with started([program]), ThreadPoolExecutor(1) as matcher:
        files = page_requests(prepared.folder, program.port, day.count)
        pages = [
            replace(program, name=name, requests=file, stored=None) for name, file in files.items()
        ]
        slices, pings = _Load(load, program, pages), Pings(program.port)
        slices.cycle(Phase())  # warms
        pings.since()
        for _ in range(ROUNDS):
            found.without.append(_phase(slices, pings, _so_often(CYCLES_WITHOUT)))
            running = matcher.submit(match_exactly, day)
            found.matching.append(_phase(slices, pings, running.done))
            found.matches.append(running.result())
            _tell(found)
        pings.close()
    check(program)
    return found


def _phase(slices: _Load, pings: Pings, ended: Callable[[], bool]) -> Phase:
    phase = Phase()
    while not ended():
        slices.cycle(phase)
    phase.pings = pings.since()
    return phase


def _so_often(times: int) -> Callable[[], bool]:
    left = iter(range(times))
    return lambda: next(left, None) is None


def _tell(found: BesideServer) -> None:
    idle, busy, done = found.without[-1], found.matching[-1], found.matches[-1]
    kept = ", ".join(f"{name} {busy.mean(name) / idle.mean(name):.2f}" for name in idle.rates)
    progress(
        f"kept: {kept}; /healthz {idle.pings.worst:.0f} and {busy.pings.worst:.0f} ms at worst; "
        f"a match of {done.wall_s:.0f} s"
    )
