"""The sums of a bill's rows, compared with those that its last line tells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from payments.bills.decimals import count, decimals_of, exact_yuan, fen, microfen
from payments.bills.faults import BillFault, refused
from payments.bills.sections import BillSections, Names, SummaryLine, places
from payments.money import yuan


class SumKind(NamedTuple):
    """How a sum is read, and shown in a difference."""

    read: Callable[[str], int]
    shown: Callable[[int], str]


COUNT = SumKind(count, str)
FEN = SumKind(fen, yuan)
EXACT = SumKind(microfen, exact_yuan)


class SumDiffers(NamedTuple):
    """A sum of the rows that is not what the bill's last line says: `summary_differs`."""

    column: str
    """Its name of today, whatever the bill calls it."""
    ours: str
    """The sum of the rows: a number of rows, or yuan."""
    wechat: str


def compare_sums(
    sections: BillSections,
    known: Names,
    required: Iterable[str],
    ours: Mapping[str, tuple[SumKind, int]],
    fee_decimals: int = 2,
) -> tuple[SumDiffers, ...]:
    """Reads the end of a bill and compares every sum that it tells with `ours`, by its name.

    `fee_decimals` is the largest number of decimals of a fee in the rows. Raises BillRefused as
    `BillSections.summary`, for a sum that does not read, and where the last value may have been
    cut."""
    names = {name for name, older in known.items() for name in (name, *older)}
    if names.isdisjoint(sections.sum_names):
        raise refused(BillFault.LINE, line=sections.sum_names_line)
    where = places(sections.sum_names, sections.sum_names_line, known, required)
    told = sections.summary()
    differing = []
    for name, at in where.items():
        kind, our_sum = ours[name]
        text = told.values[at]
        try:
            wechats = kind.read(text)
        except ValueError:
            fault = BillFault.VALUE if told.ended else BillFault.CUT
            raise refused(fault, line=told.line, column=name, value=text) from None
        if wechats != our_sum:
            differing.append(SumDiffers(name, kind.shown(our_sum), kind.shown(wechats)))
    if not told.ended:
        last = len(told.values) - 1
        kinds = [ours[name][0] for name, at in where.items() if at == last]
        _check_whole(told, kinds, fee_decimals)
    return tuple(differing)


def _check_whole(told: SummaryLine, kinds: list[SumKind], fee_decimals: int) -> None:
    """Without a line end, the last value itself must show that nothing of it is missing. Fen do,
    as they have two decimals; a fee does when it has as many as those of the rows; a count or a
    column that we do not know does not."""
    last = told.values[-1]
    if kinds == [FEN] or (kinds == [EXACT] and decimals_of(last) >= fee_decimals):
        return
    raise refused(BillFault.CUT, line=told.line)
