"""`paywatch check` lets WeChat send an echo to the notify address: the one proof from outside."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from assembly.checks import network_findings
from payments.merchant import Api, Merchant, Merchants
from payments.v3 import signing
from services.checks.check_codes import CheckCode
from services.checks.echo import echo_finding
from services.checks.installation import CheckResult, Grade
from services.runtime.clock import SystemClock
from simulator.http.server import serving
from simulator.options import Options
from tests.support.ports import free_port
from tests.support.rig import APP_ID, MCH_ID, MovedClock, Product, product
from tests.support.simulator_rig import merchant_v3, wechats


def known() -> Merchant:
    return replace(merchant_v3(MCH_ID, APP_ID), api=Api.V3, api_v2_key="")


def keys() -> dict[str, RSAPublicKey]:
    return {each.serial: signing.public_key(each.public) for each in wechats()}


@asynccontextmanager
async def beside_wechat(
    folder: Path, *, serial: str = "", reaches: bool = True
) -> AsyncIterator[Product]:
    """A shop on API v3, whose certificate has another `serial` where one is given, beside a WeChat
    that knows it, and reaches us or does not."""
    ours = replace(known(), serial=serial or known().serial)
    port = free_port()
    wechat = f"http://127.0.0.1:{port}"
    more = {"WECHAT_BASE_URL": wechat, "MODE": "simulation"}
    async with product(folder, merchants=Merchants((ours,)), by_hand=True, **more) as shop:
        origin = shop.origin if reaches else f"http://127.0.0.1:{free_port()}"
        options = Options(known(), origin, port=port, material=wechats())
        async with serving(options) as (_, shop.wechat):
            await shop.running.platform_keys.refresh()
            await shop.running.platform_keys.look()
            yield shop


def of_echo(found: list[CheckResult]) -> list[CheckCode]:
    return [each.code for each in found if each.check == "echo"]


@pytest.mark.gen_test
async def test_an_echo_that_arrives_proves_address_headers_and_key(tmp_path: Path) -> None:
    async with beside_wechat(tmp_path) as shop:
        found = list(await network_findings(shop.settings, echo=True))
        assert of_echo(found) == [CheckCode.ECHO_HEARD]
        (event,) = [e for e in await shop.events() if e["kind"] == "system.ignored"]
        assert event["data"]["eventType"] == "SECURITY_ECHO.SUCCESS"
        assert event["data"]["echo"].startswith("paywatch-")
        alice = await shop.user()
        assert (await alice.get("alerts"))["alerts"] == []


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_the_page_asks_for_no_echo(tmp_path: Path) -> None:
    async with beside_wechat(tmp_path) as shop:
        assert of_echo(list(await network_findings(shop.settings))) == []


@pytest.mark.one_database
@pytest.mark.gen_test
@pytest.mark.parametrize(("serves", "grade"), [(True, Grade.FAILED), (False, Grade.WARNING)])
async def test_an_echo_that_does_not_arrive_is_a_failure_where_paywatch_serves(
    tmp_path: Path, serves: bool, grade: Grade
) -> None:
    async with beside_wechat(tmp_path, reaches=False) as shop:
        clock, url = MovedClock(SystemClock().now_ms()), shop.settings.notify_urls[Api.V3]
        asked: list[str] = []

        async def heard(message: str) -> bool:
            asked.append(message)
            return False

        found = await echo_finding(
            shop.running.transport, clock, known(), keys(), url, heard, serves=serves
        )
        assert (found.code, found.grade) == (CheckCode.ECHO_NOT_HEARD, grade)
        assert len(set(asked)) == 1
        assert url in found.words


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_an_echo_that_wechat_refuses_says_why(tmp_path: Path) -> None:
    wrong = "7" * 40
    async with beside_wechat(tmp_path, serial=wrong) as shop:
        clock, url = MovedClock(SystemClock().now_ms()), shop.settings.notify_urls[Api.V3]

        async def heard(_message: str) -> bool:
            raise AssertionError("nobody is asked")

        ours = replace(known(), serial=wrong)
        found = await echo_finding(shop.running.transport, clock, ours, keys(), url, heard)
        assert found.code == CheckCode.ECHO_REFUSED
        assert "SIGN" in str(found.values["problem"])
