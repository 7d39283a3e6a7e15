"""A payment of which money went back outside, found by every door that asks WeChat; and an account
for which WeChat lists no refunds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from payments.merchant import Api
from payments.refund import RefundStatus
from tests.refunds.test_outside_entry import enter
from tests.refunds.test_outside_refunds import sums
from tests.refunds.test_refunds import post, state, wish
from tests.simulator.test_product import full_house
from tests.support.notify_rig import alerts
from tests.support.rig import PRICE, Console, Product, product, until

__all__ = ["product"]
pytestmark = pytest.mark.one_database


async def returned(shop: Product) -> str:
    """An order that was paid and refunded at WeChat, and nobody told of either."""
    number, trade = await shop.prepaid()
    assert shop.wechat
    shop.wechat.payment_desk.pay(trade)
    refund = shop.wechat.refunds.outside(trade, PRICE, told=False)
    shop.wechat.refunds.end(refund, RefundStatus.SUCCESS)
    return number


async def by_asking(shop: Product, alice: Console, number: str) -> Any:
    return await post(alice, f"orders/{number}/query")


async def by_closing(shop: Product, alice: Console, number: str) -> Any:
    code, answer = await post(alice, f"orders/{number}/close")
    assert (code, answer["error"]) == (409, "already_paid")


async def by_the_job(shop: Product, alice: Console, number: str) -> Any:
    await shop.running.reconciler.once(lambda _counts: None)


@pytest.mark.parametrize("door", [by_asking, by_closing, by_the_job])
@pytest.mark.parametrize("api", Api)
@pytest.mark.gen_test
async def test_every_door_books_the_payment_and_records_the_refund(tmp_path, api, door):
    async with full_house(tmp_path, api) as (shop, _):
        alice, number = await shop.user(), await returned(shop)
        await door(shop, alice, number)

        async def refunded() -> bool:
            return await state(shop, number) == ("REFUNDED", PRICE)

        await until(refunded)
        assert await sums(alice) == (PRICE, 0, PRICE, 0)
        why = (await alice.get(f"orders/{number}"))["why"]
        assert (why["code"], why["next"]) == ("refunded_outside", "none")


@pytest.mark.gen_test
async def test_what_api_v3_does_not_list_is_a_case_until_a_person_enters_it(tmp_path):
    """No refund of our own is sent meanwhile."""
    async with full_house(tmp_path, Api.V3) as (shop, _):
        services, jobs = shop.running.services, shop.running.outside_refunds
        for each in (services.orders._outside, services.refunds._outside, jobs):
            ours = each._merchants.all
            each._merchants = replace(
                each._merchants, all=tuple(replace(one, api_v2_key="") for one in ours)
            )
        alice, number = await shop.user(), await returned(shop)
        await by_asking(shop, alice, number)
        assert await state(shop, number) == ("PAID", 0)
        (case,) = await alerts(shop, order_num=number)
        assert case["evidence"]["code"] == "refund_unlisted"
        code, refused = await wish(alice, number, 100)
        assert (code, refused["error"]) == (409, "not_refundable")
        why = (await alice.get(f"orders/{number}"))["why"]
        assert (why["code"], why["next"]) == ("refund_unlisted", "enter_outside_refund")
        assert (await enter(alice, number, 3000))[0] == 201
        assert await state(shop, number) == ("PARTIALLY_REFUNDED", 3000)
        why = (await alice.get(f"orders/{number}"))["why"]
        assert why["code"] == "partly_refunded_outside"
