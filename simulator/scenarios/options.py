"""The options of a scenario, checked: amounts, numbers and speeds."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

MAX_FEN = 100_000_000
BOUNDS: dict[str, tuple[float, float]] = {
    "totalFen": (1, MAX_FEN),
    "notifyFen": (1, MAX_FEN),
    "times": (1, 20),
    "perSecond": (1, 200),
    "seconds": (1, 60),
    "anomalyShare": (0, 0.5),
}
"""The least and the most of each."""


class BadScenarioOption(ValueError):
    """The text says what is wrong."""


@dataclass(frozen=True)
class ScenarioOptions:
    """None is left to the scenario. `times` are repeats, `anomaly_share` is 0 … 0.5."""

    total_fen: int | None = None
    notify_fen: int | None = None
    times: int = 1
    per_second: int = 150
    seconds: int = 2
    anomaly_share: float = 0.0


_NAMES = {
    "totalFen": "total_fen",
    "notifyFen": "notify_fen",
    "times": "times",
    "perSecond": "per_second",
    "seconds": "seconds",
    "anomalyShare": "anomaly_share",
}


def read(given: Mapping[str, Any], takes: Collection[str]) -> ScenarioOptions:
    """`takes` are the names that the scenario knows. Raises BadScenarioOption."""
    if unknown := set(given) - set(takes):
        raise BadScenarioOption(f"Not for this scenario: {', '.join(sorted(unknown))[:100]}.")
    return ScenarioOptions(**{_NAMES[name]: _number(name, value) for name, value in given.items()})


def _number(name: str, value: Any) -> Any:
    kinds = (int, float) if name == "anomalyShare" else (int,)
    least, most = BOUNDS[name]
    if isinstance(value, bool) or not isinstance(value, kinds) or not math.isfinite(value):
        raise BadScenarioOption(f"{name} is a {'' if len(kinds) > 1 else 'whole '}number.")
    if not least <= value <= most:
        raise BadScenarioOption(f"{name} is between {least:g} and {most:.10g}.")
    return value
