"""A notify that was kept: seen in full, or judged again."""

from __future__ import annotations

from typing import Any

from handlers.request_body import read_why
from handlers.session import ConsoleHandler
from payments.errors import BadRequest
from services.notify.raw_notifies import RawNotifies


class NoticesAccess(ConsoleHandler):
    def initialize(self, notices: RawNotifies, **rest: Any) -> None:  # type: ignore[override]
        super().initialize(**rest)
        self.notices = notices


class NotifyUnmaskHandler(NoticesAccess):
    async def post(self, notice_id: str) -> None:
        reason = read_why(self.json_body())
        self.access.check_confirmed(self.principal)
        text = await self.notices.unmask(notice_id, self.principal.name, reason)
        self.reply({"body": text})


class NotifyReplayHandler(NoticesAccess):
    """Without `book` it only says what would be."""

    async def post(self, notice_id: str) -> None:
        book = self.json_body().get("book", False)
        if not isinstance(book, bool):
            raise BadRequest("book is true or false.")
        if not book:
            self.reply({"replay": await self.notices.rehearse(notice_id)})
            return
        self.access.check_confirmed(self.principal)
        self.reply({"replay": await self.notices.replay(notice_id, self.principal.name)})
