"""Refunds that were made on WeChat's merchant platform, in the transaction of the one door: each
becomes a row of its own, and its order, or the receipt behind it, follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models import BillDay, BillDifference, Refund
from models.base import rows
from models.transaction import Batch
from payments.alert_kinds import AlertKind
from payments.bills.differences import DifferenceKind
from payments.causes import Cause
from payments.payment_rules import SHOWN
from payments.refund import ASKED_ABOUT, RefundOrigin, RefundStatus
from payments.refund_rules import RefundVerdict, judge_outside
from services.alerts.endings import end_cause
from services.settlement.paid_money import PaidMoney, lock_receipts, plan_look, read_paid
from services.settlement.refund_store import BY_WECHAT, LockedRefunds, RefundView, plan_check
from services.settlement.snapshots import IncomingRefund

TAKEN = frozenset({RefundStatus.SUCCESS, RefundStatus.PROCESSING, RefundStatus.ABNORMAL})
"""WeChat has these, so their amounts are no longer there to go back."""
RECORDED = "refund_recorded"
"""Why the case of a refund that WeChat did not list is over."""
MOST_DAYS = 90
FIRST_LOOK_MS = 15_000
"""A refund that WeChat has not finished is asked about again after so long."""


@dataclass
class OutsideBook:
    """The refunds of a batch under lock, with the payments that reports of unknown refunds name."""

    refunds: LockedRefunds
    paid: dict[str, PaidMoney]

    def find(self, item: IncomingRefund) -> RefundView | None:
        """The refund that a report is about: by our number, by WeChat's, or one that a person
        entered with this amount and without WeChat's number."""
        if view := self.refunds.refunds.get(item.refund_num or ""):
            return view
        news = item.news
        entered = [
            view
            for view in self.refunds.refunds.values()
            if view.was_entered and view.transaction_id == news.transaction_id
        ]
        same = (v for v in entered if v.refund_id and v.refund_id == news.refund_id)
        unnamed = (v for v in entered if not v.refund_id and str(v.amount_fen) == news.refund_text)
        return next(same, None) or next(unnamed, None)


def open_book(batch: Batch, incoming: Sequence[IncomingRefund]) -> OutsideBook:
    """Lock what the reports of a batch are about."""
    named = [item.refund_num for item in incoming if item.refund_num]
    chosen = Refund.select(Refund.refund_num).where(Refund.refund_num.in_(named))
    known = {number for (number,) in rows(chosen)}
    unknown = [item.transaction_id for item in incoming if item.refund_num not in known]
    paid = read_paid(tx for tx in unknown if tx)
    orders = [money.order_num for money in paid.values() if money.receipt_id is None]
    orders += [
        item.order_num for item in incoming if item.order_num and item.refund_num not in known
    ]
    receipts = [money.receipt_id for money in paid.values() if money.receipt_id is not None]
    book = LockedRefunds(batch, orders, named, receipts)
    lock_receipts(paid.values())
    return OutsideBook(book, read_paid(paid))


def take_outside(
    batch: Batch, book: OutsideBook, item: IncomingRefund
) -> tuple[RefundView | None, RefundVerdict | None]:
    """Record the refund behind a report of a number that is not ours; no verdict where no payment
    that is ours is named. What is not proven makes a question to WeChat due; so does what is of an
    order of ours that is not paid by this transaction here, as its payment may be found."""
    number, tx = item.refund_num, item.transaction_id
    if not number or not tx:
        return None, None
    money = book.paid.get(tx)
    if money is None:
        snapshot = book.refunds.snapshots.get(item.order_num or "")
        if snapshot and item.news.merchant and not item.asked:
            plan_look(batch, tx, snapshot.facts.order_num, number)
        return None, None
    verdict = judge_outside(money.facts(book.refunds, number), item.news)
    if verdict.confirm:
        plan_look(batch, tx, money.order_num, number)
    if verdict.moves_to is None:
        return None, verdict
    return _record(batch, book.refunds, money, item, verdict.moves_to), verdict


def _record(
    batch: Batch,
    refunds: LockedRefunds,
    money: PaidMoney,
    item: IncomingRefund,
    status: RefundStatus,
) -> RefundView:
    news = item.news
    told = int(news.succeeded_at.timestamp() * 1000) if news.succeeded_at else item.received_at
    values: dict[str, Any] = {"failure": None, "succeeded_at": None}
    if status is RefundStatus.SUCCESS:
        values["succeeded_at"] = told
    elif status is not RefundStatus.PROCESSING:
        values["failure"] = (news.said or "")[:SHOWN]
    view = add_outside(
        batch,
        refunds,
        money,
        refund_num=item.refund_num,
        amount_fen=int(news.refund_text or 0),
        reason="",
        status=status,
        refund_id=(news.refund_id or "")[:SHOWN] or None,
        requested_by=BY_WECHAT,
        **values,
    )
    if status in ASKED_ABOUT:
        plan_check(batch, view.refund_num, batch.now + FIRST_LOOK_MS)
    return view


def match_again(batch: Batch, order_num: str, mch_id: str) -> None:
    """The days whose bills have a refund of this order that was not booked here are due now: their
    rows tell which refund it is, and date it. So are days of the account on which a run works: it
    may have read our refunds without this one, and may not have written yet what it misses."""
    missed = BillDifference.select(BillDifference.mch_id, BillDifference.date).where(
        BillDifference.order_num == order_num,
        BillDifference.kind == DifferenceKind.REFUND_MISSING_HERE.value,
    )
    for account, date in rows(missed.distinct().limit(MOST_DAYS)):
        of_day = BillDay.mch_id == account, BillDay.date == date
        BillDay.update(due_at=batch.now).where(*of_day).execute()
    worked_on = BillDay.mch_id == mch_id, BillDay.run.is_null(False)
    BillDay.update(due_at=batch.now).where(*worked_on).execute()


def add_outside(
    batch: Batch, refunds: LockedRefunds, money: PaidMoney, **values: Any
) -> RefundView:
    """Write the row of an outside refund of this payment; the case that one is missing is over."""
    view = refunds.add(
        order_num=money.order_num,
        receipt_id=money.receipt_id,
        app_id=money.app_id,
        mch_id=money.mch_id,
        transaction_id=money.transaction_id,
        total_fen=money.total_fen,
        origin=RefundOrigin.WECHAT,
        **values,
    )
    if view.status in TAKEN:
        why = f"{RECORDED}: {view.refund_num}"
        end_cause(batch, AlertKind.REFUND_ANOMALY, money.order_num, Cause.REFUND_UNLISTED, why)
    return view
