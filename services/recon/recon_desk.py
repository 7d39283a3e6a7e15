"""What people do about bills: fetch one again, bring one that was downloaded by hand, and say why a
difference is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from models.store import Store
from payments.bills.differences import BY_PEOPLE, Resolution
from payments.masking import mask_mch_id
from services.recon.bill_views import BillViews, DifferenceFilter, read_date
from services.recon.difference_ops import Resolving, resolve_differences
from services.runtime.audit_log import Deed, record_deeds

REASONS = {reason.value: reason for reason in BY_PEOPLE}
"""The words that a person may give for a difference."""


class BillWork(Protocol):
    """Fetches and matches the bill of a day (`YYYY-MM-DD`) in the background. Both return once the
    work has begun: the day's row says so. They raise BadRequest for today, the future and a day
    that is too long ago, and Busy where the work cannot begin now."""

    async def fetch(self, account: str, date: str) -> object: ...

    async def take_file(self, account: str, date: str, path: Path) -> object:
        """Use this file in place of WeChat's answer. The file is the callee's from then on, and it
        removes it; where this raises, it stays the caller's."""
        ...


class ReconDesk:
    """Every deed has its row in the audit log."""

    def __init__(self, store: Store, work: BillWork, views: BillViews) -> None:
        self._store = store
        self._work = work
        self._views = views

    async def fetch(self, account: str, date: str, by: str) -> dict[str, Any]:
        """The day as it is once the work has begun. Raises BadRequest and Busy."""
        read_date(date)
        await self._work.fetch(account, date)
        deed = Deed(by, "bill.fetched", date, {"account": mask_mch_id(account)})
        await self._store.write(record_deeds, deed)
        return await self._day(account, date)

    async def take_file(self, account: str, date: str, path: Path, by: str) -> dict[str, Any]:
        """As `fetch`, with the file at `path`, which is somebody else's from then on unless this
        raises."""
        await self._work.take_file(account, date, path)
        deed = Deed(by, "bill.brought", date, {"account": mask_mch_id(account)})
        await self._store.write(record_deeds, deed)
        return await self._day(account, date)

    async def _day(self, account: str, date: str) -> dict[str, Any]:
        answer = await self._views.day(account, date, DifferenceFilter(limit=1))
        day: dict[str, Any] = answer["day"]
        return day

    async def resolve(
        self, difference_id: int, reason: Resolution, note: str, by: str
    ) -> dict[str, Any]:
        """The difference as it is then. Raises DifferenceNotFound and DifferenceConflict."""
        wanted = Resolving(difference_id, reason, note, by)
        resolved: dict[str, Any] = await self._store.write(resolve_differences, wanted)
        return resolved
