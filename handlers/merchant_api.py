"""The API for the merchant's own server: products, orders, refunds, bills and the stream of events.
Every request carries an API key."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from functools import cached_property
from typing import Any

from handlers.base import BIGGEST, JSON_TYPE, BaseHandler
from handlers.buyers.prepay import MAX_WAIT_S
from handlers.console.bills import differences_wanted
from handlers.errors import Forbidden, NotFound, order_or_404
from handlers.request_body import (
    OPEN_ID,
    OPEN_ID_RULE,
    ORDER_NUM,
    ORDER_NUM_RULE,
    PRODUCT_FIELDS,
    read_line,
    read_name,
    read_phone,
    read_product,
    read_refund_request,
)
from handlers.session import SAFE_METHODS
from payments.errors import BadRequest, OrderNotFound, ProductNotFound
from services.auth.api_keys import KeyHolder, Scope
from services.live.feed import EventsWanted
from services.live.waiters import Waiter
from services.orders.orders import OrderView
from services.orders.products import ProductTaken
from services.runtime.idempotency import KeyedRequest

IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,128}")
ORDER_FIELDS = frozenset(
    {
        "productId",
        "quantity",
        "orderNum",
        "title",
        "openId",
        "phone",
        "customer",
        "expiresInMinutes",
        "appId",
    }
)
MAX_QUANTITY = 10_000
MAX_EXPIRY_MINUTES = 7 * 24 * 60


class MerchantHandler(BaseHandler):
    """Every address here needs `Authorization: Bearer <api key>`, with the scope that `scope`
    names; and reading only that which `reading` names, where it is another."""

    scope: Scope
    reading: Scope | None
    key: KeyHolder

    def __init_subclass__(cls) -> None:
        if not hasattr(cls, "reading"):
            cls.reading = cls.scope

    async def prepare(self) -> None:
        scheme, _, given = self.request.headers.get("Authorization", "").partition(" ")
        key = given if scheme.lower() == "bearer" else None
        self.key = await self.services.authentication.api_key(key)
        needed = self.reading if self.request.method in SAFE_METHODS else self.scope
        if needed is not None and not self.key.rights.may(needed):
            raise Forbidden(f"This API key may not do this: it has not the scope {needed}.")

    async def own_order(self, order_num: str) -> OrderView:
        """An order that this key reaches. Raises NotFound: of another account is as unknown."""
        with order_or_404():
            order = await self.services.orders.get(order_num)
            if not self.key.rights.reaches(order.mch_id):
                raise OrderNotFound
            return order

    def keyed_request(self, about: str) -> KeyedRequest | None:
        """The request with its Idempotency-Key; None without that header. `about` is the part of
        the address that belongs to what is asked for. Raises BadRequest."""
        key = self.request.headers.get("Idempotency-Key")
        if key is None:
            return None
        if not IDEMPOTENCY_KEY.fullmatch(key):
            raise BadRequest("The header Idempotency-Key must have 1 to 128 printable characters.")
        asked = about.encode() + self.request.body
        return KeyedRequest(self.key.name, key, hashlib.sha256(asked).hexdigest())

    def reply_once(self, answer: str, repeated: bool) -> None:
        """The answer to a keyed request: 201, and a header where it is that of an earlier one."""
        if repeated:
            self.set_header("Idempotency-Hit", "true")
        self.set_status(201)
        self.set_header("Content-Type", JSON_TYPE)
        self.finish(answer)


class MerchantProductsHandler(MerchantHandler):
    scope, reading = Scope.PRODUCTS, None

    async def get(self) -> None:
        self.reply({"products": [_sold(product) for product in await self.services.products.all()]})

    async def post(self) -> None:
        body = self.json_body()
        change = read_product(body, read_line(body, "id", 32), new=True)
        try:
            product = await self.services.products.save(replace(change, by=self.key.by))
            self.reply(_sold(product), 201)
        except ProductTaken as error:
            raise BadRequest(error.message) from None


class MerchantProductHandler(MerchantHandler):
    scope, reading = Scope.PRODUCTS, None

    async def patch(self, product_id: str) -> None:
        body = self.json_body()
        if "id" in body:
            raise BadRequest("The id of a product cannot change.")
        try:
            change = read_product(body, product_id, new=False)
            product = await self.services.products.save(replace(change, by=self.key.by))
            self.reply(_sold(product))
        except ProductNotFound:
            raise NotFound("There is no product with this id.") from None


def _sold(product: dict[str, Any]) -> dict[str, Any]:
    """A product as the merchant's own server sees it."""
    return {name: product[name] for name in PRODUCT_FIELDS}


