"""Makes a difference with its evidence: the bill's row beside our booking."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any, NamedTuple

from payments.bills.differences import DifferenceKind
from payments.bills.sums import SumDiffers
from services.bills.match_lines import FoundDifference
from services.runtime.clock import rfc3339

MOST_LINES = 20
"""Of a number that stands there more often than that, the first lines are shown."""


class MoneyNumbers(NamedTuple):
    """Of a payment or a refund, as far as they are known."""

    order_num: str | None = None
    transaction_id: str | None = None
    refund_num: str | None = None


class BillRow(NamedTuple):
    """A row of a trade bill, staged. `number` is what it is matched by. Times in ms UTC."""

    line: int
    number: str
    order_num: str
    at: int
    fen: int
    state: str = ""
    transaction_id: str = ""
    wechat_num: str = ""

    @property
    def evidence(self) -> dict[str, Any]:
        return row_evidence(self.line, self.at, self.fen, self.state)


class Booking(NamedTuple):
    """What holds a payment or a refund here: an order, a receipt or a refund. `at` is WeChat's
    time of it as far as we know, None where we do not; `fen` is None where it is not yuan."""

    held_by: str
    number: str
    order_num: str
    status: str
    at: int | None
    fen: int | None
    transaction_id: str = ""

    @property
    def evidence(self) -> dict[str, Any]:
        return {
            "heldBy": self.held_by,
            "at": rfc3339(self.at),
            "fen": self.fen,
            "status": self.status,
        }


def row_evidence(line: int, at: int, fen: int, state: str = "") -> dict[str, Any]:
    return {"line": line, "at": rfc3339(at), "fen": fen, "state": state or None}


def repeated_evidence(row: dict[str, Any], lines: Iterable[int]) -> dict[str, Any]:
    """Of the first row of a number, with the lines of all. Bounded: a line of a match and a cell of
    the database are."""
    return row | {"lines": list(islice(lines, MOST_LINES))}


def difference(
    kind: DifferenceKind,
    subject: str,
    numbers: MoneyNumbers,
    *,
    ours: int | str | None = None,
    wechat: int | str | None = None,
    difference_fen: int | None = None,
    row: dict[str, Any] | None = None,
    booking: dict[str, Any] | None = None,
    held: bool = False,
) -> FoundDifference:
    """`difference_fen` is that of both amounts unless it is given."""
    if difference_fen is None:
        difference_fen = _fen(wechat) - _fen(ours)
    return FoundDifference(
        kind,
        subject,
        order_num=numbers.order_num or None,
        transaction_id=numbers.transaction_id or None,
        refund_num=numbers.refund_num or None,
        ours=ours,
        wechat=wechat,
        difference_fen=difference_fen,
        evidence={"row": row, "booking": booking},
        held=held,
    )


def summary_difference(found: SumDiffers) -> FoundDifference:
    """The rows of a bill do not add up to a sum of its own."""
    kind = DifferenceKind.SUMMARY_DIFFERS
    return difference(kind, found.column, MoneyNumbers(), ours=found.ours, wechat=found.wechat)


def unequal(
    kind: DifferenceKind,
    row: BillRow,
    booking: Booking,
    numbers: MoneyNumbers,
    sides: tuple[int | str | None, int | str],
    difference_fen: int | None = None,
) -> FoundDifference:
    """A row and its booking differ; `sides` are ours and WeChat's."""
    ours, wechat = sides
    return difference(
        kind,
        row.number,
        numbers,
        ours=ours,
        wechat=wechat,
        difference_fen=difference_fen,
        row=row.evidence,
        booking=booking.evidence,
    )


def _fen(side: int | str | None) -> int:
    return side if isinstance(side, int) else 0
