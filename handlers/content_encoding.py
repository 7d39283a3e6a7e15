"""Which form of an answer a browser takes: the Accept-Encoding of its request."""

from __future__ import annotations

from collections.abc import Sequence


def best_encoding(header: str, made: Sequence[str]) -> str:
    """The name in `made`, the best first, that the header gives the highest quality; "" when it
    takes none of them, or likes the plain form better."""
    wishes = dict(_wish(part) for part in header.lower().split(","))

    def quality(name: str) -> float:
        return wishes.get(name, wishes.get("*", 0.0))

    best = max(made, key=quality)
    return best if quality(best) > 0 and quality(best) >= wishes.get("identity", 0.0) else ""


def _wish(part: str) -> tuple[str, float]:
    """`br;q=0.8`; without a quality it is 1, and with one that is no number it is 0."""
    name, _, weight = part.partition(";")
    if not weight:
        return name.strip(), 1.0
    try:
        return name.strip(), float(weight.strip().removeprefix("q="))
    except ValueError:
        return name.strip(), 0.0
