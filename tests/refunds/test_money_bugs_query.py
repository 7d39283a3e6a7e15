"""Two ways in which gateways are known to lose money when they ask WeChat themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from payments.errors import Busy, WeChatRefused, WeChatUnreachable, WeChatUntrusted
from services.runtime.clock import SystemClock
from tests.orders.test_reconciler_outage import Line
from tests.support.notify_rig import alerts, deliver, receipts
from tests.support.rig import ABNORMAL, SUCCESS, MovedClock, product

ERRORS = [
    *(
        WeChatRefused(code, "不行")
        for code in ("ORDERNOTEXIST", "SYSTEMERROR", "FREQUENCY_LIMITED", "SIGNERROR", "NO_SUCH")
    ),
    WeChatUntrusted(),
    WeChatUnreachable(),
    Busy(),
]


@pytest.mark.gen_test
async def test_a_query_error_never_turns_an_order_to_failed_or_drops_the_true_notify(
    tmp_path: Path,
) -> None:
    clock = MovedClock(SystemClock().now_ms())
    async with product(tmp_path, wechat=True, clock=clock, by_hand=True) as shop:
        assert shop.wechat
        line = Line(shop, clock)
        number, trade = await shop.prepaid()
        notify = shop.wechat.payment_desk.pay(trade).body  # it is late
        before = [event["kind"] for event in await shop.events()]
        for error in ERRORS:
            line.error = error
            clock.ms += 300_000
            asked = len(line.tried)
            await shop.running.reconciler.step()
            assert len(line.tried) == asked + 1, error
            assert (await shop.read(number))["status"] == "WAIT_PAY", error
        kinds = [event["kind"] for event in await shop.events()]
        # That of SIGNERROR, which is about us, and that of a question which is refused again.
        assert kinds == [*before, *["alert.raised"] * 2]
        assert (await shop.notify(notify)).body == SUCCESS
        order = await shop.read(number)
        assert (order["status"], order["serviceStatus"]) == ("PAID", "SERVICE_WAIT")


@pytest.mark.gen_test
async def test_the_query_path_checks_the_amount_as_the_notify_does(tmp_path: Path) -> None:
    clock = MovedClock(SystemClock().now_ms())
    async with product(tmp_path, wechat=True, clock=clock, by_hand=True) as shop:
        assert shop.wechat
        asked, told = [(await shop.order())["orderNum"] for _ in range(2)]
        cases = []
        for number in (asked, told):
            await shop.prepay(number)
            trade = shop.wechat.trades.by_order(number)
            assert trade
            notify = shop.wechat.payment_desk.pay(
                trade, says={"total_fee": "1", "cash_fee": "1"}
            ).body
            if number == told:
                assert (await deliver(shop, notify)).body == ABNORMAL
            else:
                clock.ms += 31_000
                await shop.running.reconciler.step()
            assert (await shop.read(number))["status"] == "WAIT_PAY"
            kept = await receipts(shop, trade.transactions[0].id)
            assert kept == [(number, 1, "wrong_amount", "waiting")]
            (case,) = await alerts(shop, order_num=number)
            same = ("kind", "severity", "expected", "actual")
            cases.append([case[name] for name in same] + [case["evidence"]["code"]])
        assert cases[0] == cases[1]
        assert cases[0][:2] == ["amount_mismatch", "critical"]
        assert "order.healed" not in [event["kind"] for event in await shop.events()]
