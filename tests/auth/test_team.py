"""The team over real HTTP: who comes in, as what, and who no longer may."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

from models import Session
from models.user import Role
from services.runtime.clock import MINUTE_MS
from tests.support.rig import PASSWORD, Console, Product, product, until

OTHER = "another fine password"


def error(response: HTTPResponse) -> tuple[int, str]:
    return response.code, json.loads(response.body)["error"]


async def login(shop: Product, name: str, password: str) -> HTTPResponse:
    return await shop.fetch("/api/v1/login", "POST", {"username": name, "password": password})


async def users(console: Console) -> dict[str, dict[str, Any]]:
    return {user["name"]: user for user in (await console.get("users"))["users"]}


@pytest.mark.gen_test
async def test_a_new_user_gets_a_password_once_and_must_choose_another_first(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user("alice")
        answer = await alice.post("users", {"name": "bob", "role": "support"})
        made = json.loads(answer.body)
        assert answer.code == 201
        assert (made["user"]["name"], made["user"]["role"]) == ("bob", "support")
        assert made["password"] not in json.dumps(await users(alice))
        opened = json.loads((await login(shop, "bob", made["password"])).body)
        assert opened["owes"] == "password"
        bob = await shop.sign_in("bob", made["password"])
        for path in ("orders", "alerts", "summary", "me/sessions"):
            assert error(await bob.fetch(path)) == (403, "password_change"), path
        with pytest.raises(Exception, match="403"):
            await bob.live()
        same = {"old": made["password"], "new": made["password"]}
        assert error(await bob.post("me/password", same)) == (400, "bad_request")
        changed = await bob.post("me/password", {"old": made["password"], "new": OTHER})
        assert changed.code == 200, changed.body
        assert (await bob.fetch("orders")).code == 200
        assert (await users(alice))["bob"]["passwordOnce"] is False
        taken = await alice.post("users", {"name": "bob", "role": "viewer"})
        assert error(taken) == (409, "user_exists")


@pytest.mark.gen_test
async def test_a_name_that_is_no_name_is_refused(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user("alice")
        for name in ("", "two words", "x" * 65, "张三", "a/b", "system"):
            answer = await alice.post("users", {"name": name, "role": "support"})
            assert error(answer) == (400, "bad_request"), name
        answer = await alice.post("users", {"name": "bob", "role": "owner"})
        assert error(answer) == (400, "bad_request")


@pytest.mark.gen_test
async def test_one_admin_who_may_come_in_always_remains(tmp_path):
    async with product(tmp_path) as shop:
        alice, bob = await shop.user("alice"), await shop.user("bob")
        assert error(await alice.post("users/alice/disable", {})) == (409, "own_account")
        at_once = await asyncio.gather(
            alice.post("users/bob/disable", {}), bob.post("users/alice/role", {"role": "viewer"})
        )
        assert sorted(answer.code for answer in at_once)[0] == 200
        left = [user for user in (await users_now(shop)) if user["role"] == "admin"]
        assert [user["disabled"] for user in left].count(False) == 1
        last = next(user["name"] for user in left if not user["disabled"])
        admin = alice if last == "alice" else bob
        for deed, body in (("disable", {}), ("role", {"role": "support"})):
            answer = await admin.post(f"users/{last}/{deed}", body)
            assert error(answer) == (409, "last_admin"), deed
        assert error(await admin.post("users/nobody/disable", {})) == (404, "not_found")
        assert error(await admin.post("users/ALICE/disable", {})) == (404, "not_found")


async def users_now(shop: Product) -> list[dict[str, Any]]:
    page = await shop.running.services.users.page()
    found: list[dict[str, Any]] = page["users"]
    return found


@pytest.mark.gen_test
async def test_who_is_disabled_is_out_within_a_second_and_their_old_session_stays_ended(tmp_path):
    async with product(tmp_path) as shop:
        alice, bob = await shop.user("alice"), await shop.user("bob", Role.SUPPORT)
        socket = await bob.live()
        assert (await users(alice))["bob"]["sessions"] == 1
        assert (await alice.post("users/bob/disable", {})).code == 200

        async def closed() -> bool:
            return socket.close_code is not None or await socket.read_message() is None

        await until(closed)
        assert socket.close_code == 4001
        assert error(await bob.fetch("me")) == (401, "unauthenticated")
        assert error(await login(shop, "bob", PASSWORD)) == (401, "bad_credentials")
        assert (await alice.post("users/bob/enable", {})).code == 200
        assert error(await bob.fetch("me")) == (401, "unauthenticated")
        assert (await login(shop, "bob", PASSWORD)).code == 200


@pytest.mark.gen_test
async def test_a_reset_ends_the_sessions_and_a_role_counts_from_the_next_request(tmp_path):
    async with product(tmp_path) as shop:
        alice, bob = await shop.user("alice"), await shop.user("bob", Role.SUPPORT)
        assert (await alice.post("users/bob/role", {"role": "admin"})).code == 200
        assert (await bob.fetch("users")).code == 200
        assert error(await alice.post("users/alice/password", {})) == (409, "own_account")
        short = await alice.post("users/bob/password", {"password": "short"})
        assert error(short) == (400, "bad_request")
        assert (await bob.fetch("users")).code == 200
        reset = json.loads((await alice.post("users/bob/password", {})).body)
        assert error(await bob.fetch("users")) == (401, "unauthenticated")
        assert (await login(shop, "bob", reset["password"])).code == 200
        assert (await alice.post("users/bob/end-sessions", {})).code == 200
        assert (await users(alice))["bob"]["sessions"] == 0


@pytest.mark.gen_test
async def test_a_deed_on_a_user_needs_the_password_given_lately(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user("alice")
        await shop.user("bob", Role.SUPPORT)

        def long_ago(batch: Any, items: Any) -> list[None]:
            Session.update(confirmed_at=batch.now - 6 * MINUTE_MS).execute()
            return [None] * len(items)

        await shop.running.store.write(long_ago, None)
        deeds: list[tuple[str, dict[str, Any]]] = [
            ("users", {"name": "x", "role": "viewer"}),
            ("users/bob/role", {"role": "viewer"}),
            ("users/bob/password", {}),
            ("users/bob/disable", {}),
            ("users/bob/enable", {}),
            ("users/bob/end-sessions", {}),
            ("users/bob/remove-totp", {}),
            ("me/totp", {}),
        ]
        for path, body in deeds:
            assert error(await alice.post(path, body)) == (403, "confirm_password"), path
        assert (await alice.post("confirm", {"password": PASSWORD})).code == 200
        assert (await alice.post("users/bob/disable", {})).code == 200


@pytest.mark.gen_test
async def test_preferences_are_kept_with_the_user_and_nothing_else_is(tmp_path):
    async with product(tmp_path) as shop:
        bob = await shop.user("bob", Role.VIEWER)
        wish = {"lang": "en", "theme": "dark", "keys": False, "sound": True}
        assert json.loads((await bob.post("me/preferences", wish)).body)["preferences"] == wish
        await bob.post("me/preferences", {"theme": "light"})
        elsewhere = await shop.sign_in("bob")
        assert (await elsewhere.get("me"))["preferences"] == {**wish, "theme": "light"}
        odd: list[dict[str, Any]] = [
            {"lang": "fr"},
            {"keys": "off"},
            {"sound": 1},
            {"theme": None},
            {"role": "admin"},
            {"lang": ["en"]},
        ]
        for each in odd:
            assert error(await bob.post("me/preferences", each)) == (400, "bad_request"), each


@pytest.mark.gen_test
async def test_one_sees_and_ends_ones_other_sessions_and_a_new_password_ends_them_too(tmp_path):
    async with product(tmp_path) as shop:
        laptop = await shop.user("bob", Role.SUPPORT)
        desk = await shop.sign_in("bob")
        carol = await shop.user("carol", Role.VIEWER)
        mine = (await laptop.get("me/sessions"))["sessions"]
        assert [session["this"] for session in mine] == [True, False]
        assert not {laptop.cookie, laptop.xsrf} & set(json.dumps(mine).split('"'))
        assert (await laptop.post("me/sessions/end-others", {})).code == 200
        assert error(await desk.fetch("me")) == (401, "unauthenticated")
        desk = await shop.sign_in("bob")
        wrong = await laptop.post("me/password", {"old": OTHER, "new": OTHER + "!"})
        assert error(wrong) == (401, "bad_credentials")
        assert (await laptop.post("me/password", {"old": PASSWORD, "new": OTHER})).code == 200
        assert (await laptop.fetch("me")).code == (await carol.fetch("me")).code == 200
        assert error(await desk.fetch("me")) == (401, "unauthenticated")
