"""Liveness, readiness (can a payment be taken now?), and the figures for Prometheus."""

from __future__ import annotations

import hmac
import re
from urllib.parse import urlsplit

from handlers.base import BaseHandler
from handlers.client_address import is_loopback
from handlers.errors import Forbidden

FORWARDING = re.compile(
    r"^(x-)?forwarded|^via$|^x-(real|client|cluster|original|envoy|amzn|azure|proxy)"
    r"|^(true-)?client-ip|^(cf|cdn|fastly|akamai)-"
)
"""Headers by which a proxy shows itself, in lower case, from their beginning."""


class AliveHandler(BaseHandler):
    def get(self) -> None:
        self.reply({"alive": True})


class ReadyHandler(BaseHandler):
    async def get(self) -> None:
        report = await self.services.health.report()
        self.reply(report, 200 if report["ready"] else 503)


class MetricsHandler(BaseHandler):
    """With a token in the settings: for the bearer of the token. Without: for a caller on this
    machine that names this machine and shows no proxy."""

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
        forwarded = any(FORWARDING.search(name.lower().replace("_", "-")) for name in headers)
        host = urlsplit(f"//{self.request.host}").hostname or ""
        names_us = host == "localhost" or is_loopback(host)
        return names_us and not forwarded and is_loopback(str(self.request.remote_ip or ""))
