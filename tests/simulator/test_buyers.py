"""The demo's buyers at the real product: whatever way a notify takes, an order is paid once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from simulator.http.world import World
from simulator.shop.buyer import AT_ONCE, Buyer
from simulator.shop.client import Shop
from simulator.shop.customers import ANOMALIES, LATE_S, Intent, Visit, draw
from simulator.state.faults import Fault
from simulator.state.trades import Trade
from tests.support.rig import Product, product, until


def visit(intent: Intent, **changes: Any) -> Visit:
    return replace(draw(Random(1)), intent=intent, thinks_s=0.0, clicks_twice=False, **changes)


@asynccontextmanager
async def door(folder: Path) -> AsyncIterator[tuple[Product, World, Shop]]:
    async with product(folder, wechat=True) as shop:
        assert shop.wechat is not None
        yield shop, shop.wechat, Shop(shop.http, shop.origin, shop.api_key)


async def shops(world: World, shop: Shop, who: Visit) -> tuple[str, Trade]:
    """One visit; the word for it, and the newest trade."""
    product_on_sale = (await shop.products())[0]
    word = await Buyer(who, shop, world.payment_desk, world.notifier).shops(product_on_sale)
    return word, next(world.trades.newest(1))


async def kinds_of(shop: Product, trade: Trade) -> list[str]:
    return [e["kind"] for e in await shop.events() if e["orderNum"] == trade.order_num]


@pytest.mark.parametrize(
    ("intent", "repeats"),
    [(Intent.PAY, 0), (Intent.DUPLICATE, 1), (Intent.DUPLICATES, AT_ONCE - 1)],
)
@pytest.mark.gen_test
async def test_an_order_is_paid_once_however_often_it_is_told(tmp_path, intent, repeats):
    async with door(tmp_path) as (shop, world, client):
        word, trade = await shops(world, client, visit(intent))
        assert word == intent

        async def all_told() -> bool:
            return len(trade.deliveries) == repeats + 1 and trade.confirmed

        await until(all_told)
        assert all(delivery.ok for delivery in trade.deliveries)
        kinds = await kinds_of(shop, trade)
        assert (kinds.count("order.paid"), kinds.count("notify.duplicate")) == (1, repeats)


@pytest.mark.gen_test
async def test_a_late_notify_is_booked_when_it_comes(tmp_path):
    async with door(tmp_path) as (shop, world, client):
        _, trade = await shops(world, client, visit(Intent.LATE))
        assert world.notifier.waiting == 1
        assert (await shop.read(trade.order_num))["status"] == "WAIT_PAY"
        world.clock.jump(LATE_S[1])

        async def paid() -> bool:
            return bool((await shop.read(trade.order_num))["status"] == "PAID")

        await until(paid)


ALERTS = {
    "amount_plus_one": "amount_mismatch",
    "negative": "negative_total",
    "wrong_signature": "bad_signature",
    "tampered": "bad_signature",
    "other_merchant": "foreign_merchant",
    "unknown_order": "missing_order",
    "second_transaction": "illegal_transition",
    "after_close": "illegal_transition",
}


@pytest.mark.parametrize("kind", ANOMALIES)
@pytest.mark.gen_test
async def test_every_anomaly_raises_its_alert(tmp_path, kind, monkeypatch):
    monkeypatch.setattr("simulator.shop.buyer.SECOND_THOUGHT_S", 0.2)
    async with door(tmp_path) as (shop, world, client):
        word, _ = await shops(world, client, visit(Intent.ANOMALY, anomaly=kind))
        assert word == "anomaly"

        async def raised() -> list[str]:
            events = await shop.events()
            return [e["data"]["alertKind"] for e in events if e["kind"] == "alert.raised"]

        assert await until(raised) == [ALERTS[kind]]


@pytest.mark.gen_test
async def test_a_buyer_whose_prepay_failed_does_not_pay(tmp_path):
    async with door(tmp_path) as (shop, world, client):
        world.faults.add(Fault("unifiedorder", "lost"))
        word, trade = await shops(world, client, visit(Intent.PAY))
        assert (word, trade.transactions) == ("refused", [])
        assert (await shop.read(trade.order_num))["status"] == "INIT"
