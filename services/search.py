"""Finding orders, and the notifies that were kept; personal values masked."""

from __future__ import annotations

import re
from typing import Any

from models import Order, Product, RawNotice
from models.base import rows
from models.store import Store
from payments.masking import mask_notify, mask_open_id, mask_phone, mask_text
from payments.sealing import Sealer
from payments.states import SETTLED
from services.clock import rfc3339
from services.orders import OrderView, to_view, view_columns

PAGE = 50
MAX_PAGE = 100
SHORTEST_PREFIX = 4
LONGEST_QUERY = 64

_AMOUNT = re.compile(r"[¥￥]?([0-9]{1,8})(?:\.([0-9]{1,2}))?")


class Search:
    def __init__(self, store: Store, sealer: Sealer) -> None:
        self._store = store
        self._sealer = sealer

    async def orders(
        self,
        q: str = "",
        status: str | None = None,
        before: int | None = None,
        limit: int = PAGE,
        mch_id: str | None = None,
    ) -> dict[str, Any]:
        """Orders, newest first. `q` is an order number or WeChat transaction id (whole, or its
        first four characters and more), an openid or a phone number (whole), a product's id or
        a part of its name, or an amount: `88.00` in yuan, `88` in yuan or fen. `mch_id` leaves
        those of one account."""
        return await self._store.read(_read_orders, q.strip(), status, before, limit, mch_id)

    async def notify(self, notice_id: str) -> dict[str, Any] | None:
        """One raw notify, masked; None when it is not there. Its `body` is None when the keys
        that are set do not open it."""
        return await self._store.read(_read_notify, notice_id, self._sealer)


def _read_orders(
    q: str, status: str | None, before: int | None, limit: int, mch_id: str | None
) -> dict[str, Any]:
    query = Order.select(*view_columns()).order_by(Order.id.desc()).limit(limit + 1)
    if q:
        query = query.where(_matches(q[:LONGEST_QUERY]))
    if status:
        query = query.where(Order.status == status)
    if mch_id:
        query = query.where(Order.mch_id == mch_id)
    if before:
        query = query.where(Order.id < before)
    views = [to_view(row) for row in rows(query)]
    following = str(views[limit - 1].id) if len(views) > limit else None
    return {"orders": [public(view) for view in views[:limit]], "next": following}


def _matches(q: str) -> Any:
    exact = (Order.order_num == q) | (Order.transaction_id == q)
    exact = exact | (Order.open_id == q) | (Order.phone == q)
    if products := _products(q):
        exact = exact | Order.product_id.in_(products)
    if amounts := _amounts(q):
        exact = exact | Order.total_fen.in_(amounts)
    if len(q) < SHORTEST_PREFIX or not q.isascii():
        return exact
    # A range, not LIKE: it uses the index, and % and _ are only characters.
    end = q[:-1] + chr(ord(q[-1]) + 1)
    by_number = (Order.order_num >= q) & (Order.order_num < end)
    by_transaction = (Order.transaction_id >= q) & (Order.transaction_id < end)
    return exact | by_number | by_transaction


def _products(q: str) -> list[str]:
    query = Product.select(Product.id).where((Product.id == q) | Product.title.contains(q))
    return [product_id for (product_id,) in rows(query)]


def _amounts(q: str) -> list[int]:
    found = _AMOUNT.fullmatch(q)
    if not found:
        return []
    whole, cents = found[1], found[2]
    yuan = int(whole) * 100 + int((cents or "").ljust(2, "0"))
    return [yuan] if cents else [yuan, int(whole)]


def public(view: OrderView) -> dict[str, Any]:
    """The order as staff see it, masked for every role."""
    return {
        "orderNum": view.order_num,
        "status": view.status.value,
        "serviceStatus": view.service_status,
        "appId": view.app_id,
        "productId": view.product_id,
        "title": mask_text(view.title),
        "totalFen": view.total_fen,
        "paidFen": view.total_fen if view.status in SETTLED else 0,
        "refundedFen": view.refunded_fen,
        "tradeType": view.trade_type,
        "transactionId": view.transaction_id,
        "openId": mask_open_id(view.open_id),
        "phone": mask_phone(view.phone),
        "customer": mask_text(view.customer),
        "createdAt": rfc3339(view.created_at),
        "paidAt": rfc3339(view.paid_at),
        "expiresAt": rfc3339(view.expires_at),
    }


def _read_notify(notice_id: str, sealer: Sealer) -> dict[str, Any] | None:
    row = RawNotice.get_or_none(RawNotice.id == notice_id)
    if row is None:
        return None
    text = sealer.open(bytes(row.sealed), row.id)
    return {**public_notify(row), "body": None if text is None else mask_notify(text)}


NOTIFY = (
    RawNotice.id,
    RawNotice.order_num,
    RawNotice.transaction_id,
    RawNotice.received_at,
    RawNotice.source,
    RawNotice.authentic,
    RawNotice.outcome,
)
"""The columns that `public_notify` needs."""


def public_notify(row: RawNotice) -> dict[str, Any]:
    """A kept notify without its text."""
    return {
        "id": row.id,
        "orderNum": row.order_num,
        "transactionId": row.transaction_id,
        "receivedAt": rfc3339(row.received_at),
        "source": row.source,
        "authentic": row.authentic,
        "verdict": row.outcome,
    }
