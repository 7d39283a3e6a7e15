"""Complaints: the list, one with its history, and what staff do about it."""

from __future__ import annotations

from typing import Any

from handlers.base import BIGGEST
from handlers.errors import NotFound, order_or_404
from handlers.request_body import read_why
from handlers.session import ConsoleHandler
from payments.errors import BadRequest
from services.complaints.complaint_desk import ACTIONS
from services.complaints.complaint_views import (
    LONGEST_QUERY,
    MAX_PAGE,
    PAGE,
    STATUSES,
    ComplaintFilter,
    read_before,
)


def read_version(body: dict[str, Any]) -> int | None:
    """The version that the user has seen; it may be left out. Raises BadRequest."""
    version = body.get("version")
    if version is not None and not (type(version) is int and 0 < version <= BIGGEST):
        raise BadRequest("version must be a whole number.")
    return version


class ComplaintsHandler(ConsoleHandler):
    async def get(self) -> None:
        status, before = self.query("status"), self.query("before")
        if status and status not in STATUSES:
            raise BadRequest(f"status must be one of {', '.join(STATUSES)}.")
        position = read_before(before) if before else None
        if before and position is None:
            raise BadRequest("before must be the next of another page.")
        q = self.query("q").strip()
        if len(q) > LONGEST_QUERY:
            raise BadRequest(f"q may have {LONGEST_QUERY} characters.")
        wanted = ComplaintFilter(
            status or None,
            self.query("account") or None,
            q or None,
            position,
            self.number("limit", PAGE, 1, MAX_PAGE),
        )
        self.reply(await self.services.complaint_views.page(wanted))


class ComplaintHandler(ConsoleHandler):
    async def get(self, complaint_id: str) -> None:
        found = await self.services.complaint_views.detail(complaint_id)
        if found is None:
            raise NotFound("There is no such complaint.")
        self.reply({"complaint": found})


class ComplaintReplyHandler(ConsoleHandler):
    async def post(self, complaint_id: str) -> None:
        body = self.json_body()
        if set(body) - {"text", "images", "version"}:
            raise BadRequest("A reply may have only text, images and version.")
        text, images = body.get("text"), body.get("images", [])
        if not isinstance(text, str) or not isinstance(images, list):
            raise BadRequest("A reply needs a text, and images are a list of media ids.")
        if not all(isinstance(image, str) for image in images):
            raise BadRequest("images must be media ids, as texts.")
        complaint = await self.services.complaint_desk.reply(
            complaint_id, text, images, self.principal.name, read_version(body)
        )
        self.reply({"complaint": complaint})


class ComplaintFinishHandler(ConsoleHandler):
    async def post(self, complaint_id: str) -> None:
        body = self.json_body()
        if set(body) - {"version"}:
            raise BadRequest("To finish a complaint send only its version.")
        complaint = await self.services.complaint_desk.finish(
            complaint_id, self.principal.name, read_version(body)
        )
        self.reply({"complaint": complaint})


class ComplaintDecisionHandler(ConsoleHandler):
    async def post(self, complaint_id: str) -> None:
        body = self.json_body()
        if set(body) - {"action", "reason", "version"}:
            raise BadRequest("A decision may have only action, reason and version.")
        action, reason = body.get("action"), body.get("reason") or ""
        if not isinstance(action, str) or action not in ACTIONS:
            raise BadRequest(f"action must be one of {', '.join(ACTIONS)}.")
        if not isinstance(reason, str):
            raise BadRequest("reason must be a text.")
        with order_or_404():
            complaint, refund = await self.services.complaint_desk.decide(
                complaint_id, action, reason, self.principal.name, read_version(body)
            )
        self.reply({"complaint": complaint, "refund": refund})


class ComplaintRefreshHandler(ConsoleHandler):
    async def post(self, complaint_id: str) -> None:
        if self.json_body():
            raise BadRequest("Send an empty object.")
        self.reply({"complaint": await self.services.complaint_desk.refresh(complaint_id)})


class ComplaintUnmaskHandler(ConsoleHandler):
    async def post(self, complaint_id: str) -> None:
        reason = read_why(self.json_body())
        self.check_confirmed()
        desk = self.services.complaint_desk
        self.reply(await desk.unmask(complaint_id, self.principal.name, reason))
