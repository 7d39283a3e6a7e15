"""The differences of a day as a file for a spreadsheet."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from models import BillDifference
from models.base import dicts
from models.store import Store
from payments.bills.differences import TEXTS, DifferenceStatus
from payments.masking import mask_text
from payments.money import yuan
from services.bills.day_counts import of_day
from services.runtime.csv_text import BOM, csv_lines, number_cell, text_cell, time_cell

PAGE = 500

_HEADS = {
    "zh": (
        *("日期", "商户号", "差异", "订单号", "微信支付单号", "退款单号"),
        *("微信账单（元）", "微信时间", "我方（元）", "我方时间", "差额（元）"),
        *("状态", "处理结果", "处理人", "处理时间", "备注"),
    ),
    "en": (
        *("Date", "Merchant no.", "Difference", "Order no.", "WeChat ID", "Refund no."),
        *("WeChat bill (CNY)", "WeChat time", "Ours (CNY)", "Our time", "Difference (CNY)"),
        *("Status", "Resolution", "By", "At", "Note"),
    ),
}
LANGUAGES = tuple(_HEADS)
_WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "missing_here": "微信有，我方无",
        "missing_at_wechat": "我方有，微信无",
        "amount_differs": "金额不一致",
        "status_differs": "状态不一致",
        "refund_missing_here": "退款：微信有，我方无",
        "refund_missing_at_wechat": "退款：我方有，微信无",
        "refund_amount_differs": "退款金额不一致",
        "refund_status_differs": "退款状态不一致",
        "fee_differs": "手续费不一致",
        "duplicate_row": "重复的账单行",
        "foreign_row": "不属于本商户的行",
        "summary_differs": "汇总行不一致",
        "open": "待处理",
        "resolved": "已处理",
        "healed": "已自动补正",
        "explained": "已说明",
        "corrected": "已更正",
        "accepted": "已接受",
    },
    "en": {
        "missing_here": "WeChat only",
        "missing_at_wechat": "Ours only",
        "amount_differs": "Amount differs",
        "status_differs": "State differs",
        "refund_missing_here": "Refund: WeChat only",
        "refund_missing_at_wechat": "Refund: ours only",
        "refund_amount_differs": "Refund amount differs",
        "refund_status_differs": "Refund state differs",
        "fee_differs": "Fee differs",
        "duplicate_row": "Row twice in bills",
        "foreign_row": "Row of another merchant",
        "summary_differs": "Summary line differs",
        "open": "Open",
        "resolved": "Resolved",
        "healed": "Put right by itself",
        "explained": "Explained",
        "corrected": "Corrected",
        "accepted": "Accepted",
    },
}


class BillCsv:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def lines(self, account: str, date: str, language: str) -> AsyncIterator[str]:
        """The text of the file, a few hundred differences at a time, as they were found. Raises
        Busy."""
        yield BOM + csv_lines([_HEADS[language]])
        last = 0
        while found := await self._store.read(_read_after, account, date, last):
            last = found[-1][0]
            yield csv_lines([_cells(columns, _WORDS[language]) for _, columns in found])


def _read_after(account: str, date: str, last: int) -> list[tuple[int, dict[str, Any]]]:
    query = (
        BillDifference.select()
        .where(
            *of_day(account, date),
            BillDifference.status != DifferenceStatus.HELD.value,
            BillDifference.id > last,
        )
        .order_by(BillDifference.id)
        .limit(PAGE)
    )
    return [(columns["id"], columns) for columns in dicts(query)]


def _cells(row: dict[str, Any], words: dict[str, str]) -> Sequence[str]:
    evidence = json.loads(row["evidence"]) or {}
    is_text = row["kind"] in TEXTS
    return [
        row["date"],
        number_cell(row["mch_id"]),
        words[row["kind"]],
        _number(row["order_num"]),
        _number(row["transaction_id"]),
        _number(row["refund_num"]),
        _side(row["wechat"], is_text),
        time_cell(_time(evidence, "row")),
        _side(row["ours"], is_text),
        time_cell(_time(evidence, "booking")),
        yuan(row["difference_fen"]),
        words[row["status"]],
        words.get(row["resolution"] or "", ""),
        text_cell(row["resolved_by"]),
        time_cell(row["resolved_at"]),
        text_cell(mask_text(row["note"])),
    ]


def _number(text: str | None) -> str:
    """As WeChat wrote it, so it may begin like a formula."""
    return number_cell(text_cell(text))


def _side(text: str | None, is_text: bool) -> str:
    if text is None:
        return ""
    return text_cell(text) if is_text else yuan(int(text))


def _time(evidence: Any, side: str) -> int | None:
    """In ms; the match writes it as RFC 3339."""
    at = (evidence.get(side) or {}).get("at")
    return int(datetime.fromisoformat(at).timestamp() * 1000) if at else None
