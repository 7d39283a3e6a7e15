"""Guesses from many networks: bounded, told in a case, and no way to keep the true user out."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import time
from http.cookies import SimpleCookie

import pytest
from tornado.httpclient import HTTPResponse

from services.alerts.sign_in_watch import SignInWatch
from services.auth.credentials import BadCredentials, SlowDown
from services.auth.login_attempts import FREE_OF_48, FREE_OF_56, FREE_OF_ACCOUNT
from services.auth.passwords import HASHES_WAITING
from services.auth.sessions import BrowserPlace
from services.runtime.clock import SystemClock
from tests.auth.test_sign_in_delay import Clock, access_at, fail
from tests.support.notify_rig import alerts
from tests.support.rig import PASSWORD, Product, product
from tests.support.simulator_rig import until

__all__ = ["product"]
BEHIND_A_PROXY = {"TRUSTED_PROXIES": "127.0.0.0/8"}
WRONG = "wrong password!!"
FLOODING = int(os.environ.get("PAYWATCH_TEST_FLOODING", "8"))
"""Networks that guess at once, without a pause."""


def network(n: int) -> BrowserPlace:
    """The n-th /64 of one network."""
    start = int(ipaddress.IPv6Address("2001:db8::")) + (n << 64)
    return BrowserPlace(f"{ipaddress.IPv6Address(start)}/64")


async def login(
    shop: Product, n: int, password: str, name: str = "alice", cookie: str = ""
) -> HTTPResponse:
    """From the n-th network."""
    headers = {"X-Forwarded-For": f"2001:db8:{n:x}::1", "Cookie": cookie}
    body = {"username": name, "password": password}
    return await shop.fetch("/api/v1/login", "POST", body, headers)


def device_of(answer: HTTPResponse) -> str:
    cookies = SimpleCookie()
    for line in answer.headers.get_list("Set-Cookie"):
        cookies.load(line)
    kept = cookies["device"]
    assert (kept["httponly"], kept["samesite"], kept["path"]) == (True, "Strict", "/")
    return f"device={kept.value}"


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_an_account_is_bounded_over_all_networks(tmp_path):
    async with access_at(tmp_path, Clock()) as access:
        waits = [await fail(access, network(n << 24)) for n in range(154)]
        assert waits.count(0) == FREE_OF_ACCOUNT


@pytest.mark.gen_test
@pytest.mark.one_database
@pytest.mark.parametrize(("step", "free"), [(1, FREE_OF_56), (1 << 8, FREE_OF_48)])
async def test_a_network_is_bounded_over_all_accounts(tmp_path, step, free):
    async with access_at(tmp_path, Clock()) as access:
        looked_at = 0
        for n in range(150):
            try:
                await access.login(f"user{n}", WRONG, network(n % 256 * step))
            except BadCredentials:
                looked_at += 1
            except SlowDown:
                pass
        assert looked_at == free


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_the_bound_of_an_account_is_over_after_a_quiet_hour(tmp_path):
    clock = Clock()
    async with access_at(tmp_path, clock) as access:
        for n in range(40):
            await fail(access, network(n << 24))
        with pytest.raises(SlowDown):
            await access.login("alice", PASSWORD, network(99 << 24))
        clock.go(3601)
        await access.login("alice", PASSWORD, network(99 << 24))


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_a_right_sign_in_counts_as_no_failure(tmp_path):
    async with access_at(tmp_path, Clock()) as access:
        for n in range(60):
            await access.login("alice", PASSWORD, network(n << 24))


@pytest.mark.gen_test
async def test_a_known_browser_gets_in_while_others_guess(tmp_path):
    async with product(tmp_path, **BEHIND_A_PROXY) as shop:
        await shop.user()
        await shop.user("bob")
        known = device_of(await login(shop, 1, PASSWORD))
        of_bob = device_of(await login(shop, 1, PASSWORD, "bob"))
        for n in range(30):
            await login(shop, n + 100, WRONG)
        assert (await login(shop, 1, PASSWORD)).code == 429
        assert (await login(shop, 1, PASSWORD, cookie=of_bob)).code == 429
        assert (await login(shop, 1, PASSWORD, cookie=known + "0")).code == 429
        assert (await login(shop, 2, PASSWORD, cookie=known)).code == 200
        assert (await login(shop, 2, WRONG, cookie=known)).code == 401
        codes = [(await login(shop, 3, "wrong", cookie=known)).code for _ in range(9)]
        assert 429 in codes  # a stolen token is no way to guess on


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_a_new_password_makes_every_browser_unknown(tmp_path):
    async with product(tmp_path, **BEHIND_A_PROXY) as shop:
        await shop.user()
        known = device_of(await login(shop, 1, PASSWORD))
        await shop.running.services.users.reset_password("alice", "another password 7")
        for n in range(30):
            await login(shop, n + 100, WRONG)
        assert (await login(shop, 1, "another password 7", cookie=known)).code == 429


@pytest.mark.gen_test
async def test_the_attack_is_one_case_that_counts(tmp_path):
    async with product(tmp_path, **BEHIND_A_PROXY) as shop:
        await shop.user()
        look = SignInWatch(shop.running.store, SystemClock()).step
        for n in range(FREE_OF_ACCOUNT - 1):
            await login(shop, n + 100, WRONG)
            await login(shop, n + 100, WRONG, "nobody")
        await look()
        assert await alerts(shop) == []
        for n in range(3):
            await login(shop, n + 200, WRONG)
            await login(shop, n + 200, WRONG, "nobody")
        await look()
        await look()
        (case,) = await alerts(shop)
        assert (case["kind"], case["severity"], case["count"]) == ("system", "high", 1)
        values = case["evidence"]["values"]
        assert (case["evidence"]["code"], values["account"]) == ("sign_in_attack", "alice")
        assert values["count"] >= FREE_OF_ACCOUNT


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_strangers_do_not_fill_the_lane_of_those_who_are_known(tmp_path):
    async with product(tmp_path, **BEHIND_A_PROXY) as shop:
        await shop.user()
        known = device_of(await login(shop, 1, PASSWORD))
        alice = await shop.sign_in("alice")
        passwords, stop = shop.running.services.passwords, asyncio.Event()

        async def wait(n: int) -> None:
            async with passwords.turn(f"2001:db8:{n:x}::/64"):
                await stop.wait()

        waiting = [asyncio.create_task(wait(n)) for n in range(HASHES_WAITING)]
        await asyncio.sleep(0)
        assert (await login(shop, 77, PASSWORD)).code == 429
        assert (await login(shop, 77, PASSWORD, cookie=known)).code == 200
        assert (await alice.post("confirm", {"password": PASSWORD})).code == 200
        stop.set()
        await asyncio.gather(*waiting)


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_the_true_user_gets_in_under_a_flood(tmp_path, capsys):
    """Every network guesses again as soon as it has its answer, at accounts that are and are not
    there; whoever is known from before signs in meanwhile."""
    async with product(tmp_path, **BEHIND_A_PROXY) as shop:
        await shop.user()
        known, guesses = device_of(await login(shop, 1, PASSWORD)), 0

        async def guess(n: int) -> None:
            nonlocal guesses
            while True:
                answer = await login(
                    shop, n + 100, f"{WRONG}{guesses}", ("alice", f"x{guesses}")[n % 2]
                )
                assert answer.code in (401, 429)
                guesses += 1

        flood = [asyncio.create_task(guess(n)) for n in range(FLOODING)]
        took = []
        for n in range(5):
            begun, before = time.monotonic(), guesses
            assert (await login(shop, n, PASSWORD, cookie=known)).code == 200
            took.append(time.monotonic() - begun)
            await until(lambda enough=before + FLOODING: guesses >= enough)
        for task in flood:
            task.cancel()
        ends = await asyncio.gather(*flood, return_exceptions=True)
        assert {type(end) for end in ends} == {asyncio.CancelledError}, "no guess got in"
        with capsys.disabled():
            print(f"\n{FLOODING} networks, {guesses} guesses, slowest sign-in {max(took):.2f} s")
