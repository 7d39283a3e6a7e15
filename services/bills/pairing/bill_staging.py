"""Reads a trade bill into the temporary table, and finds on the way what a row shows by itself: a
fee that is not its rate's, another merchant's payment; then, what stands there twice."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from models.base import rows
from models.bills import RowKind, StagedRow
from models.bills.staging import CHUNK, Staging
from payments.bills.decimals import MICROFEN
from payments.bills.differences import DifferenceKind
from payments.bills.fees import expected_fee_fen, fee_differs
from payments.bills.trade import TradeBill, TradeRow, TradeRowState
from payments.errors import BillRefused
from services.bills.match_lines import FoundDifference, MatchProgress, read_line, written
from services.bills.pairing.bill_span import BillSpan
from services.bills.pairing.found import (
    BillRow,
    MoneyNumbers,
    difference,
    repeated_evidence,
    row_evidence,
    summary_difference,
)

READ_BYTES = 256 * 1024
ROWS_A_LINE = 20_000
"""Rows between two lines of progress."""
KEPT_BYTES = 1_000_000
"""What is found while a bill is read waits until it is read to its end: so much of it in memory,
more in a temporary file."""
READING = "reading"
OTHER_ACCOUNT, OTHER_DAY = "other_account", "other_day"
"""Faults of a whole bill, beside those of `payments.bills.faults`."""

_KINDS = {
    TradeRowState.SUCCESS: RowKind.PAYMENT,
    TradeRowState.REFUND: RowKind.REFUND,
    TradeRowState.REVOKED: RowKind.REVERSED,
}


class BillPieces:
    """The file of a bill, read once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.read = 0

    def pieces(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            while piece := file.read(READ_BYTES):
                self.read += len(piece)
                yield piece

    def progress(self) -> MatchProgress:
        return MatchProgress(READING, self.read, self._path.stat().st_size)


class KeptDifferences:
    """What was found before it may be told."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(KEPT_BYTES, "w+", encoding="utf-8")  # noqa: SIM115

    def keep(self, found: FoundDifference) -> None:
        self._file.write(written(found) + "\n")

    def told(self, staging: Staging) -> Iterator[FoundDifference]:
        """All of them, but for fees of rows that were taken out as repeated."""
        self._file.seek(0)
        while page := [_found(text) for text in islice(self._file, CHUNK)]:
            fees = [_line(each) for each in page if each.kind is DifferenceKind.FEE_DIFFERS]
            there = staging.lines_there(fees) if fees else set()
            for each in page:
                if each.kind is not DifferenceKind.FEE_DIFFERS or _line(each) in there:
                    yield each

    def close(self) -> None:
        self._file.close()


def _found(text: str) -> FoundDifference:
    if not isinstance(found := read_line(text), FoundDifference):
        raise TypeError("only differences are kept")
    return found


def _line(found: FoundDifference) -> int:
    line: int = (found.evidence or {})["row"]["line"]
    return line


@dataclass
class RowTally:
    """How many rows, and their 订单金额 or 申请退款金额."""

    payments: int = 0
    paid_fen: int = 0
    refunds: int = 0
    refunded_fen: int = 0

    def add(self, *, payment: bool, rows: int, fen: int) -> None:
        if payment:
            self.payments += rows
            self.paid_fen += fen
        else:
            self.refunds += rows
            self.refunded_fen += fen


class TradeBillStaging:
    """Reads the trade bill of an account and day. After `read` it has `bill.sums`, the number of
    the account's own `payments`, and a tally of the rows of other merchants and of those that took
    a payment back."""

    def __init__(self, staging: Staging, account: str, span: BillSpan, path: Path) -> None:
        self._staging = staging
        self._account = account
        self._span = span
        self._file = BillPieces(path)
        self.bill = TradeBill(self._file.pieces())
        self.payments = 0
        self.foreign = RowTally()
        self.reversed = RowTally()

    def read(self, kept: KeptDifferences) -> Iterator[MatchProgress]:
        """Raises BillRefused."""
        staged = self._staged(kept)
        done = 0
        while chunk := list(islice(staged, CHUNK)):
            self._staging.add(StagedRow, chunk)
            done += len(chunk)
            if done % ROWS_A_LINE == 0:
                yield self._file.progress()
        for found in self.bill.differences:
            kept.keep(summary_difference(found))
        yield self._file.progress()

    def _staged(self, kept: KeptDifferences) -> Iterator[tuple[Any, ...]]:
        """The rows of this account, as the table has them."""
        account, start, end = self._account, self._span.start, self._span.end
        rows_in_day = rows_here = 0
        for row in self.bill:
            if row.mch_id != account or row.sub_mch_id:
                self._take_foreign(row, kept)
                continue
            rows_here += 1
            rows_in_day += start <= row.at_ms < end
            if fee_differs(row):
                kept.keep(_fee_difference(row))
            if row.state is TradeRowState.SUCCESS:
                self.payments += 1
                number, fen, moved = row.transaction_id, row.total_fen, row.settled_fen
                yield (row.line, 0, number, number, "", row.order_num, row.at_ms, fen, moved, "", 0)
            else:
                yield self._taken_back(row)
        self._check_whose(rows_here, rows_in_day)

    def _taken_back(self, row: TradeRow) -> tuple[Any, ...]:
        kind, fen, number = _KINDS[row.state], row.applied_refund_fen, refund_number(row)
        if kind is RowKind.REVERSED:
            number = row.transaction_id
            self.reversed.add(payment=False, rows=1, fen=fen)
        return (
            row.line,
            kind.value,
            number,
            row.refund_id,
            row.transaction_id,
            row.order_num,
            row.at_ms,
            fen,
            row.refund_fen,
            row.refund_state[:16],
            0,
        )

    def _take_foreign(self, row: TradeRow, kept: KeptDifferences) -> None:
        """It is none of ours in anything else."""
        payment = row.state is TradeRowState.SUCCESS
        fen = row.total_fen if payment else row.applied_refund_fen
        self.foreign.add(payment=payment, rows=1, fen=fen)
        evidence = row_evidence(row.line, row.at_ms, fen, row.state)
        evidence |= {"account": row.mch_id, "subAccount": row.sub_mch_id or None}
        kept.keep(
            difference(
                DifferenceKind.FOREIGN_ROW,
                f"line {row.line}",
                _numbers(row),
                wechat=fen,
                row=evidence,
            )
        )

    def _check_whose(self, rows_here: int, rows_in_day: int) -> None:
        """A bill of another account or day is no bill with a million differences."""
        if not rows_here and (self.foreign.payments or self.foreign.refunds):
            words = f"Not one row of the bill is of the account {self._account}."
            raise BillRefused(OTHER_ACCOUNT, words, {"account": self._account})
        if rows_here and not rows_in_day:
            words = f"Not one row of the bill is of the day {self._span.date}."
            raise BillRefused(OTHER_DAY, words, {"date": self._span.date})


def refund_number(row: TradeRow) -> str:
    """The merchant's number of a refund; WeChat's where the row has none."""
    return row.refund_num or row.refund_id


def _numbers(row: TradeRow) -> MoneyNumbers:
    refund = None if row.state is TradeRowState.SUCCESS else refund_number(row)
    return MoneyNumbers(row.order_num, row.transaction_id, refund)


def _fee_difference(row: TradeRow) -> FoundDifference:
    payment = row.state is TradeRowState.SUCCESS
    fen = row.settled_fen if payment else row.refund_fen
    evidence = row_evidence(row.line, row.at_ms, fen, row.state) | {"rate": row.rate_text}
    return difference(
        DifferenceKind.FEE_DIFFERS,
        row.transaction_id if payment else refund_number(row) or f"line {row.line}",
        _numbers(row),
        ours=expected_fee_fen(row),
        wechat=whole_fen(row.fee_microfen),
        row=evidence,
    )


def whole_fen(microfen: int) -> int:
    """Half a fen up, away from zero."""
    fen = (abs(microfen) * 2 + MICROFEN) // (2 * MICROFEN)
    return -fen if microfen < 0 else fen


# --- what stands there twice ----------------------------------------------------------------------


class RepeatedRows:
    """The rows of one number but the first. They leave the table, so that each number stands there
    once. `tally` is of those that left, but for payments taken back."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging
        self.tally = RowTally()

    def taken_out(self) -> Iterator[FoundDifference]:
        while numbers := self._staging.repeated(StagedRow):
            by_key: dict[tuple[str, int], list[tuple[Any, ...]]] = {}
            for kind, tx, *row in self._rows_of(numbers):
                by_key.setdefault((row[1], kind), []).append((tx, BillRow(*row)))
            repeated = {key: found for key, found in by_key.items() if len(found) > 1}
            extra = [row.line for found in repeated.values() for _, row in found[1:]]
            self._staging.drop_lines(StagedRow, extra)
            self._staging.tell([found[0][1].line for found in repeated.values()])
            for (_, kind), found in repeated.items():
                yield self._difference(RowKind(kind), found)

    def _rows_of(self, numbers: Iterable[str]) -> list[tuple[Any, ...]]:
        s = StagedRow
        chosen = (s.kind, s.transaction_id, s.line, s.number, s.order_num, s.at, s.fen, s.state)
        return rows(s.select(*chosen).where(s.number.in_(list(numbers))).order_by(s.line))

    def _difference(self, kind: RowKind, found: list[tuple[Any, ...]]) -> FoundDifference:
        fen = sum(row.fen for _, row in found[1:])
        if kind is not RowKind.REVERSED:
            self.tally.add(payment=kind is RowKind.PAYMENT, rows=len(found) - 1, fen=fen)
        transaction_id, first = found[0]
        refund = first.number if kind is RowKind.REFUND else None
        evidence = repeated_evidence(first.evidence, (row.line for _, row in found))
        return difference(
            DifferenceKind.DUPLICATE_ROW,
            f"line {first.line}" if kind is RowKind.REVERSED else first.number,
            MoneyNumbers(first.order_num, transaction_id or first.number, refund),
            wechat=fen,
            row=evidence,
        )
