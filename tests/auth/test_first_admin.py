"""The first set-up: a token of the log makes the first admin, once."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

from models.user import Role
from tests.support.processes import service
from tests.support.rig import PASSWORD, Product, product

pytestmark = pytest.mark.one_database


def error(response: HTTPResponse) -> tuple[int, str]:
    return response.code, json.loads(response.body)["error"]


async def set_up(shop: Product, token: str, name: str = "alice", **headers: str) -> HTTPResponse:
    body = {"token": token, "name": name, "password": PASSWORD}
    return await shop.fetch("/api/v1/setup", "POST", body, headers)


async def page(shop: Product, path: str) -> tuple[int, str]:
    answer = await shop.fetch(path)
    return answer.code, answer.headers.get("Location", "")


@pytest.mark.gen_test
async def test_until_there_is_an_admin_every_page_leads_to_the_set_up(tmp_path):
    async with product(tmp_path) as shop:
        await shop.running.services.users.create_user("bob", Role.SUPPORT, PASSWORD)
        for path in ("/", "/login", "/orders"):
            assert await page(shop, path) == (302, "/setup")
        assert await page(shop, "/setup") == (200, "")
        token = await shop.running.services.first_admin.new_token()
        opened = await set_up(shop, token)
        assert json.loads(opened.body)["user"] == {"name": "alice", "role": "admin"}
        assert "sid=" in opened.headers.get_list("Set-Cookie")[0]
        assert await page(shop, "/login") == (200, "")
        assert await page(shop, "/setup") == (404, "")
        assert error(await set_up(shop, token, "mallory")) == (404, "not_found")
        assert error(await shop.fetch("/api/v1/setup")) == (404, "not_found")


@pytest.mark.gen_test
async def test_only_the_newest_token_makes_an_admin_and_makes_one(tmp_path):
    async with product(tmp_path) as shop:
        first_admin = shop.running.services.first_admin
        assert error(await set_up(shop, "")) == (403, "bad_setup_token")
        old, token = await first_admin.new_token(), await first_admin.new_token()
        assert error(await set_up(shop, old)) == (403, "bad_setup_token")
        evil = await set_up(shop, token, Origin="https://evil.example")
        assert error(evil) == (403, "xsrf")
        weak = {"token": token, "name": "alice", "password": "short"}
        assert error(await shop.fetch("/api/v1/setup", "POST", weak)) == (400, "bad_request")
        answers = await asyncio.gather(*(set_up(shop, token, f"admin{i}") for i in range(4)))
        assert sorted(answer.code for answer in answers)[0] == 200
        made = [user["name"] for user in (await shop.running.services.users.page())["users"]]
        assert len(made) == 1


@pytest.mark.gen_test
async def test_when_the_set_up_is_over_a_guess_at_its_token_costs_no_write(tmp_path, monkeypatch):
    async with product(tmp_path) as shop:
        await shop.user()

        async def refuse(*_: object) -> None:
            raise AssertionError("nobody is signed in")

        with monkeypatch.context() as held:
            held.setattr(shop.running.store, "write", refuse)
            assert error(await set_up(shop, "guessed")) == (404, "not_found")


@pytest.mark.gen_test
async def test_an_admin_reads_the_checks_of_the_installation(tmp_path):
    async with product(tmp_path, wechat=True) as shop:
        found: dict[str, Any] = await (await shop.user()).get("checkup")
        graded = {each["check"]: each["grade"] for each in found["findings"]}
        assert {"database", "clock", "notify", "account"} <= set(graded)
        assert graded["account"] == "ok"
        assert found["notifyUrls"] == [f"{shop.origin}/pay/notify"]
        keys = [m.api_v2_key for m in shop.settings.merchants if m.api_v2_key]
        assert keys
        assert not any(key in json.dumps(found) for key in keys)


@pytest.mark.gen_test
async def test_the_start_prints_the_token_while_there_is_no_admin(tmp_path):
    async with service(tmp_path) as served:
        token = re.search(r"/setup with the token ([\w-]{32})$", served.log.read_text(), re.M)
        assert token
        body = {"token": token[1], "name": "alice", "password": PASSWORD}
        status, _ = await served.post("/api/v1/setup", body)
        assert status == 200
