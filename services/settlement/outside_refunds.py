"""Asks WeChat what became of payments of which money went back without a request of ours.

API v2 lists the refunds of a payment; API v3 tells of a refund by its number only. What WeChat does
not list is a case: a person looks it up on the merchant platform and enters it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from models import Order, OutsideLook, Refund
from models.base import rows
from models.store import Store
from models.transaction import Batch, NewEvent
from payments.errors import (
    Busy,
    PaymentError,
    WeChatRefused,
    WeChatUnreachable,
    WeChatUntrusted,
)
from payments.merchant import Merchant, Merchants
from payments.refund import RefundOrigin, RefundStatus
from services.alerts.cases import Cases, Finding
from services.alerts.triage import raise_findings
from services.runtime.clock import HOUR_MS, Clock
from services.settlement.order_query import OrderQuery
from services.settlement.paid_money import PaidMoney, read_paid
from services.settlement.settlement import Settlement
from services.wechat.call_failures import (
    denied_refund,
    finding_of,
    unconfigured,
    unlisted_refund,
)
from services.wechat.client import WeChatClient

log = logging.getLogger(__name__)

SOURCE = "refund query"
FAILURES = (WeChatRefused, WeChatUntrusted, WeChatUnreachable, Busy)
A_STEP = 20
FIRST_WAIT_MS = 15_000
"""After a look that failed; it doubles while looks fail, up to an hour."""
TOLD_AFTER = 2
"""After so many failed looks a case says that money went back."""
FIRST_ASKED_S = 4.0
"""Whoever asks for a refund waits so long for what WeChat knows of earlier ones."""
LAST_LOOK = 7 * 24
"""After so many the case waits alone."""
_NOT_TAKEN = (RefundStatus.REQUESTED, RefundStatus.REJECTED, RefundStatus.REFUSED)


class OutsideEnd(Enum):
    """How a look ended."""

    DONE = auto()
    """What WeChat told is recorded, or a case says what it did not tell."""
    DENIED = auto()
    """WeChat knows no such refund."""
    LATER = auto()
    """It gave no answer that can be used; it is asked again."""


@dataclass(frozen=True)
class PlannedLook:
    """A row of the table of looks."""

    id: int
    transaction_id: str
    refund_num: str
    order_num: str
    tries: int


class OutsideRefunds:
    def __init__(
        self,
        store: Store,
        settlement: Settlement,
        wechat: WeChatClient,
        order_query: OrderQuery,
        merchants: Merchants,
        clock: Clock,
    ) -> None:
        self._store = store
        self._settlement = settlement
        self._wechat = wechat
        self._order_query = order_query
        self._merchants = merchants
        self._clock = clock

    async def step(self) -> int:
        """Look at what is due; returns how many. Jobs call this."""
        looks = await self._store.read(_due, self._clock.now_ms(), A_STEP)
        for look in looks:
            await self._take(look)
        return len(looks)

    async def look(self, order_num: str) -> None:
        """Carry out now what is planned for an order. Raises nothing that WeChat does."""
        for look in await self._store.read(_of_order, order_num):
            await self._take(look)

    async def confirm(self, transaction_id: str, refund_num: str, patience_s: float) -> OutsideEnd:
        """Carry out now what is planned for one refund, for so many seconds; after that it is due
        again. DONE when nothing is planned."""
        look = await self._store.read(_of_refund, transaction_id, refund_num)
        if look is None:
            return OutsideEnd.DONE
        try:
            async with asyncio.timeout(patience_s):
                return await self._take(look, refuses=True)
        except TimeoutError:
            return OutsideEnd.LATER

    async def knew_all(self, order_num: str) -> bool:
        """Ask, before we refund an order, what of its payment went back already. False when money
        went back of which nobody here knew, as after a restored backup: then a person decides
        again. Where WeChat gives no answer in time this is True: its own limit is what was paid."""
        order = await self._store.read(_read_order_money, order_num)
        merchant = self._account(order.app_id, order.mch_id) if order else None
        if order is None or merchant is None:
            return True
        known = await self._store.read(_count_outside, order_num)
        try:
            async with asyncio.timeout(FIRST_ASKED_S):
                if merchant.api_v2_key:
                    await self._record_listed(merchant, order.transaction_id)
                else:
                    await self._order_query.ask(merchant, order_num)
        except (*FAILURES, TimeoutError) as error:
            log.info("What went back of order %s is not known: %s", order_num, error)
            return True
        return await self._is_clear(order, known)

    async def _is_clear(self, order: PaidMoney, known: int) -> bool:
        """Nothing new was recorded, and the answer of the order's query asks for no look at this
        payment that finds more than is known. A second payment of the order is looked at apart."""
        planned = await self._store.read(_of_payment, order.transaction_id)
        for look in planned:
            await self._take(look)
        explained = order.transaction_id, order.order_num
        if planned and not await self._store.read(_is_explained, *explained):
            return False
        return await self._store.read(_count_outside, order.order_num) == known

    async def _take(self, look: PlannedLook, *, refuses: bool = False) -> OutsideEnd:
        """`refuses`: a notify waits for the end, and is refused where WeChat denies it."""
        try:
            end = await self._examine(look)
        except FAILURES as error:
            log.info("The refunds of %s are not known yet: %s", look.transaction_id, error)
            end = OutsideEnd.LATER
        except Exception:  # a fault of ours: later, and not again and again at once
            log.exception("The refunds of %s could not be looked at.", look.transaction_id)
            end = OutsideEnd.LATER
        if end is OutsideEnd.LATER:
            await self._postpone(look)
        elif end is OutsideEnd.DENIED:
            await self._store.write(deny_looks, (look, refuses))
        else:
            await self._store.write(end_looks, look)
        return end

    async def _postpone(self, look: PlannedLook) -> None:
        if look.tries == TOLD_AFTER:
            await self._tell_unlisted(look.transaction_id, look.order_num)
        if look.tries >= LAST_LOOK:
            await self._store.write(end_looks, look)
            return
        wait_ms = min(FIRST_WAIT_MS << min(look.tries, 16), HOUR_MS)
        await self._store.write(delay_looks, (look, self._clock.now_ms() + wait_ms))

    async def _examine(self, look: PlannedLook) -> OutsideEnd:
        money = await self._store.read(_read_money, look.transaction_id)
        if money is None:
            await self._ask_order(look.order_num)
            money = await self._store.read(_read_money, look.transaction_id)
        if money is None:
            return OutsideEnd.DENIED if look.refund_num else OutsideEnd.DONE
        merchant = self._account(money.app_id, money.mch_id)
        if merchant is None:
            await self._store.write(raise_findings, unconfigured(money.mch_id))
            return OutsideEnd.LATER
        try:
            if look.refund_num:
                return await self._ask_for_one(merchant, look)
            return await self._ask_for_all(merchant, money)
        except (WeChatRefused, WeChatUntrusted) as error:
            await self._report(error, merchant)
            raise

    async def _ask_order(self, order_num: str) -> None:
        """An order that is not paid here, and of which money went back, was paid."""
        account = await self._store.read(_read_account, order_num)
        merchant = self._account(*account) if account else None
        if merchant is None:
            return
        try:
            await self._order_query.ask(merchant, order_num)
        except WeChatRefused as refusal:
            if refusal.wechat_code != "ORDERNOTEXIST":
                raise

    async def _ask_for_one(self, merchant: Merchant, look: PlannedLook) -> OutsideEnd:
        try:
            result, text = await self._wechat.query_refund(merchant, look.refund_num)
        except WeChatRefused as refusal:
            if refusal.wechat_code != "REFUNDNOTEXIST":
                raise
            return OutsideEnd.DENIED
        await self._settlement.settle_refund(result, text, SOURCE, asked=True)
        return OutsideEnd.DONE

    async def _ask_for_all(self, merchant: Merchant, money: PaidMoney) -> OutsideEnd:
        if merchant.api_v2_key:
            await self._record_listed(merchant, money.transaction_id)
        await self._tell_unlisted(money.transaction_id, money.order_num)
        return OutsideEnd.DONE

    async def _record_listed(self, merchant: Merchant, transaction_id: str) -> None:
        for result, text in await self._wechat.refunds_of(merchant, transaction_id):
            await self._settlement.settle_refund(result, text, SOURCE, asked=True)

    async def _tell_unlisted(self, transaction_id: str, order_num: str) -> None:
        """A case, unless a refund that is known says how much went back."""
        if not await self._store.read(_is_explained, transaction_id, order_num):
            await self._store.write(raise_findings, unlisted_refund(transaction_id, order_num))

    def _account(self, app_id: str, mch_id: str) -> Merchant | None:
        return self._merchants.find(app_id, mch_id) or self._merchants.of_account(mch_id)

    async def _report(self, error: PaymentError, merchant: Merchant) -> None:
        finding: Finding | None = finding_of(error, merchant)
        if finding:
            await self._store.write(raise_findings, finding)


# --- reads ---------------------------------------------------------------------------------------

_COLUMNS = tuple(getattr(OutsideLook, name) for name in PlannedLook.__dataclass_fields__)


def _due(now: int, limit: int) -> list[PlannedLook]:
    query = OutsideLook.select(*_COLUMNS).where(OutsideLook.due_at <= now)
    return [PlannedLook(*row) for row in rows(query.order_by(OutsideLook.due_at).limit(limit))]


def _of_order(order_num: str) -> list[PlannedLook]:
    query = OutsideLook.select(*_COLUMNS).where(OutsideLook.order_num == order_num)
    return [PlannedLook(*row) for row in rows(query.order_by(OutsideLook.id).limit(A_STEP))]


def _of_payment(transaction_id: str) -> list[PlannedLook]:
    query = OutsideLook.select(*_COLUMNS).where(OutsideLook.transaction_id == transaction_id)
    return [PlannedLook(*row) for row in rows(query.order_by(OutsideLook.id).limit(A_STEP))]


def _of_refund(transaction_id: str, refund_num: str) -> PlannedLook | None:
    named = OutsideLook.transaction_id == transaction_id, OutsideLook.refund_num == refund_num
    found = rows(OutsideLook.select(*_COLUMNS).where(*named))
    return PlannedLook(*found[0]) if found else None


def _read_money(transaction_id: str) -> PaidMoney | None:
    return read_paid([transaction_id]).get(transaction_id)


def _read_order_money(order_num: str) -> PaidMoney | None:
    """The payment of an order that was paid."""
    order = Order.get_or_none(Order.order_num == order_num)
    return _read_money(order.transaction_id) if order and order.transaction_id else None


def _count_outside(order_num: str) -> int:
    """The refunds of an order number that were made outside."""
    outside = Refund.order_num == order_num, Refund.origin == RefundOrigin.WECHAT
    count: int = Refund.select().where(*outside).count()
    return count


def _read_account(order_num: str) -> tuple[str, str] | None:
    found = rows(Order.select(Order.app_id, Order.mch_id).where(Order.order_num == order_num))
    return found[0] if found else None


def _is_explained(transaction_id: str, order_num: str) -> bool:
    """A refund that WeChat took says how much went back."""
    of_it = Refund.order_num == order_num, Refund.transaction_id == transaction_id
    taken = Refund.status.not_in([status.value for status in _NOT_TAKEN])
    return bool(Refund.select().where(*of_it, taken).exists())


# --- ops -----------------------------------------------------------------------------------------


def end_looks(batch: Batch, looks: Sequence[PlannedLook]) -> list[None]:
    OutsideLook.delete().where(OutsideLook.id.in_([look.id for look in looks])).execute()
    return [None] * len(looks)


def deny_looks(batch: Batch, denials: Sequence[tuple[PlannedLook, bool]]) -> list[None]:
    """WeChat denied what a notify said: a case, and where the notify is refused its event."""
    findings = [denied_refund(look.refund_num, look.order_num) for look, _ in denials]
    cases = Cases(batch, [finding.key for finding in findings])
    for finding, (_, refuses) in zip(findings, denials, strict=True):
        if refuses:
            severity = cases.severity(finding)
            batch.emit(NewEvent("notify.refused", finding.order_num, finding.told(), severity))
        cases.raise_(finding)
    cases.flush()
    return end_looks(batch, [look for look, _ in denials])


def delay_looks(batch: Batch, delays: Sequence[tuple[PlannedLook, int]]) -> list[None]:
    for look, due_at in delays:
        changed = OutsideLook.update(due_at=due_at, tries=look.tries + 1)
        changed.where(OutsideLook.id == look.id).execute()
    return [None] * len(delays)
