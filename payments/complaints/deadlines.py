"""Until when a complaint must be answered and finished: whole days of China (UTC+8), whatever the
hour at which it came (WeChat: 消费者投诉处理指引)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from payments.payment_result import CHINA

_DAY_MS = 24 * 3_600_000
REPLY_DAYS, FINISH_DAYS = 1, 3
"""How many days after that of the complaint: until 24:00 of that day."""


def reply_due(since_ms: int) -> int:
    """24:00 of the day after `since_ms`; both in ms UTC."""
    return _end_of_day(since_ms, REPLY_DAYS)


def finish_due(since_ms: int) -> int:
    """24:00 of the third day after `since_ms`; both in ms UTC."""
    return _end_of_day(since_ms, FINISH_DAYS)


def last_day(due_ms: int) -> str:
    """The day that ends at a deadline, `YYYY-MM-DD`."""
    return (_china(due_ms) - timedelta(days=1)).strftime("%Y-%m-%d")


def day_of(at_ms: int) -> str:
    """The day in China that holds a moment, `YYYY-MM-DD`."""
    return _china(at_ms).strftime("%Y-%m-%d")


def _end_of_day(since_ms: int, days: int) -> int:
    start = _china(since_ms).replace(hour=0, minute=0, second=0, microsecond=0)
    return int(start.timestamp()) * 1000 + (days + 1) * _DAY_MS


def _china(ms: int) -> datetime:
    return datetime.fromtimestamp(ms // 1000, UTC).astimezone(CHINA)
