"""From the values of a line to the fields of a row, by the names in the head of the bill."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import call, itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

from payments.bills.faults import BillFault, refused
from payments.bills.free_text import Check, passes, rejoined
from payments.bills.sections import places
from payments.errors import BillRefused
from payments.payment_result import china_time

T = TypeVar("T")

MAX_WORD = 64
"""Characters of a number or word: the columns of our tables have so many."""
MAX_REMEMBERED = 20_000

_WORD = re.compile(r"[!-+\--_a-~]+")
"""What ASCII shows, without blank, comma and backtick. Order numbers may have `_-|*@`."""
_TIME = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2}) ([0-9]{2}):([0-9]{2})")
_SECONDS = {f":{second:02d}": min(second, 59) * 1000 for second in range(61)}
"""A leap second counts as the second before it, as in `china_time`."""


class Remembered(dict[str, T], Generic[T]):
    """What a text says, read when it is met first: a bill of a million rows has few amounts, and
    fewer words, that differ. Where it has many, it begins anew each MAX_REMEMBERED of them."""

    def __init__(self, read: Callable[[str], T]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> T:
        said = self._read(text)
        if len(self) >= MAX_REMEMBERED:
            self.clear()
        self[text] = said
        return said


def word(text: str) -> str:
    """A number or word of WeChat's or of the merchant's, or nothing."""
    return some_word(text) if text else text


def some_word(text: str) -> str:
    """As `word`, and not nothing."""
    is_plain = text.isalnum() and text.isascii()  # as nearly all are: no pattern is needed
    if len(text) > MAX_WORD or not (is_plain or _WORD.fullmatch(text)):
        raise ValueError("This is not a number or a word, or there is none.")
    return text


def word_or_zero(text: str) -> str:
    """As `word`; WeChat writes 0 where a row has no such number, which gives ''."""
    return "" if text == "0" else word(text)


def _minute_ms(text: str) -> int:
    found = _TIME.fullmatch(text)
    moment = china_time("".join(found.groups()) + "00") if found else None
    if moment is None:
        raise ValueError("This is not a time.")
    return int(moment.timestamp()) * 1000


_minutes = Remembered(_minute_ms)


def at_ms_or_none(text: str) -> int | None:
    """As `at_ms`; None for no text."""
    return at_ms(text) if text else None


def at_ms(text: str) -> int:
    """`2025-01-02 11:04:05`, China time, in milliseconds since 1970 UTC."""
    return _minutes[text[:16]] + _SECONDS[text[16:]]


class BillColumn(NamedTuple):
    """A column that WeChat's documents name. One that they do not may hold any text."""

    name: str
    check: Check
    older: tuple[str, ...] = ()


class RowField(NamedTuple):
    """One field of a row."""

    column: str
    read: Callable[[str], Any]
    """Raises ValueError or KeyError."""
    varies: bool = False
    """Whether nearly every row has another text: then nothing is remembered of it."""
    missing: str | None = None
    """The text to read where the bill lacks the column; None: the bill must have it."""
    instead: str | None = None
    """The column to read, before `missing`, where the bill lacks the first."""


class RowReader:
    """Reads the values of a line into the fields of a row, for one head."""

    def __init__(
        self, head: Sequence[str], columns: Sequence[BillColumn], fields: Sequence[RowField]
    ) -> None:
        """Raises BillRefused if the head lacks a column that it must have, or has one twice."""
        required = [field.column for field in fields if field.missing is None]
        where = places(head, 1, {column.name: column.older for column in columns}, required)
        self._head = head
        self._checks: list[Check] = [str] * len(head)
        for column in columns:
            if column.name in where:
                self._checks[where[column.name]] = column.check
        self._defaults: list[str] = []
        self._places = [self._place(field, where) for field in fields]
        self._pick = itemgetter(*self._places)
        self._remembered: dict[Callable[[str], Any], Remembered[Any]] = {}
        self._reads = [self._reading(field) for field in fields]

    def _reading(self, field: RowField) -> Callable[[str], Any]:
        if field.varies:
            return field.read
        return self._remembered.setdefault(field.read, Remembered(field.read)).__getitem__

    def texts_of(self, read: Callable[[str], Any]) -> Iterable[str]:
        """Of the fields that `read` reads the different texts, as far as they are remembered."""
        return self._remembered[read]

    def _place(self, field: RowField, where: Mapping[str, int]) -> int:
        for name in (field.column, field.instead or field.column):
            if name in where:
                return where[name]
        self._defaults.append(field.missing or "")
        return len(self._head) + len(self._defaults) - 1

    def fields(self, line: int, values: list[str]) -> tuple[Any, ...]:
        """The line number, and the fields in their order. `values` may be changed. Raises
        BillRefused with the column that does not read."""
        if len(values) != len(self._head):
            values = self._one_a_column(line, values)
        values += self._defaults
        try:
            return (line, *map(call, self._reads, self._pick(values)))
        except (ValueError, KeyError):
            raise self._refusal(line, values) from None

    def _one_a_column(self, line: int, values: list[str]) -> list[str]:
        if (joined := rejoined(values, self._checks)) is None:
            columns = len(self._head)
            raise refused(BillFault.VALUE_COUNT, line=line, count=len(values), columns=columns)
        return joined

    def _refusal(self, line: int, values: list[str]) -> BillRefused:
        at = next(
            at
            for at, read in zip(self._places, self._reads, strict=True)
            if not passes(read, values[at])
        )
        return refused(BillFault.VALUE, line=line, column=self._head[at], value=values[at])
