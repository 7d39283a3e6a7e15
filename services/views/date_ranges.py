"""Stretches of days in China, as a filter names them: `today`, `7d`, `2026-11-01..2026-11-23`; and
single moments."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from payments.errors import BadRequest
from services.runtime.clock import CHINA_OFFSET_MS, DAY_MS, day_start

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?)(Z|[ +-]\d\d:\d\d)", re.ASCII)
LAST_DAYS = {"today": 1, "7d": 7, "30d": 30}


def period(text: str, now_ms: int, name: str = "created") -> tuple[int | None, int | None]:
    """From and until before (ms UTC); both days of `a..b` are within, and either may be left
    out. Days count back from today, which is one of them. "" and `all` are all time. Raises
    BadRequest."""
    if text in ("", "all"):
        return None, None
    if days := LAST_DAYS.get(text):
        tomorrow = day_start(now_ms) + DAY_MS
        return tomorrow - days * DAY_MS, tomorrow
    first, dots, last = text.partition("..")
    if not dots:
        raise BadRequest(f"{name} must be today, 7d, 30d, all, or two days with .. between them.")
    since = _midnight(first) if first else None
    until = _midnight(last) + DAY_MS if last else None
    return since, until


def _midnight(text: str) -> int:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadRequest("A day must be written like 2026-11-23.") from None
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return int(start.timestamp()) * 1000 - CHINA_OFFSET_MS


def read_moment(text: str, name: str) -> int:
    """RFC 3339 with a zone → ms UTC. The + of a zone may have become a blank on its way in an
    address. Raises BadRequest."""
    found = _MOMENT.fullmatch(text)
    wrong = BadRequest(f"{name} must be a moment with its zone, like 2026-11-23T10:05:00+08:00.")
    if not found:
        raise wrong
    try:
        moment = datetime.fromisoformat(found[1] + found[2].replace(" ", "+"))
    except ValueError:
        raise wrong from None
    return round(moment.timestamp() * 1000)
