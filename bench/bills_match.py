"""Matches a bill of many rows with a database that agrees but for a hundred planted differences:
`python -m bench.bills_match [ROWS]`. Prints the CPU and the memory of the process that matches, and
whether it found exactly what was planted. Needs some 0.8 GB of disk for a million rows."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from contextlib import aclosing
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from bench.bills_data import ACCOUNT, DATE, fill, write_bill
from bench.bills_planted import WRONG_SUM, PlantedBill
from bench.process_tree import processes
from commands.serve import SCRIPT
from models.database import open_database
from services.bills.match_child import BillMatcher
from services.bills.match_lines import FoundDifference
from services.bills.matching import MatchTask


async def _found(url: str, bill: Path) -> tuple[list[tuple[str, str]], int]:
    """Kind and subject of each difference, and the most memory that the process had, in KiB. (What
    the system counts of a child begins with its parent's.)"""
    found, peak = [], 0
    matcher = BillMatcher(SCRIPT, url)
    async with aclosing(matcher.match(MatchTask(ACCOUNT, DATE, bill))) as lines:
        async for line in lines:
            if isinstance(line, FoundDifference):
                found.append((line.kind.value, line.subject))
            peak = max(peak, *map(_peak_kib, processes([os.getpid()])[1:]), 0)
    return found, peak


def _peak_kib(pid: int) -> int:
    """0 for one that has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(status.partition("VmHWM:")[2].split()[0]) if "VmHWM:" in status else 0


def main(count: int) -> None:
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        bill, url = Path(folder, "bill.csv"), f"sqlite:///{folder}/paywatch.db"
        planted = PlantedBill(count)
        write_bill(bill, count, planted.edit, off={WRONG_SUM: 1})
        database = open_database(url, patient=True)
        fill(database, count)
        database.close()
        before, begin = getrusage(RUSAGE_CHILDREN), time.perf_counter()
        found, peak = asyncio.run(_found(url, bill))
        after, wall = getrusage(RUSAGE_CHILDREN), time.perf_counter() - begin
    report = {
        "rows": count,
        "cpuSeconds": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 2),
        "wallSeconds": round(wall, 2),
        "peakMegabytes": round(peak / 1024, 1),
        "planted": len(planted.expected),
        "found": len(planted.expected & set(found)),
        "notFound": sorted(planted.expected - set(found)),
        "notPlanted": sorted(each for each in found if each not in planted.expected),
        "twice": len(found) - len(set(found)),
    }
    print(json.dumps(report, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
