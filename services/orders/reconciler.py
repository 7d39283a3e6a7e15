"""Finds payments whose notify was lost: asks WeChat about open orders and unfinished refunds when
they are due, and closes expired orders at WeChat and only then here.

A payment may be on its way at any time, so neither expiry nor an error changes a state: an answer
that is missing or cannot be used leaves the order as it is, and it is queried again later.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

from models.store import Store
from payments.errors import (
    GONE,
    Busy,
    PaymentError,
    WeChatRefused,
    WeChatUnreachable,
    WeChatUntrusted,
)
from payments.merchant import Merchant, Merchants
from payments.outcomes import Outcome
from payments.payment_rules import Verdict
from payments.states import PAYABLE, SETTLED
from services.alerts.recovery import note_over
from services.alerts.triage import raise_findings
from services.orders.look_results import ENDS, LookResult, PassCounts
from services.orders.orders import OrderView, read_order
from services.orders.query_schedule import (
    CHECK_GRACE_MS,
    SHORTEST_MS,
    Delay,
    DueCheck,
    delay_order_checks,
    due_orders,
    due_refunds,
    end_order_checks,
    gap_ms,
    known_since,
    newest_order,
    open_orders,
    probe_orders,
    probe_refunds,
    unfinished_refunds,
    wait_ms,
)
from services.orders.refund_looks import AskRefund, RefundLooks
from services.runtime.clock import HOUR_MS, MINUTE_MS, Clock
from services.settlement.evidence import money_is_decided
from services.settlement.order_query import OrderQuery
from services.settlement.settlement import OrderClosing, Settlement
from services.wechat.call_failures import (
    NO_WORD,
    finding_of,
    of_outage,
    refusing,
    unconfigured,
)
from services.wechat.circuit_breaker import CircuitBreaker
from services.wechat.client import WeChatClient

log = logging.getLogger(__name__)

QUERIES_A_SECOND = 50
"""Far below what WeChat allows a merchant, so that buyers' prepays have the rest."""
ORDERS_AT_ONCE, REFUNDS_AT_ONCE = 5, 2
"""Asked about together: most of the client's places stay free for buyers."""
A_PAGE = 100
STEP_S = 5.0
"""After so long a step begins no more looks: what it has begun ends within its lease."""
A_STEP = 250
"""The number of queries that the rate limit allows in that time."""
YOUNGEST_MS = 5 * MINUTE_MS
"""WeChat closes no order that is younger (closeorder)."""
REFUSALS = 24
"""Money that could not be booked is asked about hourly for a day; then its case waits alone."""
BY = "expiry"
FAILURES = (WeChatRefused, WeChatUntrusted, WeChatUnreachable, Busy)


