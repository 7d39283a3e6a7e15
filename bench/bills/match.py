"""Matches a bill of many rows with a database that agrees but for a hundred planted differences:
`python -m bench.bills.match [ROWS]`. Prints the CPU and the memory of the process that matches, and
whether it found exactly what was planted. Needs some 0.8 GB of disk for a million rows."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from bench.bills.data import ACCOUNT, DATE
from bench.bills.day import BillDay
from bench.process_tree import processes
from bench.rounds import Wrong
from commands.serve import SCRIPT
from services.bills.match_child import BillMatcher
from services.bills.match_lines import FoundDifference
from services.bills.matching import MatchTask


@dataclass(frozen=True)
class CostOfMatch:
    """What the process that matches took, from its start to its end."""

    cpu_s: float
    wall_s: float
    peak_kib: int
    """The most memory that it had. All of it comes on top of a server: the process lives only while
    it matches."""
    found: list[tuple[str, str]]
    """Kind and subject of each difference."""


def match(day: BillDay) -> CostOfMatch:
    """As the server does it, in a process of its own. No other child of this process may end
    meanwhile: the system counts the CPU of all."""
    before, begin = cpu_of_children(), time.perf_counter()
    found, peak = asyncio.run(_found(day.url, day.bill))
    return CostOfMatch(cpu_of_children() - before, time.perf_counter() - begin, peak, sorted(found))


def match_exactly(day: BillDay) -> CostOfMatch:
    """Raises Wrong where it found anything but what was planted."""
    done = match(day)
    if done.found != sorted(day.expected):
        raise Wrong(f"Of {len(day.expected)} planted differences others were found: {done.found}.")
    return done


def cpu_of_children() -> float:
    """Of those that have ended, in seconds."""
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def _found(url: str, bill: Path) -> tuple[list[tuple[str, str]], int]:
    """What was found, and the most memory that the process had, in KiB. (What the system counts of
    a child begins with its parent's.)"""
    found, peak, ours = [], 0, set(processes([os.getpid()]))
    matcher = BillMatcher(SCRIPT, url)
    async with aclosing(matcher.match(MatchTask(ACCOUNT, DATE, bill))) as lines:
        async for line in lines:
            if isinstance(line, FoundDifference):
                found.append((line.kind.value, line.subject))
            started = set(processes([os.getpid()])) - ours
            peak = max(peak, *map(_peak_kib, started), 0)
    return found, peak


def matching_pid() -> int | None:
    """The process that matches for this one; None before it has started and after its end."""
    for pid in processes([os.getpid()]):
        with suppress(FileNotFoundError, ProcessLookupError):
            if b"match-bill" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
                return pid
    return None


def _peak_kib(pid: int) -> int:
    """0 for one that has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(status.partition("VmHWM:")[2].split()[0]) if "VmHWM:" in status else 0


def main(count: int) -> None:
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        day = BillDay(Path(folder), count)
        done = match(day)
    report = {
        "rows": count,
        "cpuSeconds": round(done.cpu_s, 2),
        "wallSeconds": round(done.wall_s, 2),
        "peakMegabytes": round(done.peak_kib / 1024, 1),
        "planted": len(day.expected),
        "found": len(day.expected & set(done.found)),
        "notFound": sorted(day.expected - set(done.found)),
        "notPlanted": [each for each in done.found if each not in day.expected],
        "twice": len(done.found) - len(set(done.found)),
    }
    print(json.dumps(report, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
