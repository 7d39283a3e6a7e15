"""Payments of the past for a database that has none, so that a demonstration shows a yesterday:
orders with their events and figures, as if they had been booked then."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from models import Order
from models.order import PHONE_TAIL
from models.transaction import Batch, NewEvent
from payments.merchant import Merchant
from payments.states import OrderStatus, ServiceStatus, TradeType
from services.runtime.clock import MINUTE_MS, rfc3339
from services.runtime.counters import count_failed, count_paid, count_pending
from services.settlement.snapshots import about

LIFE_MS = 120 * MINUTE_MS


@dataclass(frozen=True)
class PastOrder:
    """One that was paid at `ended_at`, or whose payment failed then and which was closed. Times in
    ms; `delay_ms` is from the payment to its notify. `served` by whom it was, or None yet."""

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
    events = [event for past in history.orders for event in _events(past, history.merchant)]
    for event in sorted(events, key=lambda event: event.at or 0):
        batch.emit(event)
    for past in history.orders:
        _count(batch, past)
    return None


def _count(batch: Batch, past: PastOrder) -> None:
    count_pending(batch, past.order_num, 1)
    if past.paid:
        wechat_ms = past.ended_at - past.delay_ms
        count_paid(batch, past.order_num, past.total_fen, past.ended_at, wechat_ms, told=True)
    else:
        count_failed(batch, past.order_num, past.ended_at)
        count_pending(batch, past.order_num, -1)


def _row(past: PastOrder, merchant: Merchant) -> dict[str, Any]:
    service = ServiceStatus.SERVED if past.served else ServiceStatus.SERVICE_WAIT
    return {
        "order_num": past.order_num,
        "product_id": past.product_id,
        "title": past.title,
        "quantity": 1,
        "total_fen": past.total_fen,
        "status": (OrderStatus.PAID if past.paid else OrderStatus.CLOSED).value,
        "service_status": service.value if past.paid else None,
        "app_id": merchant.app_id,
        "mch_id": merchant.mch_id,
        "trade_type": TradeType.JSAPI.value,
        "open_id": past.open_id,
        "phone": past.phone,
        "phone_tail": past.phone[-PHONE_TAIL:],
        "customer": past.customer,
        "transaction_id": past.transaction_id if past.paid else None,
        "refunded_fen": 0,
        "status_token": secrets.token_hex(16),
        "created_at": past.created_at,
        "updated_at": past.ended_at,
        "paid_at": past.ended_at if past.paid else None,
        "wechat_paid_at": past.ended_at - past.delay_ms if past.paid else None,
        "expires_at": past.created_at + LIFE_MS,
    }


def _events(past: PastOrder, merchant: Merchant) -> Iterator[NewEvent]:
    shown = about(past.title, past.customer, past.total_fen)
    number, ended_at = past.order_num, past.ended_at
    made = {**shown, "productId": past.product_id, "appId": merchant.app_id}
    yield NewEvent("order.created", number, made, at=past.created_at)
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
        "wechatPaidAt": rfc3339(ended_at - past.delay_ms),
        "notifyId": None,
        "from": OrderStatus.WAIT_PAY.value,
    }
    yield NewEvent("order.paid", number, booked, at=ended_at)
    if past.served:
        steps = (ServiceStatus.SERVICE_WAIT, ServiceStatus.IN_SERVICE, ServiceStatus.SERVED)
        for minutes, (before, to) in enumerate(pairwise(steps), 1):
            data = {**shown, "from": before.value, "to": to.value, "by": past.served}
            yield NewEvent("service.changed", number, data, at=ended_at + 5 * minutes * MINUTE_MS)
