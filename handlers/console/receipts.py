"""Unmatched payments (receipts): the list with the sums, and an admin's decision."""

from __future__ import annotations

from handlers.base import BIGGEST
from handlers.request_body import read_note
from handlers.session import ConsoleHandler
from payments.errors import BadRequest
from services.refunds.receipt_ops import ACTIONS
from services.refunds.receipts import MAX_PAGE, PAGE, STATES


class ReceiptsHandler(ConsoleHandler):
    async def get(self) -> None:
        state = self.query("state")
        if state and state not in STATES:
            raise BadRequest(f"state must be one of {', '.join(STATES)}.")
        self.reply(
            await self.services.receipts.page(
                state or None,
                self.number("before", 0, 0, BIGGEST) or None,
                self.number("limit", PAGE, 1, MAX_PAGE),
            )
        )


class ReceiptDecisionHandler(ConsoleHandler):
    async def post(self, receipt_id: str) -> None:
        body = self.json_body()
        action, version, note = body.get("action"), body.get("version"), read_note(body)
        if action not in ACTIONS:
            raise BadRequest(f"action must be one of {', '.join(ACTIONS)}.")
        if type(version) is not int:
            raise BadRequest("version must be that of the receipt as you saw it.")
        if note is None:
            raise BadRequest("A decision needs a note.")
        self.check_confirmed()
        decided = await self.services.receipts.decide(
            int(receipt_id), action, version, note, self.principal.name
        )
        self.reply({"receipt": decided})
