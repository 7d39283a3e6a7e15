"""An order whose wrong money was decided on can close: by itself when its time is over, and by
hand. Money on which nobody has decided keeps it open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from models import Order, OrderCheck
from payments.payment_result import CHINA
from services.refunds.refund_limits import RefundLimits
from tests.orders.test_healing import change
from tests.orders.test_reconciler import age, checks
from tests.refunds.test_receipts import decide, listed
from tests.refunds.test_refunds import post
from tests.support.fake_wechat import (
    GOOD,
    Act,
    Fields,
    RequestHandler,
    answering,
    refusing,
    refusing_v3,
    saying_v3,
    shop_with,
)
from tests.support.notify_rig import alerts
from tests.support.rig import Console, Product, product
from tests.support.v3_keys import WITH_PUBLIC_KEY, transaction_of

V2, TX = "v2", "4200000001202501020000000001"


@dataclass
class Shop:
    """A product, and one order that was paid with a fen too little."""

    product: Product
    alice: Console
    number: str

    async def status(self) -> str:
        return str((await self.product.read(self.number))["status"])

    async def pending(self) -> int:
        return int((await self.alice.get("summary"))["today"]["pendingCount"])

    async def look(self) -> None:
        await change(self.product, OrderCheck.update(due_at=0))
        await self.product.running.reconciler.step()

    async def close(self) -> tuple[int, str | None]:
        code, answer = await post(self.alice, f"orders/{self.number}/close")
        return code, answer.get("error")


def told_v3(number: str) -> Act:
    """API v3: paid with a fen too little; and no paid order is closed."""
    amount = {"total": 8799, "currency": "CNY"}
    now = datetime.now(CHINA).replace(microsecond=0).isoformat()
    paid = saying_v3(transaction_of(number, TX, amount=amount, success_time=now))
    refused = refusing_v3("INVALID_REQUEST", 400, "订单已支付")

    async def told(handler: RequestHandler, fields: Fields) -> None:
        await (refused if handler.request.method == "POST" else paid)(handler, fields)

    return told


@asynccontextmanager
async def paid_wrong(folder: Path, api: str) -> AsyncIterator[Shop]:
    act = GOOD if api == V2 else saying_v3({"code_url": "weixin://wxpay/bizpayurl?pr=abc"})
    settings = {} if api == V2 else {**WITH_PUBLIC_KEY, "WECHAT_API_V2_KEY": ""}
    async with shop_with(folder, act, by_hand=True, **settings) as (shop, fake):
        number = (await shop.order())["orderNum"]
        assert (await shop.prepay(number)).code == 200
        fake.by_path = {
            "/pay/orderquery": answering(
                trade_state="SUCCESS", out_trade_no=number, transaction_id=TX, total_fee="8799"
            ),
            "/pay/closeorder": refusing("ORDERPAID"),
        }
        fake.told_v3 = told_v3(number)
        found = Shop(shop, await shop.user(), number)
        await found.look()
        (case,) = await alerts(shop)
        assert (case["kind"], await found.status()) == ("amount_mismatch", "WAIT_PAY")
        yield found


def both_apis(test: Any) -> Any:
    return pytest.mark.parametrize("api", [V2, "v3"])(test)


@both_apis
@pytest.mark.gen_test
async def test_undecided_money_keeps_its_order_open(tmp_path: Path, api: str) -> None:
    async with paid_wrong(tmp_path, api) as shop:
        assert await shop.close() == (502, "wechat_refused")
        await age(shop.product, shop.number)
        await shop.product.running.reconciler.step()
        assert (await shop.status(), await shop.pending()) == ("WAIT_PAY", 1)


@both_apis
@pytest.mark.gen_test
async def test_by_hand_it_closes_as_soon_as_its_money_is_decided(tmp_path: Path, api: str) -> None:
    async with paid_wrong(tmp_path, api) as shop:
        (receipt,) = await listed(shop.alice)
        assert (await decide(shop.alice, receipt, "accept"))[0] == 200
        assert await shop.close() == (200, None)
        assert (await shop.status(), await shop.pending()) == ("CLOSED", 0)
        closed = (await shop.product.events())[-1]
        assert (closed["kind"], closed["data"]["by"]) == ("order.closed", "alice")


@both_apis
@pytest.mark.gen_test
async def test_by_itself_it_closes_when_its_time_is_over(tmp_path: Path, api: str) -> None:
    async with paid_wrong(tmp_path, api) as shop:
        (case,) = await alerts(shop.product)
        (receipt,) = await listed(shop.alice)
        # It was looked at for a day in vain, and is not looked at any more.
        await change(shop.product, OrderCheck.delete())
        assert (await decide(shop.alice, receipt, "accept"))[0] == 200
        (after,) = await alerts(shop.product)
        assert (case["status"], after["status"]) == ("open", "resolved")
        await shop.product.running.reconciler.step()
        assert await shop.status() == "WAIT_PAY"
        assert await checks(shop.product) == [(shop.number, 0)]
        await age(shop.product, shop.number)
        await shop.product.running.reconciler.step()
        assert (await shop.status(), await shop.pending()) == ("CLOSED", 0)
        assert await checks(shop.product) == []
        (case,) = await alerts(shop.product)
        assert (case["status"], case["count"]) == ("resolved", 1)


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_a_proposal_alone_decides_nothing(tmp_path: Path) -> None:
    async with paid_wrong(tmp_path, V2) as shop:
        shop.product.running.services.receipts._limits = RefundLimits(1, 1)
        bob = await shop.product.user("bob")
        (receipt,) = await listed(shop.alice)
        assert (await decide(shop.alice, receipt, "accept"))[0] == 200
        assert (await listed(shop.alice))[0]["state"] == "proposed"
        assert await shop.close() == (502, "wechat_refused")
        (receipt,) = await listed(bob)
        assert (await decide(bob, receipt, "accept"))[0] == 200
        assert await shop.close() == (200, None)


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_other_money_than_the_decided_keeps_it_open(tmp_path: Path) -> None:
    """A notify brought money that was decided on; WeChat holds another payment."""
    async with product(tmp_path, wechat=True, by_hand=True) as shop:
        assert shop.wechat
        number, trade = await shop.prepaid()
        await shop.pay(number, "4200-elsewhere", total_fee="1")
        alice = await shop.user()
        (receipt,) = await listed(alice)
        assert (await decide(alice, receipt, "accept"))[0] == 200
        await change(shop, Order.update(total_fen=8801).where(Order.order_num == number))
        shop.wechat.payment_desk.pay(trade)
        assert (await post(alice, f"orders/{number}/close"))[0] == 502
        await change(shop, Order.update(total_fen=8800).where(Order.order_num == number))
        await age(shop, number)
        await shop.running.reconciler.step()
        assert (await shop.read(number))["status"] == "PAID"
