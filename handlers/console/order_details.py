"""One order with everything about it; and its buyer's openid and phone in full, for a user who
has the permission and gives a reason."""

from __future__ import annotations

from handlers.errors import order_or_404
from handlers.request_body import read_why
from handlers.session import ConsoleHandler
from services.views.date_ranges import read_moment


class OrderHandler(ConsoleHandler):
    async def get(self, order_num: str) -> None:
        moment = read_moment(self.query("asOf"), "asOf") if self.query("asOf") else None
        details = self.services.order_details
        with order_or_404():
            self.reply(
                await details.order(order_num)
                if moment is None
                else await details.as_of(order_num, moment)
            )


class OrderUnmaskHandler(ConsoleHandler):
    async def post(self, order_num: str) -> None:
        reason = read_why(self.json_body())
        self.check_confirmed()
        with order_or_404():
            buyer = await self.services.order_details.unmask(order_num, self.principal.name, reason)
        self.reply({"openId": buyer.open_id, "phone": buyer.phone})
