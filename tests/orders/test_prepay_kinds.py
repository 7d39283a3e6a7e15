"""APP and MWEB payments, the times that WeChat is told, and how long what it gave is good for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

from models import ApiKey, PrepayAttempt
from models.base import dicts
from models.transaction import Batch
from payments.merchant import HMAC_SHA256, MD5
from payments.payment_result import CHINA
from payments.states import TradeType
from payments.v2 import signing, wire
from tests.orders.test_prepay import calls, refusal
from tests.support.databases import database
from tests.support.fake_wechat import GOOD, answering, hang_up, saying, shop_with
from tests.support.rig import APP_ID, KEY, MCH_ID, OPEN_ID, SUCCESS, Product, product

PRICED = {"total_fee": "8800", "trade_type": "APP"}
MINUTE_MS = 60_000


def body_of(response: HTTPResponse) -> dict[str, Any]:
    assert response.code == 200, response.body
    found: dict[str, Any] = json.loads(response.body)
    return found


async def valid_for_ms(shop: Product, order_num: str) -> int:
    """How long WeChat's answer is good, as it was stored."""

    def read() -> dict[str, Any]:
        query = PrepayAttempt.select().where(PrepayAttempt.order_num == order_num)
        return dicts(query)[0]

    row = await shop.running.store.read(read)
    return int(row["valid_until"]) - int(row["answered_at"])


def age(minutes: int) -> Any:
    """An op: what WeChat gave for these orders was given so many minutes ago."""

    def earlier(_batch: Batch, order_nums: Sequence[str]) -> list[None]:
        mine = PrepayAttempt.order_num.in_(list(order_nums))
        until = PrepayAttempt.valid_until - minutes * MINUTE_MS
        PrepayAttempt.update(valid_until=until).where(mine).execute()
        return [None] * len(order_nums)

    return earlier


@pytest.mark.gen_test
@pytest.mark.parametrize("sign_type", [MD5, HMAC_SHA256])
async def test_an_app_gets_seven_lower_case_parameters_signed_as_the_order(
    tmp_path: Path, sign_type: str
) -> None:
    async with product(tmp_path, wechat=True, WECHAT_SIGN_TYPE=sign_type) as shop:
        order = await shop.order()
        given = body_of(await shop.prepay(order["orderNum"], "APP"))
        assert given.pop("statusUrl") == order["statusUrl"]
        assert list(given) == [
            "appid",
            "partnerid",
            "prepayid",
            "package",
            "noncestr",
            "timestamp",
            "sign",
        ]
        assert given.pop("sign") == signing.sign(given, KEY, sign_type)
        trade = shop.wechat.trades.by_order(order["orderNum"])
        assert (given["appid"], given["partnerid"]) == (APP_ID, MCH_ID)
        assert (given["prepayid"], given["package"]) == (trade.prepay_id, "Sign=WXPay")
        assert trade.trade_type == "APP"
        shop.wechat.payment_desk.pay(trade)
        assert await shop.pay(order["orderNum"], **PRICED) == SUCCESS
        paid = await shop.read(order["orderNum"])
        assert paid["status"] == "PAID"


@pytest.mark.gen_test
async def test_a_page_outside_wechat_gets_the_address_to_go_to(tmp_path: Path) -> None:
    async with product(tmp_path, wechat=True, TRUSTED_PROXIES="127.0.0.1") as shop:
        order = await shop.order()
        wish = {"orderNum": order["orderNum"], "tradeType": "MWEB"}
        headers = {"X-Forwarded-For": "203.0.113.9"}
        given = body_of(await shop.fetch("/weixin/prepay", "POST", wish, headers))
        trade = shop.wechat.trades.by_order(order["orderNum"])
        assert set(given) == {"mwebUrl", "statusUrl"}
        assert given["mwebUrl"].endswith(f"/pay/{trade.prepay_id}")
        assert trade.request["spbill_create_ip"] == "203.0.113.9"
        scene = {"type": "Wap", "wap_url": shop.origin, "wap_name": "127.0.0.1"}
        assert json.loads(trade.request["scene_info"]) == {"h5_info": scene}
        assert (await shop.read(order["orderNum"]))["status"] == "WAIT_PAY"
        created = (await shop.events())[-1]
        assert (created["kind"], created["data"]["tradeType"]) == ("prepay.created", "MWEB")


