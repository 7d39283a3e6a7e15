"""A notify over real HTTP: the answer's bytes, the order, the events, the alert."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.rig import (
    ABNORMAL,
    SUCCESS,
    UNPROVEN,
    notify_fields,
    product,
    signed,
    transaction,
)


@pytest.mark.gen_test
async def test_a_good_notify_pays_the_order_exactly(tmp_path):
    async with product(tmp_path) as shop:
        order = await shop.order(openId="oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")
        tx = transaction()
        assert await shop.pay(order["orderNum"], tx) == SUCCESS
        paid = await shop.read(order["orderNum"])
        assert (paid["status"], paid["serviceStatus"]) == ("PAID", "SERVICE_WAIT")
        assert (paid["transactionId"], paid["totalFen"]) == (tx, 8800)
        assert paid["paidAt"]
        kinds = [event["kind"] for event in await shop.events()]
        assert kinds == ["order.created", "order.paid"]


@pytest.mark.gen_test
async def test_64_deliveries_at_once_pay_once(tmp_path):
    async with product(tmp_path) as shop:
        order = await shop.order()
        body = signed(notify_fields(order["orderNum"], transaction()))
        answers = await asyncio.gather(*(shop.notify(body) for _ in range(64)))
        assert {a.body for a in answers if a.code == 200} == {SUCCESS}
        assert all(a.code in (200, 503) for a in answers)
        kinds = [event["kind"] for event in await shop.events()]
        assert kinds.count("order.paid") == 1
        assert (await shop.read(order["orderNum"]))["status"] == "PAID"


@pytest.mark.gen_test
async def test_one_fen_more_is_refused_with_both_amounts_and_counted_on_one_case(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        order = await shop.order()
        for _ in range(3):
            assert (
                await shop.pay(order["orderNum"], "4200000000000001", total_fee="8801") == ABNORMAL
            )
        (alert,) = (await alice.get("alerts"))["alerts"]
        assert (alert["kind"], alert["expected"], alert["actual"]) == (
            "amount_mismatch",
            8800,
            8801,
        )
        assert (alert["count"], alert["status"]) == (3, "open")
        assert (await shop.read(order["orderNum"]))["status"] == "INIT"
        kinds = [event["kind"] for event in await shop.events()]
        first, again = ["notify.refused", "alert.raised"], ["notify.refused", "alert.repeated"]
        assert kinds == ["order.created", *first, *again, *again]


@pytest.mark.gen_test
async def test_a_forged_notify_is_refused_and_opens_one_case_for_its_source(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        order = await shop.order()
        forged = signed(notify_fields(order["orderNum"], transaction()), key="0" * 32)
        for _ in range(5):
            assert (await shop.notify(forged)).body == UNPROVEN
        (alert,) = (await alice.get("alerts"))["alerts"]
        assert (alert["kind"], alert["orderNum"], alert["count"]) == ("bad_signature", None, 5)
        kinds = [e["kind"] for e in await shop.events()]
        assert kinds == ["order.created", "alert.raised", "alert.repeated", "alert.repeated"]
