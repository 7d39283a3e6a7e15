"""A payment or a refund that stands in the bills of two days: the second row is told.

Rows of earlier bills are not kept. That the bill of the other day has the number is known from its
match: our booking was there by then, with its time in that day, and was not missed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from models import BillDay, BillDifference, Order, Receipt, Refund
from models.base import rows
from payments.bills.differences import DifferenceKind
from services.bills.bill_dates import china_date
from services.bills.match_lines import FoundDifference
from services.bills.pairing.bill_span import BillSpan
from services.bills.pairing.found import BillRow, Booking, MoneyNumbers, difference

PAGE = 1_000
PAYMENTS = (DifferenceKind.MISSING_AT_WECHAT, DifferenceKind.MISSING_HERE)
REFUNDS = (DifferenceKind.REFUND_MISSING_AT_WECHAT, DifferenceKind.REFUND_MISSING_HERE)
_HELD_SINCE: dict[tuple[DifferenceKind, DifferenceKind], tuple[tuple[Any, Any], ...]] = {
    PAYMENTS: (
        (Order.transaction_id, Order.paid_at),
        (Receipt.transaction_id, Receipt.received_at),
    ),
    REFUNDS: ((Refund.refund_num, Refund.created_at),),
}

Pair = tuple[BillRow, Booking | None]


class _Away(NamedTuple):
    """A row whose booking has the time of another day."""

    line: int
    number: str
    date: str


def listed_twice(
    account: str,
    span: BillSpan,
    pairs: Sequence[Pair],
    kinds: tuple[DifferenceKind, DifferenceKind],
) -> dict[int, str]:
    """Of these rows of the bill, each with its booking, the lines of those that the bill of another
    day has too, with that date. Money that crosses midnight is none of them: within minutes of it
    either bill may have the money, once."""
    found: dict[int, str] = {}
    away = list(_away(span, pairs))
    for at in range(0, len(away), PAGE):
        found |= _of_page(account, away[at : at + PAGE], kinds)
    return found


def _away(span: BillSpan, pairs: Sequence[Pair]) -> Iterator[_Away]:
    for row, booking in pairs:
        if booking is None or booking.at is None or span.has(booking.at):
            continue
        date = china_date(booking.at).isoformat()
        if BillSpan.of(date).neighbour_of(booking.at) is None:
            yield _Away(row.line, booking.number, date)


def _of_page(
    account: str, away: Sequence[_Away], kinds: tuple[DifferenceKind, DifferenceKind]
) -> dict[int, str]:
    dates, numbers = sorted({each.date for each in away}), [each.number for each in away]
    days = BillDay.select(BillDay.date, BillDay.fetched_at).where(
        BillDay.mch_id == account,
        BillDay.date.in_(dates),
        BillDay.digest.is_null(False),
        BillDay.from_file == False,  # noqa: E712 - it is SQL
    )
    matched = dict(rows(days))
    if not matched:
        return {}
    told = BillDifference.select(
        BillDifference.date, BillDifference.kind, BillDifference.subject
    ).where(
        BillDifference.mch_id == account,
        BillDifference.date.in_(dates),
        BillDifference.kind.in_([kind.value for kind in kinds]),
        BillDifference.subject.in_(numbers),
    )
    known = {tuple(each) for each in rows(told)}
    since = _held_since(numbers, kinds)
    missed, unknown = kinds

    def has_it(each: _Away) -> bool:
        if each.date not in matched or (each.date, missed.value, each.number) in known:
            return False
        late = since.get(each.number, 0) > matched[each.date]
        return not late or (each.date, unknown.value, each.number) in known

    return {each.line: each.date for each in away if has_it(each)}


def _held_since(
    numbers: Sequence[str], kinds: tuple[DifferenceKind, DifferenceKind]
) -> dict[str, int]:
    """Since when each is on our books, by our own time."""
    found: dict[str, int] = {}
    for number, since in _HELD_SINCE[kinds]:
        query = number.model.select(number, since).where(number.in_(numbers), since.is_null(False))
        found |= dict(rows(query))
    return found


def second_row(
    row: BillRow, booking: Booking, numbers: MoneyNumbers, other_date: str
) -> FoundDifference:
    """This row is the second of its number; the first is in the bill of `other_date`."""
    return difference(
        DifferenceKind.DUPLICATE_ROW,
        f"{other_date} {row.number}",
        numbers,
        wechat=row.fen,
        row=row.evidence | {"alsoIn": other_date},
        booking=booking.evidence,
    )
