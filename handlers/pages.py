"""The pages: one document, whose script shows the page of the address; and its files."""

from __future__ import annotations

import gzip
import re
import secrets
from typing import Any
from urllib.parse import quote

from tornado.web import HTTPError, StaticFileHandler

from handlers.accept_headers import best_encoding, best_language
from handlers.base import BaseHandler, set_safe_headers
from handlers.console.first_answers import first_answers, script_text
from handlers.console_files import BUILT, ConsoleFiles
from handlers.session import check_host, session_cookie
from handlers.site import Site
from services.auth.credentials import Unauthenticated
from services.auth.roles import Principal

LANGUAGES = ("zh-CN", "en")
PROGRAMS = ("/api/", "/merchant/", "/pay/", "/weixin/")
FORMS = {"br": ".br", "gzip": ".gz"}
"""The forms that the set-up made of each built file, the smallest first, and their endings."""
TYPES = {".js": "text/javascript", ".css": "text/css"}
_BUILT = re.compile(rf"{BUILT}/[\w-]+-[0-9A-Z]{{8}}(\.js|\.css)")
FOR_EVER = "public, max-age=31536000, immutable"


class PageHandler(BaseHandler):
    """Without a `permission` a page is public. A visitor without a session is sent to the sign-in
    page and comes back afterwards, or to the set-up while there is no admin. A user without the
    permission gets the document with 403; it says so."""

    entry = "main"
    """The script of this page, without its ending."""

    async def get(self, *_args: str) -> None:
        check_host(self)
        user = None
        if self.permission:
            user = await self._user()
            if user is None:
                login = f"/login?next={quote(self.request.uri or '/', safe='/')}"
                self.redirect("/setup" if await self.services.first_admin.is_due() else login)
                return
            if not user.may(self.permission):
                self.set_status(403)
        self.show(await first_answers(self.services, user) if user else {})

    async def _user(self) -> Principal | None:
        try:
            return await self.services.authentication.session(session_cookie(self))
        except Unauthenticated:
            return None

    def show(self, brought: dict[str, Any]) -> None:
        """`brought` are the first answers, which the page need not ask for."""
        nonce = secrets.token_urlsafe(16)
        files: ConsoleFiles = self.application.settings["console_files"]
        chosen = brought.get("me", {}).get("preferences", {}).get("lang")
        lang = chosen or self._language()
        page = self.render_string(
            "console.html",
            nonce=nonce,
            mode="simulation" if self.site.simulated else "production",
            version=self.site.version,
            merchant=self.site.merchant,
            lang=lang,
            chosen=chosen,
            files=files.page(self.entry, lang, others=self.request.path not in ("/", "/login")),
            brought=script_text(brought),
        )
        self.set_header("Content-Security-Policy", self._policy(nonce))
        self.set_header("Vary", "Accept-Encoding")
        if best_encoding(self.request.headers.get("Accept-Encoding", ""), ["gzip"]):
            self.set_header("Content-Encoding", "gzip")
            page = gzip.compress(page, 6)
        self.finish(page)

    def _policy(self, nonce: str) -> str:
        socket = self.site.origin.replace("http", "ws", 1)
        return (
            f"default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; "
            f"style-src 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; "
            f"connect-src 'self' {socket}; base-uri 'none'; form-action 'self'; "
            "frame-ancestors 'none'; require-trusted-types-for 'script'"
        )

    def _language(self) -> str:
        chosen = self.get_cookie("lang", "")
        if chosen in LANGUAGES:
            return chosen
        return best_language(self.request.headers.get("Accept-Language", ""))


class SimulatorPageHandler(PageHandler):
    """This page exists in simulation mode only."""

    async def get(self, *_args: str) -> None:
        if self.site.simulated:
            await super().get()
            return
        check_host(self)
        self.set_status(404)
        self.show({})


class LoginPageHandler(PageHandler):
    entry = "sign-in"

    async def get(self, *args: str) -> None:
        if await self.services.first_admin.is_due():
            self.redirect("/setup")
            return
        await super().get(*args)


class SetupPageHandler(PageHandler):
    """Answers 404 as soon as there is an admin. The new admin goes on to the checks in the same
    document; an address of its own shows them later."""

    async def get(self, *args: str) -> None:
        if not await self.services.first_admin.is_due():
            self.set_status(404)
        await super().get(*args)


class MissingPageHandler(PageHandler):
    """Every other address: 404, with the console's page for a browser and JSON for a program."""

    def prepare(self) -> None:
        if self.request.method != "GET" or self.request.path.startswith(PROGRAMS):
            raise HTTPError(404)

    async def get(self, *_args: str) -> None:
        check_host(self)
        self.set_status(404)
        self.show({})


class AssetHandler(StaticFileHandler):
    """The files of `static`. One that the set-up built never changes under its name, and goes out
    in the form that the browser takes; of any other the browser asks each time whether it has
    changed."""

    def set_default_headers(self) -> None:
        site: Site = self.application.settings["site"]
        set_safe_headers(self, site)

    def parse_url_path(self, url_path: str) -> str:
        """No name of a file holds a NUL, and none of ours begins with a dot."""
        if "\x00" in url_path or any(part.startswith(".") for part in url_path.split("/")):
            raise HTTPError(404)
        path: str = super().parse_url_path(url_path)
        return path

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:
        if _BUILT.fullmatch(self.path):
            self.set_header("Vary", "Accept-Encoding")
            accepted = self.request.headers.get("Accept-Encoding", "")
            if form := best_encoding(accepted, list(FORMS)):
                self.set_header("Content-Encoding", form)
                absolute_path += FORMS[form]
        path: str | None = super().validate_absolute_path(root, absolute_path)
        return path

    def get_content_type(self) -> str:
        built = _BUILT.fullmatch(self.path)
        if built:
            return TYPES[built[1]]
        kind: str = super().get_content_type()
        return kind

    def compute_etag(self) -> str | None:
        """Of the file as it is now; the one that Tornado remembers outlives a change."""
        path = self.absolute_path
        return f'"{self.get_content_version(path)}"' if path else None

    def set_extra_headers(self, path: str) -> None:
        self.set_header("Cache-Control", FOR_EVER if _BUILT.fullmatch(path) else "no-cache")

    def write_error(self, status_code: int, **_kwargs: Any) -> None:
        if status_code == 405:
            self.set_header("Allow", "GET, HEAD")
        self.finish(f"{status_code}")
