"""Refunds: the list, a request, an admin's yes or no, and asking WeChat."""

from __future__ import annotations

from typing import Any

from handlers.console.monitor import BIGGEST
from handlers.errors import NotFound
from handlers.request_body import read_note, read_refund_request
from handlers.session import ConsoleHandler
from payments.errors import BadRequest, OrderNotFound
from services.auth.roles import Permission
from services.refunds.refunds import MAX_PAGE, PAGE, STATUSES, Refunds


class RefundsAccess(ConsoleHandler):
    def initialize(self, refunds: Refunds, **rest: Any) -> None:  # type: ignore[override]
        super().initialize(**rest)
        self.refunds = refunds


class OrderRefundsHandler(RefundsAccess):
    """Support asks; an admin's own request is approved at once below the limit, so it needs the
    password as an approval does."""

    async def post(self, order_num: str) -> None:
        wish = read_refund_request(self.json_body())
        decides = self.principal.may(Permission.DECIDE)
        if decides:
            self.access.check_confirmed(self.principal)
        try:
            refund = await self.refunds.request(
                order_num, by=self.principal.name, may_approve=decides, **wish
            )
        except OrderNotFound:
            raise NotFound("There is no such order.") from None
        self.reply({"refund": refund}, 201)


class RefundsHandler(RefundsAccess):
    async def get(self) -> None:
        status = self.query("status")
        if status and status not in STATUSES:
            raise BadRequest(f"status is one of {', '.join(STATUSES)}.")
        self.reply(
            await self.refunds.page(
                status or None,
                self.number("before", 0, 0, BIGGEST) or None,
                self.number("limit", PAGE, 1, MAX_PAGE),
            )
        )


class RefundChoiceHandler(RefundsAccess):
    async def post(self, refund_num: str, action: str) -> None:
        note = read_note(self.json_body())
        self.access.check_confirmed(self.principal)
        choose = self.refunds.approve if action == "approve" else self.refunds.reject
        self.reply({"refund": await choose(refund_num, self.principal.name, note)})


class RefundAskHandler(RefundsAccess):
    async def post(self, refund_num: str) -> None:
        self.json_body()
        await self.refunds.ask(refund_num, self.principal.name)
        self.reply({"refund": await self.refunds.get(refund_num)})
