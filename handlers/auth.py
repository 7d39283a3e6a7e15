"""Signing in and out, and the set-up, which makes the first admin and signs this admin in."""

from __future__ import annotations

from handlers.base import BaseHandler
from handlers.errors import BadXsrf
from handlers.request_body import read_code, read_secret
from handlers.session import (
    ConsoleHandler,
    check_host,
    cookie_name,
    introduction,
    place_of,
    session_cookie,
)
from payments.errors import BadRequest
from services.auth.authentication import SignedIn
from services.auth.first_admin import SetupIsDone
from services.auth.known_devices import KNOWN_MS
from services.runtime.clock import DAY_MS


class SignInHandler(BaseHandler):
    """These addresses need no XSRF token: they take JSON only, and no other Origin than ours, and
    a form of a foreign page can send neither."""

    async def prepare(self) -> None:
        check_host(self)
        ours = self.request.headers.get("Origin") in (None, self.site.origin)
        if self.request.method == "POST" and not ours:
            raise BadXsrf("Sign in on the console's own page.")

    async def sign_in(self, name: str, password: str, code: str | None = None) -> None:
        authentication = self.services.authentication
        await self._welcome(await authentication.login(name, password, place_of(self), code))

    async def _welcome(self, signed_in: SignedIn) -> None:
        await self.services.authentication.forget(session_cookie(self))
        self._set_cookie("sid", signed_in.cookie)
        self._set_cookie("xsrf", signed_in.principal.xsrf)
        self._set_cookie("device", signed_in.device, KNOWN_MS // DAY_MS)
        self.reply(introduction(signed_in.principal))

    def _set_cookie(self, name: str, value: str, days: int | None = None) -> None:
        self.set_cookie(
            cookie_name(self.site, name),
            value,
            path="/",
            httponly=True,
            samesite="Strict",
            secure=self.site.https,
            expires_days=days,
        )


class LoginHandler(SignInHandler):
    async def post(self) -> None:
        body = self.json_body()
        name, password = body.get("username"), read_secret(body, "password")
        if not isinstance(name, str):
            raise BadRequest("Send username and password.")
        code = read_code(body) if body.get("code") is not None else None
        await self.sign_in(name, password, code)


class SetupHandler(SignInHandler):
    """Answers 404 as soon as there is an admin."""

    async def get(self) -> None:
        if not await self.services.first_admin.is_due():
            raise SetupIsDone
        self.reply({})

    async def post(self) -> None:
        body = self.json_body()
        token, name, password = (read_secret(body, n) for n in ("token", "name", "password"))
        await self.services.first_admin.create(token, name, password)
        await self.sign_in(name, password)


class LogoutHandler(ConsoleHandler):
    allows_owing = True

    async def post(self) -> None:
        await self.services.authentication.logout(self.principal)
        for name in ("sid", "xsrf"):
            self.clear_cookie(cookie_name(self.site, name), path="/", secure=self.site.https)
        self.set_status(204)
        self.finish()


class ConfirmHandler(ConsoleHandler):
    """Takes the password once more, before an action that needs it."""

    allows_owing = True

    async def post(self) -> None:
        password = read_secret(self.json_body(), "password")
        await self.services.authentication.confirm(self.principal, password, place_of(self))
        self.reply({})
