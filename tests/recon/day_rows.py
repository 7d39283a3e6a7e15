"""Days and differences as a match leaves them, written straight into the tables; and work on bills
that only notes what it was asked for. Holds no tests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from models import BillDay, BillDifference
from models.store import Store
from models.transaction import Batch
from payments.bills.differences import PROPOSALS, BillStatus, DifferenceKind, Proposal
from payments.errors import BadRequest
from services.bills.bill_cases import follow_cases
from services.bills.bill_dates import china_date, fetchable
from services.bills.day_counts import recount
from tests.support.rig import MCH_ID, Product, product


def day_before(days: int = 1) -> str:
    """A day in China, so long ago."""
    now = int(datetime.now(UTC).timestamp() * 1000)
    return (china_date(now) - timedelta(days=days)).isoformat()


MATCHED: dict[str, Any] = {
    "status": BillStatus.MATCHED.value,
    "digest": "0" * 64,
    "rows_count": 1296,
    "wechat_paid_fen": 48_554_450,
    "wechat_paid_count": 1284,
    "wechat_refunded_fen": 312_000,
    "wechat_refund_count": 12,
    "wechat_fee_fen": 291_327,
    "wechat_net_fen": 47_951_123,
    "our_paid_fen": 48_510_470,
    "our_paid_count": 1281,
    "our_refunded_fen": 312_000,
    "our_refund_count": 12,
    "fetched_at": 1_795_400_000_000,
}
"""The figures of a day that was matched."""


def _put_days(batch: Batch, days: Sequence[dict[str, Any]]) -> list[None]:
    for day in days:
        key = {"mch_id": day.get("mch_id", MCH_ID), "date": day["date"]}
        row = BillDay.get_or_none(**key) or BillDay(**key)
        for name, value in {"updated_at": batch.now, **day}.items():
            setattr(row, name, value)
        row.save()
    return [None] * len(days)


async def put_day(store: Store, date: str, **columns: Any) -> None:
    """A day as these columns of `BillDay` say; it is made, or changed."""
    await store.write(_put_days, {"date": date, **columns})


def _put_differences(batch: Batch, items: Sequence[dict[str, Any]]) -> list[int]:
    ids = []
    for given in items:
        kind = DifferenceKind(given["kind"])
        columns = {
            "mch_id": MCH_ID,
            "subject": given.get("transaction_id") or f"{kind}-{given.get('order_num')}",
            "evidence": "{}",
            "run": "r1",
            "found_at": batch.now,
            "proposal": PROPOSALS.get(kind, Proposal.LOOK).value,
            **given,
        }
        ids.append(BillDifference.create(**columns).id)
        recount(batch, columns["mch_id"], columns["date"])
        follow_cases(batch, columns["mch_id"], columns["date"])
    return ids


async def put_difference(store: Store, date: str, kind: str, **columns: Any) -> int:
    """A difference with these columns; its day and case follow. Its id."""
    return await store.write(_put_differences, {"date": date, "kind": kind, **columns})


def _heal(batch: Batch, ids: Sequence[int]) -> list[None]:
    changed = {"status": "resolved", "resolution": "healed", "resolved_at": batch.now}
    BillDifference.update(**changed).where(BillDifference.id.in_(ids)).execute()
    return [None] * len(ids)


async def heal(store: Store, difference_id: int) -> None:
    """What WeChat proved has put it right."""
    await store.write(_heal, difference_id)


def evidence(**sides: Any) -> str:
    return json.dumps(sides)


@dataclass
class NotedWork:
    """Begins work on a day: it says in the day's row that it is fetching, and does no more. `files`
    are what it was given."""

    store: Store
    asked: list[tuple[str, str]] = field(default_factory=list)
    files: list[tuple[str, str, bytes]] = field(default_factory=list)
    fails: Exception | None = None

    async def fetch(self, account: str, date: str) -> object:
        self._check(date)
        self.asked.append((account, date))
        await put_day(self.store, date, mch_id=account, step="fetching")
        return None

    async def take_file(self, account: str, date: str, path: Path) -> object:
        self._check(date)
        self.files.append((account, date, path.read_bytes()))
        path.unlink()
        await put_day(self.store, date, mch_id=account, step="matching")
        return None

    def _check(self, date: str) -> None:
        if self.fails:
            raise self.fails
        now = int(datetime.now(UTC).timestamp() * 1000)
        if not fetchable(datetime.fromisoformat(date).date(), now):
            raise BadRequest("A bill is there for the last 90 days, and not for today.")


@asynccontextmanager
async def bill_shop(folder: Path, **settings: Any):
    """The product with work on bills that is only noted: `(shop, work)`."""
    async with product(folder, **settings) as shop:
        work, services = NotedWork(shop.running.store), shop.running.services
        services.recon_desk._work = work
        services.dropped_bills._folder = folder / "dropped"  # the product's own is shared
        yield shop, work


async def read_day(shop: Product, who: Any, date: str, query: str = "") -> dict[str, Any]:
    answer: dict[str, Any] = await who.get(f"bills/{date}?account={MCH_ID}{query}")
    return answer
