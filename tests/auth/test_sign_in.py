"""Signing in and out over real HTTP: cookies, sessions, failures."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from http.cookies import SimpleCookie
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

from models import Session
from models.user import Role
from services.auth.sessions import ABSOLUTE_MS, IDLE_MS
from tests.support.patience import PATIENCE_S
from tests.support.rig import PASSWORD, Product, product

HTTPS = "https://pay.example.com"


def error(response: HTTPResponse) -> tuple[int, str]:
    return response.code, json.loads(response.body)["error"]


async def login(shop: Product, name: str, password: Any, **headers: str) -> HTTPResponse:
    body = {"username": name, "password": password}
    return await shop.fetch("/api/v1/login", "POST", body, headers)


def cookies(response: HTTPResponse) -> SimpleCookie:
    found = SimpleCookie()
    for line in response.headers.get_list("Set-Cookie"):
        found.load(line)
    return found


@pytest.mark.gen_test
async def test_signing_in_introduces_the_user_and_sets_the_cookies(tmp_path):
    async with product(tmp_path) as shop:
        await shop.running.services.users.create_user("bob", Role.SUPPORT, PASSWORD)
        answer = await login(shop, "bob", PASSWORD, Origin=shop.origin)
        said = json.loads(answer.body)
        assert set(said) == {"user", "xsrf", "owes", "session"}
        assert said["user"] == {"name": "bob", "role": "support"}
        set_ = cookies(answer)
        assert set(set_) == {"sid", "xsrf", "device"}
        for cookie in set_.values():
            assert (cookie["path"], cookie["domain"], cookie["secure"]) == ("/", "", "")
            assert cookie["httponly"] is True
            assert cookie["samesite"] == "Strict"
        assert set_["xsrf"].value == said["xsrf"]
        assert len(set_["sid"].value) >= 43  # 256 bits
        me = await shop.fetch("/api/v1/me", headers={"Cookie": f"sid={set_['sid'].value}"})
        assert json.loads(me.body) == {**said, "preferences": {}}
        assert me.headers["Cache-Control"] == "no-store"


@pytest.mark.gen_test
async def test_over_https_the_cookies_are_secure_and_bound_to_the_host(tmp_path):
    async with product(tmp_path, PUBLIC_ORIGIN=HTTPS) as shop:
        await shop.running.services.users.create_user("alice", Role.ADMIN, PASSWORD)
        host = {"Host": "pay.example.com"}
        answer = await login(shop, "alice", PASSWORD, **host)
        set_ = cookies(answer)
        assert set(set_) == {"__Host-sid", "__Host-xsrf", "__Host-device"}
        assert all(cookie["secure"] is True for cookie in set_.values())
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
        sid = set_["__Host-sid"].value
        me = await shop.fetch("/api/v1/me", headers={**host, "Cookie": f"__Host-sid={sid}"})
        assert me.code == 200
        tossed = await shop.fetch("/api/v1/me", headers={**host, "Cookie": f"sid={sid}"})
        assert error(tossed) == (401, "unauthenticated")


@pytest.mark.gen_test
async def test_an_unknown_user_and_a_wrong_password_look_the_same(tmp_path):
    async with product(tmp_path) as shop:
        await shop.running.services.users.create_user("alice", Role.ADMIN, PASSWORD)
        odd = ["alice", "nobody", "ALICE", "alice ", "' OR 1=1 --", "爱丽丝", "x" * 300, ""]
        answers = [await login(shop, name, "wrong password!!") for name in odd]
        bodies = [json.loads(answer.body) for answer in answers]
        for body in bodies:
            body.pop("requestId")
        assert [answer.code for answer in answers] == [401] * len(odd)
        assert bodies == [bodies[0]] * len(odd)
        assert bodies[0]["error"] == "bad_credentials"
        assert not any("Set-Cookie" in answer.headers for answer in answers)


@pytest.mark.gen_test
async def test_what_is_not_a_sign_in_is_a_bad_request(tmp_path):
    async with product(tmp_path) as shop:
        odd: list[Any] = [
            {},
            {"username": "alice"},
            {"username": "alice", "password": None},
            {"username": ["alice"], "password": "x"},
            {"username": "alice", "password": 5},
            {"username": "alice", "password": "x" * 10_000},
            b"[]",
            b"not json",
            {"username": "\ud800", "password": "x"},
            {"username": "a\0", "password": "x"},
            {"username": "alice", "password": "\udfff"},
        ]
        for body in odd:
            headers = {"Content-Type": "application/json"}
            answer = await shop.fetch("/api/v1/login", "POST", body, headers)
            assert error(answer) == (400, "bad_request"), body
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        for headers in (form, {"Content-Type": "text/plain;x=json"}, {}):
            sent = b'{"username":"alice","password":"x"}'
            answer = await shop.fetch("/api/v1/login", "POST", sent, headers)
            assert error(answer) == (400, "bad_request")


@pytest.mark.gen_test
async def test_a_foreign_page_can_neither_sign_in_nor_reach_us_by_another_name(tmp_path):
    async with product(tmp_path) as shop:
        await shop.running.services.users.create_user("alice", Role.ADMIN, PASSWORD)
        port = shop.origin.rsplit(":", 1)[1]
        for origin in (
            "https://evil.example",
            "null",
            f"{shop.origin}.evil",
            f"{shop.origin}/",
            f"http://localhost:{port}",
        ):
            answer = await login(shop, "alice", PASSWORD, Origin=origin)
            assert error(answer) == (403, "xsrf"), origin
        for host in ("evil.example", f"localhost:{port}", "127.0.0.1", f"127.0.0.1.:{port}"):
            for path in ("/api/v1/me", "/api/v1/summary", "/login", "/", "/alerts", "/nosuch"):
                answer = await shop.fetch(path, headers={"Host": host})
                assert error(answer) == (421, "wrong_host"), (host, path)
            assert error(await login(shop, "alice", PASSWORD, Host=host)) == (421, "wrong_host")


@pytest.mark.gen_test
async def test_signing_out_ends_this_session_alone_and_for_good(tmp_path):
    async with product(tmp_path) as shop:
        laptop = await shop.user("alice", Role.ADMIN)
        phone = await shop.sign_in("alice")
        assert laptop.cookie != phone.cookie
        assert laptop.xsrf != phone.xsrf
        answer = await laptop.post("logout", {})
        assert (answer.code, answer.body) == (204, b"")
        gone = cookies(answer)
        assert {name: cookie.value for name, cookie in gone.items()} == {"sid": "", "xsrf": ""}
        assert error(await laptop.fetch("me")) == (401, "unauthenticated")
        assert (await phone.fetch("me")).code == 200


@pytest.mark.gen_test
async def test_signing_in_again_replaces_the_session_and_keeps_no_preset_cookie(tmp_path):
    async with product(tmp_path) as shop:
        before = await shop.user("alice", Role.ADMIN)
        answer = await login(shop, "alice", PASSWORD, Cookie=before.cookie)
        assert f"sid={cookies(answer)['sid'].value}" != before.cookie
        assert (await before.fetch("me")).code == 401
        preset = await login(shop, "alice", PASSWORD, Cookie="sid=chosen-by-an-attacker")
        assert cookies(preset)["sid"].value != "chosen-by-an-attacker"
        stolen = await shop.fetch("/api/v1/me", headers={"Cookie": "sid=chosen-by-an-attacker"})
        assert stolen.code == 401


def sessions(_nothing: None = None) -> list[str]:
    return [row.token_hash for row in Session.select()]


@pytest.mark.gen_test
async def test_the_database_holds_no_cookie_and_what_it_holds_opens_nothing(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        (kept,) = await shop.running.store.read(sessions)
        assert kept not in alice.cookie
        for cookie in (f"sid={kept}", "sid=", "sid=x", f"{alice.cookie}x", "sid=\xff", "; ;=,"):
            answer = await shop.fetch("/api/v1/me", headers={"Cookie": cookie})
            assert error(answer) == (401, "unauthenticated")
        stored = b"".join(path.read_bytes() for path in tmp_path.glob("paywatch.db*"))
        secrets = (PASSWORD, alice.cookie.split("=")[1], shop.api_key)
        assert not any(secret.encode() in stored for secret in secrets)


def grow_old(batch: Any, ages: Sequence[tuple[int, int]]) -> list[None]:
    """An op: every session was opened, and last used, so many ms ago."""
    opened, seen = ages[0]
    Session.update(created_at=batch.now - opened, seen_at=batch.now - seen).execute()
    return [None] * len(ages)


@pytest.mark.gen_test
async def test_a_session_ends_after_30_idle_minutes_and_after_12_hours(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        for ages, code in (
            ((IDLE_MS - 9000, IDLE_MS - 9000), 200),  # and this counts as use:
            (None, 200),
            ((IDLE_MS, IDLE_MS), 401),
            ((ABSOLUTE_MS - 9000, 0), 200),
            ((ABSOLUTE_MS, 0), 401),
        ):
            if ages:
                await shop.running.store.write(grow_old, ages)
            assert (await alice.fetch("me")).code == code, ages
        page = await shop.fetch("/alerts/7", headers={"Cookie": alice.cookie})
        assert (page.code, page.headers["Location"]) == (302, "/login?next=/alerts/7")


@pytest.mark.gen_test
async def test_failures_slow_down_and_a_hundred_at_once_do_not_harm_the_payments(tmp_path):
    async with product(tmp_path) as shop:
        await shop.running.services.users.create_user("alice", Role.ADMIN, PASSWORD)
        order = await shop.order()
        storm = asyncio.gather(*(login(shop, "alice", "wrong password!!") for _ in range(100)))
        await asyncio.sleep(0.05)
        async with asyncio.timeout(PATIENCE_S):
            await shop.pay(order["orderNum"])
        answers = await storm
        assert {error(answer) for answer in answers} == {
            (401, "bad_credentials"),
            (429, "slow_down"),
        }
        slow = [answer for answer in answers if answer.code == 429]
        assert len(slow) >= 75  # two hashes at once, two more of one network wait
        assert all(1 <= int(answer.headers["Retry-After"]) <= 60 for answer in slow)
        assert (await shop.read(order["orderNum"]))["status"] == "PAID"
