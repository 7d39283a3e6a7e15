"""The amount from which one admin is not enough, and what an approval finds meanwhile."""

from __future__ import annotations

import pytest

from models.user import Role
from payments.refund import RefundStatus
from tests.refunds.test_refunds import LARGE, paid, post, state, wish
from tests.refunds.test_refunds_settled import ORDER, TOTAL, settle, told, under_way
from tests.support.fake_refunds import refund_shop
from tests.support.rig import PRICE, product

__all__ = ["product"]
PART = 400_000


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_parts_below_the_limit_are_no_way_around_the_second_admin(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, bob = await shop.user(), await shop.user("bob")
        number = await paid(shop, wechat, PRICE * 100)
        _, first = await wish(alice, number, PART)
        assert first["refund"]["status"] == "PROCESSING"
        _, second = await wish(alice, number, LARGE - PART)
        assert second["refund"]["status"] == "REQUESTED"
        path = f"refunds/{second['refund']['refundNum']}/approve"
        code, refused = await post(alice, path)
        assert (code, refused["error"]) == (403, "second_admin")
        assert len(wechat.sent) == 1
        code, approved = await post(bob, path)
        assert (code, approved["refund"]["status"]) == (200, "PROCESSING")
        _, other = await wish(alice, await paid(shop, wechat, PRICE * 100), PART)
        assert other["refund"]["status"] == "PROCESSING"  # each order by itself


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_the_parts_that_the_shops_server_asks_for_count_together(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        number = await paid(shop, wechat, PRICE * 100)
        for fen in (PART, LARGE - PART):
            wanted = {"amountFen": fen, "reason": "不要了"}
            await shop.merchant(f"orders/{number}/refunds", "POST", wanted)
        assert len(wechat.sent) == 1


@pytest.mark.gen_test
async def test_an_approval_after_the_money_went_back_otherwise_is_refused(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        await under_way(shop, wechat, RefundStatus.REFUSED)
        support, alice = await shop.user("sue", Role.SUPPORT), await shop.user()
        code, wanted = await wish(support, ORDER, TOTAL)
        assert code == 201
        await settle(shop, told())  # the refused one did go through
        path = f"refunds/{wanted['refund']['refundNum']}/approve"
        code, refused = await post(alice, path)
        assert (code, refused["error"]) == (409, "not_refundable")
        assert refused["detail"] == {"refundableFen": TOTAL - 800}
        assert await state(shop, ORDER) == ("PARTIALLY_REFUNDED", 800)
        assert len(wechat.sent) == 1
