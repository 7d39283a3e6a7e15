"""One order with everything about it, and its buyer in full for who may and says why."""

from __future__ import annotations

from typing import Any

from handlers.errors import NotFound
from handlers.request_body import read_why
from handlers.session import ConsoleHandler
from payments.errors import OrderNotFound
from services.views.order_details import OrderDetails


class DossierAccess(ConsoleHandler):
    def initialize(self, dossiers: OrderDetails, **rest: Any) -> None:  # type: ignore[override]
        super().initialize(**rest)
        self.dossiers = dossiers


class OrderHandler(DossierAccess):
    async def get(self, order_num: str) -> None:
        try:
            self.reply(await self.dossiers.order(order_num))
        except OrderNotFound:
            raise NotFound("There is no such order.") from None


class OrderUnmaskHandler(DossierAccess):
    async def post(self, order_num: str) -> None:
        reason = read_why(self.json_body())
        self.access.check_confirmed(self.principal)
        try:
            buyer = await self.dossiers.unmask(order_num, self.principal.name, reason)
        except OrderNotFound:
            raise NotFound("There is no such order.") from None
        self.reply({"openId": buyer.open_id, "phone": buyer.phone})
