"""The API for the merchant's own server: products, orders, refunds and the stream of events. Every
request carries an API key."""

from __future__ import annotations

import hashlib
import re
from functools import cached_property
from typing import Any

from handlers.base import BIGGEST, JSON_TYPE, BaseHandler
from handlers.errors import NotFound, order_or_404
from handlers.prepay import MAX_WAIT_S
from handlers.request_body import (
    OPEN_ID,
    OPEN_ID_RULE,
    ORDER_NUM,
    ORDER_NUM_RULE,
    PRODUCT_FIELDS,
    read_line,
    read_product,
    read_refund_request,
)
from payments.errors import BadRequest, ProductNotFound
from services.live.waiters import Waiter
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
    """Every address here needs `Authorization: Bearer <api key>`."""

    api_key: str

    async def prepare(self) -> None:
        scheme, _, given = self.request.headers.get("Authorization", "").partition(" ")
        key = given if scheme.lower() == "bearer" else None
        self.api_key = await self.services.authentication.api_key(key)

    def keyed_request(self, about: str) -> KeyedRequest | None:
        """The request with its Idempotency-Key; None without that header. `about` is the part of
        the address that belongs to what is asked for. Raises BadRequest."""
        key = self.request.headers.get("Idempotency-Key")
        if key is None:
            return None
        if not IDEMPOTENCY_KEY.fullmatch(key):
            raise BadRequest("The header Idempotency-Key must have 1 to 128 printable characters.")
        asked = about.encode() + self.request.body
        return KeyedRequest(self.api_key, key, hashlib.sha256(asked).hexdigest())

    def reply_once(self, answer: str, repeated: bool) -> None:
        """The answer to a keyed request: 201, and a header where it is that of an earlier one."""
        if repeated:
            self.set_header("Idempotency-Hit", "true")
        self.set_status(201)
        self.set_header("Content-Type", JSON_TYPE)
        self.finish(answer)


class MerchantProductsHandler(MerchantHandler):
    async def get(self) -> None:
        self.reply({"products": [_sold(product) for product in await self.services.products.all()]})

    async def post(self) -> None:
        body = self.json_body()
        change = read_product(body, read_line(body, "id", 32), new=True)
        try:
            self.reply(_sold(await self.services.products.save(change)), 201)
        except ProductTaken as error:
            raise BadRequest(error.message) from None


class MerchantProductHandler(MerchantHandler):
    async def patch(self, product_id: str) -> None:
        body = self.json_body()
        if "id" in body:
            raise BadRequest("The id of a product cannot change.")
        try:
            change = read_product(body, product_id, new=False)
            self.reply(_sold(await self.services.products.save(change)))
        except ProductNotFound:
            raise NotFound("There is no product with this id.") from None


def _sold(product: dict[str, Any]) -> dict[str, Any]:
    """A product as the merchant's own server sees it."""
    return {name: product[name] for name in PRODUCT_FIELDS}


class MerchantOrdersHandler(MerchantHandler):
    async def post(self) -> None:
        keyed = self.keyed_request("")
        if keyed is None:
            raise BadRequest("A new order needs the header Idempotency-Key.")
        made = await self.services.orders.create(request=keyed, **read_new_order(self.json_body()))
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
        "title": read_line(body, "title", 255),
        "open_id": _matching(body, "openId", OPEN_ID, OPEN_ID_RULE),
        "phone": read_line(body, "phone", 32),
        "customer": read_line(body, "customer", 64),
        "expires_in_minutes": _number(body, "expiresInMinutes", 120, MAX_EXPIRY_MINUTES),
        "app_id": read_line(body, "appId", 32),
    }


class MerchantOrderHandler(MerchantHandler):
    async def get(self, order_num: str) -> None:
        with order_or_404():
            order = await self.services.orders.get(order_num)
        self.reply(self.services.orders.public(order))


class MerchantOrderCloseHandler(MerchantHandler):
    async def post(self, order_num: str) -> None:
        with order_or_404():
            closed = await self.services.orders.close(order_num, f"api key {self.api_key}")
        self.reply(self.services.orders.public(closed))


class MerchantOrderRefundsHandler(MerchantHandler):
    """A refund that the merchant's server requests is approved at once below the limit. It is
    requested once: for its Idempotency-Key, or for its number."""

    async def get(self, order_num: str) -> None:
        with order_or_404():
            self.reply({"refunds": await self.services.refunds.of_order(order_num)})

    async def post(self, order_num: str) -> None:
        wish, by = read_refund_request(self.json_body()), f"api key {self.api_key}"
        keyed = self.keyed_request(f"refund of {order_num}\n")
        if keyed is None and wish["refund_num"] is None:
            raise BadRequest("A refund needs the header Idempotency-Key, or a refundNum.")
        with order_or_404():
            if keyed is None:
                made = await self.services.refunds.request(
                    order_num, by=by, may_approve=True, **wish
                )
                self.reply(made, 201)
            else:
                answer = await self.services.keyed_refunds.request(keyed, order_num, by=by, **wish)
                self.reply_once(answer.text, answer.repeated)


class MerchantEventsHandler(MerchantHandler):
    @cached_property
    def waiter(self) -> Waiter:
        return Waiter()

    def on_connection_close(self) -> None:
        self.waiter.let_go()

    async def get(self) -> None:
        after = self.number("after", 0, 0, BIGGEST)
        limit = self.number("limit", 100, 1, 1000)
        wait_s = self.number("wait", 0, 0, MAX_WAIT_S)
        epoch = self.query("epoch")
        self.reply(await self.services.feed.watch(after, limit, self.waiter, wait_s, epoch))


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
