"""Figures for Prometheus, of this process."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from payments.answers import Outcome


class Metrics:
    """A registry of its own, so that two of them can live in one test."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._notifies = Counter(
            "paywatch_notifies_total",
            "Notifies by what they turned out to be.",
            ["outcome"],
            registry=self._registry,
        )
        self.open_sockets = Gauge(
            "paywatch_live_sockets", "Open dashboards.", registry=self._registry
        )
        self._by_outcome = {o: self._notifies.labels(o.value) for o in Outcome}

    def notify(self, outcome: Outcome) -> None:
        self._by_outcome[outcome].inc()

    def text(self) -> bytes:
        return generate_latest(self._registry)
