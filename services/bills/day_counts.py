"""The figures of a day that follow from its differences, in the transaction that changes these."""

from __future__ import annotations

from typing import Any

from models import BillDay, BillDifference
from models.base import how_many, rows, total_size
from models.transaction import Batch
from payments.bills.differences import NOT_COUNTED, BillStatus, DifferenceStatus

SETTLED = (BillStatus.NONE, BillStatus.MATCHED, BillStatus.DIFFERENCES)
"""The bill was there, or WeChat said that there is none."""


def is_over(status: str, from_file: bool, is_due: bool) -> bool:
    """The last word on a day is said: its bill is there, and is no file that WeChat's own bill is
    to follow."""
    return status in SETTLED and not (from_file and is_due)


def of_day(mch_id: str, date: str) -> tuple[Any, Any]:
    """Conditions: the differences of this day of the account."""
    return BillDifference.mch_id == mch_id, BillDifference.date == date


def recount(batch: Batch, mch_id: str, date: str) -> None:
    """Set the number of open differences, what they leave unexplained, and the status."""
    is_open = BillDifference.status == DifferenceStatus.OPEN.value
    query = BillDifference.select(
        BillDifference.kind,
        how_many(BillDifference.id),
        total_size(BillDifference.difference_fen),
    ).where(*of_day(mch_id, date), is_open)
    found = rows(query.group_by(BillDifference.kind))
    count = sum(number for _, number, _ in found)
    unexplained = sum(int(fen) for kind, _, fen in found if kind not in NOT_COUNTED)
    where = BillDay.mch_id == mch_id, BillDay.date == date
    day = BillDay.get_or_none(*where)
    if day is None:
        return
    status = day.status
    if status in SETTLED:
        empty = BillStatus.MATCHED if day.digest else BillStatus.NONE
        status = BillStatus.DIFFERENCES if count else empty
    BillDay.update(
        open_count=count, unexplained_fen=unexplained, status=status, updated_at=batch.now
    ).where(*where).execute()
