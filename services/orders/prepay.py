"""Prepay: from an order to the signed parameters that the page hands to WeChat.

However many ask at once, WeChat is called once for an order. The attempt is written before the
call with its parameters, so that a repeat after a crash or a lost answer sends the same ones. No
lock of the order is held across the call: the notify may come first, and wins.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from models import Order, PrepayAttempt, Product
from models.order import AttemptState
from models.store import Store
from models.transaction import Batch, NewEvent, dump
from payments.apis import APIS
from payments.errors import (
    AlreadyPaid,
    BadRequest,
    Busy,
    OrderIsClosed,
    OrderNotFound,
    PaymentError,
    PrepayConflict,
    ProductNotFound,
    WeChatRefused,
    WeChatUnreachable,
    WeChatUntrusted,
)
from payments.masking import mask_text
from payments.merchant import Api, Merchant, Merchants
from payments.outcomes import Outcome
from payments.protocol import LIFETIME_S, Moment, Prepay, PrepayOrder
from payments.states import SETTLED, OrderStatus, TradeType
from services.alerts.cases import Finding
from services.alerts.triage import raise_findings
from services.orders.query_schedule import hasten
from services.runtime.clock import Clock
from services.runtime.locks import Locks
from services.settlement.order_query import OrderQuery
from services.settlement.settlement import Prepaid, Settlement
from services.settlement.snapshots import load_snapshots
from services.wechat.call_failures import MISCONFIGURED, finding_of
from services.wechat.client import TOTAL_S, WeChatClient, nonce

MARGIN_MS = 5 * 60_000
"""A prepay id this close to its end is not handed out again."""
REPEATS = 2
REPEATABLE = ("SYSTEMERROR", "FREQUENCY_LIMITED")
NEVER_MADE = frozenset(
    {
        *MISCONFIGURED,
        "NOTENOUGH",
        "LACK_PARAMS",
        "XML_FORMAT_ERROR",
        "REQUIRE_POST_METHOD",
        "POST_DATA_EMPTY",
        "NOT_UTF8",
    }
)
"""After one of these, signed, WeChat has no order; after any other word it may have one."""
ENDED = (OrderStatus.CLOSED, OrderStatus.REFUNDED)


@dataclass(frozen=True)
class PrepayRequest:
    """The request of a buyer at `client_ip` to pay this order."""

    order_num: str
    trade_type: TradeType
    open_id: str | None
    client_ip: str
    origin: str
    notify_urls: Mapping[Api, str]
    merchants: Merchants

    def first_fields(self, merchant: Merchant, order: dict[str, Any], now: int) -> dict[str, Any]:
        """The parameters of the first call for this order."""
        wanted = PrepayOrder(
            order_num=self.order_num,
            product_id=order["product_id"],
            title=order["title"],
            total_fen=order["total_fen"],
            trade_type=self.trade_type,
            open_id=order["open_id"],
            client_ip=self.client_ip,
            origin=self.origin,
            notify_url=self.notify_urls[merchant.api],
            nonce=nonce(),
            now_ms=now,
            created_ms=order["created_at"],
            expires_ms=order["expires_at"],
        )
        return APIS[merchant.api].order_fields(merchant, wanted)


@dataclass
class OpenAttempt:
    """The parameters to send to WeChat, or the result that it gave already (`given`). `repeated`:
    an earlier call, whose outcome may be unknown, sent the same."""

    merchant: Merchant
    api: Api
    fields: dict[str, Any]
    trade_type: TradeType
    given: Prepay | None
    repeated: bool = False


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
        valid_until = self._clock.now_ms() + LIFETIME_S[request.trade_type] * 1000
        status = await self._settlement.mark_prepaid(
            Prepaid(
                request.order_num,
                request.trade_type.value,
                given.prepay_id,
                given.url,
                valid_until,
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
        code, words = error.code, error.message
        never_made = isinstance(error, Busy)
        if isinstance(error, WeChatRefused):
            code, words = error.wechat_code, error.wechat_words
            never_made = code in NEVER_MADE
            self._unanswered = 0
        elif not never_made:
            self._unanswered += 1
        # Never made there: another trade type or other parameters may do.
        unknown = attempt.repeated or not never_made
        state = AttemptState.UNKNOWN if unknown else AttemptState.REFUSED
        finding = finding_of(error, attempt.merchant, self._unanswered)
        failure = FailedPrepay(
            request.order_num, request.trade_type.value, state, code, words, finding
        )
        await self._store.write(fail_attempts, failure)
        if code == "ORDERPAID":
            verdict = await self._order_query.ask(attempt.merchant, request.order_num)
            if verdict and verdict.outcome in (Outcome.BOOKED, Outcome.DUPLICATE):
                raise AlreadyPaid from error
        if code == "OUT_TRADE_NO_USED":
            raise PrepayConflict from error


@dataclass(frozen=True)
class FailedPrepay:
    order_num: str
    trade_type: str
    state: AttemptState
    code: str
    words: str
    finding: Finding | None = None


# --- ops ---------------------------------------------------------------------------------------


def begin_attempts(
    batch: Batch, requests: Sequence[PrepayRequest]
) -> list[OpenAttempt | Exception]:
    # Locks the orders where the database can: no other process begins with them meanwhile.
    load_snapshots(batch, [request.order_num for request in requests])
    begun = [_begin(batch, request) for request in requests]
    tried = zip(requests, begun, strict=True)
    hasten(batch, [request.order_num for request, found in tried if isinstance(found, OpenAttempt)])
    return begun


def _begin(batch: Batch, request: PrepayRequest) -> OpenAttempt | Exception:
    order = Order.select().where(Order.order_num == request.order_num).dicts().first()
    refusal = _refusal(batch, request, order)
    if refusal:
        return refusal
    merchant = request.merchants.find(order["app_id"], order["mch_id"])
    if merchant is None:
        return OrderIsClosed("This order belongs to a merchant that is no longer configured.")
    row = PrepayAttempt.get_or_none(PrepayAttempt.order_num == request.order_num)
    if row and row.state != AttemptState.REFUSED and row.trade_type != request.trade_type:
        return PrepayConflict()
    if request.open_id and not order["open_id"]:
        order["open_id"] = request.open_id
        Order.update(open_id=request.open_id).where(Order.order_num == request.order_num).execute()
    if row is None or row.state == AttemptState.REFUSED:
        fields = request.first_fields(merchant, order, batch.now)
        _write_attempt(batch, request, merchant.api, fields, row)
        return OpenAttempt(merchant, merchant.api, fields, request.trade_type, None)
    api, fields = Api(row.api), json.loads(row.parameters)
    if row.state == AttemptState.READY and row.valid_until > batch.now + _margin(request):
        given = Prepay(row.prepay_id or "", row.code_url)
        return OpenAttempt(merchant, api, fields, request.trade_type, given)
    row.state, row.calls = AttemptState.CALLING, row.calls + 1
    row.save()
    return OpenAttempt(merchant, api, fields, request.trade_type, None, repeated=True)


def _margin(request: PrepayRequest) -> int:
    return min(MARGIN_MS, LIFETIME_S[request.trade_type] * 1000 // 5)


def _refusal(
    batch: Batch, request: PrepayRequest, order: dict[str, Any] | None
) -> Exception | None:
    if order is None:
        return OrderNotFound()
    if request.open_id and order["open_id"] and request.open_id != order["open_id"]:
        return OrderNotFound()
    if order["status"] in ENDED:
        return OrderIsClosed()
    if order["status"] in SETTLED:
        return AlreadyPaid()
    if order["expires_at"] <= batch.now:
        return OrderIsClosed()
    if not Product.select().where(Product.id == order["product_id"], Product.active).exists():
        return ProductNotFound()
    if request.trade_type is TradeType.JSAPI and not (request.open_id or order["open_id"]):
        return BadRequest("A JSAPI payment needs the buyer's openId.")
    return None


def _write_attempt(
    batch: Batch,
    request: PrepayRequest,
    api: Api,
    fields: dict[str, Any],
    row: PrepayAttempt | None,
) -> None:
    row = row or PrepayAttempt(order_num=request.order_num, created_at=batch.now, calls=0)
    row.trade_type, row.api, row.parameters = request.trade_type.value, api.value, dump(fields)
    row.state, row.calls = AttemptState.CALLING, row.calls + 1
    row.save()


def fail_attempts(batch: Batch, failures: Sequence[FailedPrepay]) -> list[None]:
    for failure in failures:
        PrepayAttempt.update(state=failure.state, answered_at=batch.now).where(
            PrepayAttempt.order_num == failure.order_num
        ).execute()
        words = mask_text(failure.words)
        data = {"tradeType": failure.trade_type, "code": failure.code, "words": words}
        batch.emit(NewEvent("prepay.failed", failure.order_num, data))
    raise_findings(batch, [failure.finding for failure in failures if failure.finding])
    return [None] * len(failures)
