"""Two accounts in one product: each order belongs to one, and only its keys pay it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from models.user import Role
from tests.notify.test_v3_rows import notify_v3
from tests.support.notify_rig import alerts
from tests.support.rig import (
    ABNORMAL,
    APP_ID,
    KEY,
    MCH_ID,
    OPEN_ID,
    SUCCESS,
    Product,
    notify_fields,
    product,
    signed,
    transaction,
)
from tests.support.v3_keys import (
    MERCHANT_KEY,
    NOW_S,
    PUBLIC,
    SERIAL,
    V3_KEY,
    HeldClock,
    notify_body,
    signed_headers,
    transaction_of,
)

OUTLET_APP, OUTLET = "wx0000000000000001", "1900000999"
TWO = f"""
[[merchant]]
name = "旗舰店"
mch_id = "{MCH_ID}"
apps = ["{APP_ID}", "wx8888888888888889"]
api_v2_key = "{KEY}"

[[merchant]]
name = "Outlet"
mch_id = "{OUTLET}"
apps = ["{OUTLET_APP}"]
api_v3_key = "{V3_KEY}"
merchant_serial = "{SERIAL}"
merchant_key = '''
{MERCHANT_KEY}'''
public_key_id = "{PUBLIC["serial"]}"
public_key = '''
{PUBLIC["public_pem"]}'''
"""
NONE = {"WECHAT_APP_ID": "", "WECHAT_MCH_ID": "", "WECHAT_API_V2_KEY": ""}


@asynccontextmanager
async def two_accounts(folder: Path) -> AsyncIterator[Product]:
    """A v2 and a v3 account, from a file."""
    file = folder / "merchants.toml"
    file.write_text(TWO, "utf-8")
    given = {**NONE, "MERCHANTS_FILE": str(file)}
    async with product(folder, clock=HeldClock(), **given) as shop:
        yield shop


async def pay_v2(shop: Product, number: str, **changes: str) -> bytes:
    return (await shop.notify(signed(notify_fields(number, transaction(), **changes)))).body


async def pay_v3(shop: Product, number: str, app_id: str, mch_id: str) -> int:
    fields = transaction_of(number, transaction(), appid=app_id, mchid=mch_id)
    body = notify_body(fields)
    return (await notify_v3(shop, body, signed_headers(body, NOW_S))).code


@pytest.mark.gen_test
async def test_a_v2_and_a_v3_account_are_each_paid_by_their_own(tmp_path: Path) -> None:
    async with two_accounts(tmp_path) as shop:
        first = (await shop.order(openId=OPEN_ID))["orderNum"]
        second_app = (await shop.order(appId="wx8888888888888889"))["orderNum"]
        outlet = (await shop.order(appId=OUTLET_APP, openId=OPEN_ID))["orderNum"]
        assert await pay_v2(shop, outlet) == ABNORMAL
        assert await pay_v3(shop, first, OUTLET_APP, OUTLET) == 409
        assert await pay_v3(shop, first, APP_ID, MCH_ID) == 409  # not the Outlet's to say
        assert {alert["kind"] for alert in await alerts(shop)} == {"foreign_merchant"}
        assert await pay_v2(shop, first) == SUCCESS
        assert await pay_v2(shop, second_app) == ABNORMAL  # another app of the same account
        assert await pay_v2(shop, second_app, appid="wx8888888888888889") == SUCCESS
        assert await pay_v3(shop, outlet, OUTLET_APP, OUTLET) == 200
        for number in (first, second_app, outlet):
            assert (await shop.read(number))["status"] == "PAID"


@pytest.mark.gen_test
async def test_an_order_for_an_app_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    async with two_accounts(tmp_path) as shop:
        for app_id in ("wx0000000000000002", "", 7, MCH_ID):
            body = {"productId": "p1", "appId": app_id}
            headers = {"Idempotency-Key": f"k{app_id}"}
            answer = await shop.merchant("orders", "POST", body, **headers)
            assert answer.code == 400
            assert json.loads(answer.body)["error"] == "bad_request"


@pytest.mark.gen_test
async def test_staff_choose_an_account_by_its_name(tmp_path: Path) -> None:
    async with two_accounts(tmp_path) as shop:
        first = (await shop.order())["orderNum"]
        outlet = (await shop.order(appId=OUTLET_APP))["orderNum"]
        charlie = await shop.user("charlie", Role.VIEWER)
        assert (await charlie.get("merchants"))["merchants"] == [
            {
                "key": "旗舰店",
                "mchId": "1900****09",
                "name": "旗舰店",
                "appIds": [APP_ID, "wx8888888888888889"],
                "api": "v2",
            },
            {
                "key": "Outlet",
                "mchId": "1900****99",
                "name": "Outlet",
                "appIds": [OUTLET_APP],
                "api": "v3",
            },
        ]
        for chosen, numbers in (
            ("", [outlet, first]),
            ("Outlet", [outlet]),
            (OUTLET, [outlet]),
            (MCH_ID, [first]),
            ("%E6%97%97%E8%88%B0%E5%BA%97", [first]),
        ):
            page = await charlie.get(f"orders?merchant={chosen}")
            assert [order["orderNum"] for order in page["orders"]] == numbers
        assert (await charlie.fetch("orders?merchant=Nobody")).code == 400
        story = await charlie.get(f"orders/{outlet}")
        assert story["timeline"][0]["data"]["appId"] == OUTLET_APP


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_the_single_account_has_one_entry(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        await shop.order()
        alice = await shop.user()
        ((only,)) = (await alice.get("merchants"))["merchants"]
        assert (only["key"], only["name"], only["api"]) == ("1", "1900****09", "v2")
        assert MCH_ID not in json.dumps(only)
        assert len((await alice.get("orders?merchant=1"))["orders"]) == 1
