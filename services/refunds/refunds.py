"""Refunds: asked for, decided by an admin, sent to WeChat, and asked about until they are over.

A refund's row, and its number, are written before WeChat is called; the number is sent again
unchanged until WeChat has said what became of it. No call runs inside a transaction.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from models import Refund
from models.base import rows
from models.store import Store
from payments.errors import (
    Busy,
    OrderIsClosed,
    OrderNotFound,
    PaymentError,
    WeChatRefused,
    WeChatUnreachable,
    WeChatUntrusted,
)
from payments.merchant import Api, Merchant, Merchants
from payments.refund import ASKED_ABOUT, RefundOrder, RefundResult, RefundStatus
from services.alerts.triage import raise_findings
from services.orders.orders import read_order
from services.refunds.outside_entry import OutsideEntry, enter_outside_refunds
from services.refunds.refund_limits import RefundLimits
from services.refunds.refund_ops import (
    RefundChoice,
    RefundNotFound,
    RefundRefusal,
    RefundRequest,
    decide_refunds,
    refuse_refunds,
    request_refunds,
)
from services.runtime.audit_log import RECONCILER, Deed, record_deeds
from services.runtime.clock import Clock
from services.runtime.locks import Locks
from services.settlement.refund_store import (
    COLUMNS,
    RefundClaim,
    RefundView,
    drop_claims,
    public,
    read_claims,
    read_refund,
    read_refunds_of,
    to_view,
)
from services.settlement.settlement import Settlement
from services.wechat.call_failures import finding_of, vanished
from services.wechat.client import WeChatClient

log = logging.getLogger(__name__)

PAGE, MAX_PAGE = 50, 100
STATUSES = tuple(status.value for status in RefundStatus)
REFUND_LOCK = "refund:"
DEFINITE = frozenset(
    {
        "NOTENOUGH",
        "TRADE_OVERDUE",
        "USER_ACCOUNT_ABNORMAL",
        "INVALID_TRANSACTIONID",
        "PARAM_ERROR",
        "INVALID_REQUEST",
        "ORDERNOTEXIST",
        "ERROR",
        "NOAUTH",
        "APPID_NOT_EXIST",
        "MCHID_NOT_EXIST",
        "APPID_MCHID_NOT_MATCH",
        "LACK_PARAMS",
        "XML_FORMAT_ERROR",
        "REQUIRE_POST_METHOD",
    }
)
"""WeChat's signed words for a refund that it did not take. After every other word, and after none,
it may have it."""
PLAIN_ONLY_ONCE = frozenset({"PARAM_ERROR", "INVALID_REQUEST"})
"""WeChat says these also when a number comes again and something of it differs: then it has it."""


class Refunds:
    """From the `limits` on, nobody approves what they asked for themselves."""

    def __init__(
        self,
        store: Store,
        locks: Locks,
        settlement: Settlement,
        wechat: WeChatClient,
        merchants: Merchants,
        clock: Clock,
        notify_urls: Mapping[Api, str],
        limits: RefundLimits,
    ) -> None:
        self._store = store
        self._locks = locks
        self._settlement = settlement
        self._wechat = wechat
        self._merchants = merchants
        self._clock = clock
        self._notify_urls = notify_urls
        self._limits = limits
        self._asking: dict[str, asyncio.Future[None]] = {}

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
        ask = RefundRequest(
            order_num, amount_fen, reason, by, refund_num, may_approve, self._limits, key_day_fen
        )
        made = await self._store.write(request_refunds, ask)
        if made.is_new and made.refund.status is RefundStatus.APPROVED:
            await self.send(made.refund.refund_num)
        return await self.get(made.refund.refund_num)

    async def approve(self, refund_num: str, by: str, note: str | None = None) -> dict[str, Any]:
        """Approve and send; a large request of the merchant's server when the second admin approves
        it. Raises RefundNotFound, RefundConflict (it was decided already),
        SecondAdminNeeded, NotRefundable (more went back meanwhile than leaves this), Busy."""
        choice = RefundChoice(refund_num, True, by, note, self._limits)
        await self._store.write(decide_refunds, choice)
        await self.send(refund_num)
        return await self.get(refund_num)

    async def reject(self, refund_num: str, by: str, note: str | None = None) -> dict[str, Any]:
        """Raises RefundNotFound, RefundConflict, Busy."""
        choice = RefundChoice(refund_num, False, by, note, self._limits)
        await self._store.write(decide_refunds, choice)
        return await self.get(refund_num)

    async def enter_outside(
        self, order_num: str, amount_fen: int, reason: str, by: str, refund_id: str | None
    ) -> dict[str, Any]:
        """Record a refund that was made on WeChat's merchant platform. Raises OrderNotFound,
        NotRefundable (more than is left of what was paid), RefundExists, Busy."""
        entry = OutsideEntry(order_num, amount_fen, refund_id, reason, by)
        entered = await self._store.write(enter_outside_refunds, entry)
        return await self.get(entered.refund_num)

    # --- WeChat -------------------------------------------------------------------------------

    async def send(self, refund_num: str) -> None:
        """Ask WeChat for an approved refund now. Raises nothing that WeChat does: without a
        definite word the refund stays as it is, and is asked about later."""
        try:
            await self._alone(refund_num, first=True)
        except (WeChatRefused, WeChatUntrusted, WeChatUnreachable, OrderIsClosed, Busy) as error:
            log.info("Refund %s is approved; WeChat's word is missing: %s", refund_num, error)

    async def ask(self, refund_num: str, by: str = RECONCILER) -> bool:
        """Ask WeChat once what became of a refund, and send it, with its number, when WeChat
        never had it. True when nothing more is expected of it.

        Raises RefundNotFound, WeChatRefused, WeChatUntrusted, WeChatUnreachable, OrderIsClosed
        (its merchant is not configured any more), Busy; the refund is then as it was. That a person
        asked is in the audit log, whatever the answer was.
        """
        if by != RECONCILER:
            view = await self._view(refund_num)
            detail = {"refundNum": refund_num}
            await self._store.write(record_deeds, Deed(by, "refund.asked", view.order_num, detail))
        await self._alone(refund_num, first=False)
        return (await self._view(refund_num)).status not in ASKED_ABOUT

    async def _alone(self, refund_num: str, *, first: bool) -> None:
        """One call for a refund number at a time; a further request waits for its end."""
        running = self._asking.get(refund_num)
        if running is not None:
            await asyncio.shield(running)
            return
        self._asking[refund_num] = asyncio.get_running_loop().create_future()
        try:
            async with self._locks.hold(REFUND_LOCK + refund_num):
                await self._call(refund_num, first=first)
        finally:
            self._asking.pop(refund_num).set_result(None)

    async def _call(self, refund_num: str, *, first: bool) -> None:
        view, claim = await self._store.read(_read_to_ask, refund_num)
        if view is None:
            raise RefundNotFound
        if view.status not in ASKED_ABOUT and not claim:
            return
        merchant = self._merchant(view)
        if first and view.status is RefundStatus.APPROVED:
            await self._send(view, merchant, first=True)
            return
        try:
            found = await self._wechat.query_refund(merchant, refund_num)
        except WeChatRefused as refusal:
            if refusal.wechat_code != "REFUNDNOTEXIST":
                await self._report(refusal, merchant)
                raise
            await self._missing(view, claim, merchant, refusal)
        except WeChatUntrusted as error:
            await self._report(error, merchant)
            raise
        else:
            await self._settle(found, "refund query", asked=True)

    async def _missing(
        self,
        view: RefundView,
        claim: RefundClaim | None,
        merchant: Merchant,
        refusal: WeChatRefused,
    ) -> None:
        """WeChat never had it: send it, unless WeChat had said that it took it."""
        if view.status is RefundStatus.APPROVED:
            await self._send(view, merchant, first=False)
            return
        await self._store.write(raise_findings, vanished(view.refund_num, view.order_num))
        if claim and view.status not in ASKED_ABOUT:  # nothing more will come: this is the answer
            await self._store.write(drop_claims, claim)
        raise refusal

    async def _send(self, view: RefundView, merchant: Merchant, *, first: bool) -> None:
        order = RefundOrder(
            view.refund_num,
            view.transaction_id,
            view.total_fen,
            view.amount_fen,
            view.reason,
            self._notify_urls[merchant.api],
        )
        try:
            found = await self._wechat.refund(merchant, order)
        except WeChatRefused as refusal:
            await self._report(refusal, merchant)
            if refusal.wechat_code not in (DEFINITE if first else DEFINITE - PLAIN_ONLY_ONCE):
                raise
            words = f"{refusal.wechat_code}: {refusal.wechat_words}"
            await self._store.write(refuse_refunds, RefundRefusal(view.refund_num, words))
        except WeChatUntrusted as error:
            await self._report(error, merchant)
            raise
        else:
            await self._settle(found, "refund answer")

    async def _settle(
        self, found: tuple[RefundResult, str], source: str, *, asked: bool = False
    ) -> None:
        result, body = found
        await self._settlement.settle_refund(result, body, source, asked=asked)

    def _merchant(self, view: RefundView) -> Merchant:
        merchant = self._merchants.find(view.app_id, view.mch_id)
        merchant = merchant or self._merchants.of_account(view.mch_id)
        if merchant is None:
            raise OrderIsClosed("This refund belongs to a merchant that is no longer configured.")
        return merchant

    async def _report(self, error: PaymentError, merchant: Merchant) -> None:
        if finding := finding_of(error, merchant):
            await self._store.write(raise_findings, finding)

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


def _read_to_ask(refund_num: str) -> tuple[RefundView | None, RefundClaim | None]:
    return read_refund(refund_num), read_claims([refund_num]).get(refund_num)


def _read_page(status: str | None, before: int | None, limit: int) -> dict[str, Any]:
    query = Refund.select(*COLUMNS).order_by(Refund.id.desc()).limit(limit + 1)
    if status:
        query = query.where(Refund.status == status)
    if before:
        query = query.where(Refund.id < before)
    views = [to_view(row) for row in rows(query)]
    following = str(views[limit - 1].id) if len(views) > limit else None
    return {"refunds": [public(view) for view in views[:limit]], "next": following}
