"""Phrases of time as people say them on the phone, in Chinese and English: "昨晚8点", "last night
8pm", "前天", "11-23 20:00". They are of the server's day in China."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from services.runtime.clock import CHINA_OFFSET_MS, DAY_MS, HOUR_MS, MINUTE_MS, day_start

HOUR_WIDTH, MINUTE_WIDTH = HOUR_MS, HOUR_MS // 2
"""The tolerance: one hour around a named hour, half an hour around a named minute."""


@dataclass(frozen=True)
class TimeSpan:
    """From `since` until before `until` (ms UTC); `near` when a point in it was named."""

    since: int
    until: int
    near: int | None = None


@dataclass(frozen=True)
class TimePhrase:
    """The time that was read, and the rest of the text."""

    span: TimeSpan | None
    rest: str


@dataclass(frozen=True)
class _Part:
    """A part of the day, in hours; those from `wraps` are counted to the hour 24 of the day."""

    since: int
    until: int
    wraps: bool = False


@dataclass(frozen=True)
class _Said:
    """The parts of the time that were read so far; days count from today."""

    now: int
    day: int | None = None
    part: _Part | None = None
    clock: tuple[int, int, bool] | None = None  # hour, minute, whether the minute was said
    span: TimeSpan | None = None


_DAWN, _MORNING, _NOON = _Part(0, 6), _Part(6, 12), _Part(11, 14)
_AFTERNOON, _EVENING = _Part(12, 18, True), _Part(18, 26, True)
_PARTS = {
    "凌晨": _DAWN,
    "清晨": _MORNING,
    "早晨": _MORNING,
    "早上": _MORNING,
    "上午": _MORNING,
    "早": _MORNING,
    "晨": _MORNING,
    "中午": _NOON,
    "下午": _AFTERNOON,
    "傍晚": _Part(16, 20, True),
    "晚上": _EVENING,
    "夜里": _EVENING,
    "深夜": _EVENING,
    "半夜": _EVENING,
    "晚": _EVENING,
    "夜": _EVENING,
    "early morning": _DAWN,
    "morning": _MORNING,
    "noon": _NOON,
    "midday": _NOON,
    "afternoon": _AFTERNOON,
    "evening": _EVENING,
    "night": _EVENING,
}
_DAYS_ZH = {"大前": -3, "前": -2, "昨": -1, "今": 0}
_DAYS_EN = {
    "the day before yesterday": -2,
    "day before yesterday": -2,
    "yesterday": -1,
    "today": 0,
}
_THAT_EN = {"last": -1, "this": 0}
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九十")} | {"两": 2, "日": 7, "天": 7}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_ZH_PART = "凌晨|清晨|早晨|早上|上午|中午|下午|傍晚|晚上|夜里|深夜|半夜|早|晨|晚|夜"
_EN_PART = "early morning|morning|noon|midday|afternoon|evening|night"
_NUMBER = "[0-9]{1,3}|[零一二两三四五六七八九十]{1,3}"
_HALF = r"(?:\s*(?P<half>[ap]\.?m\b\.?|o'?clock\b))"
_HAN_MINUTE = r"[0-5]?[0-9](?![0-9.])|[零一二三四五六七八九十]{1,3}"


def find_time(text: str, now_ms: int) -> TimePhrase:
    """Take the phrase of time out of a text in small letters."""
    said = _Said(now_ms)
    for pattern, hear in _WORDS:
        found = pattern.search(text)
        if not found:
            continue
        heard = hear(said, found)
        if heard is None:
            continue  # no such day or hour: it means something else
        said, text = heard, f"{text[: found.start()]} {text[found.end() :]}"
    return TimePhrase(_span(said), text)


def _span(said: _Said) -> TimeSpan | None:
    if said.span:
        return said.span
    if said.clock:
        return _around(said, *said.clock)
    if said.day is None and said.part is None:
        return None
    midnight = day_start(said.now) + (said.day or 0) * DAY_MS
    part = said.part or _Part(0, 24)
    return TimeSpan(midnight + part.since * HOUR_MS, midnight + part.until * HOUR_MS)


def _around(said: _Said, hour: int, minute: int, exact: bool) -> TimeSpan:
    hour = _hour_of(said.part, hour)
    near = day_start(said.now) + (said.day or 0) * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS
    if said.day is None and near > said.now:
        near -= DAY_MS  # "8点" is the last one that was
    width = MINUTE_WIDTH if exact else HOUR_WIDTH
    return TimeSpan(near - width, near + width, near)


def _hour_of(part: _Part | None, hour: int) -> int:
    """The hour of the day's count: 8 in the evening is 20, 1 at night is 25."""
    if part is None or hour > 12:
        return hour
    if part is _NOON:
        return hour + 12 if hour < 4 else hour
    if part is _EVENING:
        return 24 if hour == 12 else hour + (24 if hour < 5 else 12)
    if part.wraps:
        return hour if hour == 12 else hour + 12
    return 0 if part is _DAWN and hour == 12 else hour


