"""What staff do with an order: ask WeChat about it, close it, serve its buyer, note something."""

from __future__ import annotations

from typing import Any

from handlers.errors import NotFound
from handlers.request_body import read_note
from handlers.session import ConsoleHandler
from payments.errors import BadRequest, OrderNotFound
from payments.states import ServiceStatus
from services.orders.orders import Orders
from services.orders.service_status import ServiceStatuses
from services.views.search import public


class OrdersAccess(ConsoleHandler):
    def initialize(self, orders: Orders, **rest: Any) -> None:  # type: ignore[override]
        super().initialize(**rest)
        self.orders = orders


class OrderQueryHandler(OrdersAccess):
    async def post(self, order_num: str) -> None:
        self.json_body()
        try:
            outcome, order = await self.orders.query(order_num, self.principal.name)
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


class ReceptionAccess(OrdersAccess):
    def initialize(self, reception: ServiceStatuses, **rest: Any) -> None:  # type: ignore[override]
        super().initialize(**rest)
        self.reception = reception

    async def answer(self, order_num: str) -> None:
        self.reply({"order": public(await self.orders.get(order_num))})


class OrderServiceHandler(ReceptionAccess):
    async def post(self, order_num: str) -> None:
        to = self.json_body().get("to")
        if not isinstance(to, str) or to not in ServiceStatus.__members__:
            raise BadRequest("to is the name of a service status.")
        try:
            await self.reception.move(order_num, ServiceStatus(to), self.principal.name)
        except OrderNotFound:
            raise NotFound("There is no such order.") from None
        await self.answer(order_num)


class OrderNoteHandler(ReceptionAccess):
    async def post(self, order_num: str) -> None:
        note = read_note(self.json_body())
        if note is None:
            raise BadRequest("A note needs its text.")
        try:
            await self.reception.note(order_num, note, self.principal.name)
        except OrderNotFound:
            raise NotFound("There is no such order.") from None
        await self.answer(order_num)
