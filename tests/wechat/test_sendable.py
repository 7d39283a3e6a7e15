"""Texts that WeChat does not take: what is sold and why money goes back are sent without them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.rig import product, until
from tests.wechat.test_side_by_side import APIS, is_, shops, two_shops

TITLE, REASON = "奶茶🧋大杯", "退款👍谢谢\uffff"


@pytest.mark.gen_test
@pytest.mark.parametrize("api", APIS)
async def test_an_order_and_a_refund_with_emoji_are_taken(tmp_path: Path, api: str) -> None:
    async with two_shops(tmp_path) as shop:
        assert shop.wechat
        number = (await shop.order(appId=shops()[api].app_id, title=TITLE))["orderNum"]
        answer = await shop.prepay(number)
        assert answer.code == 200, answer.body
        trade = shop.wechat.trades.by_order(number)
        assert trade
        assert (trade.title, (await shop.read(number))["title"]) == ("奶茶大杯", TITLE)
        page = f"{shop.settings.wechat_base_url}/pay/{trade.prepay_id}"
        await shop.fetch(page, "POST", b"result=pay")
        await until(lambda: is_(shop, number, "PAID"))
        body = {"amountFen": 800, "reason": REASON, "refundNum": f"EMOJI-{api}"}
        answer = await shop.merchant(f"orders/{number}/refunds", "POST", body)
        status = json.loads(answer.body)["status"]
        assert answer.code == 201
        assert status in ("PROCESSING", "SUCCESS")
        await until(lambda: is_(shop, number, "PARTIALLY_REFUNDED"))


@pytest.mark.gen_test
async def test_a_title_of_which_nothing_is_left_is_sent_as_the_order_s_number(
    tmp_path: Path,
) -> None:
    async with product(tmp_path, wechat=True) as shop:
        number = (await shop.order(title="🧋🧋"))["orderNum"]
        assert (await shop.prepay(number)).code == 200
        assert shop.wechat
        trade = shop.wechat.trades.by_order(number)
        assert trade
        assert trade.title == number
