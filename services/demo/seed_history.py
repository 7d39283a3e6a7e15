"""Payments of the past for a database that has none, so that a demonstration shows a yesterday:
orders with their events and figures, as if they had been booked then."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

from models import Order, Refund
from models.order import PHONE_TAIL
from models.transaction import Batch, NewEvent
from payments.merchant import Merchant
from payments.refund import RefundOrigin, RefundStatus
from payments.refund_rules import status_of_order
from payments.states import OrderStatus, ServiceStatus, TradeType
from services.runtime.clock import MINUTE_MS, rfc3339
from services.runtime.counters import count_failed, count_paid, count_pending
from services.settlement.snapshots import about

LIFE_MS = 120 * MINUTE_MS


class Gap(StrEnum):
    """How WeChat's books come apart from ours about an order."""

    UNHEARD_PAYMENT = "unheard_payment"
    """It was paid; the notify was lost, and nobody asked."""
    OUTSIDE_REFUND = "outside_refund"
    """Its refunds were made on WeChat's platform, and their notifies were lost."""
    WRONG_FEE = "wrong_fee"
    DOUBLE_BOOKING = "double_booking"


@dataclass(frozen=True)
class PastRefund:
    """One that succeeded. Times in ms."""

    refund_num: str
    refund_id: str
    amount_fen: int
    reason: str
    requested_by: str
    decided_by: str
    requested_at: int
    accepted_at: int
    succeeded_at: int


@dataclass(frozen=True)
class PastOrder:
    """One that was paid at `ended_at`, or whose payment failed then and which was closed. Times in
    ms; `delay_ms` is from the payment to its notify. `served` by whom it was, or None yet.
    `refunds` are WeChat's; with a `gap` of theirs they are not in the database."""

    order_num: str
    transaction_id: str
    product_id: str
    title: str
    total_fen: int
    customer: str
    phone: str
    open_id: str
    created_at: int
    ended_at: int
    paid: bool
    delay_ms: int
    served: str | None
    refunds: tuple[PastRefund, ...] = ()
    gap: Gap | None = None

    @property
    def wechat_paid_at(self) -> int:
        return self.ended_at - self.delay_ms

    @property
    def is_paid_at_wechat(self) -> bool:
        return self.paid or self.gap is Gap.UNHEARD_PAYMENT

    @property
    def booked_refunds(self) -> tuple[PastRefund, ...]:
        """Those that we know of."""
        return () if self.gap is Gap.OUTSIDE_REFUND else self.refunds

    @property
    def state(self) -> tuple[OrderStatus, int]:
        """With the amount that went back."""
        if not self.paid:
            waits = self.gap is Gap.UNHEARD_PAYMENT
            return (OrderStatus.WAIT_PAY if waits else OrderStatus.CLOSED), 0
        back = [(RefundStatus.SUCCESS, refund.amount_fen) for refund in self.booked_refunds]
        return status_of_order(self.total_fen, back)


@dataclass(frozen=True)
class SeedHistory:
    merchant: Merchant
    orders: Sequence[PastOrder]


def write_history(batch: Batch, histories: Sequence[SeedHistory]) -> list[Exception | None]:
    """Only into a database without a single order: a past cannot be added to one that has one."""
    return [_write(batch, history) for history in histories]


def _write(batch: Batch, history: SeedHistory) -> Exception | None:
    if Order.select().exists():
        return RuntimeError("This database has orders already.")
    batch.sql.insert(Order, [_row(past, history.merchant) for past in history.orders])
    refunds = [(past, refund) for past in history.orders for refund in past.booked_refunds]
    batch.sql.insert(Refund, [_refund_row(*each, history.merchant) for each in refunds])
    events = [event for past in history.orders for event in _events(past, history.merchant)]
    for event in sorted(events, key=lambda event: event.at or 0):
        batch.emit(event)
    for past in history.orders:
        _count(batch, past, history.merchant)
    return None


def _count(batch: Batch, past: PastOrder, merchant: Merchant) -> None:
    of = merchant.mch_id, past.product_id
    count_pending(batch, past.order_num, 1)
    if past.paid:
        told = past.ended_at, past.wechat_paid_at
        count_paid(batch, past.order_num, past.total_fen, *told, told=True)
        batch.reports.paid(past.wechat_paid_at, of, past.total_fen)
        for refund in past.booked_refunds:
            batch.reports.refunded(refund.accepted_at, of, refund.amount_fen)
    elif past.gap is None:
        count_failed(batch, past.order_num, past.ended_at)
        batch.reports.failed(past.ended_at, of)
        count_pending(batch, past.order_num, -1)


