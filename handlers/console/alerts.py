"""Alert cases: list, one, and what a person decides about one."""

from __future__ import annotations

from typing import Any

from handlers.console.base import ConsoleHandler
from handlers.console.reading import BIGGEST
from payments.errors import BadRequest
from services.alerts import MAX_PAGE, PAGE, Alerts, Decision

LONGEST_NOTE = 500
STATUSES = ("", "open", "acknowledged", "resolved", "unresolved")


class AlertsAccess(ConsoleHandler):
    def initialize(self, alerts: Alerts, **rest: Any) -> None:  # type: ignore[override]
        super().initialize(**rest)
        self.alerts = alerts


class AlertsHandler(AlertsAccess):
    async def get(self) -> None:
        status = self.query("status")
        if status not in STATUSES:
            raise BadRequest("status is open, acknowledged, resolved or unresolved.")
        self.reply(
            await self.alerts.page(
                status or None,
                self.query("kind") or None,
                self.query("orderNum") or None,
                self.number("before", 0, 0, BIGGEST) or None,
                self.number("limit", PAGE, 1, MAX_PAGE),
            )
        )


class AlertHandler(AlertsAccess):
    async def get(self, alert_id: str) -> None:
        self.reply({"alert": await self.alerts.get(int(alert_id))})


class AlertDecisionHandler(AlertsAccess):
    async def post(self, alert_id: str, action: str) -> None:
        body = self.json_body()
        version = body.get("version")
        if type(version) is not int:
            raise BadRequest("Send the version of the alert that you saw.")
        note = _text(body, "note")
        reason = _text(body, "reason")
        if action == "note" and not note:
            raise BadRequest("A note needs its text.")
        if action == "assign" and not _text(body, "assignee"):
            raise BadRequest("Send the assignee's name.")
        text = ": ".join(part for part in (reason, note) if part) or None
        decision = Decision(
            int(alert_id), action, version, self.principal.name, text, _text(body, "assignee")
        )
        self.reply({"alert": await self.alerts.decide(decision)})


def _text(body: dict[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is None or value == "":
        return None
    if not (isinstance(value, str) and len(value) <= LONGEST_NOTE):
        raise BadRequest(f"{name} is a text of at most {LONGEST_NOTE} characters.")
    return value
