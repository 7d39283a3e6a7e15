"""Asks WeChat about what a bill has and we have not. What WeChat proves goes through the one door,
and resolves the difference by itself."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from models import BillDay, BillDifference, Order, Receipt, Refund
from models.base import IF_ANY, exists, rows
from models.money_totals import OURS, counts
from models.store import Store
from models.transaction import Batch
from payments.bills.differences import ASKED, DifferenceKind, DifferenceStatus, Resolution
from payments.errors import (
    Busy,
    PaymentError,
    WeChatRefused,
    WeChatUnreachable,
    WeChatUntrusted,
)
from payments.merchant import Merchant, Merchants
from payments.refund import TAKEN
from payments.states import OrderStatus
from services.bills.bill_days import day_of
from services.bills.day_counts import of_day
from services.bills.day_news import differences_changed
from services.bills.order_news import tell_resolved
from services.bills.pairing.flow_staging import OF_FLOW
from services.settlement.order_query import OrderQuery
from services.settlement.outside_refunds import OutsideRefunds
from services.settlement.paid_money import plan_look

log = logging.getLogger(__name__)

A_READ = 200
AT_ONCE = 500
"""So many differences are resolved in one transaction."""
MOST_ASKED = 10_000
"""So many questions of one run; the job asks about the rest later."""
SILENT = 3
"""After so many answers in a row that did not come the run stops asking."""
REFUND_S = 20.0
DAYS_A_ROUND = 200
"""So many days with open differences are looked at in one step; the next step goes on."""
_OPEN = DifferenceStatus.OPEN.value
_PAYMENTS = (DifferenceKind.MISSING_HERE.value, DifferenceKind.STATUS_DIFFERS.value)


@dataclass(frozen=True)
class Open:
    """A difference that WeChat can be asked about."""

    id: int
    kind: str
    order_num: str
    transaction_id: str
    refund_num: str
    app_id: str
    """Of the order, where it is here."""


@dataclass(frozen=True)
class OfDay:
    mch_id: str
    date: str


class Healing:
    """`order_query` and `outside` ask at the pace of the jobs; `days_a_round` bounds a step."""

    def __init__(
        self,
        store: Store,
        merchants: Merchants,
        order_query: OrderQuery,
        outside: OutsideRefunds,
        days_a_round: int = DAYS_A_ROUND,
    ) -> None:
        self._store = store
        self._merchants = merchants
        self._order_query = order_query
        self._outside = outside
        self._days_a_round = days_a_round
        self._after = 0
        """The day (its row) at which the last step ended."""

    async def ask(self, merchant: Merchant, date: str, tell: Callable[[int], None]) -> bool:
        """About each open difference of the day that WeChat may explain; then resolve those that
        are booked now. False when there was no answer about some of them, or no time to ask: they
        stay open, and the next run asks."""
        day, after, asked, silent = OfDay(merchant.mch_id, date), 0, 0, 0
        answered, more = 0, True
        while asked < MOST_ASKED and silent < SILENT:
            found = await self._store.read(_open_of, day, after)
            if not (more := bool(found)):
                break
            for each in found:
                said = await self._ask(merchant, each)
                silent, answered = 0 if said else silent + 1, answered + said
                asked, after = asked + 1, each.id
                tell(asked)
                if silent >= SILENT:
                    break
        await self._resolve(day)
        return answered == asked and not more

    async def step(self) -> None:
        """Resolve what was booked meanwhile: by a late notify, by a person. Jobs call this. A step
        looks at some days, and the next one goes on where it ended, round and round."""
        page = self._after, self._days_a_round
        found = await self._store.read(_days_with_open, *page)
        self._after = found[-1][0] if len(found) == self._days_a_round else 0
        for _, day in found:
            await self._resolve(day)

    async def _resolve(self, day: OfDay) -> None:
        while await self._store.write(resolve_booked, day) >= AT_ONCE:
            pass

    async def _ask(self, merchant: Merchant, each: Open) -> bool:
        """False when WeChat gave no answer."""
        try:
            if each.kind in _PAYMENTS:
                if each.order_num:  # WeChat is asked by it
                    await self._ask_about_payment(merchant.mch_id, each)
            elif each.transaction_id:
                await self._store.write(plan_refund_look, each)
                await self._outside.confirm(each.transaction_id, each.refund_num, REFUND_S)
        except (WeChatUnreachable, Busy) as error:
            log.info("WeChat does not say what became of %s: %s", each.order_num, error)
            return False
        except PaymentError as error:  # it does not know it, or its answer is not to be trusted
            log.info("WeChat does not prove %s: %s", each.order_num, error)
        return True

    async def _ask_about_payment(self, mch_id: str, each: Open) -> None:
        """As the app of the order; for one that is not here, as each app of the account: an answer
        about another app's order proves nothing."""
        own = self._merchants.find(each.app_id, mch_id)
        apps = [own] if own else [app for app in self._merchants if app.mch_id == mch_id]
        *others, last = apps
        for app in others:
            try:
                if await self._order_query.ask(app, each.order_num):
                    return
            except (WeChatRefused, WeChatUntrusted) as error:
                log.debug("Not an order of %s: %s", app.app_id, error)
        await self._order_query.ask(last, each.order_num)


# --- ops and reads -------------------------------------------------------------------------------


def plan_refund_look(batch: Batch, items: Sequence[Open]) -> list[None]:
    for item in items:
        plan_look(batch, item.transaction_id, item.order_num, item.refund_num)
    return [None] * len(items)


