"""The settings page: what was read at the start, the alert rules, and the channels."""

from __future__ import annotations

from typing import Any

from handlers.session import ConsoleHandler
from payments.errors import BadRequest
from services.alerts.outbox import Outbox
from services.alerts.rules import AlertRules, RuleChange
from services.views.settings_view import SettingsView

MOST = 40
"""Settings that one request may change."""


class SettingsHandler(ConsoleHandler):
    def initialize(  # type: ignore[override]
        self, knobs: AlertRules, outbox: Outbox, configuration: SettingsView, **rest: Any
    ) -> None:
        super().initialize(**rest)
        self._knobs = knobs
        self._outbox = outbox
        self._configuration = configuration

    async def get(self) -> None:
        self.reply(
            {
                "read": self._configuration.all(),
                "knobs": await self._knobs.all(),
                "notify": await self._outbox.report(),
            }
        )

    async def post(self) -> None:
        change = RuleChange(_wanted(self.json_body()), self.principal.name)
        self.reply({"knobs": await self._knobs.change(change)})


class NotifyTestHandler(ConsoleHandler):
    def initialize(self, outbox: Outbox, **rest: Any) -> None:  # type: ignore[override]
        super().initialize(**rest)
        self._outbox = outbox

    async def post(self) -> None:
        self.json_body()
        self.reply({"channels": await self._outbox.test(self.principal.name)})


def _wanted(body: dict[str, Any]) -> dict[str, tuple[Any, int]]:
    """The new value and the version that was seen, by name. Raises BadRequest."""
    given = body.get("knobs")
    if not isinstance(given, dict) or not 0 < len(given) <= MOST:
        raise BadRequest("Send knobs: the settings to change, by name.")
    wanted = {}
    for name, entry in given.items():
        if not isinstance(entry, dict) or type(entry.get("version")) is not int:
            raise BadRequest("Send each with its value and the version that you saw.")
        wanted[name] = (entry.get("value"), entry["version"])
    return wanted