class Reconciler:
    """`wechat`, `order_query` and `ask_refund` share one rate limit."""

    def __init__(
        self,
        store: Store,
        settlement: Settlement,
        wechat: WeChatClient,
        order_query: OrderQuery,
        merchants: Merchants,
        clock: Clock,
        ask_refund: AskRefund,
    ) -> None:
        self._store = store
        self._settlement = settlement
        self._wechat = wechat
        self._order_query = order_query
        self._merchants = merchants
        self._clock = clock
        self._outages = CircuitBreaker(clock)
        self.refunds = RefundLooks(
            store, merchants, clock, self._outages, ask_refund, self._trouble
        )

    async def step(self) -> int:
        """Look at what is due, for at most five seconds; returns how many. Jobs call this."""
        until = self._clock.monotonic() + STEP_S
        orders, refunds = await asyncio.gather(
            self._due(due_orders, probe_orders, self._order, ORDERS_AT_ONCE, until),
            self._due(due_refunds, probe_refunds, self.refunds.look, REFUNDS_AT_ONCE, until),
        )
        return orders + refunds

    async def _due(
        self,
        read: Callable[[int, int, Sequence[str]], list[DueCheck]],
        read_probe: Callable[[int, str, str], list[DueCheck]],
        look: Callable[[DueCheck], Awaitable[LookResult]],
        at_once: int,
        until: float,
    ) -> int:
        now, probes = self._clock.now_ms(), []
        for mch_id, after in self._outages.probes():
            probes += await self._store.read(read_probe, now, mch_id, after)
        checks = probes + await self._store.read(read, now, A_STEP, self._outages.outages())
        done = 0
        for start in range(0, len(checks), at_once):
            if self._clock.monotonic() > until:
                break
            done += len(await self._together(look, checks[start : start + at_once]))
        return done

    async def once(self, told: Callable[[PassCounts], None]) -> PassCounts:
        """Look at every order that WeChat may know and every unfinished refund, whenever they are
        due; `told` hears how far it is. Raises Busy when the database cannot be read."""
        tally = PassCounts()
        place, last = (0, 0), await self._store.read(newest_order)
        while page := await self._store.read(open_orders, place, last, A_PAGE):
            place = page[-1][0]
            await self._page(self._order, page, ORDERS_AT_ONCE, tally.orders, tally, told)
        after = 0
        while some := await self._store.read(unfinished_refunds, after, A_PAGE):
            after = some[-1][0]
            await self._page(self.refunds.look, some, REFUNDS_AT_ONCE, tally.refunds, tally, told)
        return tally

    async def _page(
        self,
        look: Callable[[DueCheck], Awaitable[LookResult]],
        page: Sequence[tuple[object, DueCheck]],
        at_once: int,
        counts: Counter[LookResult],
        tally: PassCounts,
        told: Callable[[PassCounts], None],
    ) -> None:
        checks = [check for _, check in page]
        for start in range(0, len(checks), at_once):
            counts.update(await self._together(look, checks[start : start + at_once]))
            told(tally)

    async def _together(
        self, look: Callable[[DueCheck], Awaitable[LookResult]], checks: Sequence[DueCheck]
    ) -> list[LookResult]:
        return await asyncio.gather(*(self._safely(look, check) for check in checks))

    async def _safely(
        self, look: Callable[[DueCheck], Awaitable[LookResult]], check: DueCheck
    ) -> LookResult:
        """One odd order must not keep the others waiting; what is not delayed is due again."""
        try:
            return await look(check)
        except Busy as error:
            log.warning("%s was not looked at to the end: %s", check.number, error)
        except Exception:
            log.exception("%s could not be looked at.", check.number)
        return LookResult.FAILED

    # --- orders ------------------------------------------------------------------------------

    async def _order(self, check: DueCheck) -> LookResult:
        order, since = await self._store.read(_read_order, check.number)
        if order is None or order.status not in PAYABLE:
            await self._store.write(end_order_checks, check.number)
            return LookResult.OVER
        over_at = order.expires_at + CHECK_GRACE_MS
        expired = self._clock.now_ms() >= over_at and self._store.may_expire()
        try:
            seen = await self._examine(order, since, expired, check.tries)
        except FAILURES as error:
            log.info("Order %s is left as it is for now: %s", check.number, error)
            seen = LookResult.FAILED
        except Exception:  # a fault of ours: later, and not again and again at once
            log.exception("Order %s could not be looked at.", check.number)
            seen = LookResult.FAILED
        if seen in ENDS or (seen is LookResult.REFUSED and check.tries >= REFUSALS):
            await self._store.write(end_order_checks, check.number)
        elif seen is not LookResult.SKIPPED:
            await self._store.write(
                delay_order_checks, self._next(check, order, since, seen, expired)
            )
        return seen

    def _next(
        self, check: DueCheck, order: OrderView, since: int | None, seen: LookResult, expired: bool
    ) -> Delay:
        now = self._clock.now_ms()
        # It is over already while the clock is in doubt: then it is looked at again a little later.
        over_at = max(order.expires_at + CHECK_GRACE_MS, now + SHORTEST_MS)
        if seen in (LookResult.UNSENT, LookResult.DECIDED):
            return Delay(check, over_at, 0)
        if seen is LookResult.UNPAID:
            return Delay(check, min(now + gap_ms(now - (since or now)), over_at), 0, unpaid_at=now)
        if seen is LookResult.FAILED and self._outages.is_on(order.mch_id):
            return Delay(check, now + SHORTEST_MS, check.tries)  # it is not the order's fault
        wait = HOUR_MS if seen is LookResult.REFUSED else wait_ms(check.tries, expired)
        return Delay(check, now + wait, check.tries + 1)

    async def _examine(
        self, order: OrderView, since: int | None, expired: bool, tries: int
    ) -> LookResult:
        if since is not None:
            merchant = self._merchants.find(order.app_id, order.mch_id)
            if merchant is None:
                await self._store.write(raise_findings, unconfigured(order.mch_id))
                return LookResult.LATER
            if not self._outages.admits(merchant.mch_id, merchant.app_id):
                return LookResult.SKIPPED
            try:
                seen = await self._ask(merchant, order, expired)
            except FAILURES as error:
                await self._trouble(merchant, error, tries)
                raise
            if self._outages.answered(merchant.mch_id, merchant.app_id):
                await self._store.write(note_over, of_outage(merchant))
            if seen is not LookResult.CLOSED:
                return seen
        elif not expired:
            return LookResult.UNSENT
        closing = OrderClosing(order.order_num, BY, "expired")
        return (
            LookResult.OVER
            if await self._settlement.mark_closed(closing) in SETTLED
            else LookResult.CLOSED
        )

    async def _ask(self, merchant: Merchant, order: OrderView, expired: bool) -> LookResult:
        """CLOSED: nobody can pay it at WeChat any more."""
        try:
            verdict = await self._order_query.ask(merchant, order.order_num)
            if verdict is not None:
                return await self._not_unpaid(verdict, order.order_num, expired)
            if not expired:
                return LookResult.UNPAID
            if self._clock.now_ms() - order.created_at < YOUNGEST_MS:
                return LookResult.LATER
            await self._wechat.close(merchant, order.order_num)
        except WeChatRefused as refusal:
            if refusal.wechat_code not in GONE:
                raise
            # Before its time is over the buyer's next prepay may still make it there.
            return LookResult.CLOSED if expired else LookResult.UNPAID
        return LookResult.CLOSED

    async def _not_unpaid(self, verdict: Verdict, order_num: str, expired: bool) -> LookResult:
        if verdict.outcome is Outcome.BOOKED:
            return LookResult.PAID
        if verdict.outcome is Outcome.DUPLICATE:
            return LookResult.OVER
        if not await self._store.read(money_is_decided, order_num):
            return LookResult.REFUSED
        # WeChat closes no paid order, and takes no second payment for one.
        return LookResult.CLOSED if expired else LookResult.DECIDED

    # --- trouble -----------------------------------------------------------------------------

    async def _trouble(self, merchant: Merchant, error: PaymentError, tries: int = 0) -> None:
        """Count a failed call, and tell a person what is his to mend. A question that is refused
        again (`tries`) stands still, whoever else is answered."""
        streak = self._outages.failed(merchant.mch_id, merchant.app_id, error)
        if isinstance(error, Busy):  # of prepays that case would speak, which may go well
            return
        finding = finding_of(error, merchant, streak.unanswered)
        if isinstance(error, WeChatRefused):
            calls = max(streak.unanswered, streak.refused)
            again = streak.refused > 0 and tries > 0
            if finding_of(error, merchant) is None and (again or calls >= NO_WORD):
                finding = refusing(error, merchant, NO_WORD if calls >= NO_WORD else 2)
        if finding:
            await self._store.write(raise_findings, finding)


# --- reads -------------------------------------------------------------------------------------


def _read_order(order_num: str) -> tuple[OrderView | None, int | None]:
    return read_order(order_num), known_since(order_num)
