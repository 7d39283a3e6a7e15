"""The sections with programs of their own: the live stream, the console on the wire."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from typing import Any

from bench.prepared import Prepared
from bench.rounds import Generator
from bench.sections.outcome import Outcome, Table

DASHBOARDS, EVENTS, SECONDS = 1000, 1000, 20
FANOUT_KEYS = {
    "cpu_share": ("fanout cpu", 100),
    "latency_p99_ms": ("fanout p99", 1),
    "kib_per_dashboard": ("fanout memory", 1),
    "notify_p99_ratio": ("fanout notify", 1),
}
"""The keys of bench/targets.py and the factor, by the names of bench/fanout.py."""
PAGE_KEYS = ("cold requests", "cold kB", "warm requests", "cold first row s", "warm first row s")


def fanout(_load: Generator, _prepared: Prepared) -> Outcome:
    return _outcome(_measured("bench.fanout", DASHBOARDS, EVENTS, SECONDS), FANOUT_KEYS)


def page(_load: Generator, _prepared: Prepared) -> Outcome:
    return _outcome(_measured("bench.page_weight"), {key: (key, 1) for key in PAGE_KEYS})


def _measured(name: str, *arguments: Any) -> Mapping[str, float]:
    """The figures of a program with `measure`, or none where it does not exist."""
    if importlib.util.find_spec(name) is None:
        return {}
    found: Mapping[str, float] = importlib.import_module(name).measure(*arguments)
    return found


def _outcome(values: Mapping[str, float], keys: Mapping[str, tuple[str, float]]) -> Outcome:
    found = Outcome()
    if not values:
        found.notes.append("Not measured.")
        return found
    for name, (key, factor) in keys.items():
        if name in values:
            found.add(key, values[name] * factor)
    rows = [[name, f"{value:,.2f}"] for name, value in values.items()]
    found.tables.append(Table("all figures", ["", ""], rows))
    return found
