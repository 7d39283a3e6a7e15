"""A handler of the console checks in this order: our host, a session, the permission of the route,
the XSRF token."""

from __future__ import annotations

from typing import Any

from handlers.base import BaseHandler, RoutedHandler
from handlers.client_address import network_of
from handlers.errors import BadXsrf, Forbidden, WrongHost
from handlers.site import Site
from services.auth.credentials import PasswordChangeNeeded, SecondFactorNeeded, same_token
from services.auth.roles import Owed, Principal
from services.auth.sessions import ABSOLUTE_MS, IDLE_MS, BrowserPlace
from services.runtime.clock import rfc3339

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
OWED_ERRORS = {Owed.PASSWORD: PasswordChangeNeeded, Owed.TOTP: SecondFactorNeeded}


def check_host(handler: BaseHandler) -> None:
    """Raises WrongHost when the request names another host than the configured origin."""
    if handler.request.host.lower() != handler.site.host:
        raise WrongHost(f"This console is at {handler.site.origin}.")


def cookie_name(site: Site, name: str) -> str:
    return f"__Host-{name}" if site.https else name


def session_cookie(handler: RoutedHandler) -> str | None:
    return handler.get_cookie(cookie_name(handler.site, "sid"))


def place_of(handler: BaseHandler) -> BrowserPlace:
    """The network and the name of the browser of this request."""
    agent = handler.request.headers.get("User-Agent", "")
    return BrowserPlace(
        network_of(handler.client),
        "".join(c for c in agent if c.isprintable()),
        handler.get_cookie(cookie_name(handler.site, "device")) or "",
    )


def introduction(principal: Principal) -> dict[str, Any]:
    """The signed-in user, the end of the session, and what the user owes."""
    user = {"name": principal.name, "role": principal.role.value}
    return {
        "user": user,
        "xsrf": principal.xsrf,
        "owes": principal.owes.value if principal.owes else None,
        "session": {
            "endsAt": rfc3339(principal.opened_at + ABSOLUTE_MS),
            "idleSeconds": IDLE_MS // 1000,
        },
    }


class ConsoleHandler(BaseHandler):
    """A user who owes a new password or a second factor gets the error that says so, from every
    handler but the few with `allows_owing`."""

    principal: Principal
    needs_permission = True
    allows_owing = False

    async def prepare(self) -> None:
        check_host(self)
        self.principal = await self.services.authentication.session(session_cookie(self))
        if self.principal.owes and not self.allows_owing:
            raise OWED_ERRORS[self.principal.owes]
        if self.permission is None or not self.principal.may(self.permission):
            raise Forbidden
        if self.request.method not in SAFE_METHODS:
            self._check_xsrf()

    def check_confirmed(self) -> None:
        """Raises ConfirmPassword when the password was not given lately."""
        self.services.authentication.check_confirmed(self.principal)

    def _check_xsrf(self) -> None:
        origin = self.request.headers.get("Origin")
        token = self.request.headers.get("X-XSRFToken", "")
        if origin not in (None, self.site.origin) or not same_token(self.principal.xsrf, token):
            raise BadXsrf