# --- the words -----------------------------------------------------------------------------------


def _number(text: str) -> int:
    """`8`, `八`, `十二`, `二十`."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _DIGITS[text[-1]]
    return 10 * (_DIGITS[tens[-1]] if tens else 1) + (_DIGITS[ones[-1]] if ones else 0)


def _ago(said: _Said, found: re.Match[str]) -> _Said | None:
    text, unit = found["n"], found["unit"]
    half = text.startswith(("半", "half"))
    amount = 1 if text in ("a", "an") or half else _number(text)
    if unit[0] in "天日d":
        return None if amount > 999 else replace(said, day=-amount)
    size = MINUTE_MS if unit[0] in "分m" else HOUR_MS
    near = said.now - (amount * size // 2 if half else amount * size)
    width = HOUR_WIDTH if size == HOUR_MS and amount > 1 else MINUTE_WIDTH
    return replace(said, span=TimeSpan(near - width, min(near + width, said.now + MINUTE_MS), near))


def _just_now(said: _Said, _found: re.Match[str]) -> _Said:
    return replace(said, span=TimeSpan(said.now - HOUR_MS // 2, said.now + MINUTE_MS))


def _today(said: _Said) -> date:
    return date(1970, 1, 1) + timedelta((said.now + CHINA_OFFSET_MS) // DAY_MS)


def _on(said: _Said, year: int | None, month: int, day: int) -> _Said | None:
    """A date; without a year the last one that was."""
    today = _today(said)
    try:
        there = date(year or today.year, month, day)
        if year is None and there > today:
            there = date(today.year - 1, month, day)
    except ValueError:
        return None
    return replace(said, day=(there - today).days)


def _full_date(said: _Said, found: re.Match[str]) -> _Said | None:
    return _on(said, int(found["y"]), int(found["m"]), int(found["d"]))


def _month_day(said: _Said, found: re.Match[str]) -> _Said | None:
    month = found["m"]
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3]) + 1
    return _on(said, None, number, int(found["d"]))


def _day_of_month(said: _Said, found: re.Match[str]) -> _Said | None:
    today, day = _today(said), int(found["d"])
    if day <= today.day:
        return _on(said, None, today.month, day)
    before = today.replace(day=1) - timedelta(1)
    return _on(said, before.year, before.month, day)


def _weekday(said: _Said, found: re.Match[str]) -> _Said:
    name = found["w"]
    chosen = _WEEK.index(name[:3]) if name[:3] in _WEEK else _number(name) - 1
    back = (_today(said).weekday() - chosen) % 7
    if found["which"] == "上":
        back = _today(said).weekday() - chosen + 7
    elif found["which"] == "last" and back == 0:
        back = 7
    return replace(said, day=-back)


def _day_zh(said: _Said, found: re.Match[str]) -> _Said:
    part = _PARTS.get(found["part"] or "", said.part)
    return replace(said, day=_DAYS_ZH[found["day"]], part=part)


def _day_en(said: _Said, found: re.Match[str]) -> _Said:
    part = _PARTS.get(found["part"] or "", said.part)
    return replace(said, day=(_DAYS_EN | _THAT_EN)[found["day"]], part=part)


def _tonight(said: _Said, _found: re.Match[str]) -> _Said:
    return replace(said, day=0, part=_EVENING)


def _part(said: _Said, found: re.Match[str]) -> _Said:
    return replace(said, part=_PARTS[found["part"]])


def _clock(said: _Said, found: re.Match[str]) -> _Said | None:
    given = found.groupdict()
    hour, minute = _number(given["h"]), _minute(given.get("min"))
    half = given.get("half")
    if (half or "").startswith("p") and hour < 12:
        hour += 12
    elif (half or "").startswith("a") and hour == 12:
        hour = 0
    if hour > 24 or minute > 59:
        return None
    # What says am or pm itself needs no part of the day, but "last night 1am" is the next day's.
    if half and said.part is _EVENING and hour < 5:
        hour += 24
    return replace(said, clock=(hour, minute, given.get("min") is not None), part=_for(said, half))


def _for(said: _Said, half: str | None) -> _Part | None:
    return None if half and half[0] in "ap" else said.part


def _minute(text: str | None) -> int:
    if text is None:
        return 0
    return {"半": 30, "一刻": 15, "三刻": 45}.get(text) or _number(text)


Hear = Callable[[_Said, "re.Match[str]"], "_Said | None"]
_WORDS: tuple[tuple[re.Pattern[str], Hear], ...] = tuple(
    (re.compile(pattern), hear)
    for pattern, hear in (
        (rf"(?P<n>{_NUMBER}|半)个?(?:(?P<unit>小时|钟头|分钟|天|日))(?:之|以)?前", _ago),
        (
            r"\b(?P<n>\d{1,3}|an?|half an?) (?P<unit>hours?|hrs?|minutes?|mins?|days?) ago\b",
            _ago,
        ),
        (r"刚才|刚刚|\bjust now\b|\bright now\b", _just_now),
        (
            r"(?<!\d)(?P<y>20\d\d)[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})(?!\d)[日号]?",
            _full_date,
        ),
        (r"(?<![\d-])(?P<m>\d{1,2})(?:月|[-/])(?P<d>\d{1,2})(?![\d-])[日号]?", _month_day),
        (
            rf"\b(?P<m>{'|'.join(_MONTHS)})[a-z]*\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])",
            _month_day,
        ),
        (
            rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th)? (?P<m>{'|'.join(_MONTHS)})[a-z]*\b",
            _month_day,
        ),
        (r"(?<!\d)(?P<d>\d{1,2})[号日](?!\S*单)", _day_of_month),
        (r"(?P<which>上|这|本)?个?(?:周|星期|礼拜)(?P<w>[一二三四五六日天])", _weekday),
        (rf"\b(?:(?P<which>last|this|on) )?(?P<w>(?:{'|'.join(_WEEK)})[a-z]*day)\b", _weekday),
        (rf"(?P<day>大前|前|昨|今)(?:[天日]的?(?P<part>{_ZH_PART})?|(?={_ZH_PART}))", _day_zh),
        (
            rf"\b(?P<day>{'|'.join(_DAYS_EN)})(?: (?P<part>{_EN_PART}))?\b",
            _day_en,
        ),
        (rf"\b(?P<day>last|this) (?P<part>{_EN_PART})\b", _day_en),
        (r"\btonight\b", _tonight),
        (rf"(?P<part>{_ZH_PART})", _part),
        (rf"\b(?:in the |at )?(?P<part>{_EN_PART})\b", _part),
        (
            rf"(?<!\d)(?P<h>{_NUMBER})(?:点钟?|时)(?P<min>半|一刻|三刻|{_HAN_MINUTE})?分?",
            _clock,
        ),
        (rf"(?<![\d.:])(?P<h>\d{{1,2}}):(?P<min>[0-5]\d)(?::[0-5]\d)?(?![\d:]){_HALF}?", _clock),
        (rf"(?<![\d.])(?P<h>\d{{1,2}}){_HALF}", _clock),
        (r"\bat (?P<h>\d{1,2})(?![\d.:])", _clock),
    )
)
