"""The full measurement, `make bench-full`: half an hour, a section at a time, into the document
docs/benchmarks.md.

`make bench-full SECTIONS="notify peers"` measures these and keeps what is known of the others. The
document is written after each section. A section whose database is wrong gives no figure; then the
program goes on and exits with 1 at its end.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bench import report
from bench.peer_servers import NotInstalled
from bench.prepared import Prepared
from bench.rounds import Generator, Wrong, generator, progress
from bench.sections import bills, databases, growth, memory, notify, others, peers, reports
from bench.sections.outcome import Outcome

Section = Callable[[Generator, Prepared], Outcome]
SECTIONS: dict[str, Section] = {
    "notify": notify.measure,
    "peers": peers.measure,
    "slow-disk": peers.measure_slow,
    "databases": databases.measure,
    "memory": memory.measure,
    "growth": growth.measure,
    "reports": reports.measure,
    "bills": bills.measure,
    "fanout": others.fanout,
    "page": others.page,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.full", description=__doc__)
    parser.add_argument("sections", nargs="*", choices=[[], *SECTIONS], help="default: all")
    names = parser.parse_args().sections or list(SECTIONS)
    failed = [name for name in names if not _measured(name)]
    if failed:
        sys.exit(f"No new figures of: {', '.join(failed)}.")


def _measured(name: str) -> bool:
    """Whether the section gave figures, which then are written."""
    progress(f"{name} …")
    begin, load_before = time.monotonic(), os.getloadavg()[0]
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder, generator() as load:
            sync, page = sync_ms(Path(folder) / "sync"), page_us(Path(folder) / "pages")
            Path(folder).chmod(0o755)  # PostgreSQL may run as another user
            outcome = SECTIONS[name](load, Prepared(Path(folder)))
    except (Wrong, NotInstalled) as error:
        print(f"{name}: no figures: {error}", file=sys.stderr)
        return False
    took, load_after = time.monotonic() - begin, os.getloadavg()[0]
    outcome.notes.append(
        f"Measured {when} UTC in {took:.0f} s; load average {load_before:.1f} before and"
        f" {load_after:.1f} at the end; a sync of 4 KiB takes {sync:.2f} ms (median), a new page"
        f" of a file {page:.1f} µs (mean)."
    )
    report.keep(name, outcome)
    report.write()
    return True


def sync_ms(path: Path) -> float:
    """The median time of an fdatasync after a write of 4 KiB, in ms."""
    times = []
    with path.open("wb", buffering=0) as file:
        for _ in range(100):
            file.write(bytes(4096))
            begin = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times)


def page_us(path: Path) -> float:
    """The mean time of a write of 4 KiB at the end of a file, in µs. It is some 3 µs, and fifty
    where the host of a virtual machine takes memory back that is not used, and gives it again page
    by page. A log that grows then costs more than all the rest of a notify."""
    count = 4000
    with path.open("wb", buffering=0) as file:
        begin = time.perf_counter()
        for _ in range(count):
            file.write(bytes(4096))
        return (time.perf_counter() - begin) / count * 1e6


if __name__ == "__main__":
    main()
