"""Prepay: from an order to the signed parameters that the page hands to WeChat.

However many ask at once, WeChat is called once for an order. The attempt is written before the
call with its parameters, so that a repeat after a crash or a lost answer sends the same ones. No
lock of the order is held across the call: the notify may come first, and wins.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import replace

from models.order import AttemptState
from models.store import Store
from payments.apis import APIS
from payments.causes import Cause
from payments.errors import (
    AlreadyPaid,
    Busy,
    OrderIsClosed,
    PaymentError,
    PrepayConflict,
    WeChatRefused,
    WeChatUnreachable,
    WeChatUntrusted,
)
from payments.merchant import Api, Merchants
from payments.outcomes import Outcome
from payments.protocol import LIFETIME_S, Moment, Prepay
from payments.states import SETTLED, TradeType
from services.orders.prepay_attempts import (
    ENDED,
    DeniedPrepay,
    FailedPrepay,
    OpenAttempt,
    PrepayRequest,
    begin_attempts,
    fail_attempts,
    free_attempts,
)
from services.runtime.clock import Clock
from services.runtime.locks import Locks
from services.runtime.metrics import GIVEN, REFUSED, UNANSWERED, UNSENT, Metrics
from services.settlement.order_query import OrderQuery
from services.settlement.settlement import Prepaid, Settlement
from services.wechat.call_failures import MISCONFIGURED, finding_of
from services.wechat.client import TOTAL_S, WeChatClient, nonce

REPEATS = 2
REPEATABLE = ("SYSTEMERROR", "FREQUENCY_LIMITED")
NEVER_MADE = frozenset(
    {
        *MISCONFIGURED,
        "NOTENOUGH",
        "PARAM_ERROR",
        "LACK_PARAMS",
        "XML_FORMAT_ERROR",
        "REQUIRE_POST_METHOD",
        "POST_DATA_EMPTY",
        "NOT_UTF8",
    }
)
"""After one of these, signed, WeChat has no order; after any other word it may have one."""
UNASKED = frozenset({"ORDERCLOSED", *REPEATABLE})
"""After these words a question shows nothing new: WeChat has the number, or is too busy."""


class Prepays:
    def __init__(
        self,
        store: Store,
        locks: Locks,
        settlement: Settlement,
        wechat: WeChatClient,
        order_query: OrderQuery,
        merchants: Merchants,
        clock: Clock,
        origin: str,
        notify_urls: Mapping[Api, str],
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._locks = locks
        self._settlement = settlement
        self._wechat = wechat
        self._order_query = order_query
        self._merchants = merchants
        self._clock = clock
        self._origin = origin
        self._notify_urls = notify_urls
        self._metrics = metrics
        self._unanswered = 0
        self._calls: dict[str, tuple[PrepayRequest, asyncio.Task[OpenAttempt]]] = {}

    async def prepay(
        self, order_num: str, trade_type: TradeType, open_id: str | None, client_ip: str
    ) -> dict[str, str]:
        """The front-end parameters for one order. `client_ip` is the buyer's.

        Raises OrderNotFound (also for another's openid), ProductNotFound, AlreadyPaid,
        OrderIsClosed, PrepayConflict, BadRequest, WeChatRefused, WeChatUntrusted,
        WeChatUnreachable, Busy.
        """
        request = PrepayRequest(
            order_num,
            trade_type,
            open_id,
            client_ip,
            self._origin,
            self._notify_urls,
            self._merchants,
        )
        attempt = await self._join(request)
        if attempt.given is None:
            raise WeChatUntrusted
        return APIS[attempt.api].page_parameters(
            attempt.merchant,
            trade_type,
            attempt.given,
            attempt.fields,
            Moment(self._clock.now_ms() // 1000, nonce()),
        )

    async def _join(self, request: PrepayRequest) -> OpenAttempt:
        """One call at a time for an order: a request for the same gets its result, a request for
        something else waits for its end."""
        while running := self._calls.get(request.order_num):
            other, call = running
            if (other.trade_type, other.open_id) == (request.trade_type, request.open_id):
                break
            await asyncio.wait([call])
        else:
            call = asyncio.create_task(self._obtain(request))
            self._calls[request.order_num] = request, call
            call.add_done_callback(lambda _: self._calls.pop(request.order_num))
        # A buyer who goes away does not cancel the call that others wait for.
        return await asyncio.shield(call)

    async def _obtain(self, request: PrepayRequest) -> OpenAttempt:
        async with self._locks.hold("prepay:" + request.order_num):
            attempt = await self._store.write(begin_attempts, request)
            if attempt.given:
                return attempt
            try:
                async with asyncio.timeout(TOTAL_S):  # of all repeats together
                    given = await self._call(attempt)
            except TimeoutError as error:
                await self._failed(request, attempt, WeChatUnreachable())
                raise WeChatUnreachable from error
            except (WeChatRefused, WeChatUntrusted, WeChatUnreachable, Busy) as error:
                await self._failed(request, attempt, error)
                raise
            return await self._succeeded(request, attempt, given)

    async def _call(self, attempt: OpenAttempt) -> Prepay:
        given = attempt.merchant, attempt.api, attempt.fields, attempt.trade_type
        for repeat in range(REPEATS):
            try:
                return await self._wechat.unified_order(*given)
            except WeChatRefused as refusal:
                if refusal.wechat_code not in REPEATABLE:
                    raise
                attempt.repeated = True
                await asyncio.sleep(random.uniform(0.1, 0.4) * (repeat + 1))  # noqa: S311 - jitter
        return await self._wechat.unified_order(*given)

    async def _succeeded(
        self, request: PrepayRequest, attempt: OpenAttempt, given: Prepay
    ) -> OpenAttempt:
        self._unanswered = 0
        self._metrics.prepay(GIVEN)
        valid_until = self._clock.now_ms() + LIFETIME_S[request.trade_type] * 1000
        status = await self._settlement.mark_prepaid(
            Prepaid(
                request.order_num,
                request.trade_type.value,
                given.prepay_id,
                given.url,
                valid_until,
                attempt.call,
                attempt.payer,
                given.request_id,
            )
        )
        if status in ENDED:
            raise OrderIsClosed
        if status in SETTLED:
            raise AlreadyPaid
        return replace(attempt, given=given, repeated=False)

    async def _failed(
        self, request: PrepayRequest, attempt: OpenAttempt, error: PaymentError
    ) -> None:
        """Keep what became of the call. A refusal after which WeChat may have the number is
        followed by a question: if WeChat denies it, the parameters are free."""
        self._count(error)
        free = _never_made(error) and not attempt.repeated
        failure = self._failure(request, attempt, error, free=free)
        await self._store.write(fail_attempts, failure)
        if not isinstance(error, WeChatRefused):
            return
        code = error.wechat_code
        if code == "OUT_TRADE_NO_USED":
            raise PrepayConflict(PrepayConflict.number_used) from error
        if code == "ORDERCLOSED":
            raise OrderIsClosed(OrderIsClosed.at_wechat) from error
        if code == "ORDERPAID" or not (free or attempt.taken or code in UNASKED):
            await self._ask(request, attempt, error)

    def _count(self, error: PaymentError) -> None:
        """The calls in a row without an answer that proves to be WeChat's, and all of them."""
        if isinstance(error, WeChatRefused):
            self._unanswered = 0
            self._metrics.prepay(REFUSED)
        elif isinstance(error, Busy):
            self._metrics.prepay(UNSENT)
        else:
            self._unanswered += 1
            self._metrics.prepay(UNANSWERED)

    def _failure(
        self, request: PrepayRequest, attempt: OpenAttempt, error: PaymentError, *, free: bool
    ) -> FailedPrepay:
        refusal = error if isinstance(error, WeChatRefused) else None
        return FailedPrepay(
            request.order_num,
            request.trade_type.value,
            attempt.call,
            AttemptState.REFUSED if free else AttemptState.UNKNOWN,
            refusal.wechat_code if refusal else error.code,
            refusal.wechat_words if refusal else error.message,
            refusal.issue if refusal else None,
            refusal.request_id if refusal else None,
            finding_of(error, attempt.merchant, self._unanswered),
            refused=refusal is not None,
        )

    async def _ask(
        self, request: PrepayRequest, attempt: OpenAttempt, error: WeChatRefused
    ) -> None:
        """Raises AlreadyPaid when WeChat's answer books the order, PrepayConflict when WeChat's
        payment is older than the order."""
        try:
            verdict = await self._order_query.ask(attempt.merchant, request.order_num)
        except WeChatRefused as refusal:
            denied = refusal.wechat_code == "ORDERNOTEXIST"
            if denied and error.wechat_code != "ORDERPAID":
                free = DeniedPrepay(request.order_num, attempt.call)
                await self._store.write(free_attempts, free)
        except (WeChatUntrusted, WeChatUnreachable, Busy):
            return  # the reconciler asks again
        else:
            if verdict and verdict.outcome in (Outcome.BOOKED, Outcome.DUPLICATE):
                raise AlreadyPaid from error
            if verdict and verdict.cause is Cause.NUMBER_USED_BEFORE:
                raise PrepayConflict(PrepayConflict.number_used) from error


def _never_made(error: PaymentError) -> bool:
    """After this, WeChat has no order by this call."""
    if isinstance(error, WeChatRefused):
        return error.wechat_code in NEVER_MADE
    return isinstance(error, Busy)
