"""`paywatch reconcile --once`: one pass over everything that is open, beside a serving process."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from commands.reconcile import Progress
from models import Order
from services.orders.look_results import LookResult, PassCounts
from services.orders.query_schedule import CHECK_GRACE_MS
from services.runtime.clock import HOUR_MS
from tests.orders.test_healing import change
from tests.orders.test_reconciler import checks
from tests.support.rig import MovedClock, Product, product
from tests.support.shell import Shell, failed

pytestmark = pytest.mark.one_database


async def reconcile(shop: Product, **more: str) -> tuple[int, str, str]:
    """As a person runs it beside the product, which goes on."""
    shell = Shell(shop.folder, int(shop.settings.listen.rsplit(":", 1)[1]))
    given = {"PAYWATCH_WECHAT_BASE_URL": shop.settings.wechat_base_url, **more}
    return await asyncio.to_thread(lambda: shell.process("reconcile", "--once", **given))


@pytest.mark.gen_test
async def test_one_pass_asks_about_all_that_is_open_whenever_it_is_due(tmp_path: Path) -> None:
    async with product(tmp_path, wechat=True, by_hand=True) as shop:
        assert shop.wechat
        numbers = [(await shop.order())["orderNum"] for _ in range(6)]
        paid, late, wrong, open_, expired, unsent = numbers
        for number in numbers[:-1]:
            await shop.prepay(number)
        for number in (paid, late, wrong):
            trade = shop.wechat.trades.by_order(number)
            assert trade
            says = {"total_fee": "1", "cash_fee": "1"} if number == wrong else None
            shop.wechat.payment_desk.pay(trade, says=says)
        for number in (late, expired):
            now = shop.running.reconciler._clock.now_ms()
            long_ago = {"created_at": now - HOUR_MS, "expires_at": now - CHECK_GRACE_MS}
            await change(shop, Order.update(long_ago).where(Order.order_num == number))
        status, out, err = await reconcile(shop)
        assert status == 0, err
        assert out == (
            "asked about 5 orders: 2 found paid, 1 closed, 1 still unpaid, 1 with money that does"
            " not fit (see the alerts); 0 refunds: 0 finished, 0 under way; 0 errors\n"
        )
        assert [(await shop.read(number))["status"] for number in numbers] == [
            "PAID",
            "PAID",
            "WAIT_PAY",
            "WAIT_PAY",
            "CLOSED",
            "INIT",
        ]
        assert {number for number, _ in await checks(shop)} == {wrong, open_, unsent}
        status, out, _ = await reconcile(shop)  # and again
        assert (status, out[:46]) == (0, "asked about 2 orders: 0 found paid, 0 closed, ")


@pytest.mark.gen_test
async def test_a_pass_that_cannot_reach_wechat_says_so_and_changes_nothing(tmp_path: Path) -> None:
    async with product(tmp_path, wechat=True, by_hand=True) as shop:
        number, _ = await shop.prepaid()
        status, out, err = await reconcile(shop, PAYWATCH_WECHAT_BASE_URL="http://127.0.0.1:1")
        assert status == 1
        assert out.startswith("asked about 1 orders: 0 found paid")
        assert err.splitlines()[-1].startswith("paywatch: WeChat gave no answer")
        assert (await shop.read(number))["status"] == "WAIT_PAY"


def test_whoever_waits_is_told_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    clock, tally = MovedClock(0), PassCounts()
    progress = Progress(clock)
    for _ in range(50):
        tally.orders[LookResult.UNPAID] += 1
        progress(tally)
        clock.ms += 100
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "21 orders and 0 refunds looked at …",
        "41 orders and 0 refunds looked at …",
    ]


def test_with_nothing_open_there_is_nothing_to_ask(shell: Shell) -> None:
    status, out, _ = shell.command("reconcile", "--once")
    assert (status, out.startswith("asked about 0 orders:")) == (0, True)


def test_without_once_it_is_bad_usage(shell: Shell) -> None:
    status, out, err = shell.command("reconcile")
    assert (status, out) == (2, "")
    assert "--once" in err


def test_a_database_that_is_not_ready_is_said_in_one_line(shell: Shell) -> None:
    assert "cannot be opened" in failed(
        shell.command("reconcile", "--once", PAYWATCH_DATABASE_URL="sqlite:////proc/none.db")
    )
