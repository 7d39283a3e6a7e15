"""Money is an integer number of fen (1/100 CNY), read strictly and shown exactly."""

from __future__ import annotations

import re

MAX_FEN = 10_000_000_000
"""100 million yuan: above every limit of WeChat's, below every limit of a database integer. An
order, a price and a refund end there."""

_POSITIVE = re.compile(r"[1-9][0-9]{0,14}", re.ASCII)
_NEGATIVE = re.compile(r"-[0-9]+", re.ASCII)


def parse_fen(text: str | None) -> int | None:
    """Read an amount as WeChat writes it: ASCII digits, no sign, no leading zero, at least 1.

    Returns None for everything else. `int()` would also take full-width digits, blanks,
    underscores and a sign, so it is never asked first.
    """
    if text is None or not _POSITIVE.fullmatch(text):
        return None
    fen = int(text)
    return fen if fen <= MAX_FEN else None


def parse_received(text: str | None) -> int | None:
    """As `parse_fen`, in the smallest unit of any currency and up to fifteen digits: what WeChat
    holds is recorded, however much it is."""
    return int(text) if text is not None and _POSITIVE.fullmatch(text) else None


def is_negative(text: str | None) -> bool:
    """True for a minus sign followed by digits only, however many."""
    return text is not None and _NEGATIVE.fullmatch(text) is not None


def is_amount(value: object) -> bool:
    """True for an integer (no bool) that may be the price of something."""
    return type(value) is int and 1 <= value <= MAX_FEN


def yuan(fen: int) -> str:
    """`128050` → `1280.50`; exact, without grouping."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"
