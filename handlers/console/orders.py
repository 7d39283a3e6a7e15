"""What staff do with an order: ask WeChat about it, and close it."""

from __future__ import annotations

from typing import Any

from handlers.console.base import ConsoleHandler
from handlers.errors import NotFound
from payments.errors import OrderNotFound
from services.orders import Orders
from services.search import public


class OrdersAccess(ConsoleHandler):
    def initialize(self, orders: Orders, **rest: Any) -> None:  # type: ignore[override]
        super().initialize(**rest)
        self.orders = orders


class OrderQueryHandler(OrdersAccess):
    async def post(self, order_num: str) -> None:
        self.json_body()
        try:
            outcome, order = await self.orders.query(order_num)
        except OrderNotFound:
            raise NotFound("There is no such order.") from None
        self.reply({"order": public(order), "outcome": outcome})


class OrderCloseHandler(OrdersAccess):
    async def post(self, order_num: str) -> None:
        self.json_body()
        try:
            order = await self.orders.close(order_num, self.principal.name)
        except OrderNotFound:
            raise NotFound("There is no such order.") from None
        self.reply({"order": public(order)})
