"""What a match takes from `paywatch serve` on the same SQLite file. Slices of load go in pairs,
without the match and with it: it is stopped (SIGSTOP) for one and goes on for the other, from its
start to its end. /healthz is asked all the while. The server, the load generator and the match
share the machine; the match is niced, as the product starts it."""

from __future__ import annotations

import os
import signal
import statistics
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field, replace
from itertools import cycle

from bench.bills.day import BillDay
from bench.bills.match import CostOfMatch, match_exactly, matching_pid
from bench.bills.pages import page_requests
from bench.bills.pings import Pings
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

MATCHES = 2
NOTIFY = "POST /pay/notify"
NOTIFIES, PAGES = Stage(64, 1, 0.6, 0.2), Stage(2, 1, 0.8, 0.2)
"""Many payments at once; two consoles that ask again as soon as they are answered, which is enough
to keep the server busy and leaves the line before /healthz short."""
PREPARED = 500_000
"""Of notifies, for all slices."""
START_S = 20.0


@dataclass
class SlicesOfOneMatch:
    """Those without the match, or those with it: the requests a second of each kind, and the
    answers of /healthz, in ms."""

    rates: dict[str, list[float]] = field(default_factory=dict)
    pings: list[float] = field(default_factory=list)

    def mean(self, name: str) -> float:
        return statistics.mean(self.rates[name])

    def add(self, name: str, rate: float, pings: list[float]) -> None:
        self.rates.setdefault(name, []).append(rate)
        self.pings += pings


@dataclass(frozen=True)
class BesideServer:
    """One entry for each match: the slices without it, those with it, and what it took. Its wall
    time has the slices without it in it."""

    without: list[SlicesOfOneMatch]
    matching: list[SlicesOfOneMatch]
    matches: list[CostOfMatch]

    def kept(self, name: str) -> Spread:
        """Of the requests a second of this kind, pair by pair."""
        both = zip(self.matching, self.without, strict=True)
        pairs = [zip(busy.rates[name], idle.rates[name], strict=True) for busy, idle in both]
        return spread([busy / idle for some in pairs for busy, idle in some])


class _Paused:
    """A match that goes on only when it may."""

    def __init__(self, match: Future[CostOfMatch]) -> None:
        self.match = match
        end = time.monotonic() + START_S
        while (found := matching_pid()) is None:
            if time.monotonic() > end:
                raise Wrong("The match did not start.")
            time.sleep(0.01)
        self._pid = found

    def may(self, go_on: bool) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGCONT if go_on else signal.SIGSTOP)


class _Slices:
    """Pairs of slices of each kind, until the match ends."""

    def __init__(self, load: Generator, programs: list[Program], pings: Pings) -> None:
        self._load, self._programs, self._pings = load, programs, pings

    def warm(self) -> None:
        for program in self._programs:
            self._slice(program)

    def pairs(self, match: _Paused, idle: SlicesOfOneMatch, busy: SlicesOfOneMatch) -> None:
        """A pair in which the match ended does not count."""
        turns = cycle((1, 1, -1, -1))
        while True:
            turn = next(turns)
            for program in self._programs:
                pair = []
                for matching in (False, True)[::turn]:
                    match.may(go_on=matching)
                    pair.append(self._slice(program))
                if match.match.done():
                    if len(idle.rates) < len(self._programs):
                        raise Wrong("The match ended before there was a pair of each kind.")
                    return
                for kept, (rate, pings) in zip((idle, busy), pair[::turn], strict=True):
                    kept.add(program.name, rate, pings)

    def _slice(self, program: Program) -> tuple[float, list[float]]:
        """Requests a second. Raises Wrong for an answer that is none."""
        self._pings.since()
        if program.name == NOTIFY:
            done = send(self._load, program, NOTIFIES, NOTIFIES.seconds)
        else:
            done = self._load.slice(program, PAGES, PAGES.seconds, program.sent)
            if any(not answer.startswith("200 ") for answer in done.answers):
                raise Wrong(f"{program.name} was answered {done.answers}.")
            program.sent += done.sent
        return done.per_second, self._pings.since()


def beside_server(load: Generator, prepared: Prepared, day: BillDay) -> BesideServer:
    """Raises Wrong where a payment is lost, a page refused, or a match finds anything else."""
    progress(f"preparing {PREPARED:,} orders and notifies")
    prepare(day.url)
    program = on(day.url, NOTIFY, prepared, prepared.v2(PREPARED), 0)
    program.own_session = False  # the product starts a match in its own session
    found = BesideServer([], [], [])
    with started([program]), ThreadPoolExecutor(1) as matcher, ExitStack() as opened:
        files = page_requests(prepared.folder, program.port, day.count)
        pages = [
            replace(program, name=name, requests=file, stored=None) for name, file in files.items()
        ]
        pings = opened.enter_context(closing(Pings(program.port)))
        slices = _Slices(load, [*pages, program], pings)
        slices.warm()
        for _ in range(MATCHES):
            match = _Paused(matcher.submit(match_exactly, day))
            idle, busy = SlicesOfOneMatch(), SlicesOfOneMatch()
            try:
                slices.pairs(match, idle, busy)
            finally:
                match.may(go_on=True)
            found.without.append(idle)
            found.matching.append(busy)
            found.matches.append(match.match.result())
            _tell(found)
    check(program)
    return found


def _tell(found: BesideServer) -> None:
    idle, busy = found.without[-1], found.matching[-1]
    kept = ", ".join(f"{name} {found.kept(name)}" for name in idle.rates)
    progress(f"kept: {kept}; /healthz {max(idle.pings):.0f} and {max(busy.pings):.0f} ms at worst")