@pytest.mark.gen_test
@pytest.mark.parametrize("kind", list(TradeType))
async def test_what_wechat_gave_is_handed_out_while_it_is_good_and_then_asked_for_anew(
    tmp_path: Path, kind: TradeType
) -> None:
    async with product(tmp_path, wechat=True) as shop:
        order = await shop.order(openId=OPEN_ID)
        num = order["orderNum"]
        body_of(await shop.prepay(num, kind))
        life_min, margin_min = (5, 1) if kind is TradeType.MWEB else (120, 5)
        assert life_min * MINUTE_MS - 5000 < await valid_for_ms(shop, num) <= life_min * MINUTE_MS
        await shop.running.store.write(age(life_min - margin_min - 1), num)
        body_of(await shop.prepay(num, kind))
        assert await calls(shop, order) == 1
        await shop.running.store.write(age(1), num)
        # WeChat refuses the same number with other parameters, so they were the same.
        body_of(await shop.prepay(num, kind))
        assert await calls(shop, order) == 2


@pytest.mark.gen_test
async def test_one_number_is_for_one_kind_of_payment(tmp_path: Path) -> None:
    async with product(tmp_path, wechat=True) as shop:
        for kind in TradeType:
            num = (await shop.order(openId=OPEN_ID))["orderNum"]
            body_of(await shop.prepay(num, kind))
            for other in set(TradeType) - {kind}:
                assert refusal(await shop.prepay(num, other)) == (409, "prepay_conflict")
            body_of(await shop.prepay(num, kind))


@pytest.mark.gen_test
async def test_an_address_of_512_characters_is_kept_whole(tmp_path: Path) -> None:
    address = "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=".ljust(512, "w")
    given = answering(trade_type="MWEB", code_url=None, mweb_url=address)
    async with shop_with(tmp_path, saying(given)) as (shop, fake):
        num = (await shop.order())["orderNum"]
        for _ in range(2):
            assert body_of(await shop.prepay(num, "MWEB"))["mwebUrl"] == address
        assert len(fake.heard) == 1
        for odd in (address + "w", None):
            fake.acts = [saying(answering(trade_type="MWEB", code_url=None, mweb_url=odd))]
            answer = await shop.prepay((await shop.order())["orderNum"], "MWEB")
            assert refusal(answer) == (502, "wechat_untrusted")


def rename_key(_batch: Batch, items: Sequence[None]) -> list[None]:
    """An op: make room for the key of the next start."""
    ApiKey.update(name="before").execute()
    return list(items)


def china(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=CHINA)


@pytest.mark.gen_test
async def test_wechat_is_told_the_orders_time_where_it_takes_so_short_a_one(tmp_path: Path) -> None:
    async with shop_with(tmp_path, GOOD) as (shop, fake):
        for minutes in (7, 120, 7 * 24 * 60):
            order = await shop.order(expiresInMinutes=minutes)
            body_of(await shop.prepay(order["orderNum"]))
            sent = wire.read(fake.heard[-1])
            for name, ours in (("time_start", "createdAt"), ("time_expire", "expiresAt")):
                late = datetime.fromisoformat(order[ours]) - china(sent[name])
                assert timedelta(0) <= late < timedelta(seconds=1)
        order = await shop.order(expiresInMinutes=5)
        body_of(await shop.prepay(order["orderNum"]))
        assert {"time_start", "time_expire"}.isdisjoint(wire.read(fake.heard[-1]))


@pytest.mark.gen_test
async def test_a_page_is_signed_as_its_order_was_though_the_settings_changed_since(
    tmp_path: Path, kept: ExitStack
) -> None:
    """And what was sent once is sent again unchanged."""
    for_app = answering(trade_type="APP", code_url=None)
    url = kept.enter_context(database(tmp_path))
    hmac = {"DATABASE_URL": url, "WECHAT_SIGN_TYPE": HMAC_SHA256}
    async with shop_with(tmp_path, saying(for_app), **hmac) as (shop, fake):
        given, lost = [(await shop.order())["orderNum"] for _ in range(2)]
        body_of(await shop.prepay(given, "APP"))
        fake.acts = [hang_up]
        assert (await shop.prepay(lost, "APP")).code == 504
        heard = fake.heard[-1]
        await shop.running.store.write(rename_key, None)
    async with shop_with(tmp_path, saying(for_app), **{**hmac, "WECHAT_SIGN_TYPE": MD5}) as (
        shop,
        fake,
    ):
        for num, sign_type in ((given, HMAC_SHA256), (lost, HMAC_SHA256)):
            page = body_of(await shop.prepay(num, "APP"))
            del page["statusUrl"]
            assert page.pop("sign") == signing.sign(page, KEY, sign_type)
        assert fake.heard == [heard]
        new = (await shop.order())["orderNum"]
        page = body_of(await shop.prepay(new, "APP"))
        del page["statusUrl"]
        assert page.pop("sign") == signing.sign(page, KEY, MD5)
