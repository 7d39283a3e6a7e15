"""What `paywatch check` says, for the last steps of the set-up: the accounts, the keys, the
notify addresses, and the machine."""

from __future__ import annotations

from typing import Any

from handlers.session import ConsoleHandler
from services.checks.cached_checks import CachedChecks
from services.views.merchant_list import MerchantList


class CheckupHandler(ConsoleHandler):
    def initialize(  # type: ignore[override]
        self, checkup: CachedChecks, accounts: MerchantList, notify_urls: list[str], **rest: Any
    ) -> None:
        super().initialize(**rest)
        self._checkup = checkup
        self._accounts = accounts
        self._notify_urls = notify_urls

    async def get(self) -> None:
        findings = await self._checkup.findings()
        self.reply(
            {
                "merchants": self._accounts.all(),
                "notifyUrls": self._notify_urls,
                "findings": [
                    {"check": each.check, "grade": each.grade.value, "words": each.words}
                    for each in findings
                ],
            }
        )
