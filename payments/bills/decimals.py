"""The numbers of a bill, read strictly from decimals into integers.

Each reader raises ValueError for what WeChat does not write: another digit than 0–9, a sign or an
empty text where none may be, a leading zero, less than two decimals, or more of them than are zero.
"""

from __future__ import annotations

import re

from payments.money import yuan

MICROFEN = 1_000_000
"""In one fen. Fees have five decimals of a yuan in old bills and may have eight."""
RATE_ONE = 10**8
"""The rate 1, or 100 %: `0.60%` is 600,000."""

_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,12})\.([0-9]{2})0{0,30}")
_EXACT = re.compile(r"(-?)(0|[1-9][0-9]{0,12})\.([0-9]{2,8})0{0,30}")
_RATE = re.compile(r"(0|[1-9][0-9]{0,2})(?:\.([0-9]{1,6})0{0,30})?%")
_COUNT = re.compile(r"(0|[1-9][0-9]{0,11})(?:\.0{1,30})?")


def _match(form: re.Pattern[str], text: str) -> re.Match[str]:
    if not (found := form.fullmatch(text)):
        raise ValueError("This is not a number as WeChat writes it.")
    return found


def fen(text: str) -> int:
    """`88.00` → 8800."""
    found = _match(_AMOUNT, text)
    return int(found[1] + found[2])


def signed_fen(text: str) -> int:
    """As `fen`, where a minus sign may stand."""
    return -fen(text[1:]) if text.startswith("-") else fen(text)


def microfen(text: str) -> int:
    """`-0.05000` → -5,000,000: an amount with up to eight decimals that are not zero."""
    sign, whole, decimals = _match(_EXACT, text).groups()
    number = int(whole + decimals.ljust(8, "0"))
    return -number if sign else number


def rate(text: str) -> int:
    """`0.60%` → 600,000. No text is the rate 0."""
    if not text:
        return 0
    whole, decimals = _match(_RATE, text).groups()
    return int(whole + (decimals or "").ljust(6, "0"))


def count(text: str) -> int:
    """`3` or, in a fund-flow bill, `3.0`."""
    return int(_match(_COUNT, text)[1])


def decimals_of(text: str) -> int:
    """How many digits stand after the point."""
    return len(text.partition(".")[2])


def exact_yuan(amount: int) -> str:
    """Microfen as yuan, with two decimals or as many as are needed: 53,000,000 → `0.53`."""
    whole, rest = divmod(abs(amount), MICROFEN)
    tail = f"{rest:06d}".rstrip("0")
    return ("-" if amount < 0 else "") + yuan(whole) + tail
