"""The second factor: the codes of the standard, and over real HTTP how one is set up and used."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

from models import User
from models.user import Role
from services.auth import totp
from services.auth.credentials import BadCode
from services.auth.login_attempts import LoginAttempt
from services.auth.roles import Principal
from services.auth.sessions import BrowserPlace, Opening, open_sessions
from services.runtime.clock import SystemClock
from tests.support.rig import PASSWORD, Console, Product, product

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
NOW_MS = 1_800_000_000_000
HERE = BrowserPlace("127.0.0.0/24")


class HeldClock(SystemClock):
    """Its time of day stands still until the test moves it."""

    def __init__(self) -> None:
        self.ms = NOW_MS

    def now_ms(self) -> int:
        return self.ms


@pytest.mark.parametrize(
    ("at_s", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_codes_are_those_of_the_standard(at_s: int, code: str) -> None:
    assert totp.code_at(RFC_SECRET, at_s // 30, digits=8) == code
    assert totp.code_at(RFC_SECRET, at_s // 30) == code[-6:]


def test_a_code_counts_one_step_early_or_late_and_never_twice() -> None:
    now = NOW_MS // totp.STEP_MS
    codes = {off: totp.code_at(RFC_SECRET, now + off) for off in range(-2, 3)}
    taken = {off for off, code in codes.items() if totp.step_of(RFC_SECRET, code, NOW_MS, 0)}
    assert taken == {-1, 0, 1}
    assert totp.step_of(RFC_SECRET, codes[0], NOW_MS, now) is None
    assert totp.step_of(RFC_SECRET, codes[1], NOW_MS, now) == now + 1
    for odd in ("", "12345", "1234567", "１２３４５６", "12345a"):
        assert totp.step_of(RFC_SECRET, odd, NOW_MS, 0) is None


def test_an_app_reads_the_address() -> None:
    address = totp.address(RFC_SECRET, "a@b")
    assert address.startswith("otpauth://totp/Paywatch:a%40b?")
    assert f"secret={RFC_SECRET}" in address


# --- over HTTP -----------------------------------------------------------------------------------


def error(response: HTTPResponse) -> tuple[int, str]:
    return response.code, json.loads(response.body)["error"]


async def login(shop: Product, **more: Any) -> HTTPResponse:
    body = {"username": "alice", "password": PASSWORD, **more}
    return await shop.fetch("/api/v1/login", "POST", body)


def code(secret: str, clock: HeldClock) -> str:
    return totp.code_at(secret, clock.now_ms() // totp.STEP_MS)


async def set_up(console: Console, clock: HeldClock) -> tuple[str, list[str]]:
    """The secret and the recovery codes."""
    shown = json.loads((await console.post("me/totp", {})).body)
    assert shown["picture"].startswith("data:image/svg+xml")
    answer = await console.post("me/totp/enable", {"code": code(shown["secret"], clock)})
    assert answer.code == 200, answer.body
    return shown["secret"], json.loads(answer.body)["recoveryCodes"]


@pytest.mark.gen_test
async def test_with_a_second_factor_the_password_alone_opens_nothing(tmp_path):
    clock = HeldClock()
    async with product(tmp_path, clock=clock) as shop:
        alice = await shop.user("alice")
        secret, recovery = await set_up(alice, clock)
        assert len(set(recovery)) == 10
        assert error(await login(shop)) == (401, "code_needed")
        assert error(await login(shop, password="wrong password!!")) == (401, "bad_credentials")
        used = code(secret, clock)
        assert error(await login(shop, code=used)) == (401, "bad_code")  # it switched the factor on
        clock.ms += 30_000
        fresh = code(secret, clock)
        assert (await login(shop, code=f"{fresh[:3]} {fresh[3:]}")).code == 200
        assert error(await login(shop, code=fresh)) == (401, "bad_code")
        assert (await login(shop, code=recovery[0].upper())).code == 200
        assert error(await login(shop, code=recovery[0])) == (401, "bad_code")
        assert (await alice.get("me/totp"))["totp"] == {"on": True, "recoveryCodesLeft": 9}
        kept = await shop.running.store.read(lambda: list(User.select().dicts()))
        assert secret not in str(kept)
        assert not any(each in str(kept) for each in recovery)


@pytest.mark.gen_test
async def test_guessed_codes_wait_longer_and_longer_wherever_they_come_from(tmp_path):
    clock = HeldClock()
    settings = {"TRUSTED_PROXIES": "127.0.0.0/8"}
    async with product(tmp_path, clock=clock, **settings) as shop:
        secret, _ = await set_up(await shop.user("alice"), clock)
        answers = []
        for network in range(1, 8):
            from_there = {"X-Forwarded-For": f"203.0.{network}.9"}
            body = {"username": "alice", "password": PASSWORD, "code": "000000"}
            answers.append(await shop.fetch("/api/v1/login", "POST", body, from_there))
        assert [answer.code for answer in answers] == [401] * 5 + [429] * 2
        clock.ms += 61_000
        assert (await login(shop, code=code(secret, clock))).code == 200


@pytest.mark.gen_test
async def test_it_is_switched_off_with_password_and_code_or_by_an_admin(tmp_path):
    clock = HeldClock()
    async with product(tmp_path, clock=clock) as shop:
        alice, bob = await shop.user("alice"), await shop.user("bob", Role.SUPPORT)
        secret, _ = await set_up(alice, clock)
        again = await alice.post("me/totp", {})
        assert error(again) == (400, "bad_request")
        clock.ms += 30_000
        off = {"password": PASSWORD, "code": code(secret, clock)}
        wrong = await alice.post("me/totp/disable", {**off, "password": "wrong password!!"})
        assert error(wrong) == (401, "bad_credentials")
        bad = await alice.post("me/totp/disable", {**off, "code": "nosuchcode"})
        assert error(bad) == (401, "bad_code")
        assert (await alice.post("me/totp/disable", off)).code == 200
        assert (await login(shop)).code == 200
        assert error(await alice.post("users/alice/remove-totp", {})) == (409, "own_account")
        await set_up(bob, clock)
        assert (await alice.post("users/bob/remove-totp", {})).code == 200
        assert error(await bob.fetch("me")) == (401, "unauthenticated")
        assert (await login(shop, username="bob")).code == 200


@pytest.mark.gen_test
async def test_a_code_that_was_on_its_way_does_not_bring_back_a_factor_that_was_removed(tmp_path):
    clock = HeldClock()
    async with product(tmp_path, clock=clock) as shop:
        await shop.user("alice")
        bob = await shop.user("bob", Role.SUPPORT)
        secret, _ = await set_up(bob, clock)
        clock.ms += 30_000
        services = shop.running.services
        asking = Principal("bob", Role.SUPPORT, "0" * 64, "x")
        account = await services.authentication.prove(asking, PASSWORD, HERE)
        proof = await services.second_factor.prove("bob", code(secret, clock), HERE.masked)
        await services.users.remove_factor("bob", "alice")
        opening = Opening(account, asking, HERE, proof, LoginAttempt("bob|here", clock.now_ms()))
        with pytest.raises(BadCode):
            await shop.running.store.write(open_sessions, opening)
        assert (await login(shop, username="bob")).code == 200


@pytest.mark.gen_test
async def test_who_must_have_a_second_factor_sets_it_up_before_anything_else(tmp_path):
    clock = HeldClock()
    async with product(tmp_path, clock=clock, REQUIRE_TOTP="admin") as shop:
        alice, bob = await shop.user("alice"), await shop.user("bob", Role.SUPPORT)
        assert (await alice.get("me"))["owes"] == "totp"
        for path in ("orders", "users", "audit", "me/sessions"):
            assert error(await alice.fetch(path)) == (403, "totp_required"), path
        assert (await bob.fetch("orders")).code == 200
        await set_up(alice, clock)
        assert (await alice.get("me"))["owes"] is None
        assert (await alice.fetch("users")).code == 200
        assert (await bob.fetch("users")).code == 403
