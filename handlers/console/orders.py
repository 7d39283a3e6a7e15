"""Actions of staff on an order: query WeChat, close, set the service status, add a note."""

from __future__ import annotations

from handlers.errors import order_or_404
from handlers.request_body import read_note
from handlers.session import ConsoleHandler
from payments.errors import BadRequest
from payments.states import ServiceStatus
from services.views.search import public


class OrderQueryHandler(ConsoleHandler):
    async def post(self, order_num: str) -> None:
        self.json_body()
        with order_or_404():
            outcome, order = await self.services.orders.query(order_num, self.principal.name)
        self.reply({"order": public(order), "outcome": outcome})


class OrderCloseHandler(ConsoleHandler):
    async def post(self, order_num: str) -> None:
        self.json_body()
        with order_or_404():
            order = await self.services.orders.close(order_num, self.principal.name)
        self.reply({"order": public(order)})


class OrderStaffHandler(ConsoleHandler):
    async def reply_order(self, order_num: str) -> None:
        self.reply({"order": public(await self.services.orders.get(order_num))})


class OrderServiceHandler(OrderStaffHandler):
    async def post(self, order_num: str) -> None:
        to = self.json_body().get("to")
        if not isinstance(to, str) or to not in ServiceStatus.__members__:
            raise BadRequest("to must be the name of a service status.")
        with order_or_404():
            await self.services.service_statuses.move(
                order_num, ServiceStatus(to), self.principal.name
            )
        await self.reply_order(order_num)


class OrderNoteHandler(OrderStaffHandler):
    async def post(self, order_num: str) -> None:
        note = read_note(self.json_body())
        if note is None:
            raise BadRequest("A note needs a text.")
        with order_or_404():
            await self.services.service_statuses.note(order_num, note, self.principal.name)
        await self.reply_order(order_num)
