"""WeChat's platform certificates: fetched, shared, kept; and what strangers can make them cost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from assembly.build import build
from assembly.database import ready_database
from commands.supervise import listen
from payments.errors import WeChatRefused, WeChatUntrusted
from services.runtime.leases import Leases
from services.wechat.platform_keys import RETRY_MS, TURN
from tests.notify.test_v3_rows import know, notify_v3
from tests.support.fake_certificates import Desk, certificate_desk
from tests.support.notify_rig import alerts
from tests.support.rig import OPEN_ID, Product, product, until
from tests.support.v3_keys import (
    NEXT_PLATFORM,
    NOW_S,
    OTHER_V3_KEY,
    PLATFORM,
    PUBLIC,
    V3,
    WITH_PUBLIC_KEY,
    HeldClock,
    notify_body,
    paid_at,
    signed_headers,
    transaction_of,
)

pytestmark = pytest.mark.one_database


@asynccontextmanager
async def shop_at(
    folder: Path, desk: Desk, clock: HeldClock | None = None, **more: str
) -> AsyncIterator[Product]:
    """A product with API v3 beside a WeChat that gives certificates."""
    given = {**V3, **more}
    async with (
        certificate_desk(desk) as url,
        product(folder, clock=clock or HeldClock(), WECHAT_BASE_URL=url, **given) as shop,
    ):
        yield shop


def known(shop: Product) -> set[str]:
    return set(shop.running.platform_keys.keys_of(shop.settings.merchants.default))


async def fetched(desk: Desk, times: int) -> None:
    async def so_many() -> bool:
        return len(desk.fetches) >= times

    await until(so_many)


async def pay(shop: Product, who: dict[str, str], now_s: int = NOW_S) -> int:
    """A good notify under `who`'s name for a new order; the status of the answer."""
    number = (await shop.order(openId=OPEN_ID))["orderNum"]
    body = notify_body(transaction_of(number, f"4200{number}", success_time=paid_at(now_s)))
    return (await notify_v3(shop, body, signed_headers(body, now_s, who))).code


async def forged(shop: Product, serial: str) -> int:
    headers = {**signed_headers(b"{}", NOW_S, PUBLIC), "Wechatpay-Serial": serial}
    return (await notify_v3(shop, b"{}", headers)).code


# --- fetching ------------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_certificates_are_fetched_at_the_start_and_prove_notifies(tmp_path: Path) -> None:
    desk = Desk([PLATFORM, NEXT_PLATFORM])
    async with shop_at(tmp_path, desk) as shop:

        async def all_known() -> bool:
            return known(shop) == {PLATFORM["serial"], NEXT_PLATFORM["serial"]}

        await until(all_known)
        assert [await pay(shop, who) for who in (PLATFORM, NEXT_PLATFORM, PUBLIC)] == [
            200,
            200,
            401,
        ]
        assert len(desk.fetches) == 1
        assert desk.fetches[0].startswith("WECHATPAY2-SHA256-RSA2048 ")


@pytest.mark.gen_test
async def test_what_was_fetched_is_there_after_a_restart_without_asking(tmp_path: Path) -> None:
    desk = Desk()
    async with shop_at(tmp_path, desk) as shop:
        await until_known(shop, PLATFORM)
        await shop.running.stop()
        shop.running = build(shop.settings, ready_database(shop.settings.database_url), HeldClock())
        await shop.running.start(listen("127.0.0.1", shop.settings.listen_port))
        assert known(shop) == {PLATFORM["serial"]}
        assert await pay(shop, PLATFORM) == 200
        assert len(desk.fetches) == 1


async def until_known(shop: Product, who: dict[str, str]) -> None:
    async def is_known() -> bool:
        return who["serial"] in known(shop)

    await until(is_known)


@pytest.mark.gen_test
async def test_a_failed_fetch_keeps_what_we_have_and_is_told_once(tmp_path: Path) -> None:
    desk, clock = Desk(), HeldClock()
    async with shop_at(tmp_path, desk, clock) as shop:
        await until_known(shop, PLATFORM)
        certificates = shop.running.platform_keys
        for status, key in ((500, V3["WECHAT_API_V3_KEY"]), (200, OTHER_V3_KEY), (404, "")):
            desk.status, desk.key = status, key or OTHER_V3_KEY
            clock.now_s += 13 * 3600
            desk.now_s = clock.now_s
            await certificates.refresh()
            assert known(shop) == {PLATFORM["serial"]}
        assert await pay(shop, PLATFORM, clock.now_s) == 200
        assert await alerts(shop) == []


@pytest.mark.gen_test
async def test_an_account_that_knows_no_key_of_wechats_raises_one_case(tmp_path: Path) -> None:
    desk, clock = Desk(status=500), HeldClock()
    async with shop_at(tmp_path, desk, clock) as shop:

        async def told() -> bool:
            return bool(await alerts(shop))

        await until(told)
        for _ in range(3):
            clock.now_s += RETRY_MS // 1000
            await shop.running.platform_keys.refresh()
        (case,) = await alerts(shop)
        assert (case["kind"], case["count"]) == ("system", 1)
        assert "1900000109" not in str(case)
        desk.status = 200
        clock.now_s = desk.now_s = clock.now_s + RETRY_MS // 1000
        await shop.running.platform_keys.refresh()
        assert known(shop) == {PLATFORM["serial"]}
        (case,) = await alerts(shop)
        assert [entry["action"] for entry in case["history"]] == ["raised", "over"]


