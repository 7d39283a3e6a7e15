"""The days of bills: China's, and from when and how long a bill can be asked for."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from payments.payment_result import CHINA

MADE_AT = time(10, tzinfo=CHINA)
"""Of the day after: WeChat begins at nine and says to ask from ten on."""
OLDEST_DAYS = 92
"""Three months, at most so many days."""

_FORMS = {"-": re.compile(r"\d{4}-\d\d-\d\d", re.ASCII), "": re.compile(r"\d{8}", re.ASCII)}


def made_from(day: date) -> float:
    """The first moment of this day's bill, in seconds UTC of the simulator's clock."""
    return datetime.combine(day + timedelta(days=1), MADE_AT).timestamp()


def day_of(text: str, between: str) -> date | None:
    """The day in the form of API v3 (`-` between its parts) or of API v2 (nothing between)."""
    if not _FORMS[between].fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def is_too_old(day: date, today: date) -> bool:
    return (today - day).days > OLDEST_DAYS
