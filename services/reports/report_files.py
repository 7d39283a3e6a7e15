"""A report as a file for a spreadsheet or a program: CSV, and XLSX in `report_xlsx`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from payments.errors import Busy
from payments.money import yuan
from services.reports.report_spans import SpanLength
from services.reports.report_xlsx import Column, Sheet, xlsx_bytes
from services.reports.reports import Report, SpanSums
from services.runtime.clock import CHINA_OFFSET_MS, Clock
from services.runtime.csv_text import BOM, csv_lines, number_cell, text_cell

AT_ONCE = 2
"""Workbooks that are made at a time: each takes a tenth of a second of CPU at most."""
_STARTS = {
    "zh": {"hour": "小时（北京时间）", "day": "日期", "week": "周（从周一）", "month": "月"},
    "en": {"hour": "Hour (UTC+8)", "day": "Date", "week": "Week from", "month": "Month from"},
}
_HEADS = {
    "zh": (
        *("商户号", "商品编号", "支付笔数", "支付金额（元）", "退款笔数", "退款金额（元）"),
        *("手续费（元）", "净额（元）", "失败笔数", "成功率（%）"),
    ),
    "en": (
        *("Merchant no.", "Product id", "Payments", "Paid (CNY)", "Refunds", "Refunded (CNY)"),
        *("Fees (CNY)", "Net (CNY)", "Failed", "Success rate (%)"),
    ),
}
_TOTAL = {"zh": "合计", "en": "Total"}
_SHEET = {"zh": "报表", "en": "Report"}
LANGUAGES = tuple(_HEADS)
_KINDS = (
    *(Column.TEXT, Column.TEXT, Column.COUNT, Column.YUAN, Column.COUNT, Column.YUAN),
    *(Column.YUAN, Column.YUAN, Column.COUNT, Column.RATE),
)


class ReportFiles:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._places = asyncio.Semaphore(AT_ONCE)

    def csv(self, report: Report, language: str) -> str:
        """The rows without a total, so that a program can add them up."""
        head = [_STARTS[language][report.wanted.by], *_HEADS[language]]
        return BOM + csv_lines([head, *(_csv_cells(report, each) for each in report.spans)])

    async def xlsx(self, report: Report, language: str) -> bytes:
        """The rows and their total. Raises Busy."""
        if self._places.locked():
            raise Busy("Two other files are being made; try again in a moment.")
        hours = report.wanted.by is SpanLength.HOUR
        sheet = Sheet(
            name=_SHEET[language],
            columns=(Column.HOUR if hours else Column.DAY, *_KINDS),
            head=(_STARTS[language][report.wanted.by], *_HEADS[language]),
            rows=[(_china(each.at or 0), *_values(report, each)) for each in report.spans],
            total=(_TOTAL[language], *_values(report, report.totals)),
            made_at=_china(self._clock.now_ms()),
        )
        async with self._places:
            return await asyncio.to_thread(xlsx_bytes, sheet)


def _csv_cells(report: Report, each: SpanSums) -> Sequence[str]:
    wanted, rate = report.wanted, each.success_rate
    start = _china(each.at or 0)
    return (
        f"{start:%Y-%m-%d %H:%M:%S}" if wanted.by is SpanLength.HOUR else f"{start:%Y-%m-%d}",
        number_cell(text_cell(wanted.account)),
        number_cell(text_cell(wanted.product)),
        str(each.paid_count),
        yuan(each.paid_fen),
        str(each.refund_count),
        yuan(each.refunded_fen),
        "" if each.fee_fen is None else yuan(each.fee_fen),
        yuan(each.net_fen),
        str(each.failed_count),
        "" if rate is None else f"{rate * 100:.2f}",
    )


def _values(report: Report, each: SpanSums) -> tuple[str | int | float | None, ...]:
    """Amounts in fen, the rate as a share."""
    return (
        report.wanted.account,
        report.wanted.product,
        each.paid_count,
        each.paid_fen,
        each.refund_count,
        each.refunded_fen,
        each.fee_fen,
        each.net_fen,
        each.failed_count,
        each.success_rate,
    )


def _china(ms: int) -> datetime:
    """The time on a clock in China, without a zone: a spreadsheet knows none."""
    return datetime.fromtimestamp((ms + CHINA_OFFSET_MS) // 1000, UTC).replace(tzinfo=None)
