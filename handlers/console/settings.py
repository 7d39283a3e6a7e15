"""The settings page: the settings that were read at the start, the alert rules, the channels."""

from __future__ import annotations

from typing import Any

from handlers.session import ConsoleHandler
from payments.errors import BadRequest
from services.alerts.rules import RuleChange

MOST = 40
"""Settings that one request may change."""


class SettingsHandler(ConsoleHandler):
    async def get(self) -> None:
        self.reply(
            {
                "read": self.services.settings_view.all(),
                "knobs": await self.services.alert_rules.all(),
                "notify": await self.services.outbox.report(),
            }
        )

    async def post(self) -> None:
        change = RuleChange(_wanted(self.json_body()), self.principal.name)
        self.reply({"knobs": await self.services.alert_rules.change(change)})


class NotifyTestHandler(ConsoleHandler):
    async def post(self) -> None:
        self.json_body()
        self.reply({"channels": await self.services.outbox.test(self.principal.name)})


def _wanted(body: dict[str, Any]) -> dict[str, tuple[Any, int]]:
    """The new value and the version that was seen, by name. Raises BadRequest."""
    given = body.get("knobs")
    if not isinstance(given, dict) or not 0 < len(given) <= MOST:
        raise BadRequest("knobs must hold the alert rules to change, by name.")
    wanted = {}
    for name, entry in given.items():
        if not isinstance(entry, dict) or type(entry.get("version")) is not int:
            raise BadRequest("Each of the knobs must have its value and the version that you saw.")
        wanted[name] = (entry.get("value"), entry["version"])
    return wanted
