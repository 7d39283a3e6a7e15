"""One order with everything about it, and its buyer in full for who may and says why."""

from __future__ import annotations

from typing import Any

from handlers.console.base import ConsoleHandler
from handlers.errors import NotFound
from payments.errors import BadRequest, OrderNotFound
from services.dossier import Dossiers

SHORTEST_REASON, LONGEST_REASON = 5, 200


class DossierAccess(ConsoleHandler):
    def initialize(self, dossiers: Dossiers, **rest: Any) -> None:  # type: ignore[override]
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
        reason = self.json_body().get("reason")
        text = reason.strip() if isinstance(reason, str) else ""
        if not SHORTEST_REASON <= len(text) <= LONGEST_REASON:
            limits = f"{SHORTEST_REASON} to {LONGEST_REASON}"
            raise BadRequest(f"reason is a text of {limits} characters.")
        self.access.check_confirmed(self.principal)
        try:
            buyer = await self.dossiers.unmask(order_num, self.principal.name, text)
        except OrderNotFound:
            raise NotFound("There is no such order.") from None
        self.reply({"openId": buyer.open_id, "phone": buyer.phone})