@pytest.mark.gen_test
async def test_an_account_with_a_public_key_alone_raises_none(tmp_path: Path) -> None:
    desk = Desk(status=404)
    async with shop_at(tmp_path, desk, **WITH_PUBLIC_KEY) as shop:
        await fetched(desk, 1)
        assert await pay(shop, PUBLIC) == 200
        await shop.running.platform_keys.refresh()  # and it is not asked again for half a day
        assert (len(desk.fetches), await alerts(shop)) == (1, [])


@pytest.mark.gen_test
async def test_a_certificate_proves_until_it_expires(tmp_path: Path) -> None:
    desk, clock = Desk(days=2), HeldClock()  # one day is left
    async with shop_at(tmp_path, desk, clock) as shop:
        await until_known(shop, PLATFORM)
        clock.now_s += 86_399
        await shop.running.platform_keys.look()
        assert known(shop) == {PLATFORM["serial"]}
        clock.now_s += 2
        await shop.running.platform_keys.look()
        assert known(shop) == set()


@pytest.mark.gen_test
async def test_what_another_process_fetched_is_taken_over(tmp_path: Path) -> None:
    desk = Desk()
    async with shop_at(tmp_path, desk) as shop:
        await until_known(shop, PLATFORM)
        await know(shop, NEXT_PLATFORM, look=False)
        assert known(shop) == {PLATFORM["serial"]}
        assert await pay(shop, NEXT_PLATFORM) == 200  # it looks when one is named
        assert len(desk.fetches) == 1


@pytest.mark.gen_test
async def test_the_minute_is_one_for_all_processes(tmp_path: Path) -> None:
    desk, clock = Desk(), HeldClock()
    async with shop_at(tmp_path, desk, clock) as shop:
        await until_known(shop, PLATFORM)
        other = Leases(shop.running.store, clock, "another process")
        assert await other.turn(TURN, 60_000)
        desk.certificates = [NEXT_PLATFORM, PLATFORM]
        assert await pay(shop, NEXT_PLATFORM) == 401
        assert len(desk.fetches) == 1


# --- strangers -----------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_a_new_certificate_is_fetched_for_the_notify_that_names_it(tmp_path: Path) -> None:
    desk = Desk()
    async with shop_at(tmp_path, desk) as shop:
        await until_known(shop, PLATFORM)
        desk.certificates = [NEXT_PLATFORM, PLATFORM]
        codes = await asyncio.gather(*(pay(shop, NEXT_PLATFORM) for _ in range(10)))
        assert codes == [200] * 10
        assert len(desk.fetches) == 2


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_ten_thousand_serials_cost_one_fetch_a_minute(tmp_path: Path) -> None:
    """At the certificates themselves; some over HTTP, as forgeries are throttled there."""
    desk, clock = Desk(), HeldClock()
    async with shop_at(tmp_path, desk, clock) as shop:
        await until_known(shop, PLATFORM)
        certificates = shop.running.platform_keys
        assert [await forged(shop, f"{n:040X}") for n in range(8)] == [401] * 8
        answers = await asyncio.gather(*(certificates.learn(f"{n:040X}") for n in range(10_000)))
        assert (any(answers), len(desk.fetches)) == (False, 2)
        certificates._next_look = certificates._next_turn = 0.0  # a process that knows of none
        await certificates.learn("F" * 40)
        assert len(desk.fetches) == 2
        clock.now_s += 61
        certificates._next_look = certificates._next_turn = 0.0
        await certificates.learn("F" * 40)
        assert len(desk.fetches) == 3


ODD = [
    "",
    "../../v3/certificates",
    "A" * 65,
    "A" * 7000,
    "ABCD\x00EF0123",
    "%2e%2e%2f",
    "ABCDEF01/..",
    "PUB_KEY_ID_0119000001092025010200000000000009",
    "ＡＢＣＤＥＦ０１",
    "abcdef0123456789",
]


@pytest.mark.gen_test
async def test_a_serial_that_no_certificate_has_costs_nothing(tmp_path: Path) -> None:
    desk = Desk()
    async with shop_at(tmp_path, desk) as shop:
        await until_known(shop, PLATFORM)
        for serial in ODD:
            assert not await shop.running.platform_keys.learn(serial)
            if serial.isascii() and serial.isprintable():
                assert await forged(shop, serial) == 401, serial[:20]
        assert len(desk.fetches) == 1
        assert known(shop) == {PLATFORM["serial"]}


@pytest.mark.gen_test
async def test_where_no_account_has_v3_nothing_is_asked(tmp_path: Path) -> None:
    desk = Desk()
    async with certificate_desk(desk) as url, product(tmp_path, WECHAT_BASE_URL=url) as shop:
        assert await forged(shop, PLATFORM["serial"]) == 401
        assert desk.fetches == []


# --- the answers to our own calls ----------------------------------------------------------------


@pytest.mark.gen_test
async def test_an_answer_under_a_new_key_is_read_once_the_key_is_had(tmp_path: Path) -> None:
    desk = Desk()
    async with shop_at(tmp_path, desk, WECHAT_API="v3") as shop:
        await until_known(shop, PLATFORM)
        gateway, merchant = shop.running.services.orders._wechat, shop.settings.merchants.default
        body = b'{"code":"ORDER_NOT_EXIST","message":"no"}'
        desk.certificates = [NEXT_PLATFORM, PLATFORM]
        desk.told = lambda request: (404, body, NEXT_PLATFORM)
        with pytest.raises(WeChatRefused) as refused:
            await gateway.query(merchant, "ORDER-0001")
        assert refused.value.wechat_code == "ORDERNOTEXIST"
        assert (len(desk.fetches), len(desk.others)) == (2, 1)  # the question went out once
        desk.told = lambda request: (200, b"{}", PUBLIC)
        with pytest.raises(WeChatUntrusted):
            await gateway.query(merchant, "ORDER-0001")
        assert len(desk.fetches) == 2
