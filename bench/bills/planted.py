"""Differences planted in a large bill, the same number of each kind, and what must be found."""

from __future__ import annotations

from collections.abc import Iterator

from bench.bills.data import amount_fen, order_num, refund_num, transaction_id
from payments.bills.differences import DifferenceKind
from payments.money import yuan

OF_EACH = 9
"""Of the eleven kinds that rows show; with one wrong sum they are a hundred."""
WRONG_SUM = "手续费总金额"
_MCH, _TX, _ORDER, _STATE = 2, 5, 6, 9
_REFUND_ID, _REFUND_NUM, _REFUND_STATE, _FEE, _TOTAL, _APPLIED = 14, 15, 19, 22, 24, 25
_OF_REFUNDS = (
    DifferenceKind.REFUND_MISSING_HERE,
    DifferenceKind.REFUND_MISSING_AT_WECHAT,
    DifferenceKind.REFUND_AMOUNT_DIFFERS,
    DifferenceKind.REFUND_STATUS_DIFFERS,
)
_KINDS = tuple(kind for kind in DifferenceKind if kind is not DifferenceKind.SUMMARY_DIFFERS)

Row = list[str]


class PlantedBill:
    """For a bill of `count` rows: `edit` is for `bench.bills.data.write_bill`; afterwards
    `expected` has kind and subject of each difference."""

    def __init__(self, count: int) -> None:
        kinds = [kind for _ in range(OF_EACH) for kind in _KINDS]
        self._at = dict(self._places(kinds, count))
        self._line = 1
        self.expected: set[tuple[str, str]] = {(DifferenceKind.SUMMARY_DIFFERS.value, WRONG_SUM)}

    @staticmethod
    def _places(kinds: list[DifferenceKind], count: int) -> Iterator[tuple[int, DifferenceKind]]:
        """Spread over the day, away from midnight."""
        for number, kind in enumerate(kinds, 1):
            of_ten = number * count // (len(kinds) + 1) // 10 * 10
            yield of_ten + (9 if kind in _OF_REFUNDS else 1), kind

    def edit(self, i: int, row: Row) -> list[Row]:
        rows = [row]
        if kind := self._at.get(i):
            rows, subject = self._planted(kind, i, row)
            self.expected.add((kind.value, subject))
        self._line += len(rows)
        return rows

    def _planted(self, kind: DifferenceKind, i: int, row: Row) -> tuple[list[Row], str]:
        subject = refund_num(i) if kind in _OF_REFUNDS else transaction_id(i)
        match kind:
            case DifferenceKind.MISSING_HERE:
                new = f"4209{i:024d}"
                return [row, _with(row, {_TX: new, _ORDER: f"X{i}"})], new
            case DifferenceKind.REFUND_MISSING_HERE:
                new = f"RX{i}"
                return [row, _with(row, {_REFUND_ID: f"5039{i:024d}", _REFUND_NUM: new})], new
            case DifferenceKind.MISSING_AT_WECHAT | DifferenceKind.REFUND_MISSING_AT_WECHAT:
                return [], subject
            case DifferenceKind.AMOUNT_DIFFERS:
                return [_with(row, {_TOTAL: yuan(amount_fen(i) + 1)})], subject
            case DifferenceKind.REFUND_AMOUNT_DIFFERS:
                return [_with(row, {_APPLIED: "0.99"})], subject
            case DifferenceKind.REFUND_STATUS_DIFFERS:
                return [_with(row, {_REFUND_STATE: "FAIL"})], subject
            case DifferenceKind.STATUS_DIFFERS:
                return [row, _with(row, {_STATE: "REVOKED", _REFUND_ID: f"5038{i}"})], subject
            case DifferenceKind.FEE_DIFFERS:
                return [_with(row, {_FEE: "99.99"})], subject
            case DifferenceKind.DUPLICATE_ROW:
                return [row, row], subject
            case DifferenceKind.FOREIGN_ROW:
                foreign = _with(row, {_MCH: "1900000999", _TX: f"4208{i}", _ORDER: order_num(i)})
                return [row, foreign], f"line {self._line + 2}"
        raise ValueError(kind)


def _with(row: Row, values: dict[int, str]) -> Row:
    return [values.get(at, value) for at, value in enumerate(row)]
