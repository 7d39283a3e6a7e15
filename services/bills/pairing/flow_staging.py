"""Reads a fund-flow bill into its temporary table."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from models.bills import RowKind, StagedMovement
from models.bills.staging import CHUNK, Staging
from payments.bills.fund_flow import FlowDirection, FundFlowBill
from payments.errors import BillRefused
from services.bills.match_lines import MatchProgress
from services.bills.pairing.bill_span import BillSpan
from services.bills.pairing.bill_staging import OTHER_DAY, ROWS_A_LINE, BillPieces, KeptDifferences
from services.bills.pairing.found import summary_difference

PAID_IN, PAID_BACK = ("交易", FlowDirection.IN), ("退款", FlowDirection.OUT)
FEES = ("扣除交易手续费", "退还交易手续费")
CLOSED = "退款关闭"
NETTED = frozenset({PAID_IN[0], PAID_BACK[0], CLOSED, *FEES})
"""业务类型 of payments, refunds and their fees; others are paid in, drawn out and the like."""
_KINDS = {PAID_IN: RowKind.PAID_IN, PAID_BACK: RowKind.PAID_BACK}
OF_FLOW: dict[str, Any] = {"bill": "fundflow"}
"""In the evidence: the row is of this bill."""


class FlowBillStaging:
    """Reads the fund-flow bill of a day. After `read` it has `net_fen`: what payments, refunds and
    their fees moved."""

    def __init__(self, staging: Staging, span: BillSpan, path: Path) -> None:
        self._staging = staging
        self._span = span
        self._file = BillPieces(path)
        self._bill = FundFlowBill(self._file.pieces())
        self.net_fen = 0

    def read(self, kept: KeptDifferences) -> Iterator[MatchProgress]:
        """Raises BillRefused."""
        staged, done = self._staged(), 0
        while chunk := list(islice(staged, CHUNK)):
            self._staging.add(StagedMovement, chunk)
            done += len(chunk)
            if done % ROWS_A_LINE == 0:
                yield self._file.progress()
        for found in self._bill.differences:
            kept.keep(summary_difference(found))
        yield self._file.progress()

    def _staged(self) -> Iterator[tuple[Any, ...]]:
        seen = in_day = 0
        for row in self._bill:
            seen += 1
            in_day += self._span.has(row.at_ms)
            if row.business_type in NETTED:
                self.net_fen += row.moved_fen
            if kind := _KINDS.get((row.business_type, row.direction)):
                voucher = row.voucher_num[:64]
                number = row.business_num
                yield (row.line, kind.value, number, voucher, row.at_ms, row.amount_fen)
        if seen and not in_day:
            words = f"Not one row of the fund-flow bill is of the day {self._span.date}."
            raise BillRefused(OTHER_DAY, words, {"date": self._span.date})
