"""WeChat's days: their names, their bounds, and when the bill of one can be fetched."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from services.runtime.clock import CHINA_OFFSET_MS, DAY_MS, MINUTE_MS

KEPT_DAYS = 90
"""WeChat gives the bills of so many days back."""


def china_date(ms: int) -> date:
    """The day in China (UTC+8) that holds `ms`."""
    return datetime.fromtimestamp((ms + CHINA_OFFSET_MS) / 1000, UTC).date()


def start_of(day: date) -> int:
    """The first millisecond of a day in China; the next day's start is its end."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return int(midnight.timestamp()) * 1000 - CHINA_OFFSET_MS


def ready_at(day: date, bill_minute: int) -> int:
    """When its bill is asked for: so many minutes after the end of the day."""
    return start_of(day) + DAY_MS + bill_minute * MINUTE_MS


def fetchable(day: date, now_ms: int) -> bool:
    """It is over, and WeChat still has its bill."""
    today = china_date(now_ms)
    return today - timedelta(days=KEPT_DAYS) <= day < today
