"""Orders as the outside sees them: made, read and closed by the merchant's own server."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Callable
from typing import Any, NamedTuple

from models import Order, PrepayAttempt
from models.order import AttemptState
from models.store import Store
from payments.errors import (
    GONE,
    AlreadyPaid,
    BadRequest,
    Busy,
    OrderIsClosed,
    OrderNotFound,
    PaymentError,
    WeChatRefused,
    WeChatUntrusted,
)
from payments.merchant import Merchant, Merchants
from payments.outcomes import Outcome
from payments.payment_rules import Verdict
from payments.states import PAYABLE, SETTLED, OrderStatus
from services.alerts.triage import raise_findings
from services.live.waiters import Waiter, Waiters
from services.orders.create_order import CreatedOrder, NewOrder, create_orders, new_order_num
from services.orders.query_schedule import told_unpaid
from services.runtime.audit_log import Deed, record_deeds
from services.runtime.clock import Clock, rfc3339
from services.runtime.idempotency import KeyedRequest, Underway
from services.settlement.evidence import money_is_decided
from services.settlement.order_query import OrderQuery
from services.settlement.outside_refunds import OutsideRefunds
from services.settlement.settlement import OrderClosing, Settlement
from services.wechat.call_failures import finding_of
from services.wechat.client import WeChatClient

MAX_LOOKS, LOOK_S = 64, 10.0
"""The number of pages that read their order at once, and the seconds that the others wait here.
They must not fill the queue of the store, which all readers share."""


class OrderView(NamedTuple):
    """One order, read. Times in ms UTC."""

    order_num: str
    product_id: str
    title: str
    quantity: int
    total_fen: int
    refunded_fen: int
    status: OrderStatus
    service_status: str | None
    trade_type: str | None
    transaction_id: str | None
    open_id: str | None
    phone: str | None
    customer: str | None
    app_id: str
    mch_id: str
    status_token: str
    created_at: int
    paid_at: int | None
    wechat_paid_at: int | None
    expires_at: int
    id: int


_STATUS = OrderView._fields.index("status")


def view_columns() -> list[Any]:
    return [getattr(Order, name) for name in OrderView._fields]


def to_view(row: tuple[Any, ...]) -> OrderView:
    status = OrderStatus(row[_STATUS])
    return OrderView._make((*row[:_STATUS], status, *row[_STATUS + 1 :]))


def read_order(order_num: str) -> OrderView | None:
    """A read for the store: the order with this number."""
    row = Order.select(*view_columns()).where(Order.order_num == order_num).tuples().first()
    return to_view(row) if row else None


class Orders:
    def __init__(
        self,
        store: Store,
        settlement: Settlement,
        wechat: WeChatClient,
        order_query: OrderQuery,
        outside: OutsideRefunds,
        merchants: Merchants,
        clock: Clock,
        origin: str,
        waiters: Waiters,
    ) -> None:
        self._store = store
        self._settlement = settlement
        self._wechat = wechat
        self._order_query = order_query
        self._outside = outside
        self._merchants = merchants
        self._clock = clock
        self._origin = origin
        self._waiters = waiters
        self._looks = asyncio.Semaphore(MAX_LOOKS)
        self._underway = Underway()

    async def create(
        self,
        *,
        request: KeyedRequest,
        product_id: str,
        quantity: int = 1,
        order_num: str | None = None,
        title: str | None = None,
        open_id: str | None = None,
        phone: str | None = None,
        customer: str | None = None,
        expires_in_minutes: int = 120,
        app_id: str | None = None,
        only_account: str | None = None,
    ) -> CreatedOrder:
        """Make an order, once for an Idempotency-Key; with `only_account` for that merchant number
        and no other. Raises ProductNotFound, OrderExists,
        IdempotencyMismatch, InProgress (the first with this key still runs), BadRequest (the
        total is out of range, or the app is not ours), Busy."""
        if app_id:
            merchant = self._merchants.of_app(app_id)
        elif only_account:
            merchant = self._merchants.of_account(only_account)
        else:
            merchant = self._merchants.default
        if merchant is None or only_account not in (None, merchant.mch_id):
            raise BadRequest("appId must be the id of a configured app.")
        number = order_num or new_order_num(self._clock.now_ms())
        token = secrets.token_hex(16)
        new = NewOrder(
            request,
            product_id,
            quantity,
            number,
            title,
            open_id,
            phone,
            customer,
            expires_in_minutes,
            merchant.app_id,
            merchant.mch_id,
            token,
            self._status_url(number, token),
        )
        self._underway.enter(request)
        try:
            return await self._store.write(create_orders, new)
        finally:
            self._underway.leave(request)

    async def get(self, order_num: str) -> OrderView:
        order = await self._store.read(read_order, order_num)
        if order is None:
            raise OrderNotFound
        return order

    async def watch(
        self,
        order_num: str,
        token: str,
        waiter: Waiter,
        seconds: float,
        knows: Callable[[OrderView], bool] | None,
        network: str = "",
    ) -> OrderView:
        """The order, for the page that waits: as soon as its status has changed, at the latest
        after `seconds`. The page waits for a change of what it `knows`; without that, of a
        status that still may become PAID. `network` is the caller's. Raises OrderNotFound (also
        for a wrong token), Busy.
        """
        # A place comes before the reading, or a change between the two is missed.
        with self._waiters.place(order_num, waiter, network):
            until = self._clock.monotonic() + seconds
            order = first = await self._look(order_num)
            if not holds_token(order, token):
                raise OrderNotFound

            def unchanged() -> bool:
                if knows is not None:
                    return knows(order)
                return order.status in PAYABLE and order.status == first.status

            while unchanged() and await waiter.news(until - self._clock.monotonic()):
                order = await self._look(order_num)
            return order

    async def _look(self, order_num: str) -> OrderView:
        try:
            async with asyncio.timeout(LOOK_S), self._looks:
                return await self.get(order_num)
        except TimeoutError as error:
            raise Busy("Too many pages are asking for a status; try again in a moment.") from error

    async def query(self, order_num: str, by: str) -> tuple[str, OrderView]:
        """Ask WeChat now: the word for what it says, and the order as it is then. `paid`: booked,
        now or before; `unpaid`: WeChat holds no payment, or never had the order; `failed`: a
        payment that did not succeed; `refused`: money that is not as it should be, a case says
        how. Raises OrderNotFound, OrderIsClosed (its merchant is not configured any more),
        WeChatRefused, WeChatUntrusted, WeChatUnreachable, Busy; the order is then as it was. That
        `by` asked is in the audit log, whatever the answer was."""
        order = await self.get(order_num)
        await self._store.write(record_deeds, Deed(by, "order.queried", order_num))
        verdict = None
        if await self._store.read(was_sent, order_num):
            merchant = self._merchant(order)
            try:
                verdict = await self._order_query.ask(merchant, order_num)
            except WeChatUntrusted as error:
                await self._report(error, merchant)
                raise
            except WeChatRefused as refusal:
                if refusal.wechat_code not in GONE:
                    await self._report(refusal, merchant)
                    raise
            if verdict is None:
                await self._store.write(told_unpaid, order_num)
            await self._outside.look(order_num)
        return _word(verdict), await self.get(order_num)

    def _merchant(self, order: OrderView) -> Merchant:
        merchant = self._merchants.find(order.app_id, order.mch_id)
        if merchant is None:
            raise OrderIsClosed("This order belongs to a merchant that is no longer configured.")
        return merchant

    async def close(self, order_num: str, by: str) -> OrderView:
        """Close at WeChat, then here; closing twice is fine. Raises OrderNotFound, AlreadyPaid
        (also when WeChat says so), WeChatRefused, WeChatUntrusted, WeChatUnreachable, Busy."""
        order = await self.get(order_num)
        if order.status in SETTLED:
            raise AlreadyPaid
        if order.status is not OrderStatus.CLOSED:
            if await self._store.read(was_sent, order_num):
                await self._close_at_wechat(order)
            closing = OrderClosing(order_num, by, "closed on request")
            if await self._settlement.mark_closed(closing) in SETTLED:
                raise AlreadyPaid
        return await self.get(order_num)

    async def _close_at_wechat(self, order: OrderView) -> None:
        merchant = self._merchant(order)
        try:
            await self._wechat.close(merchant, order.order_num)
        except WeChatUntrusted as error:
            await self._report(error, merchant)
            raise
        except WeChatRefused as refusal:
            if refusal.wechat_code == "ORDERPAID":
                verdict = await self._order_query.ask(merchant, order.order_num)
                if verdict and verdict.outcome in (Outcome.BOOKED, Outcome.DUPLICATE):
                    raise AlreadyPaid from refusal
                decided = await self._store.read(money_is_decided, order.order_num)
                if verdict and decided:
                    return  # nobody can pay it once more
                raise  # paid, and not as it should be: the alert says how
            if refusal.wechat_code not in GONE:
                await self._report(refusal, merchant)
                raise

    async def _report(self, error: PaymentError, merchant: Merchant) -> None:
        if finding := finding_of(error, merchant):
            await self._store.write(raise_findings, finding)

    def _status_url(self, order_num: str, token: str) -> str:
        return f"{self._origin}/pay/orders/{order_num}/status?token={token}"

    def status_url(self, order: OrderView) -> str:
        """The address that the buyer's page asks; fixed for the order's life."""
        return self._status_url(order.order_num, order.status_token)

    def public(self, order: OrderView) -> dict[str, Any]:
        """The order as the merchant's server sees it."""
        return {
            "orderNum": order.order_num,
            "productId": order.product_id,
            "title": order.title,
            "totalFen": order.total_fen,
            "status": order.status.value,
            "serviceStatus": order.service_status,
            "statusUrl": self.status_url(order),
            "transactionId": order.transaction_id,
            "createdAt": rfc3339(order.created_at),
            "paidAt": rfc3339(order.paid_at),
            "wechatPaidAt": rfc3339(order.wechat_paid_at),
            "expiresAt": rfc3339(order.expires_at),
        }


def _word(verdict: Verdict | None) -> str:
    if verdict is None:
        return "unpaid"
    return _WORDS.get(verdict.outcome, "refused")


_WORDS = {
    Outcome.BOOKED: "paid",
    Outcome.DUPLICATE: "paid",
    Outcome.NOT_SUCCESSFUL: "failed",
}


def holds_token(order: OrderView, token: str) -> bool:
    """Whether this is the token of the order. A wrong one is to look like an unknown order."""
    return hmac.compare_digest(order.status_token.encode(), token.encode())


def was_sent(order_num: str, until: int | None = None) -> bool:
    """A read for the store: may WeChat know this order? With `until` (ms): did it then?"""
    query = PrepayAttempt.select().where(
        PrepayAttempt.order_num == order_num, PrepayAttempt.state != AttemptState.REFUSED
    )
    if until is not None:
        query = query.where(PrepayAttempt.created_at <= until)
    return bool(query.exists())
