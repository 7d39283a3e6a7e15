"""Keys change while payments come in: no good notify is refused, and a retired key proves nothing.

`PAYWATCH_TEST_SWITCH_RATE` is how many notifies a second, `PAYWATCH_TEST_SWITCH_SECONDS` how long
each key is in use."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections import Counter
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tornado.httpclient import HTTPClientError

from assembly.build import build
from assembly.database import ready_database
from commands.supervise import listen
from settings import read
from tests.support.fake_certificates import Desk, certificate_desk
from tests.support.patience import PATIENCE_S
from tests.support.processes import insert_orders, select
from tests.support.rig import (
    KEY,
    SUCCESS,
    UNPROVEN,
    Product,
    environment,
    notify_fields,
    product,
    signed,
    until,
)
from tests.support.v3_keys import (
    NEXT_PLATFORM,
    OTHER_V3_KEY,
    PLATFORM,
    PUBLIC,
    SERIAL,
    V3_KEY,
    WITH_PUBLIC_KEY,
    HeldClock,
    notify_body,
    signed_headers,
    transaction_of,
)

pytestmark = [pytest.mark.one_database, pytest.mark.long]

RATE = float(os.environ.get("PAYWATCH_TEST_SWITCH_RATE", "60"))
SECONDS = float(os.environ.get("PAYWATCH_TEST_SWITCH_SECONDS", "0.8"))
"""So long a notify is sent again while the product restarts."""
NEW_KEY = "NewApiV2Key0123456789abcdefghijk"
HALF_A_DAY_S = 12 * 3600

Make = Callable[[str], "Message"]


@dataclass(frozen=True)
class Message:
    """One notify as WeChat sends it, for an order of its own."""

    order_num: str
    path: str
    body: bytes
    headers: dict[str, str]


@dataclass
class WeChat:
    """Sends notifies at RATE, each again until it has an answer that is not "busy"; what it makes
    is changed while it sends."""

    shop: Product
    makes: list[Make]
    paid: dict[str, bool] = field(default_factory=dict)
    """By order: whether its notify was accepted."""
    answers: Counter[int] = field(default_factory=Counter)
    _numbers: itertools.count = field(default_factory=lambda: itertools.count(1))

    async def run(self, seconds: float = SECONDS) -> None:
        """Every kind in turn, for so long; returns when all are answered."""
        names = [f"SWITCH-{next(self._numbers):06d}" for _ in range(round(RATE * seconds))]
        insert_orders(self.shop.settings.database_url, names)
        sending = []
        for name, make in zip(names, itertools.cycle(self.makes)):
            sending.append(asyncio.ensure_future(self._deliver(make(name))))
            await asyncio.sleep(1 / RATE)
        await asyncio.gather(*sending)

    async def _deliver(self, message: Message) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    answer = await self.shop.fetch(
                        message.path, "POST", message.body, message.headers
                    )
                except (OSError, HTTPClientError):
                    answer = None
                if answer is not None and answer.code not in (503, 599):
                    break
                await asyncio.sleep(0.05)
        self.answers[answer.code] += 1
        v2 = message.path == "/pay/notify"
        self.paid[message.order_num] = answer.body == SUCCESS if v2 else answer.code == 200
        unproven = answer.code in (401, 429) or answer.body == UNPROVEN
        assert self.paid[message.order_num] or unproven


def on_v2(key: str) -> Make:
    def make(name: str) -> Message:
        body = signed(notify_fields(name, f"42{name}"), key)
        return Message(name, "/pay/notify", body, {"Content-Type": "text/xml"})

    return make


def on_v3(key: str, who: dict[str, str], clock: HeldClock) -> Make:
    def make(name: str) -> Message:
        body = notify_body(transaction_of(name, f"42{name}", success_time=None), key=key)
        return Message(name, "/pay/notify/v3", body, signed_headers(body, clock.now_s, who))

    return make


async def restart(shop: Product, clock: HeldClock, **more: str) -> None:
    """In the midst of it all, a restart with other settings."""
    await asyncio.sleep(SECONDS / 3)
    port = shop.settings.listen_port
    given = {**WITH_PUBLIC_KEY, "DATABASE_URL": shop.settings.database_url, **more}
    shop.settings = read(environment(shop.folder, port, **given))
    await shop.running.stop()
    shop.running = build(shop.settings, ready_database(shop.settings.database_url), clock)
    await shop.running.start(listen("127.0.0.1", port))


def booked(shop: Product) -> set[str]:
    rows = select(shop.settings.database_url, "SELECT order_num FROM orders WHERE status = 'PAID'")
    return {str(number) for (number,) in rows if str(number).startswith("SWITCH-")}


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_the_api_keys_change_under_load_with_an_overlap(tmp_path: Path) -> None:
    clock = HeldClock()
    old = [on_v2(KEY), on_v3(V3_KEY, PUBLIC, clock)]
    new = [on_v2(NEW_KEY), on_v3(OTHER_V3_KEY, PUBLIC, clock)]
    after = {"WECHAT_API_V2_KEY": NEW_KEY, "WECHAT_API_V3_KEY": OTHER_V3_KEY}
    overlap = {"WECHAT_OLD_API_V2_KEYS": KEY, "WECHAT_OLD_API_V3_KEYS": V3_KEY}
    async with product(tmp_path, clock=clock, **WITH_PUBLIC_KEY) as shop:
        wechat = WeChat(shop, old)
        await asyncio.gather(wechat.run(), restart(shop, clock, **after, **overlap))
        wechat.makes = [*old, *new]  # the platform has the new key; old notifies come again
        await wechat.run()
        wechat.makes = new
        await asyncio.gather(wechat.run(), restart(shop, clock, **after))
        assert all(wechat.paid.values()), wechat.answers
        assert booked(shop) == set(wechat.paid)
        good = set(wechat.paid)
        wechat.makes = [*new, *old]
        await wechat.run()
        refused = {number for number, paid in wechat.paid.items() if not paid}
        assert len(refused) == pytest.approx(len(set(wechat.paid) - good) / 2, abs=2)
        assert booked(shop) == set(wechat.paid) - refused


@asynccontextmanager
async def strangers(shop: Product, clock: HeldClock):
    """Somebody sends one name of a key after the other, a hundred a second, all the while."""

    async def send() -> None:
        for number in itertools.count():
            who = {**PLATFORM, "serial": f"{number:040X}"}
            await shop.fetch(
                "/pay/notify/v3", "POST", b"{}", signed_headers(b"{}", clock.now_s, who)
            )
            await asyncio.sleep(0.01)

    sending = asyncio.ensure_future(send())
    try:
        yield
    finally:
        sending.cancel()
        await asyncio.wait({sending})
        assert sending.cancelled()


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_wechats_keys_change_under_load_and_strangers_cost_a_fetch_a_minute(
    tmp_path: Path,
) -> None:
    """Certificate → the next one, which is published half a day before → public key."""
    clock, desk = HeldClock(), Desk()

    async def knows(who: dict[str, str]) -> bool:
        keys = shop.running.platform_keys.keys_of(shop.settings.merchants.default)
        return who["serial"] in keys

    async with (
        certificate_desk(desk) as url,
        product(tmp_path, clock=clock, WECHAT_BASE_URL=url, **WITH_PUBLIC_KEY) as shop,
    ):
        await until(lambda: knows(PLATFORM))
        assert len(desk.fetches) == 1
        async with strangers(shop, clock):
            wechat = WeChat(shop, [on_v3(V3_KEY, PLATFORM, clock)])
            await wechat.run()
            assert len(desk.fetches) == 2  # theirs, of this minute
            desk.certificates = [PLATFORM, NEXT_PLATFORM]
            clock.now_s = desk.now_s = clock.now_s + HALF_A_DAY_S + 60
            await until(lambda: knows(NEXT_PLATFORM))
            fetched = len(desk.fetches)
            wechat.makes = [on_v3(V3_KEY, who, clock) for who in (PLATFORM, NEXT_PLATFORM)]
            await wechat.run()
            wechat.makes = [on_v3(V3_KEY, who, clock) for who in (NEXT_PLATFORM, PUBLIC)]
            await wechat.run()
            wechat.makes = [on_v3(V3_KEY, PUBLIC, clock)]
            await wechat.run()
        assert all(wechat.paid.values()), wechat.answers
        assert booked(shop) == set(wechat.paid)
        assert len(desk.fetches) - fetched <= 1
        assert all(f'serial_no="{SERIAL}"' in each for each in desk.fetches)
