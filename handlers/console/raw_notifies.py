"""A kept raw notify: shown masked, shown in full, or judged again."""

from __future__ import annotations

from handlers.errors import NotFound
from handlers.request_body import read_why
from handlers.session import ConsoleHandler
from payments.errors import BadRequest


class NotifyTextHandler(ConsoleHandler):
    async def get(self, notice_id: str) -> None:
        found = await self.services.search.notify(notice_id)
        if found is None:
            raise NotFound
        self.reply({"notify": found})


class NotifyUnmaskHandler(ConsoleHandler):
    async def post(self, notice_id: str) -> None:
        reason = read_why(self.json_body())
        self.check_confirmed()
        text = await self.services.raw_notifies.unmask(notice_id, self.principal.name, reason)
        self.reply({"body": text})


class NotifyReplayHandler(ConsoleHandler):
    """Without `book` nothing is written: the answer says what the decision would be."""

    async def post(self, notice_id: str) -> None:
        book = self.json_body().get("book", False)
        if not isinstance(book, bool):
            raise BadRequest("book must be true or false.")
        notifies = self.services.raw_notifies
        if not book:
            self.reply({"replay": await notifies.rehearse(notice_id)})
            return
        self.check_confirmed()
        self.reply({"replay": await notifies.replay(notice_id, self.principal.name)})
