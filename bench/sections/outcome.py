"""The figures of one section, as they are kept and shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.rounds import Pair, Rounds, Spread, cpu, p50, p99, rate, to_echo

HEADS = ["", "requests/s ÷ echo", "CPU ÷ echo", "p50 ÷ echo", "p99 ÷ echo", "paid and checked"]
RATES = "Requests a second, echo = 1"


@dataclass
class Table:
    title: str
    heads: list[str]
    rows: list[list[str]]


@dataclass
class Outcome:
    """`figures` by the keys of bench/targets.py: median, least, greatest; `bars` are drawn
    under their title."""

    figures: dict[str, list[float]] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    bars: dict[str, float] = field(default_factory=dict)
    bars_title: str = RATES
    notes: list[str] = field(default_factory=list)

    def add(self, key: str, value: Spread | float) -> None:
        both = value if isinstance(value, Spread) else Spread(value, value, value)
        self.figures[key] = [both.median, both.low, both.high]

    def add_table(self, title: str, rounds: Rounds) -> None:
        rows = [[name, *_values(pairs)] for name, pairs in rounds.items() if pairs]
        self.tables.append(Table(title, HEADS, rows))


def _values(pairs: Sequence[Pair]) -> list[str]:
    told = [str(to_echo(pairs, value)) for value in (rate, cpu, p50, p99)]
    return [*told, f"{sum(pair.other.sent for pair in pairs):,}"]