def _row(past: PastOrder, merchant: Merchant) -> dict[str, Any]:
    status, refunded_fen = past.state
    service = ServiceStatus.SERVED if past.served else ServiceStatus.SERVICE_WAIT
    return {
        "order_num": past.order_num,
        "product_id": past.product_id,
        "title": past.title,
        "quantity": 1,
        "total_fen": past.total_fen,
        "status": status.value,
        "service_status": service.value if past.paid else None,
        "app_id": merchant.app_id,
        "mch_id": merchant.mch_id,
        "trade_type": TradeType.JSAPI.value,
        "open_id": past.open_id,
        "phone": past.phone,
        "phone_tail": past.phone[-PHONE_TAIL:],
        "customer": past.customer,
        "transaction_id": past.transaction_id if past.paid else None,
        "refunded_fen": refunded_fen,
        "status_token": secrets.token_hex(16),
        "created_at": past.created_at,
        "updated_at": max((r.succeeded_at for r in past.booked_refunds), default=past.ended_at),
        "paid_at": past.ended_at if past.paid else None,
        "wechat_paid_at": past.wechat_paid_at if past.paid else None,
        "expires_at": past.created_at + LIFE_MS,
    }


def _refund_row(past: PastOrder, refund: PastRefund, merchant: Merchant) -> dict[str, Any]:
    return {
        "refund_num": refund.refund_num,
        "order_num": past.order_num,
        "app_id": merchant.app_id,
        "mch_id": merchant.mch_id,
        "transaction_id": past.transaction_id,
        "total_fen": past.total_fen,
        "amount_fen": refund.amount_fen,
        "reason": refund.reason,
        "status": RefundStatus.SUCCESS.value,
        "refund_id": refund.refund_id,
        "requested_by": refund.requested_by,
        "decided_by": refund.decided_by,
        "created_at": refund.requested_at,
        "updated_at": refund.succeeded_at,
        "accepted_at": refund.accepted_at,
        "succeeded_at": refund.succeeded_at,
        "origin": RefundOrigin.PAYWATCH.value,
    }


def _events(past: PastOrder, merchant: Merchant) -> Iterator[NewEvent]:
    shown = about(past.title, past.customer, past.total_fen)
    number, ended_at = past.order_num, past.ended_at
    made = {**shown, "productId": past.product_id, "appId": merchant.app_id}
    yield NewEvent("order.created", number, made, at=past.created_at)
    if past.gap is Gap.UNHEARD_PAYMENT:
        return
    if not past.paid:
        failure = {"code": "NOTENOUGH", "words": "余额不足"}
        yield NewEvent("payment.failed", number, {**shown, **failure}, at=ended_at)
        closed = {**shown, "by": "system", "reason": "expired"}
        yield NewEvent("order.closed", number, closed, at=ended_at + MINUTE_MS)
        return
    booked = {
        **shown,
        "tradeType": TradeType.JSAPI.value,
        "transactionId": past.transaction_id,
        "wechatPaidAt": rfc3339(past.wechat_paid_at),
        "notifyId": None,
        "from": OrderStatus.WAIT_PAY.value,
    }
    yield NewEvent("order.paid", number, booked, at=ended_at)
    if past.served:
        steps = (ServiceStatus.SERVICE_WAIT, ServiceStatus.IN_SERVICE, ServiceStatus.SERVED)
        for minutes, (before, to) in enumerate(pairwise(steps), 1):
            data = {**shown, "from": before.value, "to": to.value, "by": past.served}
            yield NewEvent("service.changed", number, data, at=ended_at + 5 * minutes * MINUTE_MS)
    for refund in past.booked_refunds:
        yield from _refund_events(past, refund, shown)


def _refund_events(
    past: PastOrder, refund: PastRefund, shown: dict[str, Any]
) -> Iterator[NewEvent]:
    steps = (
        ("refund.requested", RefundStatus.REQUESTED, refund.requested_by, refund.requested_at),
        ("refund.approved", RefundStatus.APPROVED, refund.decided_by, refund.accepted_at),
        ("refund.succeeded", RefundStatus.SUCCESS, None, refund.succeeded_at),
    )
    for kind, status, by, at in steps:
        data = {
            **shown,
            "amountFen": refund.amount_fen,
            "refundNum": refund.refund_num,
            "totalFen": past.total_fen,
            "by": by,
            "status": status.value,
            "failure": None,
            "failureCode": None,
            "transactionId": past.transaction_id,
        }
        yield NewEvent(kind, past.order_num, data, at=at)
