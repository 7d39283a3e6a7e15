"""Alert cases: list, one, and what a person decides about one."""

from __future__ import annotations

from typing import Any

from handlers.console.base import ConsoleHandler
from handlers.console.reading import BIGGEST
from handlers.wishes import LONGEST_NOTE, read_note, read_text
from payments.errors import BadRequest
from services.alerts import MAX_PAGE, PAGE, Alerts, Decision

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
        note = read_note(body)
        reason = read_text(body, "reason", LONGEST_NOTE)
        if action == "note" and not note:
            raise BadRequest("A note needs its text.")
        assignee = read_text(body, "assignee", LONGEST_NOTE)
        if action == "assign" and not assignee:
            raise BadRequest("Send the assignee's name.")
        text = ": ".join(part for part in (reason, note) if part) or None
        who = self.principal.name
        decision = Decision(int(alert_id), action, version, who, text, assignee)
        self.reply({"alert": await self.alerts.decide(decision)})
