"""What the console shows: figures, events, orders and raw notifies."""

from __future__ import annotations

from typing import Any

from handlers.errors import NotFound
from handlers.session import ConsoleHandler
from services.live.feed import Feed
from services.views.merchant_list import MerchantList
from services.views.search import Search
from services.views.summary import Summary

BIGGEST = 10**15


class SummaryHandler(ConsoleHandler):
    def initialize(self, summary: Summary, **rest: Any) -> None:  # type: ignore[override]
        super().initialize(**rest)
        self._summary = summary

    async def get(self) -> None:
        self.reply(await self._summary.get())


class EventsHandler(ConsoleHandler):
    def initialize(self, feed: Feed, **rest: Any) -> None:  # type: ignore[override]
        super().initialize(**rest)
        self._feed = feed

    async def get(self) -> None:
        after = self.number("after", 0, 0, BIGGEST)
        self.reply(await self._feed.page(after, self.number("limit", 100, 1, 1000)))


class SearchingHandler(ConsoleHandler):
    def initialize(self, search: Search, **rest: Any) -> None:  # type: ignore[override]
        super().initialize(**rest)
        self.search = search


class MerchantsHandler(ConsoleHandler):
    def initialize(self, accounts: MerchantList, **rest: Any) -> None:  # type: ignore[override]
        super().initialize(**rest)
        self._accounts = accounts

    async def get(self) -> None:
        self.reply({"merchants": self._accounts.all()})


class NotifyTextHandler(SearchingHandler):
    async def get(self, notice_id: str) -> None:
        found = await self.search.notify(notice_id)
        if found is None:
            raise NotFound
        self.reply({"notify": found})
