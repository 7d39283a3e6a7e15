"""Signing in and out, and the first set-up, which signs in whom it makes."""

from __future__ import annotations

from typing import Any

from handlers.base import BaseHandler
from handlers.errors import BadXsrf
from handlers.request_body import read_code, read_secret
from handlers.session import ConsoleHandler, check_host, cookie_name, introduction, place_of
from handlers.site import Site
from payments.errors import BadRequest
from services.auth.authentication import Authentication, SignedIn
from services.auth.first_admin import FirstAdmin, SetupIsDone


class EntryHandler(BaseHandler):
    """Needs no XSRF token, but JSON and, if an Origin is sent, ours: no form can send that."""

    def initialize(self, site: Site, access: Authentication) -> None:  # type: ignore[override]
        super().initialize(site)
        self.access = access

    async def prepare(self) -> None:
        check_host(self)
        ours = self.request.headers.get("Origin") in (None, self.site.origin)
        if self.request.method == "POST" and not ours:
            raise BadXsrf("Sign in on the console's own page.")

    async def welcome(self, signed_in: SignedIn) -> None:
        await self.access.forget(self.get_cookie(cookie_name(self.site, "sid")))
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


class LoginHandler(EntryHandler):
    async def post(self) -> None:
        body = self.json_body()
        name, password = body.get("username"), read_secret(body, "password")
        if not isinstance(name, str):
            raise BadRequest("Send username and password.")
        code = read_code(body) if body.get("code") is not None else None
        await self.welcome(await self.access.login(name, password, place_of(self), code))


class SetupHandler(EntryHandler):
    """Is 404 as soon as there is an admin."""

    def initialize(self, first_admin: FirstAdmin, **rest: Any) -> None:  # type: ignore[override]
        super().initialize(**rest)
        self._first_admin = first_admin

    async def get(self) -> None:
        if not await self._first_admin.is_due():
            raise SetupIsDone
        self.reply({})

    async def post(self) -> None:
        body = self.json_body()
        token, name, password = (read_secret(body, n) for n in ("token", "name", "password"))
        await self._first_admin.create(token, name, password)
        await self.welcome(await self.access.login(name, password, place_of(self)))


class LogoutHandler(ConsoleHandler):
    answers_debtors = True

    async def post(self) -> None:
        await self.access.logout(self.principal)
        for name in ("sid", "xsrf"):
            self.clear_cookie(cookie_name(self.site, name), path="/", secure=self.site.https)
        self.set_status(204)
        self.finish()


class ConfirmHandler(ConsoleHandler):
    """The password once more, for what asks for it."""

    answers_debtors = True

    async def post(self) -> None:
        password = read_secret(self.json_body(), "password")
        await self.access.confirm(self.principal, password, place_of(self))
        self.reply({})
