"""Alert cases: the list, one case, and the decisions of staff."""

from __future__ import annotations

from typing import Any

from handlers.base import BIGGEST
from handlers.request_body import LONGEST_NOTE, read_note, read_text
from handlers.session import ConsoleHandler
from payments.errors import BadRequest
from services.alerts.triage import MAX_AT_ONCE, MAX_PAGE, PAGE, Decision

STATUSES = ("", "open", "acknowledged", "resolved", "unresolved")
MYSELF = "~me"
NEEDS_NOTE = ("false_alarm", "other")
"""Outcomes that say nothing without a note."""
SHORTEST_NOTE = 5


class AlertsHandler(ConsoleHandler):
    async def get(self) -> None:
        status = self.query("status")
        if status not in STATUSES:
            raise BadRequest("status must be open, acknowledged, resolved or unresolved.")
        self.reply(
            await self.services.alerts.page(
                status or None,
                self.query("kind") or None,
                self.query("orderNum") or None,
                self.number("before", 0, 0, BIGGEST) or None,
                self.number("limit", PAGE, 1, MAX_PAGE),
                self.query("severity") or None,
                self._assignee(),
            )
        )

    def _assignee(self) -> str | None:
        name = self.query("assignee") or None
        return self.principal.name if name == MYSELF else name


class AlertHandler(ConsoleHandler):
    async def get(self, alert_id: str) -> None:
        alert = await self.services.alerts.get(int(alert_id))
        self.reply({"alert": alert, **await self.services.alerts.money(alert)})


class PeopleHandler(ConsoleHandler):
    async def get(self) -> None:
        self.reply({"people": await self.services.alerts.people()})


class DecidingHandler(ConsoleHandler):
    """Reads a decision on an alert."""

    def decision(self, alert_id: int, action: str, version: Any, body: dict[str, Any]) -> Decision:
        """Raises BadRequest."""
        if type(version) is not int:
            raise BadRequest("version must be that of the alert as you saw it.")
        note = read_note(body)
        reason = read_text(body, "reason", LONGEST_NOTE)
        if action == "note" and not note:
            raise BadRequest("A note needs a text.")
        if action == "resolve" and reason in NEEDS_NOTE and len(note or "") < SHORTEST_NOTE:
            raise BadRequest(f"This outcome needs a note of at least {SHORTEST_NOTE} characters.")
        assignee = read_text(body, "assignee", LONGEST_NOTE)
        if action == "assign" and not assignee:
            raise BadRequest("Send the assignee's name.")
        text = ": ".join(part for part in (reason, note) if part) or None
        return Decision(alert_id, action, version, self.principal.name, text, assignee, reason)


class AlertDecisionHandler(DecidingHandler):
    async def post(self, alert_id: str, action: str) -> None:
        body = self.json_body()
        decision = self.decision(int(alert_id), action, body.get("version"), body)
        self.reply({"alert": await self.services.alerts.decide(decision)})


class AlertsDecisionHandler(DecidingHandler):
    """The same decision on several cases; each is decided for itself."""

    async def post(self, action: str) -> None:
        body = self.json_body()
        chosen = body.get("alerts")
        if not (isinstance(chosen, list) and 1 <= len(chosen) <= MAX_AT_ONCE):
            raise BadRequest(f"alerts must be a list of 1 to {MAX_AT_ONCE} alerts.")
        decisions = [self._one(action, each, body) for each in chosen]
        if len({decision.alert_id for decision in decisions}) != len(decisions):
            raise BadRequest("An alert may be in the list only once.")
        self.reply({"results": await self.services.alerts.decide_each(decisions)})

    def _one(self, action: str, each: Any, body: dict[str, Any]) -> Decision:
        alert_id = each.get("id") if isinstance(each, dict) else None
        if type(alert_id) is not int or not 0 < alert_id <= BIGGEST:
            raise BadRequest("Each of the alerts must be an object with id and version.")
        return self.decision(alert_id, action, each.get("version"), body)
