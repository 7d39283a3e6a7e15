"""The record of a scenario: what was expected at each step, and what came."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simulator.state.clock import rfc3339

MAX_RUNS = 200


@dataclass(frozen=True)
class RunStep:
    """`ok` is None for what is told but proves nothing either way."""

    name: str
    at: float
    expected: Any
    actual: Any
    ok: bool | None

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "at": rfc3339(self.at)}


@dataclass
class Run:
    id: str
    name: str
    started_at: float
    now: Callable[[], float] = field(repr=False)
    order_num: str | None = None
    done: bool = False
    stopped: bool = False
    progress: dict[str, Any] | None = None
    """How far a long part is: what it is, how much of how much."""
    steps: list[RunStep] = field(default_factory=list)

    @property
    def as_expected(self) -> bool | None:
        """None while it runs, and when it was stopped."""
        if not self.done or self.stopped:
            return None
        return bool(self.steps) and all(step.ok is not False for step in self.steps)

    def check(self, name: str, expected: Any, actual: Any) -> bool:
        """Record a step that must come out equal."""
        same = bool(expected == actual)
        self.steps.append(RunStep(name, self.now(), expected, actual, same))
        return same

    def tell(self, name: str, actual: Any, expected: Any = None) -> None:
        """Record a step that is neither right nor wrong."""
        self.steps.append(RunStep(name, self.now(), expected, actual, None))

    @property
    def state(self) -> str:
        if self.stopped:
            return "stopped"
        return "done" if self.done else "running"

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "orderNum": self.order_num,
            "startedAt": rfc3339(self.started_at),
            "state": self.state,
            "steps": [step.as_json() for step in self.steps],
            "asExpected": self.as_expected,
            "progress": self.progress,
        }


class Runs:
    """The newest runs; older ones are forgotten."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._runs: dict[str, Run] = {}

    def new(self, name: str) -> Run:
        if len(self._runs) >= MAX_RUNS:
            del self._runs[next(iter(self._runs))]
        run = Run(secrets.token_hex(8), name, self._now(), self._now)
        self._runs[run.id] = run
        return run

    def find(self, run_id: str) -> Run | None:
        return self._runs.get(run_id)

    def newest(self) -> list[Run]:
        return list(reversed(self._runs.values()))
