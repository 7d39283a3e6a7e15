"""The audit log: its rows, and whether the newest of them are whole."""

from __future__ import annotations

from handlers.base import BIGGEST
from handlers.session import ConsoleHandler
from services.runtime.audit_log import MAX_PAGE, NEWEST, PAGE, AuditFilter


class AuditHandler(ConsoleHandler):
    async def get(self) -> None:
        wanted = AuditFilter(
            by=self.query("by") or None,
            action=self.query("action") or None,
            subject=self.query("subject") or None,
            since=self.number("since", -1, 0, BIGGEST) if self.query("since") else None,
            until=self.number("until", -1, 0, BIGGEST) if self.query("until") else None,
            before=self.number("before", 0, 0, BIGGEST) or None,
            limit=self.number("limit", PAGE, 1, MAX_PAGE),
        )
        self.reply(await self.services.audit_log.page(wanted))


class AuditVerifyHandler(ConsoleHandler):
    async def get(self) -> None:
        verdict = await self.services.audit_log.verify(NEWEST)
        self.reply(
            {
                "whole": not verdict.flaw,
                "flaw": verdict.flaw or None,
                "rows": verdict.rows,
                "seq": verdict.seq,
                "hash": verdict.hash,
            }
        )
