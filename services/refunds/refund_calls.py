"""Calls to WeChat about one refund: sent, asked about, ended, paid elsewhere; one at a time.

A refund's number is sent again unchanged until WeChat has said what became of it. After any answer
but success WeChat is queried before anything else is done; payments/refund.py has the
meaning of every answer. No call runs inside a transaction.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from models.store import Store
from payments.causes import Cause
from payments.errors import (
    Busy,
    OrderIsClosed,
    PaymentError,
    WeChatRefused,
    WeChatUnreachable,
    WeChatUntrusted,
)
from payments.merchant import Api, Merchant, Merchants
from payments.refund import (
    ASKED_ABOUT,
    GIVEN_UP,
    Meaning,
    RefundOrder,
    RefundResult,
    RefundStatus,
    answer_meaning,
    ends,
    said_of,
)
from services.alerts.triage import raise_findings
from services.refunds.refund_call_ops import (
    NotedAnswer,
    RefundEnd,
    RefundRefusal,
    begin_sends,
    end_refunds,
    note_answers,
    refuse_refunds,
    resume_refunds,
    take_back_sends,
)
from services.refunds.refund_ops import RefundConflict, RefundNotFound
from services.runtime.locks import Locks
from services.settlement.refund_store import (
    RefundClaim,
    RefundView,
    drop_claims,
    public,
    read_claims,
    read_refund,
    read_sends,
)
from services.settlement.settlement import Settlement
from services.wechat.call_failures import finding_of, vanished
from services.wechat.client import WeChatClient

log = logging.getLogger(__name__)

REFUND_LOCK = "refund:"
NOT_SENT = frozenset({"certificate", "client_certificate", "own_key"})
"""The doubts of a call that did not begin; each has a case of its own."""
UNKNOWN_THERE = "REFUNDNOTEXIST"
NO_ANSWER = (WeChatRefused, WeChatUntrusted, WeChatUnreachable, OrderIsClosed, Busy)


class RefundCalls:
    """`notify_urls`: where WeChat tells of a refund, by interface."""

    def __init__(
        self,
        store: Store,
        locks: Locks,
        settlement: Settlement,
        wechat: WeChatClient,
        merchants: Merchants,
        notify_urls: Mapping[Api, str],
    ) -> None:
        self._store = store
        self._locks = locks
        self._settlement = settlement
        self._wechat = wechat
        self._merchants = merchants
        self._notify_urls = notify_urls
        self._running: dict[str, asyncio.Future[None]] = {}

    async def send(self, refund_num: str) -> None:
        """Ask WeChat for an approved refund now. Raises nothing that WeChat does: without a
        definite word the refund stays as it is, and is asked about later."""
        try:
            await self._once(refund_num, first=True)
        except NO_ANSWER as error:
            log.info("Refund %s is approved; WeChat's word is missing: %s", refund_num, error)

    async def ask(self, refund_num: str) -> None:
        """As `Refunds.ask`."""
        await self._once(refund_num, first=False)

    async def end(self, refund_num: str, reason: str, by: str) -> None:
        """As `Refunds.end`."""
        async with self._alone(refund_num):
            view = await self._view(refund_num)
            if view.status not in ASKED_ABOUT:
                raise RefundConflict(refund=public(view))
            denied = await self._denied(view)
            await self._store.write(end_refunds, RefundEnd(refund_num, reason, by, denied))

    async def pay_merchant(self, refund_num: str) -> None:
        """As `Refunds.pay_merchant`."""
        async with self._alone(refund_num):
            view = await self._view(refund_num)
            if view.status is not RefundStatus.ABNORMAL or not view.refund_id:
                raise RefundConflict(refund=public(view))
            merchant = self._merchant(view)
            found = await self._wechat.pay_abnormal(merchant, refund_num, view.refund_id)
            await self._store.write(resume_refunds, refund_num)
            await self._settle(found, "abnormal refund answer")

    # --- one call at a time ---------------------------------------------------------------------

    async def _once(self, refund_num: str, *, first: bool) -> None:
        """A further request waits for the end of the one that runs, and makes none of its own."""
        if running := self._running.get(refund_num):
            await asyncio.shield(running)
            return
        async with self._alone(refund_num):
            await self._call(refund_num, first=first)

    @asynccontextmanager
    async def _alone(self, refund_num: str) -> AsyncIterator[None]:
        while running := self._running.get(refund_num):
            await asyncio.shield(running)
        self._running[refund_num] = asyncio.get_running_loop().create_future()
        try:
            async with self._locks.hold(REFUND_LOCK + refund_num):
                yield
        finally:
            self._running.pop(refund_num).set_result(None)

    # --- the calls ------------------------------------------------------------------------------

    async def _call(self, refund_num: str, *, first: bool) -> None:
        view, claim = await self._store.read(_read_to_ask, refund_num)
        if view is None:
            raise RefundNotFound
        if view.status not in ASKED_ABOUT | GIVEN_UP and not claim:
            return
        merchant = self._merchant(view)
        if first and view.status is RefundStatus.APPROVED:
            sends = await self._store.read(read_sends, refund_num)
            if not sends.count:
                await self._send(view, merchant)
                return
        await self._query(view, claim, merchant)

    async def _query(self, view: RefundView, claim: RefundClaim | None, merchant: Merchant) -> None:
        try:
            found = await self._wechat.query_refund(merchant, view.refund_num)
        except (WeChatRefused, WeChatUntrusted) as error:
            if not _denies(error):
                await self._note(view, merchant, error, sent=False)
                raise
            await self._missing(view, claim, merchant, error)
        else:
            await self._settle(found, "refund query", asked=True, claim=claim)

    async def _missing(
        self,
        view: RefundView,
        claim: RefundClaim | None,
        merchant: Merchant,
        denial: PaymentError,
    ) -> None:
        """WeChat does not have it: send it, unless it refused the only send for good, or had said
        that it took it."""
        if view.status is RefundStatus.APPROVED:
            sends = await self._store.read(read_sends, view.refund_num)
            if ends(merchant.api, sends.answer, sends.count):
                await self._store.write(refuse_refunds, RefundRefusal(view.refund_num))
            else:
                await self._send(view, merchant)
            return
        if view.status in GIVEN_UP and not claim:
            return
        await self._store.write(raise_findings, vanished(view.refund_num, view.order_num))
        if claim and view.status not in ASKED_ABOUT:  # nothing more will come: this is the answer
            await self._store.write(drop_claims, claim)
        raise denial

    async def _send(self, view: RefundView, merchant: Merchant) -> None:
        order = RefundOrder(
            view.refund_num,
            view.transaction_id,
            view.total_fen,
            view.amount_fen,
            view.reason,
            self._notify_urls[merchant.api],
        )
        sends = await self._store.write(begin_sends, view.refund_num)
        try:
            found = await self._wechat.refund(merchant, order)
        except Busy:
            await self._store.write(take_back_sends, view.refund_num)
            raise
        except (WeChatRefused, WeChatUntrusted) as error:
            await self._note(view, merchant, error, sent=True)
            if answer_meaning(merchant.api, error).of(sends) is not Meaning.NOT_TAKEN:
                raise
            await self._query(view, None, merchant)
        else:
            await self._settle(found, "refund answer")

    async def _denied(self, view: RefundView) -> bool:
        """Whether WeChat has no such refund; one that it has is settled. Of an abnormal refund,
        whose money it holds, no answer is needed."""
        try:
            merchant = self._merchant(view)
            found = await self._wechat.query_refund(merchant, view.refund_num)
        except NO_ANSWER as error:
            if not _denies(error) and view.status is not RefundStatus.ABNORMAL:
                raise
            return _denies(error)
        await self._settle(found, "refund query", asked=True)
        return False

    async def _settle(
        self,
        found: tuple[RefundResult, str],
        source: str,
        *,
        asked: bool = False,
        claim: RefundClaim | None = None,
    ) -> None:
        """`claim` is what was claimed when the question was asked."""
        result, body = found
        claimed = claim.status if claim else None
        await self._settlement.settle_refund(result, body, source, asked=asked, claimed=claimed)

    def _merchant(self, view: RefundView) -> Merchant:
        merchant = self._merchants.find(view.app_id, view.mch_id)
        merchant = merchant or self._merchants.of_account(view.mch_id)
        if merchant is None:
            raise OrderIsClosed("This refund belongs to a merchant that is no longer configured.")
        return merchant

    async def _note(
        self,
        view: RefundView,
        merchant: Merchant,
        error: WeChatRefused | WeChatUntrusted,
        *,
        sent: bool,
    ) -> None:
        """Keep an answer that was no success, and raise the case of a fault that it shows."""
        finding = finding_of(error, merchant)
        if finding and finding.cause is not Cause.RECEIVING_RESTRICTED:  # here it is about refunds
            await self._store.write(raise_findings, finding)
        if isinstance(error, WeChatUntrusted) and error.doubt in NOT_SENT:
            if sent:
                await self._store.write(take_back_sends, view.refund_num)
            return
        said, words = said_of(error)
        cure = answer_meaning(merchant.api, error).cure
        answer = NotedAnswer(view.refund_num, said if sent else None, said, words, cure)
        if isinstance(error, WeChatRefused):
            code = error.wechat_code if sent else None
            answer = replace(answer, code=code, issue=error.issue, request_id=error.request_id)
        await self._store.write(note_answers, answer)

    async def _view(self, refund_num: str) -> RefundView:
        view = await self._store.read(read_refund, refund_num)
        if view is None:
            raise RefundNotFound
        return view


def _denies(error: PaymentError) -> bool:
    return isinstance(error, WeChatRefused) and error.wechat_code == UNKNOWN_THERE


def _read_to_ask(refund_num: str) -> tuple[RefundView | None, RefundClaim | None]:
    return read_refund(refund_num), read_claims([refund_num]).get(refund_num)
