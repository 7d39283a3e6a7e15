"""Roles × every address of the console, walked from the table of addresses itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

from handlers.base import BaseHandler
from handlers.console.profile import MeHandler
from handlers.live import LiveHandler
from handlers.pages import PageHandler
from handlers.routes import ROUTES, Route
from handlers.session import ConsoleHandler
from models import User
from models.user import Role
from services.auth.roles import PERMISSIONS, Permission
from tests.support import rig
from tests.support.rig import Console, Product

pytestmark = pytest.mark.one_database
product = partial(rig.product, MODE="simulation", wechat=True)
"""The simulator's page is there too."""

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
EVERYBODY, STAFF, ADMIN = tuple(Role), (Role.ADMIN, Role.SUPPORT), (Role.ADMIN,)

MAY: dict[str, tuple[Role, ...]] = {
    "logout": EVERYBODY,
    "me": EVERYBODY,
    "summary": EVERYBODY,
    "inbox": EVERYBODY,
    "first-steps": ADMIN,
    "events": EVERYBODY,
    "orders": EVERYBODY,
    "orders/export.csv": STAFF,
    "merchants": EVERYBODY,
    "orders/x": EVERYBODY,
    "orders/x/query": STAFF,
    "orders/x/close": ADMIN,
    "orders/x/service": STAFF,
    "orders/x/note": STAFF,
    "orders/x/unmask": ADMIN,
    "orders/x/refunds": STAFF,
    "orders/x/outside-refunds": ADMIN,
    "refunds": EVERYBODY,
    "refunds/x/ask": STAFF,
    "refunds/x/approve": ADMIN,
    "refunds/x/reject": ADMIN,
    "refunds/x/end": ADMIN,
    "refunds/x/abnormal": ADMIN,
    "receipts": EVERYBODY,
    "receipts/1/decide": ADMIN,
    "reports": EVERYBODY,
    "reports.csv": EVERYBODY,
    "reports.xlsx": EVERYBODY,
    "reports/choices": EVERYBODY,
    "bills": EVERYBODY,
    "bills/2026-11-22": EVERYBODY,
    "bills/2026-11-22.csv": EVERYBODY,
    "bills/2026-11-22/fetch": STAFF,
    "bills/2026-11-22/file": STAFF,
    "differences/1/resolve": ADMIN,
    "complaints": EVERYBODY,
    "complaints/uploads": STAFF,
    "complaints/x": EVERYBODY,
    "complaints/x/reply": STAFF,
    "complaints/x/finish": STAFF,
    "complaints/x/refund-decision": STAFF,
    "complaints/x/refresh": STAFF,
    "complaints/x/unmask": ADMIN,
    "complaints/x/media/1": EVERYBODY,
    "confirm": EVERYBODY,
    "me/preferences": EVERYBODY,
    "me/password": EVERYBODY,
    "me/sessions": EVERYBODY,
    "me/sessions/end-others": EVERYBODY,
    "me/totp": EVERYBODY,
    "me/totp/enable": EVERYBODY,
    "me/totp/disable": EVERYBODY,
    "users": ADMIN,
    "users/x/role": ADMIN,
    "users/x/password": ADMIN,
    "users/x/disable": ADMIN,
    "users/x/enable": ADMIN,
    "users/x/end-sessions": ADMIN,
    "users/x/remove-totp": ADMIN,
    "audit": (Role.ADMIN, Role.VIEWER),
    "audit/verify": (Role.ADMIN, Role.VIEWER),
    "checkup": ADMIN,
    "notifies/0": EVERYBODY,
    "notifies/0/unmask": ADMIN,
    "notifies/0/replay": ADMIN,
    "people": STAFF,
    "alerts/bulk/acknowledge": STAFF,
    "alerts/bulk/resolve": ADMIN,
    "alerts/bulk/reopen": ADMIN,
    "alerts/bulk/assign": ADMIN,
    "alerts": EVERYBODY,
    "alerts/1": EVERYBODY,
    "alerts/1/acknowledge": STAFF,
    "alerts/1/note": STAFF,
    "alerts/1/resolve": ADMIN,
    "alerts/1/reopen": ADMIN,
    "alerts/1/assign": ADMIN,
    "products": ADMIN,
    "products/x": ADMIN,
    "simulator": ADMIN,
    "simulator/orders": ADMIN,
    "simulator/x": ADMIN,
    "simulator/runs/0": ADMIN,
    "simulator/runs/0/stop": ADMIN,
    "settings": ADMIN,
    "settings/notify/test": ADMIN,
}
"""Who may, by the table of the console's manual; written down here a second time on purpose."""