class MerchantOrdersHandler(MerchantHandler):
    scope = Scope.ORDERS

    async def post(self) -> None:
        keyed = self.keyed_request("")
        if keyed is None:
            raise BadRequest("A new order needs the header Idempotency-Key.")
        new = read_new_order(self.json_body())
        made = await self.services.orders.create(
            request=keyed, only_account=self.key.rights.mch_id, **new
        )
        self.reply_once(made.order, made.repeated)


def read_new_order(body: dict[str, Any]) -> dict[str, Any]:
    """Check an order that came as JSON; the arguments of `Orders.create`. Raises BadRequest."""
    if set(body) - ORDER_FIELDS:
        raise BadRequest(
            f"An order may have only {', '.join(sorted(ORDER_FIELDS))}; its price is the product's."
        )
    product_id = read_line(body, "productId", 32)
    if not product_id:
        raise BadRequest("productId is required.")
    return {
        "product_id": product_id,
        "quantity": _number(body, "quantity", 1, MAX_QUANTITY),
        "order_num": _matching(body, "orderNum", ORDER_NUM, ORDER_NUM_RULE),
        "title": read_name(body, "title", 255),
        "open_id": _matching(body, "openId", OPEN_ID, OPEN_ID_RULE),
        "phone": read_phone(body, 32),
        "customer": read_name(body, "customer", 64),
        "expires_in_minutes": _number(body, "expiresInMinutes", 120, MAX_EXPIRY_MINUTES),
        "app_id": read_line(body, "appId", 32),
    }


class MerchantOrderHandler(MerchantHandler):
    scope = Scope.ORDERS

    async def get(self, order_num: str) -> None:
        self.reply(self.services.orders.public(await self.own_order(order_num)))


class MerchantOrderCloseHandler(MerchantHandler):
    scope = Scope.ORDERS

    async def post(self, order_num: str) -> None:
        await self.own_order(order_num)
        with order_or_404():
            closed = await self.services.orders.close(order_num, self.key.by)
        self.reply(self.services.orders.public(closed))


class MerchantOrderRefundsHandler(MerchantHandler):
    """A refund that the merchant's server requests is approved at once below the limit. It is
    requested once: for its Idempotency-Key, or for its number."""

    scope = Scope.REFUNDS

    async def get(self, order_num: str) -> None:
        await self.own_order(order_num)
        with order_or_404():
            self.reply({"refunds": await self.services.refunds.of_order(order_num)})

    async def post(self, order_num: str) -> None:
        wish = read_refund_request(self.json_body())
        wish |= {"by": self.key.by, "key_day_fen": self.key.rights.refund_day_fen}
        keyed = self.keyed_request(f"refund of {order_num}\n")
        if keyed is None and wish["refund_num"] is None:
            raise BadRequest("A refund needs the header Idempotency-Key, or a refundNum.")
        await self.own_order(order_num)
        with order_or_404():
            if keyed is None:
                made = await self.services.refunds.request(order_num, may_approve=True, **wish)
                self.reply(made, 201)
            else:
                answer = await self.services.keyed_refunds.request(keyed, order_num, **wish)
                self.reply_once(answer.text, answer.repeated)


class MerchantBillHandler(MerchantHandler):
    scope = Scope.BILLS

    async def get(self, date: str) -> None:
        """A day of another account than the key's is as unknown."""
        views = self.services.bill_views
        account = views.account(self.query("account") or self.key.rights.mch_id or "")
        if not self.key.rights.reaches(account):
            raise NotFound
        self.reply(await views.merchants_day(account, date, differences_wanted(self)))


class MerchantEventsHandler(MerchantHandler):
    scope = Scope.EVENTS

    @cached_property
    def waiter(self) -> Waiter:
        return Waiter()

    def on_connection_close(self) -> None:
        self.waiter.let_go()

    async def get(self) -> None:
        after = self.number("after", 0, 0, BIGGEST)
        limit = self.number("limit", 100, 1, 1000)
        wait_s = self.number("wait", 0, 0, MAX_WAIT_S)
        wanted = EventsWanted(after, limit, self.query("epoch"), self.key.rights.mch_id)
        self.reply(await self.services.feed.watch(wanted, self.waiter, wait_s))


def _matching(body: dict[str, Any], name: str, pattern: re.Pattern[str], rule: str) -> str | None:
    value = body.get(name)
    if value is None:
        return None
    if not (isinstance(value, str) and pattern.fullmatch(value)):
        raise BadRequest(rule)
    return value


def _number(body: dict[str, Any], name: str, default: int, highest: int) -> int:
    value = body.get(name)
    if value is None:
        return default
    if type(value) is not int or not 1 <= value <= highest:
        raise BadRequest(f"{name} must be a whole number from 1 to {highest}.")
    return value
