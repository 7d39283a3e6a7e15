"""Refunds: the list, a request, an admin's approval or rejection, a query to WeChat, and what an
admin does about a refund that does not come to its end by itself."""

from __future__ import annotations

from handlers.base import BIGGEST
from handlers.errors import order_or_404
from handlers.request_body import (
    read_note,
    read_outside_refund,
    read_refund_request,
    read_why,
)
from handlers.session import ConsoleHandler
from payments.errors import BadRequest
from services.auth.roles import Permission
from services.refunds.refunds import MAX_PAGE, PAGE, STATUSES

TO_MERCHANT = "MERCHANT_BANK_CARD"
"""WeChat's word for the merchant's own bank account."""


class OrderRefundsHandler(ConsoleHandler):
    """A request of support waits for approval. An admin's own request is approved at once below the
    limit, so it needs a fresh password, as an approval does."""

    async def post(self, order_num: str) -> None:
        wish = read_refund_request(self.json_body())
        decides = self.principal.may(Permission.DECIDE)
        if decides:
            self.check_confirmed()
        with order_or_404():
            refund = await self.services.refunds.request(
                order_num, by=self.principal.name, may_approve=decides, **wish
            )
        self.reply({"refund": refund}, 201)


class OutsideRefundsHandler(ConsoleHandler):
    """An admin enters a refund that was made on WeChat's merchant platform; that changes the sums,
    so it needs a fresh password as a refund does."""

    async def post(self, order_num: str) -> None:
        entry = read_outside_refund(self.json_body())
        self.check_confirmed()
        with order_or_404():
            refund = await self.services.refunds.enter_outside(
                order_num, by=self.principal.name, **entry
            )
        self.reply({"refund": refund}, 201)


class RefundsHandler(ConsoleHandler):
    async def get(self) -> None:
        status = self.query("status")
        if status and status not in STATUSES:
            raise BadRequest(f"status must be one of {', '.join(STATUSES)}.")
        self.reply(
            await self.services.refunds.page(
                status or None,
                self.number("before", 0, 0, BIGGEST) or None,
                self.number("limit", PAGE, 1, MAX_PAGE),
            )
        )


class RefundChoiceHandler(ConsoleHandler):
    async def post(self, refund_num: str, action: str) -> None:
        note = read_note(self.json_body())
        self.check_confirmed()
        refunds = self.services.refunds
        choose = refunds.approve if action == "approve" else refunds.reject
        self.reply({"refund": await choose(refund_num, self.principal.name, note)})


class RefundAskHandler(ConsoleHandler):
    async def post(self, refund_num: str) -> None:
        self.json_body()
        await self.services.refunds.ask(refund_num, self.principal.name)
        self.reply({"refund": await self.services.refunds.get(refund_num)})


class RefundEndHandler(ConsoleHandler):
    async def post(self, refund_num: str) -> None:
        body = self.json_body()
        if set(body) - {"reason"}:
            raise BadRequest("The end of a refund may have only a reason.")
        reason = read_why(body)
        self.check_confirmed()
        refund = await self.services.refunds.end(refund_num, reason, self.principal.name)
        self.reply({"refund": refund})


class RefundAbnormalHandler(ConsoleHandler):
    async def post(self, refund_num: str) -> None:
        if self.json_body() != {"to": TO_MERCHANT}:
            raise BadRequest(f'The body must be {{"to":"{TO_MERCHANT}"}}.')
        self.check_confirmed()
        refund = await self.services.refunds.pay_merchant(refund_num, self.principal.name)
        self.reply({"refund": refund})
