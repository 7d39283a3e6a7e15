"""The two addresses of the buyer's page: prepay, and the status of an order."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from handlers.accept_headers import likes_page
from handlers.base import BaseHandler
from handlers.buyers.order_page import show_fault, show_order
from handlers.client_address import network_of
from handlers.errors import status_of
from handlers.request_body import OPEN_ID, OPEN_ID_RULE, ORDER_NUM, ORDER_NUM_RULE
from handlers.site import Site
from payments.errors import BadRequest, OrderNotFound, PaymentError
from payments.states import TradeType
from services.live.waiters import Waiter
from services.orders.orders import OrderView
from services.runtime.clock import rfc3339

TAKEN = frozenset({"orderNum", "tradeType", "openId"})
MAX_WAIT_S = 20


class ShopHandler(BaseHandler):
    """A page of the shop may call these two addresses from a browser (CORS), and no other."""

    varies = "Origin"
    """The headers of a request by which a cache keeps answers apart."""

    def set_default_headers(self) -> None:
        # Here and not in prepare: the page must also be able to read an error.
        super().set_default_headers()
        self.set_header("Vary", self.varies)
        if self._is_shops():
            self.set_header("Access-Control-Allow-Origin", self.request.headers["Origin"])
            self.set_header("Access-Control-Expose-Headers", "ETag, Retry-After, X-Request-Id")
            self.set_header("Cross-Origin-Resource-Policy", "cross-origin")

    def _is_shops(self) -> bool:
        site: Site = self.application.settings["site"]
        return self.request.headers.get("Origin") in site.shop_origins

    def options(self, *_args: str) -> None:
        if self._is_shops():
            self.set_header("Access-Control-Allow-Methods", ", ".join(self.allowed_methods()))
            self.set_header("Access-Control-Allow-Headers", "Content-Type, If-None-Match")
            self.set_header("Access-Control-Max-Age", "600")
        self.set_status(204)
        self.finish()


class PrepayHandler(ShopHandler):
    async def post(self) -> None:
        order_num, trade_type, open_id = self._read()
        parameters = await self.services.prepays.prepay(order_num, trade_type, open_id, self.client)
        order = await self.services.orders.get(order_num)
        self.reply({**parameters, "statusUrl": self.services.orders.status_url(order)})

    def _read(self) -> tuple[str, TradeType, str | None]:
        body = self.json_body()
        if set(body) - TAKEN:
            raise BadRequest(
                "A prepay may have only orderNum, tradeType and openId; its amount is the order's."
            )
        order_num, open_id = body.get("orderNum"), body.get("openId")
        if not (isinstance(order_num, str) and ORDER_NUM.fullmatch(order_num)):
            raise BadRequest(ORDER_NUM_RULE)
        if open_id is not None and not (isinstance(open_id, str) and OPEN_ID.fullmatch(open_id)):
            raise BadRequest(OPEN_ID_RULE)
        try:
            return order_num, TradeType(str(body.get("tradeType"))), open_id
        except ValueError:
            raise BadRequest("tradeType must be JSAPI, NATIVE, APP or MWEB.") from None


class StatusHandler(ShopHandler):
    """A browser that opens the address gets a page, and everything else JSON. With `wait` the JSON
    comes when the status is no longer the one that If-None-Match names; without that header, when
    it is no longer the present one."""

    varies = "Origin, Accept"

    @cached_property
    def waiter(self) -> Waiter:
        return Waiter()

    def on_connection_close(self) -> None:
        self.waiter.let_go()

    @property
    def shows_page(self) -> bool:
        is_get = self.request.method == "GET"
        return is_get and likes_page(self.request.headers.get("Accept", ""))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        if not self.shows_page:
            super().write_error(status_code, **kwargs)
            return
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, PaymentError):
            self.set_status(status_of(error))
        if self.get_status() == 503:
            self.set_header("Retry-After", "5")
        show_fault(self, self.get_status())

    async def get(self, order_num: str) -> None:
        if self.shows_page:
            await self._show(order_num)
            return
        token, wait_s = self.query("token"), self.number("wait", 0, 0, MAX_WAIT_S)
        if not ORDER_NUM.fullmatch(order_num):
            raise OrderNotFound
        knows = self._knows if "If-None-Match" in self.request.headers else None
        order = await self.services.orders.watch(
            order_num, token, self.waiter, wait_s, knows, network_of(self.client)
        )
        self.set_header("Cache-Control", "no-cache")
        if self._knows(order):
            self.set_status(304)
            self.finish()
            return
        self.reply(
            {
                "orderNum": order.order_num,
                "status": order.status.value,
                "paidAt": rfc3339(order.paid_at),
            }
        )

    async def _show(self, order_num: str) -> None:
        if not ORDER_NUM.fullmatch(order_num):
            raise OrderNotFound
        show_order(
            self, await self.services.order_details.for_buyer(order_num, self.query("token"))
        )

    def _knows(self, order: OrderView) -> bool:
        """Does the caller's If-None-Match name this state?"""
        self.set_header("ETag", f'"{order.status}-{order.paid_at or 0}"')
        return self.check_etag_header()
