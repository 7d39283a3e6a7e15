"""Making an order, once for an Idempotency-Key, whatever process is asked and however often."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from models import IdempotentAnswer, Order, OrderCheck, Product
from models.order import PHONE_TAIL
from models.transaction import Batch, NewEvent, dump
from payments.errors import (
    BadRequest,
    IdempotencyMismatch,
    InProgress,
    OrderExists,
    ProductNotFound,
)
from payments.money import is_amount
from payments.payment_result import CHINA
from payments.states import OrderStatus
from services.orders.query_schedule import CHECK_GRACE_MS
from services.runtime.clock import MINUTE_MS, rfc3339
from services.runtime.counters import count_pending
from services.runtime.idempotency import (
    KeyedRequest,
    claim_key,
    earlier_answer,
    forget_old_answers,
)
from services.settlement.snapshots import about

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True)
class NewOrder:
    """An order to be made, with the Idempotency-Key of its request."""

    request: KeyedRequest
    product_id: str
    quantity: int
    order_num: str
    title: str | None
    open_id: str | None
    phone: str | None
    customer: str | None
    expires_in_minutes: int
    app_id: str
    mch_id: str
    status_token: str
    status_url: str


@dataclass(frozen=True)
class CreatedOrder:
    """The order as JSON; `repeated` when this is the answer to an earlier request."""

    order: str
    repeated: bool


def new_order_num(now_ms: int) -> str:
    """`261123143148` and eight random characters: grows with time, cannot be guessed."""
    china = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(CHINA)
    tail = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"{china:%y%m%d%H%M%S}{tail}"


@dataclass(frozen=True)
class _Draft:
    """An order whose key is ours."""

    new: NewOrder
    title: str
    total_fen: int
    kept: IdempotentAnswer


def create_orders(batch: Batch, items: Sequence[NewOrder]) -> list[CreatedOrder | Exception]:
    """First all keys by name, then all orders by number (the store sorts them so): two
    processes that make the same at once never wait for each other crosswise."""
    forget_old_answers(batch)
    by_key = sorted(
        enumerate(items), key=lambda pair: (pair[1].request.api_key, pair[1].request.key)
    )
    drafts = {place: _draft(batch, new) for place, new in by_key}
    return [_make(batch, drafts[place]) for place in range(len(items))]


def _draft(batch: Batch, new: NewOrder) -> _Draft | CreatedOrder | Exception:
    """An order whose key is ours now, or what the request is answered without one."""
    if earlier := earlier_answer(new.request):
        return _again(new, earlier)
    product = Product.get_or_none(Product.id == new.product_id, Product.active)
    if product is None:
        return ProductNotFound()
    if Order.select().where(Order.order_num == new.order_num).exists():
        return OrderExists()
    total_fen = product.price_fen * new.quantity
    if not is_amount(total_fen):
        return BadRequest("The total of this order is out of range.")
    title = new.title or product.title
    answer = dump(_created(batch, new, title, total_fen))
    kept = claim_key(batch, new.request, answer)
    if kept is None or kept.answer != answer:
        return _again(new, kept) if kept else InProgress()
    return _Draft(new, title, total_fen, kept)


def _make(batch: Batch, draft: _Draft | CreatedOrder | Exception) -> CreatedOrder | Exception:
    if not isinstance(draft, _Draft):
        return draft
    new, title, total_fen = draft.new, draft.title, draft.total_fen
    if not _insert_order(batch, new, title, total_fen):
        draft.kept.delete_instance()
        return OrderExists()
    shown = about(title, new.customer, total_fen)
    data = {**shown, "productId": new.product_id, "appId": new.app_id}
    batch.emit(NewEvent("order.created", new.order_num, data))
    count_pending(batch, new.order_num, 1)
    return CreatedOrder(draft.kept.answer, False)


def _again(new: NewOrder, earlier: IdempotentAnswer) -> CreatedOrder | Exception:
    same = earlier.request_hash == new.request.hash
    return CreatedOrder(earlier.answer, True) if same else IdempotencyMismatch()


def _insert_order(batch: Batch, new: NewOrder, title: str, total_fen: int) -> bool:
    """False when another process took the number just now."""
    expires_at = batch.now + new.expires_in_minutes * MINUTE_MS
    row = {
        "order_num": new.order_num,
        "product_id": new.product_id,
        "title": title,
        "quantity": new.quantity,
        "total_fen": total_fen,
        "status": OrderStatus.INIT.value,
        "refunded_fen": 0,
        "app_id": new.app_id,
        "mch_id": new.mch_id,
        "open_id": new.open_id,
        "phone": new.phone,
        "phone_tail": new.phone[-PHONE_TAIL:] if new.phone else None,
        "customer": new.customer,
        "status_token": new.status_token,
        "created_at": batch.now,
        "updated_at": batch.now,
        "expires_at": expires_at,
    }
    batch.sql.insert(Order, [row], ignore=True)
    ours = (Order.order_num == new.order_num, Order.status_token == new.status_token)
    if not Order.select().where(*ours).exists():
        return False
    check = {"order_num": new.order_num, "due_at": expires_at + CHECK_GRACE_MS, "tries": 0}
    batch.sql.insert(OrderCheck, [check])
    return True


def _created(batch: Batch, new: NewOrder, title: str, total_fen: int) -> dict[str, Any]:
    return {
        "orderNum": new.order_num,
        "productId": new.product_id,
        "title": title,
        "totalFen": total_fen,
        "status": OrderStatus.INIT.value,
        "serviceStatus": None,
        "statusUrl": new.status_url,
        "transactionId": None,
        "createdAt": rfc3339(batch.now),
        "paidAt": None,
        "wechatPaidAt": None,
        "expiresAt": rfc3339(batch.now + new.expires_in_minutes * MINUTE_MS),
    }