def resolve_booked(batch: Batch, days: Sequence[OfDay]) -> list[int]:
    """Resolve the open differences of what is booked here by now; returns how many, for each."""
    return [_resolve(batch, day) for day in days]


def _resolve(batch: Batch, day: OfDay) -> int:
    """Our side of the day has the money too from now on, as the next match would count it."""
    healed = {
        "status": DifferenceStatus.RESOLVED.value,
        "resolution": Resolution.HEALED.value,
        "resolved_at": batch.now,
    }
    count = 0
    for kind, booked in _booked(day.mch_id):
        found = rows(
            BillDifference.select(
                BillDifference.id,
                BillDifference.transaction_id,
                BillDifference.refund_num,
                BillDifference.difference_fen,
                BillDifference.evidence,
            )
            .where(*of_day(day.mch_id, day.date), BillDifference.status == _OPEN)
            .where(BillDifference.kind == kind, booked)
            .limit(AT_ONCE)
        )
        if found:
            ids = [number for number, *_ in found]
            BillDifference.update(**healed).where(BillDifference.id.in_(ids)).execute()
            tell_resolved(batch, ids)
            listed = [each[:-1] for each in found if not _is_of_flow(each[-1])]
            if listed:
                _add_ours(day, _booked_of(kind, listed))
            count += len(found)
    if count:
        differences_changed(batch, day.mch_id, day.date)
    return count


def _is_of_flow(evidence: str) -> bool:
    """The fund-flow bill alone has it. The sums of a day are of the trade bill's rows and of what
    is booked for them: the next match says what it is to them."""
    row = (json.loads(evidence) or {}).get("row") or {}
    return all(row.get(name) == value for name, value in OF_FLOW.items())


def _booked_of(kind: str, found: Sequence[tuple[Any, ...]]) -> dict[str, int]:
    """What our side has of these differences, by the columns of BillDay."""
    _, transactions, refunds, fen = zip(*found, strict=True)
    if kind == DifferenceKind.MISSING_HERE:
        return _paid(transactions)
    if kind == DifferenceKind.REFUND_MISSING_HERE:
        return _refunded(refunds)
    return {"our_refunded_fen": -sum(fen), "our_refund_count": len(found)}


def _add_ours(day: OfDay, more: dict[str, int]) -> None:
    changed = {name: getattr(BillDay, name) + value for name, value in more.items()}
    BillDay.update(**changed).where(*day_of(day.mch_id, day.date)).execute()


def _paid(transactions: Sequence[str]) -> dict[str, int]:
    """What is booked by these transactions, by the columns of BillDay."""
    orders = Order.select(Order.total_fen).where(
        Order.transaction_id.in_(transactions), Order.paid_at.is_null(False)
    )
    receipts = Receipt.select(Receipt.amount_fen).where(
        Receipt.transaction_id.in_(transactions), Receipt.currency == OURS, counts()
    )
    fen = [each for query in (orders, receipts) for (each,) in rows(query)]
    return {"our_paid_fen": sum(fen), "our_paid_count": len(fen)}


def _refunded(refund_nums: Sequence[str]) -> dict[str, int]:
    found = rows(Refund.select(Refund.amount_fen).where(Refund.refund_num.in_(refund_nums)))
    return {"our_refunded_fen": sum(fen for (fen,) in found), "our_refund_count": len(found)}


def _booked(mch_id: str) -> list[tuple[str, Any]]:
    """By kind: the condition that the money of a difference is on our books, or has gone back, as
    the match asks for it. What differs in it then is a difference of its own, or an unmatched
    payment."""
    transaction, refund = BillDifference.transaction_id, BillDifference.refund_num
    order = Order.select(Order.id).where(
        Order.transaction_id == transaction, Order.paid_at.is_null(False)
    )
    receipt = Receipt.select(Receipt.id).where(Receipt.transaction_id == transaction)
    going_back = Refund.select(Refund.id).where(
        Refund.refund_num == refund,
        Refund.mch_id == mch_id,
        Refund.status.in_([each.value for each in TAKEN]),
    )
    returned = order.where(Order.status == OrderStatus.REFUNDED.value)
    return [
        (DifferenceKind.MISSING_HERE.value, exists(order) | exists(receipt)),
        (DifferenceKind.REFUND_MISSING_HERE.value, exists(going_back)),
        (DifferenceKind.STATUS_DIFFERS.value, exists(returned)),
    ]


def _days_with_open(after: int, limit: int) -> list[tuple[int, OfDay]]:
    """With the id of the row of each."""
    query = BillDay.select(BillDay.id, BillDay.mch_id, BillDay.date).where(
        BillDay.open_count > 0, BillDay.id > after
    )
    return [(id_, OfDay(*day)) for id_, *day in rows(query.order_by(BillDay.id).limit(limit))]


def _open_of(day: OfDay, after: int) -> list[Open]:
    columns = ("id", "kind", "order_num", "transaction_id", "refund_num")
    query = (
        BillDifference.select(*(getattr(BillDifference, name) for name in columns), Order.app_id)
        .join(Order, IF_ANY, on=Order.order_num == BillDifference.order_num)
        .where(
            *of_day(day.mch_id, day.date),
            BillDifference.status == _OPEN,
            BillDifference.kind.in_([kind.value for kind in ASKED]),
            BillDifference.id > after,
        )
    )
    found = rows(query.order_by(BillDifference.id).limit(A_READ))
    return [Open(id_, kind, *(text or "" for text in texts)) for id_, kind, *texts in found]