SEES: dict[str, tuple[Role, ...]] = {
    "/": EVERYBODY,
    "/alerts": EVERYBODY,
    "/orders": EVERYBODY,
    "/receipts": EVERYBODY,
    "/recon": EVERYBODY,
    "/reports": EVERYBODY,
    "/me": EVERYBODY,
    "/audit": (Role.ADMIN, Role.VIEWER),
    "/team": ADMIN,
    "/products": ADMIN,
    "/settings": ADMIN,
    "/simulator": ADMIN,
}
PUBLIC = {"/login", "/setup"}


def console_routes() -> list[Route]:
    return [route for route in ROUTES if issubclass(route.handler, ConsoleHandler)]


def examples(pattern: str) -> Iterator[str]:
    """Paths that a pattern of the table takes; every one of the words it lists."""
    pattern = pattern.replace("([^/]+)", "x").replace("([0-9]{1,15})", "1")
    pattern = pattern.replace("([0-9-]{10})", "2026-11-22")
    pattern = pattern.replace("([0-9a-f]+)", "0").replace("(.*)", "icon.svg").replace("\\.", ".")
    pattern = re.sub(r"\(\?:(/[^)]*)\)\?", "", pattern)
    words = re.search(r"\(([a-z|-]+)\)", pattern)
    for word in words[1].split("|") if words else [""]:
        yield re.sub(r"\([a-z|-]+\)", word, pattern)


def console_calls() -> list[tuple[str, str]]:
    """Every method and path of the console, without its prefix."""
    return [
        (method, path.removeprefix("/api/v1/"))
        for route in console_routes()
        for path in examples(route.path)
        for method in route.handler.allowed_methods()
    ]


async def send(user: Console, method: str, path: str, **headers: str) -> HTTPResponse:
    return await user.fetch(path, method, {} if method in UNSAFE else None, **headers)


def error(response: HTTPResponse) -> tuple[int, str]:
    body: dict[str, Any] = json.loads(response.body)
    assert {"error", "message", "requestId"} <= set(body)
    return response.code, body["error"]


async def cast(shop: Product) -> dict[Role, Console]:
    return {
        Role.ADMIN: await shop.user("alice", Role.ADMIN),
        Role.SUPPORT: await shop.user("bob", Role.SUPPORT),
        Role.VIEWER: await shop.user("charlie", Role.VIEWER),
    }


def test_every_console_address_declares_a_permission_and_is_in_the_matrix():
    api = [route for route in ROUTES if route.path.startswith("/api/")]
    assert [each.path for each in api if not issubclass(each.handler, ConsoleHandler)] == [
        "/api/v1/setup",
        "/api/v1/login",
    ]
    assert [route.path for route in console_routes() if route.permission is None] == []
    assert {path for _, path in console_calls()} == set(MAY)
    assert {role: len(PERMISSIONS[role]) for role in Role} == {
        Role.VIEWER: 2,
        Role.SUPPORT: 3,
        Role.ADMIN: 7,
    }


@pytest.mark.parametrize("handler", [MeHandler, LiveHandler])
def test_a_console_address_without_a_permission_does_not_start(handler):
    assert Route("/x", handler, Permission.LOOK).permission
    with pytest.raises(ValueError, match="/x names no permission"):
        Route("/x", handler)


@pytest.mark.gen_test
async def test_every_role_reaches_exactly_what_it_may(tmp_path):
    async with product(tmp_path) as shop:
        users = await cast(shop)
        for method, path in console_calls():
            if path == "logout":
                continue
            for role, user in users.items():
                answer = await send(user, method, path)
                if role in MAY[path]:
                    assert answer.code in (200, 400, 404), (role, method, path)
                else:
                    assert error(answer) == (403, "forbidden"), (role, method, path)


@pytest.mark.gen_test
async def test_without_a_session_there_is_nothing(tmp_path):
    async with product(tmp_path) as shop:
        for method, path in console_calls():
            for cookie in ("", "sid=", "sid=" + "A" * 43, f"sid={shop.api_key}"):
                nobody = Console(shop, cookie, "x")
                answer = await send(nobody, method, path, Authorization=f"Bearer {shop.api_key}")
                assert error(answer) == (401, "unauthenticated"), (method, path)


