"""The figures that a full measurement shows: what each was at first, and what it must be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """`before` is the figure of the first measurements, of commit 1af5cf9; a `bound` of None has no
    promise. `least`: the bound is the least that is good enough, else the most."""

    key: str
    text: str
    before: str
    bound: float | None
    least: bool = False

    def met(self, value: float) -> bool:
        if self.bound is None:
            return True
        return value >= self.bound if self.least else value <= self.bound

    @property
    def must(self) -> str:
        return "–" if self.bound is None else f"{'≥' if self.least else '≤'} {self.bound:g}"


TARGETS = (
    Target("v2", "notify v2 ÷ echo, 64 connections: requests/s", "0.45", 1.2, True),
    Target("v2 cpu", "the same: CPU a request", "2.2", 0.9),
    Target("earlier", "notify v2 ÷ commit 1af5cf9: requests/s", "1", 2.5, True),
    Target("v3", "notify v3 ÷ echo, 64 connections: requests/s", "0.38", 0.9, True),
    Target("p99 64", "p99 ÷ echo's, 64 connections", "3.3", 1.1),
    Target("p99 256", "p99 ÷ echo's, 256 connections", "3.6", 1.2),
    Target("p50 1", "p50 ÷ echo's, 1 connection", "5.8", 4),
    Target("p50 1 redis", "the same with Redis", "8.9", 5),
    Target("best peer", "÷ best peer, this disk: requests/s", "1.0", 2.5, True),
    Target("best peer slow", "÷ best peer, +3 ms a sync: requests/s", "12", 25, True),
    Target("postgresql", "PostgreSQL, Redis, 1 process ÷ echo: requests/s", "0.23", 0.55, True),
    Target("mariadb", "MariaDB, Redis, 1 process ÷ echo: requests/s", "0.26", 0.5, True),
    Target("two", "PostgreSQL: CPU a notify, 2 processes ÷ 1", "1.4", 1.1),
    Target("growth sqlite", "CPU a notify, most ÷ fewest orders, SQLite", "1.07", 1.1),
    Target("growth postgresql", "the same, PostgreSQL", "?", 1.1),
    Target("lookup", "the slowest lookup, list or filter, most ÷ fewest orders", "233", 3),
    Target("reports", "a report of 365 days, p99 of its CPU, most ÷ fewest orders", "–", 1.5),
    Target("bills cpu", "a bill of 1,000,000 rows, matched here ÷ by DuckDB: CPU", "–", 8),
    Target("bills wall", "the same: seconds, DuckDB with all cores", "–", 8),
    Target("bills one", "the same: seconds, DuckDB with one thread as ours", "–", 8),
    Target("bills pages", "a console's answers/s with a match ÷ without, least", "–", 0.8, True),
    Target("bills notifies", "notifies/s with a match ÷ without", "–", 0.8, True),
    Target("bills stall", "the slowest answer of /healthz with a match, ms", "–", 100),
    Target("bills memory", "a match's peak memory above an idle server, MB", "–", 150),
    Target("fanout cpu", "dashboards: share of a core, %", "about 190", 80),
    Target("fanout p99", "dashboards: p99 from commit to client, ms", "–", 150),
    Target("fanout memory", "dashboards: memory of each, KiB", "23", 20),
    Target("fanout notify", "notify p99 with dashboards ÷ without", "5–10", 1.5),
    Target("memory", "RSS after all notifies ÷ after 20,000", "1.0 at 110,000", 1.05),
    Target("cold requests", "console, cold: requests", "196", 12),
    Target("cold kB", "console, cold: kB on the wire", "919", 180),
    Target("warm requests", "console, warm: requests", "200", 2),
    Target("cold first row s", "first row at 400 kbit/400 ms, cold, s", "23", 6),
    Target("warm first row s", "the same, warm, s", "17", 2.5),
)
