"""The live monitor reads here the figures of the day, the events and the merchants."""

from __future__ import annotations

from handlers.base import BIGGEST
from handlers.session import ConsoleHandler


class SummaryHandler(ConsoleHandler):
    async def get(self) -> None:
        self.reply(await self.services.summary.get())


class EventsHandler(ConsoleHandler):
    async def get(self) -> None:
        after = self.number("after", 0, 0, BIGGEST)
        self.reply(await self.services.feed.page(after, self.number("limit", 100, 1, 1000)))


class InboxHandler(ConsoleHandler):
    async def get(self) -> None:
        self.reply(await self.services.inbox.of(self.principal))


class FirstStepsHandler(ConsoleHandler):
    async def get(self) -> None:
        self.reply({"steps": await self.services.first_steps.all()})


class MerchantsHandler(ConsoleHandler):
    async def get(self) -> None:
        self.reply({"merchants": self.services.merchant_list.all()})
