"""Signing in and out."""

from __future__ import annotations

from typing import Any

from handlers.base import BaseHandler, Site
from handlers.console.base import ConsoleHandler, check_host, cookie_name
from handlers.errors import BadXsrf
from handlers.peer import network_of
from payments.errors import BadRequest
from services.access import Access
from services.roles import Principal

LONGEST = 128


class LoginHandler(BaseHandler):
    """Needs no XSRF token, but JSON and, if an Origin is sent, ours: no form can send that."""

    def initialize(self, site: Site, access: Access) -> None:  # type: ignore[override]
        super().initialize(site)
        self._access = access

    async def post(self) -> None:
        check_host(self)
        if self.request.headers.get("Origin") not in (None, self.site.origin):
            raise BadXsrf("Sign in on the console's own page.")
        body = self.json_body()
        name, password = body.get("username"), body.get("password")
        if not (isinstance(name, str) and isinstance(password, str)) or len(password) > LONGEST:
            raise BadRequest("Send username and password.")
        signed_in = await self._access.login(name, password, network_of(self.client))
        await self._access.forget(self.get_cookie(cookie_name(self.site, "sid")))
        self._set_cookie("sid", signed_in.cookie)
        self._set_cookie("xsrf", signed_in.principal.xsrf)
        self.reply(introduction(signed_in.principal))

    def _set_cookie(self, name: str, value: str) -> None:
        self.set_cookie(
            cookie_name(self.site, name),
            value,
            path="/",
            httponly=True,
            samesite="Strict",
            secure=self.site.https,
        )


def introduction(principal: Principal) -> dict[str, Any]:
    user = {"name": principal.name, "role": principal.role.value}
    return {"user": user, "xsrf": principal.xsrf}


class LogoutHandler(ConsoleHandler):
    async def post(self) -> None:
        await self.access.logout(self.principal)
        for name in ("sid", "xsrf"):
            self.clear_cookie(cookie_name(self.site, name), path="/", secure=self.site.https)
        self.set_status(204)
        self.finish()


class ConfirmHandler(ConsoleHandler):
    """The password once more, for what asks for it."""

    async def post(self) -> None:
        password = self.json_body().get("password")
        if not isinstance(password, str) or len(password) > LONGEST:
            raise BadRequest("Send your password.")
        await self.access.confirm(self.principal, password, network_of(self.client))
        self.reply({})


class MeHandler(ConsoleHandler):
    async def get(self) -> None:
        self.reply(introduction(self.principal))
