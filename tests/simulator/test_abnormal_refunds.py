"""An abnormal refund is paid to the merchant's bank account, at the simulator and by the product;
and what API v3 alone says of a refund."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from payments.refund import RefundStatus
from simulator.v3.envelope import RefusedV3
from tests.refunds.test_refunds import post, state, wish
from tests.simulator.test_product import full_house
from tests.simulator.test_refunds import NUMBER, V3_PATH, Desk
from tests.support.rig import PRICE, Console, Product, until
from tests.support.simulator_rig import Rig, merchant_v3, proven, run_v3

OWN = {"out_refund_no": NUMBER, "type": "MERCHANT_BANK_CARD"}


def test_the_simulator_pays_an_abnormal_refund_elsewhere() -> None:
    async def pays(rig: Rig) -> None:
        desk = Desk(rig, "v3")
        transaction = await desk.paid()
        await rig.control("faults", on="refund_result", fault="abnormal")
        await desk.refund(transaction, 800)
        found = rig.world.refunds.find(merchant_v3().mch_id, NUMBER)
        assert found
        path = f"{V3_PATH}/{found.id}/apply-abnormal-refund"
        early = await rig.call_v3("POST", path, OWN)
        assert (early.status, proven(early)["code"]) == (400, "INVALID_REQUEST")
        await rig.jump(3)
        assert found.status is RefundStatus.ABNORMAL
        for odd in ({**OWN, "type": "CASH"}, {**OWN, "type": "USER_BANK_CARD"}, {"type": "x"}):
            answer = await rig.call_v3("POST", path, odd)
            assert (answer.status, proven(answer)["code"]) == (400, "PARAM_ERROR"), odd
        other = await rig.call_v3("POST", f"{V3_PATH}/50300/apply-abnormal-refund", OWN)
        assert (other.status, proven(other)["code"]) == (404, "RESOURCE_NOT_EXISTS")
        taken = await rig.call_v3("POST", path, OWN)
        assert (taken.status, proven(taken)["status"]) == (200, "PROCESSING")
        await rig.jump(3)
        assert found.status is RefundStatus.SUCCESS

    run_v3(pays)


async def paid(shop: Product) -> tuple[Console, str]:
    """An admin, and an order that was paid at the simulator."""
    alice = await shop.user()
    number, trade = await shop.prepaid()
    assert shop.wechat
    shop.wechat.payment_desk.pay(trade)
    assert (await alice.post(f"orders/{number}/query", {})).code == 200

    async def is_paid() -> bool:
        return (await state(shop, number))[0] == "PAID"

    await until(is_paid)
    return alice, number


@pytest.mark.gen_test
async def test_the_product_has_it_paid_to_the_merchant_and_follows(tmp_path: Path) -> None:
    async with full_house(tmp_path, "v3") as (shop, _):
        alice, number = await paid(shop)
        assert shop.wechat
        _, made = await wish(alice, number, 800)
        refund_num = made["refund"]["refundNum"]
        found = shop.wechat.refunds.named(refund_num)
        assert found
        path = f"refunds/{refund_num}/abnormal"
        code, answer = await post(alice, path, to="MERCHANT_BANK_CARD")
        assert (code, answer["error"]) == (409, "conflict")
        shop.wechat.refunds.end(found, RefundStatus.ABNORMAL)
        await post(alice, f"refunds/{refund_num}/ask")
        for body in ({}, {"to": "USER_BANK_CARD"}, {"to": "MERCHANT_BANK_CARD", "more": 1}):
            assert (await alice.post(path, body)).code == 400, body
        code, answer = await post(alice, path, to="MERCHANT_BANK_CARD")
        assert (code, answer["refund"]["status"]) == (200, "PROCESSING")
        assert await state(shop, number) == ("REFUNDING", 0)
        shop.wechat.refunds.end(found, RefundStatus.SUCCESS)
        await post(alice, f"refunds/{refund_num}/ask")
        assert await state(shop, number) == ("PARTIALLY_REFUNDED", 800)
        deeds = [deed[1] for deed in await shop.audited("refund")]
        assert "refund.abnormal" in deeds


REFUSALS = [
    (403, "NOT_ENOUGH", "refund_no_balance"),
    (403, "USER_ACCOUNT_ABNORMAL", "refund_no_way_back"),
    (400, "INVALID_REQUEST", "refund_not_taken"),
    (403, "RULE_LIMIT", "refund_not_permitted"),
]


@pytest.mark.parametrize(("status", "code", "cause"), REFUSALS)
@pytest.mark.gen_test
async def test_a_refusal_of_a_resend_on_v3_frees_nothing_and_is_told_with_its_request_id(
    tmp_path: Path, status: int, code: str, cause: str
) -> None:
    async with full_house(tmp_path, "v3") as (shop, _):
        alice, number = await paid(shop)
        assert shop.wechat
        detail = {"field": "/amount/refund", "issue": "too large", "value": "13800138000"}
        answers: list[Any] = [RefusedV3(429, "FREQUENCY_LIMITED", "该笔退款为受理中")]
        answers += [RefusedV3(status, code, "不行", detail)] * 3

        def refused(_wanted: Any) -> Any:
            raise answers.pop(0)

        take = shop.wechat.refunds.take
        shop.wechat.refunds.take = refused  # type: ignore[method-assign]
        _, made = await wish(alice, number, PRICE)
        refund_num = made["refund"]["refundNum"]
        for _ in range(3):
            await post(alice, f"refunds/{refund_num}/ask")
        assert await state(shop, number) == ("REFUNDING", 0)
        (case,) = (await alice.get(f"alerts?orderNum={number}"))["alerts"]
        assert (case["evidence"]["code"], case["count"]) == (cause, 2)
        fields = {row["name"]: row["wechat"] for row in case["evidence"]["fields"]}
        assert (fields["code"], fields["words"]) == (code, "不行")
        assert fields["detail"] == "/amount/refund · too large"
        assert fields["Request-ID"]
        assert "13800138000" not in json.dumps(case)
        shop.wechat.refunds.take = take  # type: ignore[method-assign]
        code_, answer = await post(alice, f"refunds/{refund_num}/ask")
        assert (code_, answer["refund"]["status"]) == (200, "PROCESSING")


@pytest.mark.parametrize("code", ["INVALID_REQUEST", "USER_ACCOUNT_ABNORMAL", "PARAM_ERROR"])
@pytest.mark.gen_test
async def test_a_refusal_of_the_first_send_on_v3_frees_the_amount(
    tmp_path: Path, code: str
) -> None:
    async with full_house(tmp_path, "v3") as (shop, _):
        alice, number = await paid(shop)
        assert shop.wechat

        def refused(_wanted: Any) -> Any:
            raise RefusedV3(400, code, "不行")

        shop.wechat.refunds.take = refused  # type: ignore[method-assign]
        _, made = await wish(alice, number, PRICE)
        shown = made["refund"]
        assert (shown["status"], shown["failureCode"]) == ("REFUSED", code)
        assert await state(shop, number) == ("PAID", 0)


@pytest.mark.gen_test
async def test_a_refund_on_v3_without_our_own_key_waits_for_the_key(tmp_path: Path) -> None:
    async with full_house(tmp_path, "v3") as (shop, _):
        alice, number = await paid(shop)
        calls = shop.running.services.refunds.calls
        whole = calls._merchants.default
        bare = replace(whole, private_key="", serial="")
        find = calls._merchant
        calls._merchant = lambda _view: bare  # type: ignore[method-assign]
        _, made = await wish(alice, number, 800)
        refund_num = made["refund"]["refundNum"]
        assert (made["refund"]["status"], made["refund"]["failure"]) == ("APPROVED", None)
        (case,) = (await alice.get("alerts"))["alerts"]
        assert case["evidence"]["code"] == "own_key_missing"
        calls._merchant = find  # type: ignore[method-assign]
        code, answer = await post(alice, f"refunds/{refund_num}/ask")
        assert (code, answer["refund"]["status"]) == (200, "PROCESSING")
