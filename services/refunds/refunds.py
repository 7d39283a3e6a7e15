"""Refunds: asked for, decided by an admin, sent to WeChat, and asked about until they are over.

A refund's row, and its number, are written before WeChat is called; refund_calls.py calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models import Refund
from models.base import rows
from models.store import Store
from payments.errors import NotRefundable, OrderNotFound
from payments.merchant import Api, Merchants
from payments.refund import ASKED_ABOUT, RefundStatus
from services.orders.orders import read_order
from services.refunds.outside_entry import OutsideEntry, enter_outside_refunds
from services.refunds.refund_calls import RefundCalls
from services.refunds.refund_limits import RefundLimits
from services.refunds.refund_ops import (
    RefundChoice,
    RefundNotFound,
    RefundRequest,
    decide_refunds,
    request_refunds,
)
from services.runtime.audit_log import RECONCILER, Deed, record_deeds
from services.runtime.locks import Locks
from services.settlement.outside_refunds import OutsideRefunds
from services.settlement.refund_store import (
    COLUMNS,
    RefundView,
    public,
    read_refund,
    read_refunds_of,
    to_view,
)
from services.settlement.settlement import Settlement
from services.wechat.client import WeChatClient

PAGE, MAX_PAGE = 50, 100
STATUSES = tuple(status.value for status in RefundStatus)
WENT_BACK = (
    "Money of this order went back on WeChat's merchant platform, which was not known here; look "
    "at the order before you refund more."
)


class Refunds:
    """From the `limits` on, nobody approves what they asked for themselves."""

    def __init__(
        self,
        store: Store,
        locks: Locks,
        settlement: Settlement,
        wechat: WeChatClient,
        merchants: Merchants,
        notify_urls: Mapping[Api, str],
        limits: RefundLimits,
        outside: OutsideRefunds,
    ) -> None:
        self._store = store
        self._limits = limits
        self._outside = outside
        self.calls = RefundCalls(store, locks, settlement, wechat, merchants, notify_urls)

    async def request(
        self,
        order_num: str,
        amount_fen: int,
        reason: str,
        by: str,
        *,
        refund_num: str | None = None,
        may_approve: bool = False,
        key_day_fen: int | None = None,
    ) -> dict[str, Any]:
        """Ask for a refund; the same number, order and amount again is the same refund. With
        `may_approve` and below the limit it is approved and sent at once.

        Raises OrderNotFound, NotRefundable, RefundExists, RefundLimit (more than `key_day_fen` on
        one day), Busy; a refusal of WeChat is the refund's
        state, never an error here.
        """
        if may_approve and not await self._store.read(read_refund, refund_num or ""):
            await self._check_outside(order_num)
        ask = RefundRequest(
            order_num, amount_fen, reason, by, refund_num, may_approve, self._limits, key_day_fen
        )
        made = await self._store.write(request_refunds, ask)
        if made.is_new and made.refund.status is RefundStatus.APPROVED:
            await self.calls.send(made.refund.refund_num)
        return await self.get(made.refund.refund_num)

    async def approve(self, refund_num: str, by: str, note: str | None = None) -> dict[str, Any]:
        """Approve and send; a large request of the merchant's server when the second admin approves
        it. Raises RefundNotFound, RefundConflict (it was decided already),
        SecondAdminNeeded, NotRefundable (more went back meanwhile than leaves this), Busy."""
        view = await self._view(refund_num)
        if view.status is RefundStatus.REQUESTED:
            await self._check_outside(view.order_num)
        choice = RefundChoice(refund_num, True, by, note, self._limits)
        await self._store.write(decide_refunds, choice)
        await self.calls.send(refund_num)
        return await self.get(refund_num)

    async def reject(self, refund_num: str, by: str, note: str | None = None) -> dict[str, Any]:
        """Raises RefundNotFound, RefundConflict, Busy."""
        choice = RefundChoice(refund_num, False, by, note, self._limits)
        await self._store.write(decide_refunds, choice)
        return await self.get(refund_num)

    async def _check_outside(self, order_num: str) -> None:
        """Raises NotRefundable when money went back of which nobody here knew: whoever wants a
        refund may want the one that was made already."""
        if not await self._outside.knew_all(order_num):
            order = await self._store.read(read_order, order_num)
            left = order.total_fen - order.refunded_fen if order else 0
            raise NotRefundable(WENT_BACK, refundableFen=left)

    async def enter_outside(
        self, order_num: str, amount_fen: int, reason: str, by: str, refund_id: str | None
    ) -> dict[str, Any]:
        """Record a refund that was made on WeChat's merchant platform. Raises OrderNotFound,
        NotRefundable (more than is left of what was paid), RefundExists, Busy."""
        entry = OutsideEntry(order_num, amount_fen, refund_id, reason, by)
        entered = await self._store.write(enter_outside_refunds, entry)
        return await self.get(entered.refund_num)

    # --- WeChat -------------------------------------------------------------------------------

    async def ask(self, refund_num: str, by: str = RECONCILER) -> bool:
        """Ask WeChat once what became of a refund, and send it, with its number, when WeChat does
        not have it. True when nothing more is expected of it.

        Raises RefundNotFound, WeChatRefused, WeChatUntrusted, WeChatUnreachable, OrderIsClosed
        (its merchant is not configured any more), Busy; the refund is then as it was. That a person
        asked is in the audit log, whatever the answer was.
        """
        if by != RECONCILER:
            await self._record(refund_num, "asked", by)
        await self.calls.ask(refund_num)
        return (await self._view(refund_num)).status not in ASKED_ABOUT

    async def end(self, refund_num: str, reason: str, by: str) -> dict[str, Any]:
        """End a refund that WeChat, asked now, does not have, or that is ABNORMAL and was settled
        another way. Raises RefundNotFound, RefundConflict (it is over), RefundHeld (WeChat has it),
        Busy, and as `ask` when WeChat gives no answer that counts."""
        await self.calls.end(refund_num, reason, by)
        return await self.get(refund_num)

    async def pay_merchant(self, refund_num: str, by: str) -> dict[str, Any]:
        """Have WeChat pay an ABNORMAL refund to the merchant's own bank account, who gives it to
        the buyer. Raises RefundNotFound, RefundConflict (not ABNORMAL), NotOffered, and as `ask`.
        """
        await self._record(refund_num, "abnormal", by)
        await self.calls.pay_merchant(refund_num)
        return await self.get(refund_num)

    async def _record(self, refund_num: str, verb: str, by: str) -> None:
        view = await self._view(refund_num)
        detail = {"refundNum": refund_num, "amountFen": view.amount_fen}
        await self._store.write(record_deeds, Deed(by, f"refund.{verb}", view.order_num, detail))

    # --- reading ------------------------------------------------------------------------------

    async def _view(self, refund_num: str) -> RefundView:
        view = await self._store.read(read_refund, refund_num)
        if view is None:
            raise RefundNotFound
        return view

    async def get(self, refund_num: str) -> dict[str, Any]:
        """Raises RefundNotFound."""
        return public(await self._view(refund_num))

    async def of_order(self, order_num: str) -> list[dict[str, Any]]:
        """Newest first. Raises OrderNotFound."""
        if await self._store.read(read_order, order_num) is None:
            raise OrderNotFound
        return [public(view) for view in await self._store.read(read_refunds_of, order_num)]

    async def page(
        self, status: str | None = None, before: int | None = None, limit: int = PAGE
    ) -> dict[str, Any]:
        """Newest first."""
        return await self._store.read(_read_page, status, before, limit)


def _read_page(status: str | None, before: int | None, limit: int) -> dict[str, Any]:
    query = Refund.select(*COLUMNS).order_by(Refund.id.desc()).limit(limit + 1)
    if status:
        query = query.where(Refund.status == status)
    if before:
        query = query.where(Refund.id < before)
    views = [to_view(row) for row in rows(query)]
    following = str(views[limit - 1].id) if len(views) > limit else None
    return {"refunds": [public(view) for view in views[:limit]], "next": following}
