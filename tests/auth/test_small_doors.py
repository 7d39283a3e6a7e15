"""The small doors: whose address counts, what static serves, who reads the metrics, who makes the
database write."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tornado.httputil import HTTPHeaders

from handlers.client_address import client_address, is_loopback, network_of
from services.checks.health import FRESH_S, Health
from settings import read
from tests.support.rig import KEY, product, until

pytestmark = pytest.mark.one_database

TRUSTED = read(
    {
        "PAYWATCH_TRUSTED_PROXIES": "127.0.0.0/8 10.0.0.0/8 2001:db8::/32",
        "PAYWATCH_WECHAT_APP_ID": "wx8888888888888888",
        "PAYWATCH_WECHAT_MCH_ID": "1900000109",
        "PAYWATCH_WECHAT_API_V2_KEY": KEY,
    }
).trusted_proxies


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9:52100", "203.0.113.9"),
        ("127.0.0.1", "[2a02:1:2::9]:443", "2a02:1:2::9"),
        ("127.0.0.1", "[2a02:1:2::9]", "2a02:1:2::9"),
        ("127.0.0.1", '"[2A02:1:2::9]:443"', "2a02:1:2::9"),
        ("127.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "[::ffff:203.0.113.9]:1", "203.0.113.9"),
        ("127.0.0.1", "fe80::1%eth0", "fe80::1"),
        ("127.0.0.1", "6.6.6.6, 203.0.113.9:1, 10.1.2.3:80", "203.0.113.9"),
        ("::ffff:127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("::ffff:198.51.100.7", "203.0.113.9", "198.51.100.7"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "_hidden:80", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "1.2.3.4:5:6", "127.0.0.1"),
    ],
)
def test_an_address_has_one_form_at_the_edge(peer: str, forwarded: str, client: str) -> None:
    headers = HTTPHeaders({"X-Forwarded-For": forwarded})
    assert client_address(peer, headers, TRUSTED) == client


def test_addresses_of_ipv4_in_the_form_of_ipv6_are_not_one_network() -> None:
    assert network_of("::ffff:203.0.113.9") == "203.0.113.0/24"
    assert network_of("::ffff:198.51.100.9") != network_of("::ffff:203.0.113.9")
    assert network_of("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert network_of("nobody") == "unknown"
    assert is_loopback("::ffff:127.0.0.1")


@pytest.mark.gen_test
async def test_static_serves_neither_dotfiles_nor_names_with_a_nul(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        assert (await shop.fetch("/static/icon.svg")).code == 200
        for path in (".gitignore", "%2egitignore", "js/.hidden", "%00", "icon.svg%00", "js/%00/x"):
            answer = await shop.fetch(f"/static/{path}")
            assert (answer.code, answer.body) == (404, b"404"), path


@pytest.mark.gen_test
async def test_the_metrics_are_for_who_names_this_machine_and_shows_no_proxy(
    tmp_path: Path,
) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        assert (await shop.fetch("/metrics")).code == 200
        for name in (
            "X-Forwarded-For", "x-forwarded-proto", "Forwarded", "Via", "X-Real-IP",
            "X_Forwarded_For", "X-Client-IP", "CF-Connecting-IP", "True-Client-IP",
            "X-Envoy-External-Address", "X-Original-Forwarded-For", "X-Amzn-Trace-Id",
        ):  # fmt: skip
            assert (await shop.fetch("/metrics", headers={name: "x"})).code == 403, name
        for host in ("pay.example.com", "pay.example.com:80", "127.0.0.1.example.com"):
            assert (await shop.fetch("/metrics", headers={"Host": host})).code == 403, host
        for host in ("localhost:9", "[::1]:8000"):
            assert (await shop.fetch("/metrics", headers={"Host": host})).code == 200, host


class CountedStore:
    """Counts the writes; each takes a moment."""

    alive, lost_file, writes, works = True, "", 0, True

    async def write(self, _op: Any, _item: Any) -> bool:
        self.writes += 1
        await asyncio.sleep(0)
        return self.works


@pytest.mark.gen_test
async def test_many_who_ask_whether_it_is_ready_make_one_write() -> None:
    store: Any = CountedStore()
    locks: Any = None
    health = Health(store, locks, False)
    reports = await asyncio.gather(*(health.report() for _ in range(200)))
    assert {report["ready"] for report in reports} == {True}
    assert store.writes <= 2
    # What is known at once is told at once.
    store.lost_file = "paywatch.db"
    assert (await health.report())["database"] == "file gone"
    store.lost_file = ""
    health.stopping = True
    assert (await health.report())["ready"] is False
    store.works = False

    async def is_noticed() -> bool:
        return bool((await health.report())["database"] == "not writable")

    await until(is_noticed)
    assert FRESH_S <= 1
