"""Why a bill is refused: a code with its values, and one English sentence."""

from __future__ import annotations

from enum import StrEnum

from payments.errors import BillRefused

MAX_SHOWN = 80
"""Characters of a value that a refusal carries."""


class BillFault(StrEnum):
    """A closed list: a code keeps its meaning for good."""

    GZIP_DAMAGED = "gzip_damaged"
    GZIP_CUT = "gzip_cut"
    GZIP_TAIL = "gzip_tail"
    TOO_LARGE = "too_large"
    LINE_TOO_LONG = "line_too_long"
    NOT_TEXT = "not_text"
    EMPTY = "empty"
    COLUMN_MISSING = "column_missing"
    COLUMN_TWICE = "column_twice"
    LINE = "line"
    VALUE_COUNT = "value_count"
    VALUE = "value"
    CUT = "cut"
    NO_SUMMARY = "no_summary"
    AFTER_SUMMARY = "after_summary"
    ERROR_ANSWER = "error_answer"


SENTENCES = {
    BillFault.GZIP_DAMAGED: "The gzip file is damaged.",
    BillFault.GZIP_CUT: "The gzip file ends before its end mark; it was cut.",
    BillFault.GZIP_TAIL: "There are bytes after the end of the gzip file.",
    BillFault.TOO_LARGE: "The bill is larger than {most} bytes.",
    BillFault.LINE_TOO_LONG: "Line {line} is longer than {most} bytes.",
    BillFault.NOT_TEXT: "Line {line} is not text in UTF-8.",
    BillFault.EMPTY: "The file is empty.",
    BillFault.COLUMN_MISSING: "Line {line} has no column {column}.",
    BillFault.COLUMN_TWICE: "Line {line} has the column {column} twice.",
    BillFault.LINE: "Line {line} is neither a row nor the head of the sums.",
    BillFault.VALUE_COUNT: "Line {line} has {count} values for {columns} columns.",
    BillFault.VALUE: "Line {line}: the value of {column} is not one that WeChat writes there.",
    BillFault.CUT: "Line {line} is not whole; the bill was cut there.",
    BillFault.NO_SUMMARY: "The bill ends after line {line}, before its summary.",
    BillFault.AFTER_SUMMARY: "Line {line} stands after the summary, which ends a bill.",
    BillFault.ERROR_ANSWER: "The file is an error answer of WeChat's, not a bill.",
}


def refused(fault: BillFault, **values: int | str) -> BillRefused:
    """The error to raise. The values are `line` (the first line is 1), `column` and what the
    sentence of the fault names; `value` is shortened, and not in the sentence."""
    if isinstance(value := values.get("value"), str):
        values["value"] = value[:MAX_SHOWN]
    return BillRefused(fault, SENTENCES[fault].format_map(values), values)
