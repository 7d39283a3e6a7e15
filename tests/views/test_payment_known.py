"""Unknown is said as unknown: nobody has paid only where WeChat has said so."""

from __future__ import annotations

import pytest

from services.runtime.clock import rfc3339
from tests.support.rig import product
from tests.views.test_explain import why


@pytest.mark.parametrize("asks", ["a person", "the schedule"])
@pytest.mark.gen_test
async def test_not_paid_is_said_only_when_wechat_has_said_so_since_it_was_opened(tmp_path, asks):
    async with product(tmp_path, wechat=True, by_hand=True) as shop:
        bob, began = await shop.user("bob"), rfc3339(shop.running.store._now_ms())
        number, _ = await shop.prepaid()
        assert (await why(bob, number))["code"] == "payment_unknown"
        if asks == "a person":
            await bob.post(f"orders/{number}/query", {})
        else:
            await shop.running.reconciler.once(lambda _counts: None)
        told = await why(bob, number)
        assert (told["code"], told["expected"], told["actual"]) == ("not_paid", "SUCCESS", "NOTPAY")
        assert told["at"] > began


@pytest.mark.gen_test
async def test_a_payment_found_by_asking_says_so(tmp_path):
    async with product(tmp_path, wechat=True, by_hand=True) as shop:
        bob = await shop.user("bob")
        number, trade = await shop.prepaid()
        assert shop.wechat
        shop.wechat.payment_desk.pay(trade)  # its notify reaches nobody
        assert (await why(bob, number))["code"] == "payment_unknown"
        await bob.post(f"orders/{number}/query", {})
        told = await why(bob, number)
        assert (told["code"], told["notes"]) == ("waiting_service", [{"code": "healed"}])
