"""What a bill says of an order, as events of that order: one when a difference about it is found,
one when it is resolved.

A bill may have a million differences, and the stream is not to be flooded: of each day and account
the first MOST_TOLD that are about orders of ours are told so. The order's page has all of its
differences besides (services/recon/order_differences.py)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models import BillDay, BillDifference, Order
from models.base import dicts, rows
from models.transaction import Batch, NewEvent
from payments.bills.differences import side
from services.bills.bill_days import day_of
from services.settlement.snapshots import about

MOST_TOLD = 100
DIFFERS, RESOLVED = "bill.differs", "bill.resolved"
TOLD = BillDifference.told == True  # noqa: E712 - it is SQL


def tell_found(
    batch: Batch, mch_id: str, date: str, found: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Announce these differences of a day, by their columns, as far as there is room; those that
    were told before have theirs. Returns those that are told now and were not before: they are to
    be marked `told`."""
    named = [each for each in found if each["order_num"]]
    if not named:
        return []
    shown = _shown(sorted({each["order_num"] for each in named}))
    known = [each for each in named if each["order_num"] in shown]
    ((told,),) = rows(BillDay.select(BillDay.told_count).where(*day_of(mch_id, date)))
    new = [each for each in known if not each["told"]][: max(0, MOST_TOLD - told)]
    if new:
        counted = {"told_count": BillDay.told_count + len(new)}
        BillDay.update(**counted).where(*day_of(mch_id, date)).execute()
    for each in (*(each for each in known if each["told"]), *new):
        data = _facts(mch_id, date, each) | shown[each["order_num"]]
        batch.emit(NewEvent(DIFFERS, each["order_num"], data))
    return new


def tell_opened(batch: Batch, mch_id: str, date: str, ids: Sequence[int]) -> None:
    """Announce these of a day's differences, which were held or resolved and are open now."""
    if ids:
        found = list(dicts(BillDifference.select().where(BillDifference.id.in_(list(ids)))))
        new = [each["id"] for each in tell_found(batch, mch_id, date, found)]
        BillDifference.update(told=True).where(BillDifference.id.in_(new)).execute()


def told_of(*where: Any) -> list[int]:
    """The ids of those of a day's differences that their orders were told of: ask before they
    change."""
    return [id_ for (id_,) in rows(BillDifference.select(BillDifference.id).where(*where, TOLD))]


def tell_resolved(batch: Batch, ids: Sequence[int]) -> None:
    """Announce how these ended, as they are now; those of which nothing was told are left out."""
    found = list(dicts(BillDifference.select().where(BillDifference.id.in_(list(ids)), TOLD)))
    shown = _shown(sorted({each["order_num"] for each in found}))
    for each in found:
        data = _facts(each["mch_id"], each["date"], each) | shown.get(each["order_num"], {})
        how = {"resolution": each["resolution"], "by": each["resolved_by"]}
        batch.emit(NewEvent(RESOLVED, each["order_num"], data | how))


def _facts(mch_id: str, date: str, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "date": date,
        "account": mch_id,
        "difference": row["kind"],
        "ours": side(row["kind"], row["ours"]),
        "wechat": side(row["kind"], row["wechat"]),
        "differenceFen": row["difference_fen"],
        "transactionId": row["transaction_id"],
        "refundNum": row["refund_num"],
    }


def _shown(order_nums: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Of those that are orders of ours, what every event about them shows."""
    columns = (Order.order_num, Order.title, Order.customer, Order.total_fen)
    query = Order.select(*columns).where(Order.order_num.in_(list(order_nums)))
    return {number: about(*values) for number, *values in rows(query)} if order_nums else {}
