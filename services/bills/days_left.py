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


def end_old_days(batch: Batch, accounts: Sequence[tuple[str, ...]]) -> list[None]:
    """Of each of these accounts: a day of before the 90 is due no more, and a difference that was
    held for its bill is open."""
    oldest = (china_date(batch.now) - timedelta(days=KEPT_DAYS)).isoformat()
    for mch_ids in accounts:
        old = BillDay.mch_id.in_(mch_ids), BillDay.date < oldest
        BillDay.update(due_at=None, run=None, step=None).where(
            *old, BillDay.due_at.is_null(False), is_free(batch.now)
        ).execute()
        _open_held(batch, mch_ids, oldest)
    return [None] * len(accounts)


def _open_held(batch: Batch, mch_ids: Sequence[str], oldest: str) -> None:
    """Held on an old day, or on the first that is not old for the old one before it."""
    held = BillDifference.status == DifferenceStatus.HELD.value
    columns = [getattr(BillDifference, name) for name in ("mch_id", "date", "id", "evidence")]
    query = BillDifference.select(*columns).where(
        held, BillDifference.mch_id.in_(mch_ids), BillDifference.date <= oldest
    )
    first = query.order_by(BillDifference.date, BillDifference.id).limit(MOST_OPENED)
    waiting: dict[tuple[str, str], list[int]] = {}
    for mch_id, date, id_, evidence in rows(first):
        if (awaited_by(date, evidence) or date) < oldest:
            waiting.setdefault((mch_id, date), []).append(id_)
    for (mch_id, date), ids in waiting.items():
        BillDifference.update(status=DifferenceStatus.OPEN.value).where(
            BillDifference.id.in_(ids), held
        ).execute()
        tell_opened(batch, mch_id, date, ids)
        differences_changed(batch, mch_id, date)
