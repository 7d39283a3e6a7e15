"""`paywatch check` on the keys of each account, asked of a WeChat that a test speaks for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from payments.merchant import HMAC_SHA256
from payments.v2 import signing, wire
from tests.commands.test_check import about, findings
from tests.orders.test_merchants_http import NONE, TWO
from tests.support.fake_certificates import Desk, certificate_desk
from tests.support.made_certificates import make
from tests.support.rig import APP_ID, KEY, MCH_ID, PASSWORD
from tests.support.shell import Shell
from tests.support.v3_keys import (
    MERCHANT_KEY,
    NEXT_PLATFORM,
    PLATFORM,
    PUBLIC,
    SERIAL,
    V3,
    V3_KEY,
    WITH_PUBLIC_KEY,
)

pytestmark = pytest.mark.one_database

NO_ORDER = b'{"code":"ORDER_NOT_EXIST","message":"no such order"}'
NOT_OURS = b'{"code":"SIGN_ERROR","message":"wrong signature"}'


@dataclass
class Asked:
    """A shell whose WeChat is a desk."""

    shell: Shell
    url: str

    async def check(self, **more: str) -> tuple[int, str, str]:
        given = {f"PAYWATCH_{name}": value for name, value in more.items()}
        given.setdefault("PAYWATCH_WECHAT_API_V2_KEY", "")
        values = {**given, "PAYWATCH_WECHAT_BASE_URL": self.url, "PAYWATCH_MODE": "simulation"}
        result = await asyncio.to_thread(lambda: self.shell.command("check", **values))
        secrets = (KEY, V3_KEY, PASSWORD, MERCHANT_KEY.splitlines()[5])
        assert not any(secret in result[1] + result[2] for secret in secrets)
        return result


@asynccontextmanager
async def asking(
    shell: Shell, told: tuple[int, bytes, dict[str, str]], **desk: Any
) -> AsyncIterator[Asked]:
    """A WeChat of this moment that answers every question with `told`."""
    shell.command("migrate")
    given = Desk(now_s=int(time.time()), told=lambda request: told, **desk)
    async with certificate_desk(given) as url:
        yield Asked(shell, url)


@pytest.mark.gen_test
async def test_an_account_with_wechats_public_key_is_sound(shell: Shell) -> None:
    async with asking(shell, (404, NO_ORDER, PUBLIC), status=404) as asked:
        result = await asked.check(**WITH_PUBLIC_KEY)
        assert about(result, "account") == (
            "ok",
            "1900****09 on API v3: WeChat takes our keys, and we its.",
        )
        health, words = about(result, "refunds")
        assert (health, "no API v2 key" in words) == ("warning", True)
        health, words = about(result, "certificate")
        assert (health, PUBLIC["serial"] in words) == ("ok", True)
        assert "/pay/notify/v3" in about(result, "notify")[1]


@pytest.mark.parametrize(("days", "health"), [(365, "ok"), (20, "warning")])
@pytest.mark.gen_test
async def test_platform_certificates_are_fetched_and_their_end_is_told(
    shell: Shell, days: int, health: str
) -> None:
    async with asking(shell, (404, NO_ORDER, PLATFORM), days=days) as asked:
        result = await asked.check(**V3)
        assert about(result, "certificate")[0] == health
        assert about(result, "account")[0] == "ok"
        assert result[0] == 0


@pytest.mark.gen_test
async def test_an_account_that_knows_no_key_of_wechats_fails(shell: Shell) -> None:
    async with asking(shell, (404, NO_ORDER, PUBLIC), status=404) as asked:
        result = await asked.check(**V3)
        assert result[0] == 1
        assert "PAYWATCH_WECHAT_PUBLIC_KEY" in about(result, "certificate")[1]
        assert about(result, "certificate")[0] == about(result, "account")[0] == "failed"


@pytest.mark.gen_test
async def test_a_wrong_public_key_and_a_wrong_key_of_ours_are_told_apart(shell: Shell) -> None:
    wrong = {**WITH_PUBLIC_KEY, "WECHAT_PUBLIC_KEY": NEXT_PLATFORM["public_pem"]}
    async with asking(shell, (404, NO_ORDER, PUBLIC), status=404) as asked:
        health, words = about(await asked.check(**wrong), "account")
        assert (health, "WeChat's answer" in words) == ("failed", True)
    async with asking(shell, (401, NOT_OURS, PUBLIC), status=404) as asked:
        health, words = about(await asked.check(**WITH_PUBLIC_KEY), "account")
        assert (health, "PAYWATCH_WECHAT_MERCHANT_KEY" in words) == ("failed", True)


@pytest.mark.parametrize(("days", "health"), [(400, "ok"), (20, "warning"), (-2, "failed")])
@pytest.mark.gen_test
async def test_the_end_of_our_own_certificate_is_told(shell: Shell, days: int, health: str) -> None:
    ours = make("merchant", days=days)
    given = {"WECHAT_CLIENT_CERT": ours.cert_pem, "WECHAT_MERCHANT_KEY": ours.key_pem}
    async with asking(shell, (200, v2_refusal(), PUBLIC)) as asked:
        result = await asked.check(WECHAT_API_V2_KEY=KEY, **given)
        assert about(result, "certificate")[0] == health
        assert about(result, "account")[0] == "ok"


def v2_refusal() -> bytes:
    fields = {
        "return_code": "SUCCESS",
        "appid": APP_ID,
        "mch_id": MCH_ID,
        "nonce_str": "n",
        "result_code": "FAIL",
        "err_code": "ORDERNOTEXIST",
    }
    return wire.write({**fields, "sign": signing.sign(fields, KEY, HMAC_SHA256)})


@pytest.mark.gen_test
async def test_each_account_of_a_file_is_asked_and_the_file_is_looked_at(shell: Shell) -> None:
    file = shell.folder / "merchants.toml"
    file.write_text(TWO, "utf-8")
    file.chmod(0o644)
    async with asking(shell, (404, NO_ORDER, PUBLIC), status=404) as asked:
        result = await asked.check(**NONE, MERCHANTS_FILE=str(file))
        accounts = [
            (h, words.split(":")[0]) for h, q, words in findings(result[1]) if q == "account"
        ]
        assert accounts == [("failed", "旗舰店 on API v2"), ("ok", "Outlet on API v3")]
        health, words = about(result, "accounts")
        assert (health, "chmod o=" in words) == ("warning", True)
        file.chmod(0o640)  # root's, and of the group of the service
        assert about(await asked.check(**NONE, MERCHANTS_FILE=str(file)), "accounts")[0] == "ok"


@pytest.mark.gen_test
async def test_a_mistake_in_the_file_is_the_one_complaint(shell: Shell) -> None:
    file = shell.folder / "merchants.toml"
    file.write_text(TWO.replace(SERIAL, "xyz"), "utf-8")
    async with asking(shell, (404, NO_ORDER, PUBLIC)) as asked:
        result = await asked.check(**NONE, MERCHANTS_FILE=str(file))
        complaints = [words for h, _, words in findings(result[1]) if h == "failed"]
        assert ["merchant_serial" in words for words in complaints] == [True]
