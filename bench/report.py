"""docs/benchmarks.md, written from the kept outcomes of the sections."""

from __future__ import annotations

import json
import platform
import sqlite3
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.prepared import ROOT
from bench.sections.outcome import RATES, Outcome
from bench.targets import TARGETS

KEPT = ROOT / ".bench" / "outcomes.json"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
BAR = 40
"""Characters of the longest bar."""
TITLES = {
    "notify": "A notify on SQLite",
    "peers": "Beside other programs",
    "slow-disk": "Beside other programs, on a disk that syncs 3 ms later",
    "databases": "PostgreSQL and MariaDB",
    "memory": "Memory",
    "growth": "Growth",
    "reports": "Reports",
    "bills": "A bill of a million rows",
    "fanout": "The live stream",
    "page": "The console on the wire",
}
HEAD = """# Benchmarks

`make bench-full` measures these figures and writes this document; `make bench` is the short form.
`make bench-full SECTIONS="notify peers"` measures some sections and keeps the others as they are.

All figures are ratios of what ran side by side on one machine; a rate alone promises nothing. The
echo is a bare Tornado handler that reads the body and answers a fixed XML. All servers of a section
are up at once. A pair is a short slice of load on the echo and one on another server; the order
rotates. A figure is the median of the ratios of the pairs, with the least and the greatest. CPU is
the time of all processes of the server, from /proc: of all figures the other users of the machine
disturb it least. Of a virtual machine see that a new page of a file takes a few µs: where the host
takes unused memory back, it takes fifty, and a program that holds most of the memory mends that.
The load generator is a process of its own on the same machine. No figure is
written unless the database holds as many paid orders, events and raw notifies as there were answers
SUCCESS. The decision on speed in [decisions.md](decisions.md) has the reasons.
"""


def keep(name: str, outcome: Outcome) -> None:
    """Remember the outcome of a section, with the commit and the machine of its run."""
    known = _kept()
    known[name] = {**asdict(outcome), "machine": machine()}
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(json.dumps(known, ensure_ascii=False, indent=1), "utf-8")


def _kept() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    return found


def write() -> None:
    """Write the document from all outcomes that are kept."""
    known = _kept()
    parts = [HEAD, *_summary(known)]
    for name in TITLES:
        if name in known:
            parts += [f"\n## {TITLES[name]}\n", *_section(known[name])]
    DOCUMENT.write_text("\n".join(parts) + "\n", "utf-8")


def _summary(known: dict[str, Any]) -> Iterator[str]:
    figures = {key: value for each in known.values() for key, value in each["figures"].items()}
    rows = []
    for target in TARGETS:
        measured, met = "not measured", ""
        if target.key in figures:
            middle, low, high = figures[target.key]
            measured = f"{middle:.2f}" + (f" ({low:.2f}–{high:.2f})" if low != high else "")
            met = "–" if target.bound is None else ("yes" if target.met(middle) else "no")
        rows.append([target.text, target.before, target.must, measured, met])
    yield "## All figures\n"
    yield from _table(["figure", "commit 1af5cf9", "must", "measured", "met"], rows)


def _section(outcome: dict[str, Any]) -> Iterator[str]:
    if outcome["bars"]:
        yield f"{outcome.get('bars_title', RATES)}:\n"
        yield from ["```text", *_bars(outcome["bars"]), "```", ""]
    for table in outcome["tables"]:
        yield f"{table['title'][:1].upper()}{table['title'][1:]}:\n"
        yield from _table(table["heads"], table["rows"])
        yield ""
    yield " ".join([*outcome["notes"], outcome["machine"]])


def _table(heads: list[str], rows: list[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _bars(values: dict[str, float]) -> Iterator[str]:
    most, width = max(values.values()), max(map(len, values))
    for name, value in values.items():
        yield f"{name:{width}} {'█' * max(1, round(value / most * BAR))} {value:.2f}"


def machine() -> str:
    """The processor and the versions, in one sentence."""
    command = ["git", "-C", str(ROOT), "rev-parse", "--short=7", "HEAD"]
    commit = subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip()
    packages = ", ".join(f"{name} {version(name)}" for name in ("tornado", "uvloop", "psycopg"))
    return (
        f"Commit {commit or '?'}; {_processor()}; Linux {platform.release()};"
        f" Python {platform.python_version()}, SQLite {sqlite3.sqlite_version},"
        f" {ssl.OPENSSL_VERSION.split(' (')[0]}, {packages}."
    )


def _processor() -> str:
    text = Path("/proc/cpuinfo").read_text()
    names = [line.split(":")[1].strip() for line in text.splitlines() if "model name" in line]
    return f"{len(names)} cores of {names[0]}" if names else platform.machine()
