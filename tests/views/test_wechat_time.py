"""WeChat's own time of a payment: on the order, beside ours, filtered by and exported."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from payments.payment_result import CHINA
from tests.notify.test_v3_rows import NUMBER, TX, notify_v3, v3_product
from tests.refunds.test_receipts import decide, listed
from tests.support.rig import PRICE, MovedClock, china_text, product, transaction
from tests.support.v3_keys import NOW_S, notify_body, signed_headers, transaction_of

NIGHT = datetime(2026, 11, 30, 0, 0, 20, tzinfo=CHINA)
"""We hear of a payment just after midnight; the buyer paid just before."""
BEFORE = NIGHT - timedelta(seconds=40)
PAID_AT, HEARD_AT = "2026-11-29T15:59:40.000Z", "2026-11-29T16:00:20.000Z"


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


@pytest.mark.gen_test
async def test_an_order_keeps_the_time_at_which_the_buyer_paid(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True, clock=MovedClock(ms(NIGHT))) as shop:
        alice = await shop.user()
        number = (await shop.order())["orderNum"]
        assert (await shop.read(number))["wechatPaidAt"] is None
        await shop.pay(number, time_end=china_text(BEFORE))
        assert (await shop.read(number))["wechatPaidAt"] == PAID_AT
        order = (await alice.get(f"orders/{number}"))["order"]
        assert (order["wechatPaidAt"], order["paidAt"]) == (PAID_AT, HEARD_AT)
        assert (await alice.get(f"orders/{number}"))["why"]["at"] == PAID_AT


@pytest.mark.gen_test
async def test_it_is_found_and_exported_by_the_day_of_wechat_s_bill(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True, clock=MovedClock(ms(NIGHT))) as shop:
        alice = await shop.user()
        number, unpaid = (await shop.order())["orderNum"], (await shop.order())["orderNum"]
        untold = (await shop.order())["orderNum"]
        await shop.pay(number, time_end=china_text(BEFORE))
        await shop.pay(untold, time_end=None)  # then ours is all there is

        async def found(paid: str) -> set[str]:
            orders = (await alice.get(f"orders?paid={paid}"))["orders"]
            return {order["orderNum"] for order in orders}

        assert await found("2026-11-29..2026-11-29") == {number}
        assert await found("2026-11-30..2026-11-30") == {untold}
        assert await found("today") == {untold}
        assert await found("7d") == {number, untold}
        assert await found("2026-11-01..2026-11-28") == set()
        assert await found("all") == {number, unpaid, untold}
        assert (await alice.fetch("orders?paid=yesterday")).code == 400
        text = (await alice.fetch("orders/export.csv?paid=7d&lang=en")).body.decode("utf-8-sig")
        head, *lines = csv.reader(io.StringIO(text))
        rows = {line[0].strip(): dict(zip(head, line, strict=True)) for line in lines}
        assert set(rows) == {number, untold}
        heard, paid = "Paid at", "Paid at WeChat"
        assert rows[number][paid] == "2026-11-29 23:59:40"
        assert [rows[untold][heard], rows[untold][paid]] == ["2026-11-30 00:00:20", ""]
        assert rows[number][heard] == rows[untold][heard]


@pytest.mark.gen_test
async def test_api_v3_and_a_query_tell_it_too(tmp_path: Path) -> None:
    async with v3_product(tmp_path / "v3", by_hand=True) as shop:
        body = notify_body(transaction_of(NUMBER, TX))
        await notify_v3(shop, body, signed_headers(body, NOW_S))
        assert (await shop.read(NUMBER))["wechatPaidAt"] == "2025-01-02T03:04:05.000Z"
    async with product(tmp_path / "v2", wechat=True, by_hand=True) as shop:
        number, trade = await shop.prepaid()
        assert shop.wechat
        paid_s = int(datetime.now(UTC).timestamp()) - 60
        shop.wechat.payment_desk.pay(trade, paid_at=paid_s)
        await shop.running.reconciler.once(lambda _: None)
        told = datetime.fromisoformat((await shop.read(number))["wechatPaidAt"])
        assert told.timestamp() == paid_s


@pytest.mark.gen_test
async def test_late_money_that_is_booked_after_all_keeps_its_own_time(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        alice = await shop.user()
        number = (await shop.order())["orderNum"]
        await shop.merchant(f"orders/{number}/close", "POST")
        await shop.pay(number)
        (receipt,) = await listed(alice)
        assert receipt["wechatPaidAt"]
        await decide(alice, receipt, "reopen")
        order = await shop.read(number)
        assert (order["status"], order["wechatPaidAt"]) == ("PAID", receipt["wechatPaidAt"])
        paid = next(e for e in await shop.events() if e["kind"] == "order.paid")
        assert paid["data"]["wechatPaidAt"] == receipt["wechatPaidAt"]
        assert (order["totalFen"], len(transaction())) == (PRICE, 28)