@pytest.mark.gen_test
async def test_every_unsafe_method_needs_this_sessions_token_and_our_origin(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        other = await shop.sign_in("alice")
        unsafe = [call for call in console_calls() if call[0] in UNSAFE]
        assert {path for _, path in unsafe} >= {"logout", "alerts/1/resolve"}
        for method, path in unsafe:
            for token in ("", "x", alice.xsrf[:-1], other.xsrf, "é"):
                answer = await send(alice, method, path, **{"X-XSRFToken": token})
                assert error(answer) == (403, "xsrf"), (method, path, token)
            cookie = f"{alice.cookie}; xsrf=chosen"
            tossed = await send(alice, method, path, Cookie=cookie, **{"X-XSRFToken": "chosen"})
            assert error(tossed) == (403, "xsrf")
            for origin in ("https://evil.example", "null", shop.origin + "/", shop.origin.upper()):
                answer = await send(alice, method, path, Origin=origin)
                assert error(answer) == (403, "xsrf"), (method, path, origin)
        assert (await alice.fetch("me")).code == 200
        assert (await send(alice, "POST", "logout", Origin=shop.origin)).code == 204


@pytest.mark.gen_test
async def test_every_unsafe_address_demands_json(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        for method, path in console_calls():
            if method not in UNSAFE or path == "logout":
                continue
            for kind in ("application/x-www-form-urlencoded", "text/plain", "text/plain; json", ""):
                answer = await alice.fetch(path, method, b"{}", **{"Content-Type": kind})
                assert error(answer) == (400, "bad_request"), (method, path, kind)


@pytest.mark.gen_test
async def test_nothing_changes_by_get_and_a_foreign_method_is_told_what_is_allowed(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        for route in ROUTES:
            if not issubclass(route.handler, BaseHandler):
                continue
            allowed = route.handler.allowed_methods()
            path = next(examples(route.path))
            headers = {"Cookie": alice.cookie, "X-XSRFToken": alice.xsrf}
            headers["Authorization"] = f"Bearer {shop.api_key}"
            for method in {"GET", "PUT", "DELETE", "PATCH", "BREW", "TRACE"} - set(allowed):
                answer = await shop.fetch(path, method, None, headers)
                assert error(answer) == (405, "method_not_allowed"), (method, path)
                assert answer.headers["Allow"] == ", ".join(allowed)
        changing = {
            "logout",
            "confirm",
            "acknowledge",
            "note",
            "resolve",
            "reopen",
            "assign",
            "query",
            "close",
            "service",
            "approve",
            "reject",
            "ask",
            "decide",
            "unmask",
            "replay",
            "stop",
            "test",
            "preferences",
            "password",
            "outside-refunds",
            "end-others",
            "end",
            "abnormal",
            "fetch",
            "file",
            "uploads",
            "reply",
            "finish",
            "refund-decision",
            "refresh",
            "disable",
            "enable",
            "role",
            "end-sessions",
            "remove-totp",
        }
        posted = {"orders/x/refunds", "products/x", "simulator/x", "simulator/orders"}
        both = {"products", "settings", "users", "me/totp"}
        for method, path in console_calls():
            if path in both:
                continue
            last = path.split("/")[-1]
            posts = last in changing or path in posted
            assert method == ("POST" if posts else "GET"), path


@pytest.mark.gen_test
async def test_a_role_that_is_lowered_counts_from_the_next_request(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        await shop.running.store.write(change_user, {"role": "viewer"})
        assert error(await alice.post("alerts/1/resolve", {"version": 1})) == (403, "forbidden")
        await shop.running.store.write(change_user, {"disabled": True})
        assert error(await alice.fetch("me")) == (401, "unauthenticated")
        again = {"username": "alice", "password": "correct horse battery"}
        answer = await shop.fetch("/api/v1/login", "POST", again)
        assert error(answer) == (401, "bad_credentials")


def change_user(_batch: Any, changes: Any) -> list[None]:
    """An op: every user gets these values."""
    User.update(changes[0]).execute()
    return [None] * len(changes)


@pytest.mark.gen_test
async def test_every_page_declares_who_may_see_it_and_tells_the_others(tmp_path):
    async with product(tmp_path) as shop:
        lines = [route for route in ROUTES if issubclass(route.handler, PageHandler)]
        declared = {each: line.permission for line in lines for each in examples(line.path)}
        assert {path for path, permission in declared.items() if permission is None} == PUBLIC
        assert set(declared) == {*SEES, *PUBLIC}
        for role, user in (await cast(shop)).items():
            for path, roles in SEES.items():
                answer = await shop.fetch(path, headers={"Cookie": user.cookie})
                assert answer.code == (200 if role in roles else 403), (role, path)
        for path in SEES:
            answer = await shop.fetch(path)
            assert (answer.code, answer.headers["Location"][:6]) == (302, "/login"), path
