"""What a client likes: the weighed lists of its Accept headers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

LANGUAGES = {"zh": "zh-CN", "en": "en"}


def best_encoding(header: str, made: Sequence[str]) -> str:
    """The name in `made`, the best first, that an Accept-Encoding gives the highest quality; ""
    when it takes none of them, or likes the plain form better."""
    wishes = dict(_wishes(header))

    def quality(name: str) -> float:
        return wishes.get(name, wishes.get("*", 0.0))

    best = max(made, key=quality)
    return best if quality(best) > 0 and quality(best) >= wishes.get("identity", 0.0) else ""


def likes_page(header: str) -> bool:
    """Whether an Accept names HTML, and likes it at least as much as JSON."""
    if "text/html" not in header.lower():
        return False
    wishes = dict(_wishes(header))
    anything = wishes.get("application/*", wishes.get("*/*", 0.0))
    return 0 < wishes.get("text/html", 0.0) >= wishes.get("application/json", anything)


def best_language(header: str) -> str:
    """Of our two languages the one that an Accept-Language likes more; Chinese by default."""
    wishes = dict.fromkeys(LANGUAGES, 0.0)
    for name, weight in _wishes(header):
        language = name.partition("-")[0]
        if language in wishes:
            wishes[language] = max(wishes[language], weight)
    return LANGUAGES["en" if wishes["en"] > wishes["zh"] else "zh"]


def _wishes(header: str) -> Iterable[tuple[str, float]]:
    """`br;q=0.8`; without a quality it is 1, and with one that is no number it is 0."""
    for part in header.lower().split(","):
        name, *more = (piece.strip() for piece in part.split(";"))
        weight = next((piece[2:] for piece in more if piece.startswith("q=")), "1")
        yield name, float(weight) if weight.replace(".", "", 1).isdecimal() else 0.0
