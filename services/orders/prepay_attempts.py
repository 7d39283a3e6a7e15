"""The one attempt of an order at WeChat, as rows: begun before the call, and moved only forward.

A call of one process may end after a later one of another process. So every end names its call,
and changes the row only while nothing newer stands there: what WeChat gave is never taken back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models import Order, PrepayAttempt, Product
from models.order import AttemptState
from models.transaction import Batch, NewEvent, dump
from payments.apis import APIS
from payments.errors import (
    AlreadyPaid,
    BadRequest,
    OrderIsClosed,
    OrderNotFound,
    PrepayConflict,
    ProductNotFound,
)
from payments.masking import mask_text
from payments.merchant import Api, Merchant, Merchants
from payments.payment_rules import CLOCKS_APART_MS
from payments.protocol import LIFETIME_S, Prepay, PrepayOrder
from payments.states import SETTLED, OrderStatus, TradeType
from services.alerts.cases import Finding
from services.alerts.triage import raise_findings
from services.orders.query_schedule import hasten
from services.runtime.counters import count_prepay
from services.settlement.snapshots import load_snapshots
from services.wechat.client import nonce

MARGIN_MS = 5 * 60_000
"""A prepay id this close to its end is not handed out again."""
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

    def first_fields(
        self, merchant: Merchant, order: dict[str, Any], payer: str | None, now: int
    ) -> dict[str, Any]:
        """The parameters of the first call for this order."""
        wanted = PrepayOrder(
            order_num=self.order_num,
            product_id=order["product_id"],
            title=order["title"],
            total_fen=order["total_fen"],
            trade_type=self.trade_type,
            open_id=payer,
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
    """The parameters to send to WeChat, or the result that it gave already (`given`). `call` is the
    number of this call; `payer` the openid in the parameters. `repeated`: an earlier call, whose
    outcome may be unknown, sent the same; `taken`: WeChat has given a result for them before."""

    merchant: Merchant
    api: Api
    fields: dict[str, Any]
    trade_type: TradeType
    given: Prepay | None
    call: int
    payer: str | None
    repeated: bool = False
    taken: bool = False


@dataclass(frozen=True)
class FailedPrepay:
    """The end of one call without a result. `state` is what the row becomes if this was its newest
    call; `issue` and `request_id` are WeChat's."""

    order_num: str
    trade_type: str
    call: int
    state: AttemptState
    code: str
    words: str
    issue: str | None = None
    request_id: str | None = None
    finding: Finding | None = None
    refused: bool = False
    """It ended with a word of WeChat's."""

    def data(self) -> dict[str, Any]:
        """What the event shows; every role reads it."""
        told = {"tradeType": self.trade_type, "code": self.code, "words": mask_text(self.words)}
        more = {"detail": mask_text(self.issue), "requestId": self.request_id}
        return told | {name: value for name, value in more.items() if value}


@dataclass(frozen=True)
class DeniedPrepay:
    """WeChat says, after this call, that it has no such order."""

    order_num: str
    call: int


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
    frozen = row if row and row.state != AttemptState.REFUSED else None
    if frozen and frozen.trade_type != request.trade_type:
        return PrepayConflict()
    # WeChat may have taken the parameters with this buyer: nobody else may have their result.
    payer = order["open_id"] or (frozen.open_id if frozen else None)
    if request.open_id and payer and request.open_id != payer:
        return OrderNotFound()
    if request.trade_type is TradeType.JSAPI and not (payer := request.open_id or payer):
        return BadRequest("A JSAPI payment needs the buyer's openId.")
    if frozen:
        return _again(batch, request, merchant, frozen)
    return _first(batch, request, merchant, order, payer, row)


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
    return None


def _first(
    batch: Batch,
    request: PrepayRequest,
    merchant: Merchant,
    order: dict[str, Any],
    payer: str | None,
    row: PrepayAttempt | None,
) -> OpenAttempt:
    """WeChat does not have the number: whatever this buyer asks for is sent."""
    payer = payer if request.trade_type is TradeType.JSAPI else None
    fields = request.first_fields(merchant, order, payer, batch.now)
    row = row or PrepayAttempt(order_num=request.order_num, created_at=batch.now, calls=0)
    row.trade_type, row.open_id = request.trade_type.value, payer
    row.api, row.parameters = merchant.api.value, dump(fields)
    row.state, row.calls = AttemptState.CALLING, row.calls + 1
    row.save()
    return OpenAttempt(merchant, merchant.api, fields, request.trade_type, None, row.calls, payer)


def _again(
    batch: Batch, request: PrepayRequest, merchant: Merchant, row: PrepayAttempt
) -> OpenAttempt:
    """WeChat may have the number: the same again."""
    attempt = OpenAttempt(
        merchant,
        Api(row.api),
        json.loads(row.parameters),
        request.trade_type,
        None,
        row.calls,
        row.open_id,
        repeated=True,
        taken=bool(row.prepay_id or row.code_url),
    )
    if row.state == AttemptState.READY and _is_valid(row.valid_until - batch.now, request):
        attempt.given = Prepay(row.prepay_id or "", row.code_url)
        return attempt
    attempt.call += 1
    PrepayAttempt.update(state=AttemptState.CALLING, calls=attempt.call).where(
        PrepayAttempt.id == row.id
    ).execute()
    return attempt


def _is_valid(left_ms: int, request: PrepayRequest) -> bool:
    """Whether what WeChat gave lasts long enough to pay by. Longer than WeChat honours it is a
    time of a clock that was ahead."""
    whole_ms = LIFETIME_S[request.trade_type] * 1000
    return min(MARGIN_MS, whole_ms // 5) < left_ms <= whole_ms + CLOCKS_APART_MS


def fail_attempts(batch: Batch, failures: Sequence[FailedPrepay]) -> list[None]:
    for failure in failures:
        newest = _call(failure.order_num, failure.call, AttemptState.CALLING)
        PrepayAttempt.update(state=failure.state, answered_at=batch.now).where(newest).execute()
        batch.emit(NewEvent("prepay.failed", failure.order_num, failure.data()))
        if failure.refused:
            count_prepay(batch, failure.order_num, taken=False)
    raise_findings(batch, [failure.finding for failure in failures if failure.finding])
    return [None] * len(failures)


def free_attempts(batch: Batch, denials: Sequence[DeniedPrepay]) -> list[None]:
    """Other parameters may be sent, unless somebody has called again meanwhile."""
    for denied in denials:
        newest = _call(denied.order_num, denied.call, AttemptState.UNKNOWN)
        PrepayAttempt.update(state=AttemptState.REFUSED).where(newest).execute()
    return [None] * len(denials)


def _call(order_num: str, call: int, state: AttemptState) -> Any:
    """The attempt, if this call is its newest one and it has this state."""
    return (
        (PrepayAttempt.order_num == order_num)
        & (PrepayAttempt.calls == call)
        & (PrepayAttempt.state == state)
    )
