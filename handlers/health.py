"""Liveness, readiness (can a payment be taken now?), and the figures for Prometheus."""

from __future__ import annotations

import hmac

from handlers.base import BaseHandler
from handlers.client_address import is_loopback
from handlers.errors import Forbidden

FORWARDING = ("X-Forwarded-", "X-Real-Ip", "Forwarded", "Via")


class AliveHandler(BaseHandler):
    def get(self) -> None:
        self.reply({"alive": True})


class ReadyHandler(BaseHandler):
    async def get(self) -> None:
        report = await self.services.health.report()
        self.reply(report, 200 if report["ready"] else 503)


class MetricsHandler(BaseHandler):
    """With a token in the settings: for the bearer of the token. Without: for a caller on this
    machine that comes through no proxy."""

    def get(self) -> None:
        if not self._may_read():
            raise Forbidden("The metrics need their bearer token.")
        self.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.finish(self.services.metrics.text())

    def _may_read(self) -> bool:
        headers, token = self.request.headers, self.site.metrics_token
        if token:
            given = headers.get("Authorization", "")
            return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
        forwarded = any(name.startswith(FORWARDING) for name in headers)
        return not forwarded and is_loopback(str(self.request.remote_ip or ""))
