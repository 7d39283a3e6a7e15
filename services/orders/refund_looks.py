"""One look at a refund that is due: WeChat is asked what became of it, and the next look is set.

A refund is asked about as long as WeChat may have news of it: often at first, daily in the end. One
that was given up is asked about twice more. Whatever goes wrong delays the refund that it is about.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from models import Refund
from models.store import Store
from payments.errors import (
    Busy,
    OrderIsClosed,
    PaymentError,
    WeChatRefused,
    WeChatUnreachable,
    WeChatUntrusted,
)
from payments.merchant import Merchant, Merchants
from payments.refund import ASKED_ABOUT, GIVEN_UP, RefundStatus
from services.alerts.recovery import note_over
from services.alerts.triage import raise_findings
from services.orders.look_results import LookResult
from services.orders.query_schedule import (
    REFUND_LOOKS,
    SHORTEST_MS,
    Delay,
    DueCheck,
    delay_refund_checks,
    end_refund_checks,
    refund_gap_ms,
)
from services.runtime.clock import DAY_MS, MINUTE_MS, Clock
from services.settlement.refund_store import FIRST_RECHECK_MS, read_claims
from services.wechat.call_failures import (
    of_outage,
    still_abnormal,
    unconfigured,
    unfinished_refund,
)
from services.wechat.circuit_breaker import CircuitBreaker

log = logging.getLogger(__name__)

AskRefund = Callable[[str], Awaitable[bool]]
"""Ask WeChat once about the refund with this number. True: it is finished. Raises WeChatRefused,
WeChatUntrusted, WeChatUnreachable or Busy: it is as it was."""
Trouble = Callable[[Merchant, PaymentError], Awaitable[None]]
"""Count a failed call, and tell a person what is his to mend."""

ABSENT_MS = 10 * MINUTE_MS
"""A refund of an account that is not configured is looked at so often: the account may return."""


@dataclass(frozen=True)
class _RefundNow:
    status: RefundStatus
    app_id: str
    mch_id: str
    order_num: str
    is_claimed: bool
    """WeChat told something of it that is to be confirmed."""


@dataclass(frozen=True)
class _Look:
    result: LookResult
    denied: bool = False
    """WeChat has no such refund."""


class RefundLooks:
    """`outages` and `trouble` are those of the orders: both ask over one line."""

    def __init__(
        self,
        store: Store,
        merchants: Merchants,
        clock: Clock,
        outages: CircuitBreaker,
        ask_refund: AskRefund,
        trouble: Trouble,
    ) -> None:
        self._store = store
        self._merchants = merchants
        self._clock = clock
        self._outages = outages
        self.ask_refund = ask_refund
        self._trouble = trouble

    async def look(self, check: DueCheck) -> LookResult:
        """Raises Busy when the database cannot be read or written."""
        try:
            return await self._look(check)
        except Busy:
            raise
        except Exception:  # a fault of ours: later, and not again and again at once
            log.exception("Refund %s could not be looked at.", check.number)
            await self._put_off(check)
            return LookResult.FAILED

    async def _look(self, check: DueCheck) -> LookResult:
        before = await self._store.read(_read_refund, check.number)
        if before is None or not (before.status in ASKED_ABOUT | GIVEN_UP or before.is_claimed):
            await self._store.write(end_refund_checks, check.number)
            return LookResult.OVER
        if not self._outages.admits(before.mch_id, before.app_id):
            return LookResult.SKIPPED
        look = await self._ask(check.number, before)
        now = await self._store.read(_read_refund, check.number) or before
        if before.status in GIVEN_UP and now.status in GIVEN_UP:
            await self._recheck(check, look.result)
        elif look.result is LookResult.LATER:
            await self._store.write(delay_refund_checks, self._in(check, ABSENT_MS, check.tries))
        elif look.result is not LookResult.OVER:
            await self._go_on(check, before, now, look)
        elif now.status not in GIVEN_UP:  # what has been given up just now has its own next look
            await self._store.write(end_refund_checks, check.number)
        return look.result

    async def _ask(self, refund_num: str, before: _RefundNow) -> _Look:
        try:
            over = await self.ask_refund(refund_num)
        except (WeChatRefused, WeChatUntrusted, WeChatUnreachable, Busy) as error:
            log.info("Refund %s is left as it is for now: %s", refund_num, error)
            merchant = self._merchants.find(before.app_id, before.mch_id)
            # A refusal is about this refund (the balance, the buyer's account), not the line.
            if isinstance(error, WeChatRefused):
                return _Look(LookResult.FAILED, denied=error.wechat_code == "REFUNDNOTEXIST")
            if merchant:
                await self._trouble(merchant, error)
            return _Look(LookResult.FAILED)
        except OrderIsClosed:
            if before.status in ASKED_ABOUT:
                await self._store.write(raise_findings, unconfigured(before.mch_id))
            return _Look(LookResult.LATER)
        merchant = self._merchants.find(before.app_id, before.mch_id)
        if merchant and self._outages.answered(before.mch_id, before.app_id):
            await self._store.write(note_over, of_outage(merchant))
        return _Look(LookResult.OVER if over else LookResult.UNFINISHED)

    async def _recheck(self, check: DueCheck, seen: LookResult) -> None:
        """It was given up: once more a day after its end, and then no more."""
        if seen is LookResult.FAILED:
            await self._store.write(
                delay_refund_checks, self._in(check, FIRST_RECHECK_MS, check.tries)
            )
        elif seen is LookResult.OVER and check.tries == 0:
            wait = DAY_MS - FIRST_RECHECK_MS
            await self._store.write(delay_refund_checks, self._in(check, wait, 1))
        else:
            await self._store.write(end_refund_checks, check.number)

    async def _go_on(
        self, check: DueCheck, before: _RefundNow, now: _RefundNow, look: _Look
    ) -> None:
        if look.result is LookResult.FAILED and self._outages.is_on(before.mch_id):
            # It is not the refund's fault.
            await self._store.write(delay_refund_checks, self._in(check, SHORTEST_MS, check.tries))
            return
        moved = now.status is not before.status
        tries = 0 if moved else check.tries + 1
        if now.status is RefundStatus.ABNORMAL and not moved:
            await self._store.write(raise_findings, still_abnormal(check.number, now.order_num))
        elif tries >= REFUND_LOOKS:
            finding = unfinished_refund(check.number, now.order_num, now.status)
            await self._store.write(raise_findings, finding)
        denied = look.denied and now.status is not RefundStatus.APPROVED
        wait = refund_gap_ms(tries, now.status, denied=denied)
        await self._store.write(delay_refund_checks, self._in(check, wait, tries))

    async def _put_off(self, check: DueCheck) -> None:
        tries = check.tries + 1
        delay = self._in(check, refund_gap_ms(tries, RefundStatus.APPROVED), tries)
        await self._store.write(delay_refund_checks, delay)

    def _in(self, check: DueCheck, wait_ms: int, tries: int) -> Delay:
        return Delay(check, self._clock.now_ms() + wait_ms, tries)


def _read_refund(refund_num: str) -> _RefundNow | None:
    query = Refund.select(Refund.status, Refund.app_id, Refund.mch_id, Refund.order_num)
    row = query.where(Refund.refund_num == refund_num).tuples().first()
    if row is None:
        return None
    status, app_id, mch_id, order_num = row
    is_claimed = bool(read_claims([refund_num]))
    return _RefundNow(RefundStatus(status), app_id, mch_id, order_num, is_claimed)
