"""WeChat's notify: no session, no XSRF, the exact answer of the manual."""

from __future__ import annotations

from handlers.base import BaseHandler, Site
from handlers.peer import network_of
from payments.answers import ANSWERS, Answer, Outcome
from services.settlement import Settlement

XML_TYPE = "text/xml; charset=utf-8"


class NotifyHandler(BaseHandler):
    def initialize(self, site: Site, settlement: Settlement) -> None:  # type: ignore[override]
        super().initialize(site)
        self._settlement = settlement

    async def post(self) -> None:
        if self.request.headers.get("Content-Encoding", "identity").lower() != "identity":
            self._answer(ANSWERS[Outcome.UNREADABLE])
            return
        source = network_of(self.client)
        self._answer(await self._settlement.notify_v2(self.request.body, source))

    def _answer(self, answer: Answer) -> None:
        self.set_status(answer.http_status)
        self.set_header("Content-Type", XML_TYPE)
        if answer.http_status == 503:
            self.set_header("Retry-After", "5")
        self.finish(answer.v2())
