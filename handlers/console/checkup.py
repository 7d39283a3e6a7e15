"""The results of `paywatch check`, for the last steps of the set-up: the accounts, the keys, the
notify addresses, and the machine."""

from __future__ import annotations

from handlers.session import ConsoleHandler


class CheckupHandler(ConsoleHandler):
    async def get(self) -> None:
        findings = await self.services.cached_checks.findings()
        self.reply(
            {
                "merchants": self.services.merchant_list.all(),
                "notifyUrls": self.services.notify_urls,
                "findings": [
                    {
                        "check": each.check,
                        "grade": each.grade.value,
                        "code": each.code.value,
                        "values": dict(each.values),
                        "words": each.words,
                    }
                    for each in findings
                ],
            }
        )
