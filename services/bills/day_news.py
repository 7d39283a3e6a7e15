"""What others hear of a day: its figures, its cases, and an event where it looks otherwise."""

from __future__ import annotations

from typing import Any

from models import BillDay
from models.transaction import Batch, NewEvent
from services.bills.bill_cases import follow_cases
from services.bills.bill_days import day_of
from services.bills.day_counts import recount

MATCHED = "bill.matched"


def differences_changed(batch: Batch, mch_id: str, date: str) -> None:
    """After each change of a day's differences outside its own match."""
    before = BillDay.get_or_none(*day_of(mch_id, date))
    recount(batch, mch_id, date)
    follow_cases(batch, mch_id, date)
    if before is not None and before.fetched_at is not None:
        tell_news(batch, before)


def tell_news(batch: Batch, before: BillDay) -> None:
    """The event, if the day differs from what it was."""
    after = BillDay.get(BillDay.id == before.id)
    if _news(before) != _news(after):
        batch.emit(NewEvent(MATCHED, None, _event(after)))


def _news(day: BillDay) -> tuple[Any, ...]:
    names = ("status", "digest", "rows_count", "open_count", "unexplained_fen")
    return tuple(getattr(day, name) for name in names)


def _event(day: BillDay) -> dict[str, Any]:
    return {
        "date": day.date,
        "account": day.mch_id,
        "rows": day.rows_count,
        "differences": day.open_count,
        "unexplainedFen": day.unexplained_fen,
    }
