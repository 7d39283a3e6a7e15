"""Orders of one merchant among several: who may pay them, and when the merchant is gone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from models.database import migrate, open_database
from payments.merchant import Merchant, Merchants
from tests.life.order_house import HandClock, House
from tests.life.order_model import ABNORMAL, SUCCESS, Deed
from tests.support.rig import APP_ID, MERCHANT

pytestmark = pytest.mark.one_database

OTHER = Merchant("wx0000000000000001", "1900000999", "OtherApiV2Key0123456789abcdefghi")
ORDER: Deed = {"do": "create", "order": "ORDER-0", "total": 8800, "minutes": 120, "key": "k"}
PREPAY: Deed = {
    "do": "prepay",
    "order": "ORDER-0",
    "type": "NATIVE",
    "outcome": "ok",
    "times": 1,
    "gives": "wx-1",
    "meanwhile": None,
    "query": {},
}
CLOSE: Deed = {"do": "close", "order": "ORDER-0", "outcome": "ok"}
PAYMENT: Deed = {
    "do": "notify",
    "order": "ORDER-0",
    "tx": "42000",
    "total": 8800,
    "flaw": None,
    "source": "198.51.100.0/24",
}


@asynccontextmanager
async def house(folder: Path, *merchants: Merchant) -> AsyncIterator[House]:
    """The services of these merchants over the folder's file; the first one's are new orders."""
    file = folder / "paywatch.db"
    fresh = not file.exists()
    database = open_database(f"sqlite:///{file}")
    migrate(database)
    database.close()
    shop = House(file, HandClock(1_735_790_400_000), Merchants(merchants))
    await shop.start()
    if fresh:
        await shop.stock()
    yield shop
    await shop.stop()


def cases(shop: House) -> list[Any]:
    return shop.look("SELECT kind, order_num, expected, actual FROM alerts")


@pytest.mark.gen_test
async def test_an_order_whose_merchant_is_gone_is_neither_sold_nor_closed_by_another(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, MERCHANT) as shop:
        assert await shop.perform_all([ORDER]) == ["created"]
        assert await shop.perform_all([PREPAY]) == ["wx-1"]
    async with house(tmp_path, OTHER) as shop:
        before = shop.state(), shop.events()
        assert await shop.perform_all([PREPAY]) == ["order_closed"]
        assert await shop.perform_all([CLOSE]) == ["order_closed"]
        assert (shop.wechat.calls, (shop.state(), shop.events())) == ([], before)
    async with house(tmp_path, OTHER, MERCHANT) as shop:  # and back again
        assert await shop.perform_all([PREPAY]) == ["wx-1"]
        assert await shop.perform_all([PAYMENT]) == [SUCCESS]


@pytest.mark.gen_test
async def test_one_merchants_payment_is_never_booked_on_anothers_order(tmp_path: Path) -> None:
    async with house(tmp_path, OTHER, MERCHANT) as shop:
        assert await shop.perform_all([ORDER]) == ["created"]  # OTHER's
        assert await shop.perform_all([PAYMENT]) == [ABNORMAL]  # MERCHANT's
        assert shop.state()["orders"]["ORDER-0"][0] == "INIT"
        ((kind, order, expected, actual),) = cases(shop)
        assert (kind, order) == ("foreign_merchant", "ORDER-0")
        assert (OTHER.app_id in expected, APP_ID in actual) == (True, True)
