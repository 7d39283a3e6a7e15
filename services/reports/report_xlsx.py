"""A table as a workbook of Excel's: amounts and counts as numbers, times as dates, numbers of
accounts as text."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

Cell = str | int | float | datetime | None


class Column(Enum):
    """What a column holds, its format and its width in characters."""

    HOUR = ("yyyy-mm-dd hh:mm", 18)
    DAY = ("yyyy-mm-dd", 14)
    TEXT = ("@", 14)
    COUNT = ("#,##0", 10)
    YUAN = ("#,##0.00", 16)
    """Given in fen, written in yuan."""
    RATE = ("0.00", 14)
    """Given as a share of 1, written in per cent."""


@dataclass(frozen=True)
class Sheet:
    """One sheet; times without a zone, as they are to be read. `total` is its last row, whose
    first cell is a word."""

    name: str
    columns: Sequence[Column]
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell]
    made_at: datetime


def xlsx_bytes(sheet: Sheet) -> bytes:
    """The file. No text in it is taken for a formula or an address."""
    from xlsxwriter import Workbook

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = Workbook(out, options)
    book.set_properties({"created": sheet.made_at, "title": sheet.name, "author": "Paywatch"})
    page = book.add_worksheet(sheet.name)
    page.freeze_panes(1, 1)
    _set_paper(page)
    _write_head(book, page, sheet)
    for number, row in enumerate(sheet.rows, 1):
        _write_row(page, number, sheet.columns, row, {})
    bold = {kind: _format(book, kind, bold=True, top=1) for kind in set(sheet.columns)}
    _write_row(page, len(sheet.rows) + 1, sheet.columns, sheet.total, bold)
    book.close()
    return out.getvalue()


def _set_paper(page: Any) -> None:
    """All columns on one A4 page across, the head on each page."""
    page.set_paper(9)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)


def _write_head(book: Any, page: Any, sheet: Sheet) -> None:
    for at, (kind, title) in enumerate(zip(sheet.columns, sheet.head, strict=True)):
        width = max(kind.value[1], sum(2 if ord(c) > 0x2E80 else 1 for c in title) + 2)
        page.set_column(at, at, width, _format(book, kind))
        left = kind in (Column.HOUR, Column.DAY, Column.TEXT)
        style = {"bold": True, "bottom": 1, "align": "left" if left else "right"}
        page.write_string(0, at, title, book.add_format(style))


def _format(book: Any, kind: Column, **more: Any) -> Any:
    left = {"align": "left"} if kind in (Column.HOUR, Column.DAY) else {}
    return book.add_format({"num_format": kind.value[0], **left, **more})


def _write_row(
    page: Any, number: int, columns: Sequence[Column], row: Sequence[Cell], formats: Any
) -> None:
    for at, (kind, value) in enumerate(zip(columns, row, strict=True)):
        style = formats.get(kind)
        if isinstance(value, str):
            page.write_string(number, at, value, style) if value else page.write_blank(
                number, at, None, style
            )
        elif isinstance(value, datetime):
            page.write_datetime(number, at, value, style)
        elif value is None:
            page.write_blank(number, at, None, style)
        elif kind is Column.YUAN:
            page.write_number(number, at, value / 100, style)
        elif kind is Column.RATE:
            page.write_number(number, at, round(value * 100, 4), style)
        else:
            page.write_number(number, at, value, style)
