"""Orders whose time is over: asked about at WeChat, closed there, and only then here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from models import Order, OrderCheck
from models.base import rows
from models.transaction import Batch
from payments.errors import WeChatRefused, WeChatUnreachable
from payments.merchant import Merchant, Merchants
from payments.protocol import Moment, WireAnswer, WireRequest
from payments.v2.trade import CLOSE_PATH, query_request
from services.orders.query_schedule import CHECK_GRACE_MS
from services.runtime.clock import MINUTE_MS
from services.runtime.leases import Leases
from services.settlement.settlement import OrderClosing
from services.wechat.client import Send
from tests.support.notify_rig import alerts, deliver, receipts
from tests.support.rig import KEY, Product, product

TEN_MINUTES = 10 * MINUTE_MS


async def age(shop: Product, order_num: str, ms: int = TEN_MINUTES) -> None:
    """Let the order have been made so long ago, expired since, and be due."""

    def move(batch: Batch, items: Sequence[Any]) -> list[None]:
        Order.update(created_at=batch.now - ms, expires_at=batch.now - CHECK_GRACE_MS).where(
            Order.order_num == order_num
        ).execute()
        OrderCheck.update(due_at=batch.now).where(OrderCheck.order_num == order_num).execute()
        return [None] * len(items)

    await shop.running.store.write(move, order_num)


async def checks(shop: Product) -> list[tuple[str, int]]:
    """The orders that are still to be looked at: number, tries."""
    query = OrderCheck.select(OrderCheck.order_num, OrderCheck.tries)
    return await shop.running.store.read(lambda: rows(query))


async def kinds(shop: Product) -> list[str]:
    return [event["kind"] for event in await shop.events()]


@pytest.mark.gen_test
async def test_expiry_alone_changes_no_state_before_its_time(tmp_path: Path) -> None:
    async with product(tmp_path, wechat=True, by_hand=True) as shop:
        number = (await shop.order())["orderNum"]
        assert await shop.running.reconciler.step() == 0
        assert (await shop.read(number))["status"] == "INIT"
        assert await checks(shop) == [(number, 0)]


@pytest.mark.gen_test
async def test_an_expired_order_that_wechat_never_saw_is_closed_here(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:  # no WeChat: nobody is asked
        number = (await shop.order())["orderNum"]
        await age(shop, number, ms=0)
        assert await shop.running.reconciler.step() == 1
        assert (await shop.read(number))["status"] == "CLOSED"
        closed = (await shop.events())[-1]
        assert (closed["kind"], closed["data"]["by"]) == ("order.closed", "expiry")
        assert await checks(shop) == []


@pytest.mark.gen_test
async def test_an_expired_order_is_closed_at_wechat_and_then_here(tmp_path: Path) -> None:
    async with product(tmp_path, wechat=True, by_hand=True) as shop:
        number, trade = await shop.prepaid()
        await age(shop, number)
        await shop.running.reconciler.step()
        assert trade.state == "CLOSED"
        assert (await shop.read(number))["status"] == "CLOSED"
        assert await kinds(shop) == ["order.created", "prepay.created", "order.closed"]
        assert await checks(shop) == []


@pytest.mark.gen_test
async def test_an_expired_order_that_was_paid_is_booked_and_not_closed(tmp_path: Path) -> None:
    async with product(tmp_path, wechat=True, by_hand=True) as shop:
        number, trade = await shop.prepaid()
        shop.wechat.payment_desk.pay(trade)  # and its notify is lost
        await age(shop, number)
        await shop.running.reconciler.step()
        assert (await shop.read(number))["status"] == "PAID"
        assert (await kinds(shop))[-2:] == ["order.paid", "order.healed"]
        assert await checks(shop) == []


@pytest.mark.gen_test
async def test_money_that_does_not_fit_is_a_case_and_the_order_stays_open(tmp_path: Path) -> None:
    async with product(tmp_path, wechat=True, by_hand=True) as shop:
        number, trade = await shop.prepaid()
        shop.wechat.payment_desk.pay(trade, says={"total_fee": "1", "cash_fee": "1"})
        await age(shop, number)
        await shop.running.reconciler.step()
        assert (await shop.read(number))["status"] == "WAIT_PAY"
        (case,) = await alerts(shop)
        assert (case["kind"], case["orderNum"]) == ("amount_mismatch", number)
        kept = await receipts(shop, trade.transactions[0].id)
        assert kept == [(number, 1, "wrong_amount", "waiting")]
        assert await checks(shop) == [(number, 1)]


@pytest.mark.gen_test
async def test_a_young_order_is_not_closed_at_wechat_before_five_minutes(tmp_path: Path) -> None:
    async with product(tmp_path, wechat=True, by_hand=True) as shop:
        number, trade = await shop.prepaid()
        await age(shop, number, ms=2 * MINUTE_MS)
        await shop.running.reconciler.step()
        assert trade.state == "NOTPAY"
        assert (await shop.read(number))["status"] == "WAIT_PAY"
        assert await checks(shop) == [(number, 1)]


@pytest.mark.gen_test
async def test_an_error_of_wechats_leaves_the_order_as_it_is_and_is_asked_again(
    tmp_path: Path,
) -> None:
    async with product(tmp_path, wechat=True, by_hand=True) as shop:
        number, _ = await shop.prepaid()
        await age(shop, number)
        gateway = shop.running.reconciler._wechat
        send, gateway._send = gateway._send, unreachable
        await shop.running.reconciler.step()
        assert (await shop.read(number))["status"] == "WAIT_PAY"
        assert await checks(shop) == [(number, 1)]
        assert await shop.running.reconciler.step() == 0  # not at once
        gateway._send = send
        await age(shop, number)
        await shop.running.reconciler.step()
        assert (await shop.read(number))["status"] == "CLOSED"


async def unreachable(*_: object) -> bytes:
    raise WeChatUnreachable


@pytest.mark.gen_test
async def test_an_order_that_wechat_has_closed_by_itself_is_closed_here(tmp_path: Path) -> None:
    async with product(tmp_path, wechat=True, by_hand=True) as shop:
        number, _ = await shop.prepaid()
        await age(shop, number)
        gateway = shop.running.reconciler._wechat
        gateway._send = Refusing(gateway._send, "ORDERCLOSED")
        await shop.running.reconciler.step()
        assert (await shop.read(number))["status"] == "CLOSED"
        assert await checks(shop) == []


@pytest.mark.gen_test
async def test_a_close_that_wechat_refuses_leaves_the_order_open(tmp_path: Path) -> None:
    async with product(tmp_path, wechat=True, by_hand=True) as shop:
        number, _ = await shop.prepaid()
        await age(shop, number)
        gateway = shop.running.reconciler._wechat
        gateway._send = Refusing(gateway._send, "SYSTEMERROR")
        await shop.running.reconciler.step()
        assert (await shop.read(number))["status"] == "WAIT_PAY"
        assert await checks(shop) == [(number, 1)]


class Refusing:
    """A WeChat that answers every close with this code."""

    def __init__(self, send: Send, code: str) -> None:
        self._wechat, self._code = send, code

    async def __call__(self, request: WireRequest) -> WireAnswer:
        if request.path == CLOSE_PATH:
            raise WeChatRefused(self._code, "")
        return await self._wechat(request)


@pytest.mark.gen_test
async def test_an_order_of_a_merchant_that_is_gone_waits(tmp_path: Path) -> None:
    async with product(tmp_path, wechat=True, by_hand=True) as shop:
        number, _ = await shop.prepaid()
        await age(shop, number)
        shop.running.reconciler._merchants = Merchants((Merchant("wx0", "1", KEY),))
        await shop.running.reconciler.step()
        assert (await shop.read(number))["status"] == "WAIT_PAY"
        assert await checks(shop) == [(number, 1)]


@pytest.mark.gen_test
async def test_an_answer_about_another_order_proves_nothing(tmp_path: Path) -> None:
    async with product(tmp_path, wechat=True, by_hand=True) as shop:
        assert shop.wechat
        number, other = [(await shop.order())["orderNum"] for _ in range(2)]
        for each in (number, other):
            await shop.prepay(each)
        trade = shop.wechat.trades.by_order(other)
        assert trade
        shop.wechat.payment_desk.pay(trade)
        await age(shop, number)
        gateway, merchant = shop.running.reconciler._wechat, shop.settings.merchants.default
        send = gateway._send
        gateway._send = lambda _: send(query_request(merchant, other, Moment(0, "N" * 32)))
        await shop.running.reconciler.step()
        statuses = [(await shop.read(each))["status"] for each in (number, other)]
        assert statuses == ["WAIT_PAY", "WAIT_PAY"]
        assert (number, 1) in await checks(shop)


@pytest.mark.gen_test
async def test_one_odd_order_does_not_keep_the_others_waiting(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        numbers = [(await shop.order())["orderNum"] for _ in range(6)]
        for number in numbers:
            await age(shop, number)
        settlement = shop.running.reconciler._settlement
        mark_closed = settlement.mark_closed

        async def odd(closing: OrderClosing) -> Any:
            if closing.order_num == numbers[0]:
                raise RuntimeError("nobody expected this")
            return await mark_closed(closing)

        settlement.mark_closed = odd  # type: ignore[method-assign]
        await shop.running.reconciler.step()
        statuses = [(await shop.read(number))["status"] for number in numbers]
        assert statuses == ["INIT", *["CLOSED"] * 5]
        assert await checks(shop) == [(numbers[0], 1)]


@pytest.mark.gen_test
async def test_a_paid_order_is_no_longer_looked_at(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        number = (await shop.order())["orderNum"]
        await shop.pay(number)
        await age(shop, number)
        await shop.running.reconciler.step()
        assert await checks(shop) == []
        assert (await kinds(shop))[-1] == "order.paid"


@pytest.mark.gen_test
async def test_a_payment_after_the_closing_is_late_money(tmp_path: Path) -> None:
    async with product(tmp_path, wechat=True, by_hand=True) as shop:
        assert shop.wechat
        number, trade = await shop.prepaid()
        await age(shop, number)
        await shop.running.reconciler.step()
        done = await deliver(shop, shop.wechat.payment_desk.charge(trade).body)
        assert done.kinds == ["notify.refused", "alert.raised"]
        kept = await receipts(shop, trade.transactions[0].id)
        assert kept == [(number, 8800, "late", "waiting")]


@pytest.mark.gen_test
async def test_one_process_has_a_lease_until_it_gives_it_back_or_it_ends(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        store, clock = shop.running.store, shop.running.reconciler._clock
        ours, theirs = Leases(store, clock, "ours"), Leases(store, clock, "theirs")
        assert await ours.claim("job", 60_000)
        assert await ours.claim("job", 60_000)
        assert not await theirs.claim("job", 60_000)
        await ours.release()
        assert await theirs.claim("job", -1)  # it has ended when it is written
        assert await ours.claim("job", 60_000)
        assert not await theirs.claim("job", 60_000)
