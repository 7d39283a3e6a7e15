"""What the reports count, in the transaction that moves the money; and how it moves when a bill
corrects WeChat's time of a booking."""

from __future__ import annotations

from models import Order, Receipt, Refund
from models.base import first_of, locked, rows
from models.transaction import Batch
from payments.refund import RefundStatus
from services.settlement.snapshots import Incoming, OrderSnapshot


def report_paid(batch: Batch, snapshot: OrderSnapshot, at: int) -> None:
    """The order is paid; `at` is WeChat's time of it (ms), or ours where WeChat named none."""
    facts = snapshot.facts
    if batch.counts(facts.order_num):
        batch.reports.paid(at, (facts.mch_id, snapshot.product_id), facts.total_fen)


def report_refunded(batch: Batch, snapshot: OrderSnapshot | None, fen: int, at: int) -> None:
    """A refund of an order succeeded; `at` is when WeChat took it (ms)."""
    if snapshot and batch.counts(snapshot.facts.order_num):
        batch.reports.refunded(at, (snapshot.facts.mch_id, snapshot.product_id), fen)


def report_failed(batch: Batch, item: Incoming, snapshot: OrderSnapshot | None) -> None:
    """A payment failed, or its notify was refused for the first time. One that names no order of
    ours is of no product, and of its account where that is ours."""
    if not batch.counts(item.order_num):
        return
    if snapshot:
        batch.reports.failed(item.received_at, (snapshot.facts.mch_id, snapshot.product_id))
    else:
        merchant = item.news.merchant
        batch.reports.failed(item.received_at, (merchant.mch_id if merchant else "", ""))


def date_payment(batch: Batch, transaction_id: str, at: int) -> None:
    """WeChat dates this payment at `at` (ms): its order, or the receipt that holds it, follows."""
    of_order = Order.transaction_id == transaction_id, Order.paid_at.is_null(False)
    counted = first_of(Order.wechat_paid_at, Order.paid_at)
    query = Order.select(Order.order_num, Order.mch_id, Order.product_id, Order.total_fen, counted)
    for order_num, mch_id, product_id, fen, before in rows(locked(query.where(*of_order))):
        if batch.counts(order_num):
            of = mch_id, product_id
            batch.reports.paid(before, of, fen, -1)
            batch.reports.paid(at, of, fen)
    Order.update(wechat_paid_at=at).where(Order.transaction_id == transaction_id).execute()
    Receipt.update(wechat_paid_at=at).where(Receipt.transaction_id == transaction_id).execute()


def date_refund(batch: Batch, refund_num: str, at: int) -> None:
    """WeChat took this refund at `at` (ms)."""
    counted = first_of(Refund.accepted_at, Refund.succeeded_at)
    query = Refund.select(Refund.order_num, Refund.amount_fen, counted).where(
        Refund.refund_num == refund_num,
        Refund.status == RefundStatus.SUCCESS.value,
        Refund.receipt_id.is_null(),
    )
    of_order = Order.select(Order.mch_id, Order.product_id)
    for order_num, fen, before in rows(locked(query)):
        for mch_id, product_id in rows(of_order.where(Order.order_num == order_num)):
            of = mch_id, product_id
            if batch.counts(order_num):
                batch.reports.refunded(before, of, fen, -1)
                batch.reports.refunded(at, of, fen)
    Refund.update(accepted_at=at).where(Refund.refund_num == refund_num).execute()
