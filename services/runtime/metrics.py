"""Figures for Prometheus: of this process, or of all of them together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from payments.outcomes import Outcome

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""The library reads this variable when it is imported; with it, the figures are kept in files that
all processes read."""
GIVEN, REFUSED, UNANSWERED, UNSENT = PREPAY_ENDS = ("given", "refused", "unanswered", "unsent")
"""The ends of a call for a prepay."""
NOTIFY_BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


@dataclass(frozen=True)
class Sample:
    """The figures that are read from time to time instead of counted at each event."""

    writes_waiting: int
    pages_waiting: int
    head: int
    redis_is_away: bool


class Metrics:
    """A registry of its own, so that two of them can live in one test. `folder` is where several
    processes keep their figures; None for a process that is alone."""

    def __init__(self, folder: str | None = None) -> None:
        self._folder = folder
        self._registry = CollectorRegistry()
        self._notifies = Counter(
            "paywatch_notifies_total",
            "Notifies by what they turned out to be.",
            ["outcome"],
            registry=self._registry,
        )
        self._by_outcome = {o: self._notifies.labels(o.value) for o in Outcome}
        self._seconds = Histogram(
            "paywatch_notify_seconds",
            "From a notify's last byte to its answer; WeChat waits five seconds.",
            buckets=NOTIFY_BOUNDS_S,
            registry=self._registry,
        )
        self._prepays = Counter(
            "paywatch_prepays_total",
            "Calls for a prepay by their end.",
            ["outcome"],
            registry=self._registry,
        )
        self._by_end = {end: self._prepays.labels(end) for end in PREPAY_ENDS}
        self.open_sockets = self._gauge("paywatch_live_sockets", "Open dashboards.")
        self._writes = self._gauge("paywatch_writes_waiting", "Writes that wait for the database.")
        self._pages = self._gauge("paywatch_pages_waiting", "Callers in a long poll.")
        self._head = self._gauge("paywatch_events_head", "Number of the newest event.", "livemax")
        self._away = self._gauge("paywatch_redis_away", "1 while the lock does without.", "livemax")

    def _gauge(self, name: str, words: str, over_processes: str = "livesum") -> Gauge:
        mode: Any = over_processes
        return Gauge(name, words, registry=self._registry, multiprocess_mode=mode)

    def notify(self, outcome: Outcome, seconds: float) -> None:
        self._by_outcome[outcome].inc()
        self._seconds.observe(seconds)

    def prepay(self, end: str) -> None:
        self._by_end[end].inc()

    def sample(self, seen: Sample) -> None:
        self._writes.set(seen.writes_waiting)
        self._pages.set(seen.pages_waiting)
        self._head.set(seen.head)
        self._away.set(seen.redis_is_away)

    def text(self) -> bytes:
        registry = self._registry
        if self._folder is not None:
            registry = CollectorRegistry()
            MultiProcessCollector(registry, path=self._folder)  # type: ignore[no-untyped-call]
        return generate_latest(registry)


def forget(pid: int, folder: str) -> None:
    """A process has ended: what it counted stays, what it had open is gone."""
    mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]
