"""Files for spreadsheets: CSV that keeps long numbers and runs no formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime

from services.runtime.clock import CHINA_OFFSET_MS

BOM = "\ufeff"
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""The characters at the beginning of a cell that a spreadsheet may take for a formula."""


def number_cell(text: str | None) -> str:
    """A tab before it keeps a spreadsheet from making 28 digits a rounded number."""
    return f"\t{text}" if text else ""


def text_cell(text: str | None) -> str:
    """A free text on one line, never as a formula."""
    line = " ".join((text or "").splitlines())
    return f"'{line}" if line.lstrip().startswith(_FORMULA) or line.startswith(_FORMULA) else line


def time_cell(ms: int | None) -> str:
    """`2026-11-23 14:27:44`, in China."""
    if ms is None:
        return ""
    china = datetime.fromtimestamp((ms + CHINA_OFFSET_MS) / 1000, UTC)
    return f"{china:%Y-%m-%d %H:%M:%S}"


def csv_lines(lines: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(lines)
    return out.getvalue()
