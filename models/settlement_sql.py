"""The statements of settlement. An order is updated only while its status still allows it."""

from __future__ import annotations

from typing import Any

from peewee import SQL, Case, fn

from models.notify import Receipt, ReceiptState
from models.order import AttemptState, Order, PrepayAttempt
from models.refund import Refund
from models.statements import Dialect
from payments.refund import RefundStatus
from payments.states import PAYABLE, OrderStatus, ServiceStatus


def select_orders(d: Dialect) -> Any:
    query = Order.select(
        Order.order_num,
        Order.total_fen,
        Order.status,
        Order.app_id,
        Order.mch_id,
        Order.transaction_id,
        Order.open_id,
        Order.title,
        Order.customer,
        Order.trade_type,
        Order.created_at,
        Order.product_id,
    ).where(d.among(Order.order_num))
    return query.order_by(Order.order_num).for_update() if d.locks_rows else query


def select_booked(d: Dialect) -> Any:
    return Order.select(Order.transaction_id, Order.order_num).where(d.among(Order.transaction_id))


def _payable(d: Dialect) -> Any:
    return Order.status.in_([d.literal(status.value) for status in sorted(PAYABLE)])


def update_paid(d: Dialect) -> Any:
    source, given = d.rows(
        Order.order_num,
        Order.transaction_id,
        Order.trade_type,
        Order.paid_at,
        Order.wechat_paid_at,
        Order.updated_at,
    )
    query = Order.update(
        status=d.literal(OrderStatus.PAID.value),
        service_status=d.literal(ServiceStatus.SERVICE_WAIT.value),
        transaction_id=given["transaction_id"],
        trade_type=given["trade_type"],
        paid_at=given["paid_at"],
        wechat_paid_at=given["wechat_paid_at"],
        updated_at=given["updated_at"],
    ).where(Order.order_num == given["order_num"], _payable(d))
    return query.from_(source) if source else query


def update_prepaid(d: Dialect) -> Any:
    return Order.update(
        status=d.literal(OrderStatus.WAIT_PAY.value),
        trade_type=d["trade_type"],
        updated_at=d["updated_at"],
    ).where(Order.order_num == d["order_num"], Order.status == d.literal(OrderStatus.INIT.value))


def update_attempt(d: Dialect) -> Any:
    """What WeChat gave stands, unless a later call has given something newer."""
    newest = (PrepayAttempt.state != d.literal(AttemptState.READY.value)) | (
        PrepayAttempt.calls == d["call"]
    )
    return PrepayAttempt.update(
        state=d.literal(AttemptState.READY.value),
        prepay_id=d["prepay_id"],
        code_url=d["code_url"],
        valid_until=d["valid_until"],
        answered_at=d["answered_at"],
    ).where(PrepayAttempt.order_num == d["order_num"], newest)


def update_payer(d: Dialect) -> Any:
    """An order without an openid keeps that of the buyer whose prepay WeChat has taken."""
    return Order.update(open_id=d["payer"]).where(
        Order.order_num == d["order_num"], Order.open_id.is_null()
    )


def update_closed(d: Dialect) -> Any:
    return Order.update(
        status=d.literal(OrderStatus.CLOSED.value), updated_at=d["updated_at"]
    ).where(Order.order_num == d["order_num"], _payable(d))


def select_receipts(d: Dialect) -> Any:
    """The receipts of these transactions; last whether WeChat is giving their money back now, or
    the buyer got it another way, as WeChat could not deliver it."""
    abnormal = d.literal(RefundStatus.ABNORMAL.value)
    going = Refund.status.in_([d.literal(RefundStatus.PROCESSING.value), abnormal])
    returning = Refund.select(SQL("1")).where(
        Refund.receipt_id == Receipt.id, going | (Refund.ended_from == abnormal)
    )
    query = Receipt.select(
        Receipt.transaction_id,
        Receipt.order_num,
        Receipt.state,
        Receipt.refunded_fen,
        # A number: as a part of a JSON array, MariaDB writes a truth as a text.
        Case(None, [(fn.EXISTS(returning), SQL("1"))], SQL("0")).alias("is_returning"),
    ).where(d.among(Receipt.transaction_id))
    return query.order_by(Receipt.id).for_update() if d.locks_rows else query


def settle_receipt(d: Dialect) -> Any:
    """Makes a receipt BOOKED unless its money was refunded or is being refunded."""
    kept = (ReceiptState.WAITING, ReceiptState.PROPOSED, ReceiptState.ACCEPTED)
    return Receipt.update(
        state=d.literal(ReceiptState.BOOKED.value), version=Receipt.version + SQL("1")
    ).where(
        Receipt.transaction_id == d["transaction_id"],
        Receipt.order_num == d["order_num"],
        Receipt.state.in_([d.literal(state.value) for state in kept]),
    )


def update_reopened(d: Dialect) -> Any:
    """CLOSED → PAID, which only an admin decides."""
    return Order.update(
        status=d.literal(OrderStatus.PAID.value),
        service_status=d.literal(ServiceStatus.SERVICE_WAIT.value),
        transaction_id=d["transaction_id"],
        paid_at=d["paid_at"],
        wechat_paid_at=d["wechat_paid_at"],
        updated_at=d["updated_at"],
    ).where(Order.order_num == d["order_num"], Order.status == d.literal(OrderStatus.CLOSED.value))


def update_refunded(d: Dialect) -> Any:
    return Order.update(
        status=d["after"], refunded_fen=d["refunded_fen"], updated_at=d["updated_at"]
    ).where(Order.order_num == d["order_num"], Order.status == d["before"])
