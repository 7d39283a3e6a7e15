"""The part that all handlers share: request id, safe headers, JSON in and out, one shape of
errors."""

from __future__ import annotations

import json
import logging
from typing import Any

from tornado.web import HTTPError, RequestHandler

from handlers.client_address import client_address
from handlers.errors import retry_after, status_of
from handlers.services import Services
from handlers.site import Site
from payments.errors import BadRequest, PaymentError
from services.auth.roles import Permission
from services.runtime.ids import request_id

log = logging.getLogger(__name__)

JSON_TYPE = "application/json; charset=utf-8"
BIGGEST = 10**15
"""The highest id or position in a stream that a query may name."""

SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


def set_safe_headers(handler: RequestHandler, site: Site) -> None:
    handler.clear_header("Server")
    for name, value in SAFE_HEADERS.items():
        handler.set_header(name, value)
    if site.https:
        handler.set_header("Strict-Transport-Security", "max-age=31536000")


class RoutedHandler(RequestHandler):
    """A handler that the table of routes may name: it is given the services, and the permission
    of its route. With `needs_permission` a route without one is refused when the product starts."""

    needs_permission = False

    def initialize(self, services: Services, permission: Permission | None = None) -> None:
        self.services = services
        self.site = services.site
        self.permission = permission


class BaseHandler(RoutedHandler):
    """Errors become `{"error","message","requestId"}`; nothing that came in is echoed."""

    request_id = ""

    def set_default_headers(self) -> None:
        # Also called for an error's answer, which names the request as the log does.
        self.request_id = self.request_id or request_id()
        site: Site = self.application.settings["site"]
        set_safe_headers(self, site)
        self.set_header("X-Request-Id", self.request_id)

    @property
    def client(self) -> str:
        peer = str(self.request.remote_ip or "")
        return client_address(peer, self.request.headers, self.site.trusted_proxies)

    # --- in --------------------------------------------------------------------------------

    def decode_argument(self, value: bytes, name: str | None = None) -> str:
        """Decodes a part of the path (`name` is None) or of the query. A NUL is refused: no name of
        ours holds one, and PostgreSQL takes none."""
        text: str = super().decode_argument(value, name)
        if "\x00" in text:
            raise HTTPError(404 if name is None else 400)
        return text

    def json_body(self) -> dict[str, Any]:
        """The body as a JSON object. Raises BadRequest."""
        kind = self.request.headers.get("Content-Type", "").partition(";")[0]
        if kind.strip().lower() != "application/json":
            raise BadRequest("Send JSON, with Content-Type: application/json.")
        try:
            body = json.loads(
                self.request.body, object_pairs_hook=_no_doubles, parse_constant=_no_constant
            )
            text = json.dumps(body, ensure_ascii=False)
            text.encode()  # half a surrogate pair is no text
        except _NameTwice:
            raise BadRequest("A name comes twice in the body.") from None
        except (ValueError, RecursionError):
            raise BadRequest("The body is not readable as JSON.") from None
        if not isinstance(body, dict) or "\\u0000" in text:
            raise BadRequest("The body is not a JSON object, or holds a NUL.")
        return body

    def query(self, name: str) -> str:
        """A parameter of the query, "" when it is not there. Raises BadRequest when it comes
        twice."""
        given = self.get_query_arguments(name)
        if len(given) > 1:
            raise BadRequest(f"{name} may be given only once.")
        return given[0] if given else ""

    def number(self, name: str, default: int, lowest: int, highest: int) -> int:
        """A whole number from the query. Raises BadRequest."""
        text = self.query(name)
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and len(text) <= 15):
            raise BadRequest(f"{name} must be a whole number.")
        if not lowest <= int(text) <= highest:
            raise BadRequest(f"{name} must be between {lowest} and {highest}.")
        return int(text)

    # --- out -------------------------------------------------------------------------------

    def reply(self, value: object, status: int = 200) -> None:
        self.set_status(status)
        self.set_header("Content-Type", JSON_TYPE)
        self.finish(json.dumps(value, ensure_ascii=False, separators=(",", ":")))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, PaymentError):
            self._reply_error(status_of(error), error.code, error.message, error)
            return
        if status_code == 405:
            self.set_header("Allow", ", ".join(self.allowed_methods()))
        code, message = _PLAIN.get(status_code, _INTERNAL)
        self._reply_error(status_code, code, message)

    def _reply_error(
        self, status: int, code: str, message: str, error: PaymentError | None = None
    ) -> None:
        body: dict[str, Any] = {"error": code, "message": message, "requestId": self.request_id}
        if error is not None:
            wait = retry_after(error)
            if wait is not None:
                self.set_header("Retry-After", str(wait))
            as_it_is = error.detail.keys() & {
                "alert",
                "refund",
                "product",
                "difference",
                "complaint",
                "head",
                "epoch",
            }
            if as_it_is:
                body |= error.detail
            elif error.detail:
                body["detail"] = error.detail
        self.reply(body, status)

    @classmethod
    def allowed_methods(cls) -> list[str]:
        """The methods that this address takes."""
        return [
            name
            for name in RequestHandler.SUPPORTED_METHODS
            if getattr(cls, name.lower()) is not getattr(RequestHandler, name.lower())
        ]

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        if isinstance(value, PaymentError) and status_of(value) < 500:
            return
        if isinstance(value, (PaymentError, HTTPError)):
            log.info("%s %s: %s", self.request_id, type(value).__name__, value)
            return
        log.error("request %s failed", self.request_id, exc_info=(typ, value, tb))

    def compute_etag(self) -> str | None:
        return None


_PLAIN = {
    400: ("bad_request", "The request is not understood."),
    404: ("not_found", "This address, number or id does not exist."),
    405: ("method_not_allowed", "This address does not accept that method."),
}
_INTERNAL = ("internal", "Paywatch failed; its log has the request id.")


class _NameTwice(Exception):
    """A name comes twice in one object."""


def _no_constant(name: str) -> None:
    """NaN and Infinity are no JSON."""
    raise ValueError(name)


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _NameTwice
    return found
