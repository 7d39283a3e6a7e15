"""Days that are older than the bills that WeChat gives: none comes any more, and what waited for
one counts from now on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from models import BillDay, BillDifference
from models.base import rows
from models.transaction import Batch
from payments.bills.differences import DifferenceStatus
from services.bills.bill_dates import KEPT_DAYS, china_date
from services.bills.bill_days import is_free
from services.bills.day_news import differences_changed
from services.bills.order_news import tell_opened
from services.bills.pairing.midnight import awaited_by

MOST_OPENED = 10_000
"""So many differences are looked at in one transaction; the next one takes more."""


def end_old_days(batch: Batch, times: Sequence[None]) -> list[None]:
    """A day of before the 90 is due no more, and a difference that was held for its bill is open;
    so it is for accounts that have left the settings."""
    oldest = (china_date(batch.now) - timedelta(days=KEPT_DAYS)).isoformat()
    was_left = BillDay.due_at.is_null(False) | BillDay.run.is_null(False), is_free(batch.now)
    BillDay.update(due_at=None, run=None, step=None).where(
        BillDay.date < oldest, *was_left
    ).execute()
    _open_held(batch, oldest)
    return list(times)


def _open_held(batch: Batch, oldest: str) -> None:
    """Held on an old day, or on the first that is not old for the old one before it. While a run
    works on either day, it may find what the difference waits for."""
    held = BillDifference.status == DifferenceStatus.HELD.value
    columns = [getattr(BillDifference, name) for name in ("mch_id", "date", "id", "evidence")]
    # Held ones are few at any time, old ones are ever more: by id it is the index of the status.
    query = BillDifference.select(*columns).where(held, BillDifference.date <= oldest)
    first = rows(query.order_by(BillDifference.id).limit(MOST_OPENED))
    worked_on = _worked_on(batch) if first else set()
    waiting: dict[tuple[str, str], list[int]] = {}
    for mch_id, date, id_, evidence in first:
        awaited = awaited_by(date, evidence) or date
        if awaited < oldest and not worked_on & {(mch_id, date), (mch_id, awaited)}:
            waiting.setdefault((mch_id, date), []).append(id_)
    for (mch_id, date), ids in waiting.items():
        BillDifference.update(status=DifferenceStatus.OPEN.value).where(
            BillDifference.id.in_(ids), held
        ).execute()
        tell_opened(batch, mch_id, date, ids)
        differences_changed(batch, mch_id, date)


def _worked_on(batch: Batch) -> set[tuple[str, str]]:
    """The days on which runs work that live."""
    lives = BillDay.run.is_null(False), ~is_free(batch.now)
    return set(rows(BillDay.select(BillDay.mch_id, BillDay.date).where(*lives)))
