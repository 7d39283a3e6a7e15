"""Finding orders, and the notifies that were kept; personal values masked."""

from __future__ import annotations

from typing import Any

from models import RawNotify
from models.store import Store
from payments.encryption import Sealer
from payments.masking import mask_notify, mask_open_id, mask_phone, mask_text
from payments.states import SETTLED
from services.orders.orders import OrderView
from services.runtime.clock import Clock, rfc3339
from services.views.date_ranges import period
from services.views.list_position import ListPosition
from services.views.order_filter import OrderFilter
from services.views.order_list import OrderPage, find_orders
from services.views.search_watch import SearchWatch

PAGE = 50
MAX_PAGE = 100


class Search:
    def __init__(self, store: Store, sealer: Sealer, clock: Clock) -> None:
        self._store = store
        self._sealer = sealer
        self._clock = clock
        self._watch = SearchWatch(store, clock)

    async def orders(
        self, wanted: OrderFilter, by: str, before: ListPosition | None = None, limit: int = PAGE
    ) -> dict[str, Any]:
        """A page of orders, newest first, and how `q` was read (services/views/query_parser.py).
        An amount about a moment gives the nearest first, and one page. `by` is the user, whose
        searches for phones and openids are counted."""
        now = self._clock.now_ms()
        await self._watch.note(wanted.q, by)
        found = await self._store.read(find_orders, wanted, now, before, limit)
        following = None if found.next is None else str(found.next)
        orders = [public(view) for view in found.views]
        top = {"top": str(found.views[0].id)} if found.views else {}
        return {"orders": orders, "next": following, **top, **_told(found)}

    def period(self, name: str, text: str) -> tuple[int | None, int | None]:
        """The times of the filter `name` (services/views/date_ranges.py), as of now. Raises
        BadRequest."""
        return period(text, self._clock.now_ms(), name)

    async def notify(self, notice_id: str) -> dict[str, Any] | None:
        """One raw notify, masked; None when it is not there. Its `body` is None when the keys
        that are set do not open it."""
        return await self._store.read(_read_notify, notice_id, self._sealer)


def _told(found: OrderPage) -> dict[str, Any]:
    """How the text was read, for the person who wrote it; never the text itself."""
    lookup = found.lookup
    if lookup is None:
        return {}
    read = {
        "as": lookup.field.value,
        "exact": found.exact,
        "amountFen": list(lookup.amounts),
        "from": rfc3339(lookup.since),
        "to": rfc3339(lookup.until),
        "near": rfc3339(lookup.near),
        "partlySince": rfc3339(found.partly_since),
        "whyNot": None if found.why_not is None else found.why_not.value,
    }
    return {"read": read}


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
        "wechatPaidAt": rfc3339(view.wechat_paid_at),
        "expiresAt": rfc3339(view.expires_at),
    }


def _read_notify(notice_id: str, sealer: Sealer) -> dict[str, Any] | None:
    row = RawNotify.get_or_none(RawNotify.id == notice_id)
    if row is None:
        return None
    text = sealer.open(bytes(row.sealed), row.id)
    return {**public_notify(row), "body": None if text is None else mask_notify(text)}


NOTIFY = (
    RawNotify.id,
    RawNotify.order_num,
    RawNotify.transaction_id,
    RawNotify.received_at,
    RawNotify.source,
    RawNotify.authentic,
    RawNotify.outcome,
)
"""The columns that `public_notify` needs."""


def public_notify(row: RawNotify) -> dict[str, Any]:
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
