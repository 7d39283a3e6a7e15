"""Asks WeChat about complaints, and tells it what the merchant says to the buyer. Calls of their
own number and size: what hangs here keeps no payment waiting."""

from __future__ import annotations

from payments.complaints.complaint import (
    ComplaintDetail,
    ComplaintEntry,
    ListedComplaint,
    RefundDecision,
    ReplyText,
)
from payments.complaints.images import MAX_SHOWN_BYTES
from payments.errors import WeChatUntrusted
from payments.merchant import Merchant
from payments.v3 import complaint, complaint_answers
from services.wechat.client import WeChatClient

TOTAL_S = 20.0
"""An image may take so long."""
MOST_BYTES = MAX_SHOWN_BYTES
MOST_LINES = 3000
"""WeChat takes 2,000 messages of a merchant's for one complaint."""


class ComplaintClient:
    """`wechat` reads, with the bounds above, also from WeChat's second domain; `origins` are the
    addresses that it calls. `once` sends what WeChat would take twice, so never again by itself.
    Every call raises WeChatRefused, WeChatUntrusted, WeChatUnreachable, or Busy: then nothing was
    sent."""

    def __init__(self, wechat: WeChatClient, once: WeChatClient, origins: tuple[str, ...]) -> None:
        self._wechat = wechat
        self._once = once
        self._origins = origins

    async def page(
        self, merchant: Merchant, begin: str, end: str, offset: int
    ) -> tuple[list[ListedComplaint], int]:
        """Complaints of these days (`YYYY-MM-DD`), from the one at `offset`; and how many there are
        in all."""
        return await self._wechat.ask(
            merchant,
            lambda at: complaint.list_request(merchant, begin, end, offset, at),
            complaint_answers.read_list,
        )

    async def detail(self, merchant: Merchant, complaint_id: str) -> ComplaintDetail:
        return await self._wechat.ask(
            merchant,
            lambda at: complaint.detail_request(merchant, complaint_id, at),
            lambda answer, proof: complaint_answers.read_detail(
                answer, proof, merchant, complaint_id
            ),
        )

    async def history(self, merchant: Merchant, complaint_id: str) -> list[ComplaintEntry]:
        """All lines, oldest first, each once: one that comes while we read moves the pages."""
        found: dict[str, ComplaintEntry] = {}
        for offset in range(0, MOST_LINES, complaint.HISTORY_PAGE):
            lines = await self._history_page(merchant, complaint_id, offset)
            found |= {line.log_id: line for line in lines}
            if len(lines) < complaint.HISTORY_PAGE:
                break
        return sorted(found.values(), key=lambda line: (line.at, line.log_id))

    async def _history_page(
        self, merchant: Merchant, complaint_id: str, offset: int
    ) -> list[ComplaintEntry]:
        return await self._wechat.ask(
            merchant,
            lambda at: complaint.history_request(merchant, complaint_id, offset, at),
            complaint_answers.read_history,
        )

    async def reply(
        self, merchant: Merchant, complaint_id: str, reply: ReplyText, immediate_number: str = ""
    ) -> None:
        """`immediate_number`: the buyer was promised an answer at once, which has this number."""
        await self._once.ask(
            merchant,
            lambda at: (
                complaint.immediate_reply_request(
                    merchant, complaint_id, reply, immediate_number, at
                )
                if immediate_number
                else complaint.reply_request(merchant, complaint_id, reply, at)
            ),
            complaint_answers.read_done,
        )

    async def finish(self, merchant: Merchant, complaint_id: str) -> None:
        await self._once.ask(
            merchant,
            lambda at: complaint.finish_request(merchant, complaint_id, at),
            complaint_answers.read_done,
        )

    async def decide(self, merchant: Merchant, complaint_id: str, decision: RefundDecision) -> None:
        """Tell the buyer whether there will be a refund; WeChat refunds nothing because of it."""
        await self._once.ask(
            merchant,
            lambda at: complaint.decision_request(merchant, complaint_id, decision, at),
            complaint_answers.read_done,
        )

    async def image(self, merchant: Merchant, url: str) -> bytes:
        """The bytes at an address that WeChat named: unsigned, so they prove nothing."""
        content = await self._wechat.ask(
            merchant,
            lambda at: complaint.image_request(merchant, url, self._origins, at),
            lambda answer, _proof: complaint_answers.read_image(answer),
        )
        if len(content) > MAX_SHOWN_BYTES:
            raise WeChatUntrusted("WeChat's image is larger than any that is shown.")
        return content

    async def upload(self, merchant: Merchant, content: bytes, name: str, kind: str) -> str:
        """The media id of an image for a reply."""
        return await self._once.ask(
            merchant,
            lambda at: complaint.upload_request(merchant, content, name, kind, at),
            complaint_answers.read_upload,
        )
