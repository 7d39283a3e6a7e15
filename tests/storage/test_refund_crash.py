"""kill -9 while refunds are asked for here and made on WeChat's own platform: what was taken is
known, nothing goes back twice, and what WeChat holds is never freed."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
from collections import Counter
from pathlib import Path

import pytest
from tornado.httpclient import HTTPError

from payments.refund import RefundStatus
from simulator.http.server import serving
from simulator.http.world import World
from simulator.options import Options
from tests.support.databases import database
from tests.support.processes import Service, prepare, select
from tests.support.rig import MERCHANT, PRICE, until
from tests.support.shell import SCRIPT
from tests.support.simulator_rig import merchant_v3, wechats

pytestmark = [pytest.mark.one_database, pytest.mark.long]

KILLS = int(os.environ.get("PAYWATCH_TEST_REFUND_KILLS", "2"))
ORDERS_A_LIFE = 8
SPEED = 20
"""WeChat's refunds take a second, and its repeats come soon."""


def keys() -> dict[str, str]:
    ours = merchant_v3(MERCHANT.mch_id, MERCHANT.app_id)
    ((number, pem),) = ours.public_keys
    return {
        "WECHAT_API": "v3",
        "WECHAT_API_V3_KEY": ours.api_v3_key or "",
        "WECHAT_MERCHANT_SERIAL": ours.serial,
        "WECHAT_MERCHANT_KEY": ours.private_key,
        "WECHAT_CLIENT_CERT": ours.client_cert,
        "WECHAT_PUBLIC_KEY_ID": number,
        "WECHAT_PUBLIC_KEY": pem,
    }


class Shop:
    """The service over all its lives, WeChat beside it, and what the merchant was told."""

    def __init__(self, service: Service, key: str, wechat: World, origin: str) -> None:
        self.service, self.wechat, self._origin = service, wechat, origin
        self._key = {"Authorization": f"Bearer {key}"}
        self.taken: dict[str, int] = {}
        self.numbers: list[str] = []

    async def _post(self, path: str, body: object, **headers: str) -> tuple[int, dict[str, object]]:
        try:
            return await self.service.post(path, body, {**self._key, **headers})
        except (OSError, HTTPError, json.JSONDecodeError):
            return 0, {}

    async def sell(self, number: str) -> None:
        """An order that is paid and booked."""
        order = {"productId": "p1", "orderNum": number}
        assert (await self._post("/merchant/v1/orders", order, **{"Idempotency-Key": number}))[0]
        wanted = {"orderNum": number, "tradeType": "NATIVE"}
        assert (await self._post("/weixin/prepay", wanted))[0] == 200
        trade = self.wechat.trades.by_order(number)
        assert trade is not None
        url = f"{self._origin}/pay/{trade.prepay_id}"
        await self.service.http.fetch(url, method="POST", body="result=pay")

        async def booked() -> bool:
            url = f"{self.service.origin}/merchant/v1/orders/{number}"
            found = await self.service.http.fetch(url, headers=self._key)
            return bool(json.loads(found.body)["status"] == "PAID")

        await until(booked)
        self.numbers.append(number)

    async def refund(self, number: str, refund_num: str, fen: int) -> None:
        body = {"amountFen": fen, "reason": "returned", "refundNum": refund_num}
        path = f"/merchant/v1/orders/{number}/refunds"
        status, _ = await self._post(path, body, **{"Idempotency-Key": refund_num})
        if status in (200, 201):
            self.taken[refund_num] = fen

    def refund_outside(self, number: str, fen: int) -> None:
        trade = self.wechat.trades.by_order(number)
        assert trade is not None
        self.wechat.refunds.outside(trade, fen)

    def at_wechat(self) -> dict[str, tuple[str, int]]:
        """Every refund that WeChat has: its order and amount, by its number."""
        trades = [self.wechat.trades.by_order(number) for number in self.numbers]
        refunds = [r for trade in trades if trade for r in self.wechat.refunds.of_trade(trade)]
        assert len({refund.refund_num for refund in refunds}) == len(refunds)
        return {r.refund_num: (r.trade.order_num, r.refund_fen) for r in refunds}


async def one_life(shop: Shop, chance: random.Random, life: int) -> None:
    shop.service.start()
    try:
        await until(shop.service.is_ready)
        fresh = [f"LIFE-{life:03d}-{i:03d}" for i in range(ORDERS_A_LIFE)]
        await asyncio.gather(*map(shop.sell, fresh))
        deeds = []
        for number in chance.choices(shop.numbers, k=2 * ORDERS_A_LIFE):
            fen = chance.randint(1, PRICE // 50)
            if chance.random() < 0.3:
                shop.refund_outside(number, fen)
            else:
                refund_num = f"RF-{life:03d}-{len(deeds):03d}"
                deeds.append(asyncio.create_task(shop.refund(number, refund_num, fen)))
        await asyncio.wait(deeds, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(chance.uniform(0, 0.3))
    finally:
        shop.service.send(signal.SIGKILL)
        await shop.service.ended()
    await asyncio.gather(*deeds)


async def reconcile(shop: Shop) -> None:
    """As an operator after a crash: ask about all that is unfinished, due or not."""
    process = await asyncio.create_subprocess_exec(
        *SCRIPT,
        "reconcile",
        "--once",
        cwd=shop.service.folder,
        env=shop.service.variables,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    await process.wait()


async def settled(shop: Shop, url: str) -> bool:
    """Whether all refunds that WeChat has are done here, and no other."""
    await reconcile(shop)
    return known(url, done=True) == shop.at_wechat() == known(url, done=False)


def known(url: str, *, done: bool) -> dict[str, tuple[str, int]]:
    rows = select(url, "SELECT refund_num, order_num, amount_fen, status FROM refunds")
    return {
        num: (order, fen)
        for num, order, fen, status in rows
        if not done or status == RefundStatus.SUCCESS
    }


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.gen_test
async def test_no_refund_is_lost_doubled_or_freed_by_kill_9(tmp_path: Path, kind: str) -> None:
    chance = random.Random(12)
    ours = merchant_v3(MERCHANT.mch_id, MERCHANT.app_id)
    with database(tmp_path, kind) as url:
        key = await asyncio.to_thread(prepare, url)
        service = Service(tmp_path, DATABASE_URL=url, **keys())
        options = Options(ours, service.origin, port=0, material=wechats())
        async with serving(options) as (origin, wechat):
            wechat.clock.set_speed(SPEED)
            service.variables["PAYWATCH_WECHAT_BASE_URL"] = origin
            shop = Shop(service, key, wechat, origin)
            for life in range(KILLS):
                await one_life(shop, chance, life)
            service.start()
            try:
                await until(service.is_ready)
                await until(lambda: settled(shop, url))
            finally:
                service.send(signal.SIGTERM)
                await service.ended()
                service.http.close()
        done = {num: fen for num, (_, fen) in known(url, done=True).items()}
        assert {num: done.get(num) for num in shop.taken} == shop.taken
        returned: Counter[str] = Counter()
        for number, fen in shop.at_wechat().values():
            returned[number] += fen
        rows = select(url, "SELECT order_num, refunded_fen FROM orders")
        assert {number: fen for number, fen in rows if fen} == dict(returned)
        told = select(url, "SELECT COUNT(*) FROM events WHERE kind = 'refund.succeeded'")
        assert told == [(len(shop.at_wechat()),)]
        seqs = [seq for (seq,) in select(url, "SELECT seq FROM events ORDER BY seq")]
        assert seqs == list(range(1, len(seqs) + 1))
        print(f"{KILLS} kills, {len(shop.at_wechat())} refunds, {len(shop.taken)} answered")
