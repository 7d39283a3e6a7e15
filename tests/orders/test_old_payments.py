"""A payment that WeChat dates before the order was made: the number was used before, so it pays
nothing here, whichever way the news comes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from payments.states import OrderStatus
from simulator.state.trades import Trade
from tests.notify.test_v3_rows import NUMBER, TX, notify_v3, v3_product
from tests.orders.test_reconciler import age
from tests.support.fake_wechat import answering, hang_up, refusing, saying, shop_with, unified
from tests.support.notify_rig import alerts, put, receipts
from tests.support.rig import ABNORMAL, PRICE, SUCCESS, Product, china_text, product, transaction
from tests.support.v3_keys import NOW_S, notify_body, signed_headers, transaction_of

OLD = "20240101120000"
OLD_S = datetime(2024, 1, 1, 4, tzinfo=UTC).timestamp()
MINUTE = timedelta(minutes=1)


def china(before: timedelta) -> str:
    return china_text(datetime.now(UTC) - before)


async def assert_not_booked(shop: Product, number: str, transaction_id: str, fen: int) -> None:
    """The order is as it was; the money is a receipt that nobody proposes to give back."""
    order = await shop.read(number)
    assert order["status"] in ("INIT", "WAIT_PAY")
    (case,) = await alerts(shop)
    assert (case["kind"], case["orderNum"]) == ("illegal_transition", number)
    assert case["evidence"]["code"] == "number_used_before"
    assert case["evidence"]["rule"].startswith("Number used before")
    kept = await receipts(shop, transaction_id)
    assert kept == [(number, fen, "older_than_order", "waiting")]
    page = await shop.running.services.receipts.page()
    (receipt,) = page["receipts"]
    assert (receipt["proposal"], receipt["possible"]) == (
        "accept",
        ["accept", "refund", "returned"],
    )
    assert page["sums"]["waitingFen"] == fen


@pytest.mark.gen_test
@pytest.mark.parametrize("fen", [PRICE, PRICE - 1], ids=["the amount", "another amount"])
async def test_an_old_notify_pays_no_new_order(tmp_path: Path, fen: int) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        number, tx = (await shop.order(orderNum="20260001"))["orderNum"], transaction()
        assert await shop.pay(number, tx, time_end=OLD, total_fee=str(fen)) == ABNORMAL
        await assert_not_booked(shop, number, tx, fen)
        assert await shop.pay(number) == SUCCESS  # the buyer's own payment does pay it


@pytest.mark.gen_test
@pytest.mark.parametrize("fen", [PRICE, PRICE + 1], ids=["the amount", "another amount"])
async def test_an_old_notify_of_api_v3_pays_no_new_order(tmp_path: Path, fen: int) -> None:
    async with v3_product(tmp_path, by_hand=True) as shop:
        old = {"success_time": "2024-01-01T12:00:00+08:00", "amount": {"total": fen}}
        body = notify_body(transaction_of(NUMBER, TX, **old))
        assert (await notify_v3(shop, body, signed_headers(body, NOW_S))).code == 409
        await assert_not_booked(shop, NUMBER, TX, fen)
        (case,) = await alerts(shop)
        fields = {field["name"]: field for field in case["evidence"]["fields"]}
        assert fields["success_time"]["wechat"] == "2024-01-01T04:00:00Z"


@pytest.mark.gen_test
async def test_clocks_may_be_ten_minutes_apart(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        for before, answer in ((9 * MINUTE, SUCCESS), (11 * MINUTE, ABNORMAL)):
            number = (await shop.order())["orderNum"]
            assert await shop.pay(number, time_end=china(before)) == answer


@pytest.mark.gen_test
async def test_the_rule_looks_at_orders_that_are_closed_or_paid_too(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        paid, first = (await shop.order())["orderNum"], transaction()
        await shop.pay(paid, first)
        closed = (await shop.order())["orderNum"]
        await put(shop, closed, OrderStatus.CLOSED, "")
        for number in (paid, closed):
            tx = transaction()
            assert await shop.pay(number, tx, time_end=OLD) == ABNORMAL
            assert await receipts(shop, tx) == [(number, PRICE, "older_than_order", "waiting")]
        # What is booked stays booked: a repeat is a repeat, whatever its time.
        assert await shop.pay(paid, first, time_end=OLD) == SUCCESS


async def paid_long_ago(shop: Product) -> tuple[str, Trade]:
    """An order whose number WeChat holds a payment of 2024 for."""
    number, trade = await shop.prepaid()
    assert shop.wechat
    shop.wechat.payment_desk.pay(trade, paid_at=OLD_S)
    return number, trade


@pytest.mark.gen_test
async def test_the_reconciler_and_a_person_who_asks_book_no_old_payment(tmp_path: Path) -> None:
    async with product(tmp_path, wechat=True, by_hand=True) as shop:
        alice = await shop.user()
        number, trade = await paid_long_ago(shop)
        await age(shop, number)
        await shop.running.reconciler.step()
        await assert_not_booked(shop, number, trade.transactions[0].id, PRICE)
        asked = json.loads((await alice.post(f"orders/{number}/query", {})).body)
        assert asked["outcome"] == "refused"
        why = (await alice.get(f"orders/{number}"))["why"]
        assert (why["code"], why["next"]) == ("number_used_before", "decide_receipt")
        assert why["actual"] == "2024-01-01T04:00:00.000Z"


@pytest.mark.gen_test
async def test_a_replay_books_no_old_payment(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        alice = await shop.user()
        number = (await shop.order())["orderNum"]
        await shop.pay(number, time_end=OLD)
        notify_id = next(e for e in await shop.events() if e["kind"] == "notify.refused")["data"][
            "notifyId"
        ]
        would = json.loads((await alice.post(f"notifies/{notify_id}/replay", {})).body)
        assert would["replay"]["verdict"] == "illegal_transition"
        answer = await alice.post(f"notifies/{notify_id}/replay", {"book": True})
        assert answer.code == 409
        assert (await shop.read(number))["status"] == "INIT"


USED = {
    "OUT_TRADE_NO_USED": refusing("OUT_TRADE_NO_USED", "商户订单号重复"),
    "201": refusing("INVALID_REQUEST", "201 商户订单号重复"),
    "ORDERPAID": refusing("ORDERPAID", "该订单已支付"),
}


@pytest.mark.gen_test
@pytest.mark.parametrize("word", USED)
async def test_a_prepay_of_a_used_number_says_to_take_a_new_one(tmp_path: Path, word: str) -> None:
    async with shop_with(tmp_path, saying(USED[word]), by_hand=True) as (shop, fake):
        number = (await shop.order())["orderNum"]
        paid = {"trade_state": "SUCCESS", "out_trade_no": number, "total_fee": str(PRICE)}
        fake.told = answering(**paid, transaction_id="4200001", time_end=OLD)
        status, error = await unified(shop, number)
        assert (status, error["error"]) == (409, "prepay_conflict")
        assert "take a new number" in error["message"]
        assert (await shop.read(number))["status"] == "INIT"
        await shop.running.reconciler.once(lambda _: None)
        await assert_not_booked(shop, number, "4200001", PRICE)


@pytest.mark.gen_test
async def test_a_number_that_is_paid_now_is_paid(tmp_path: Path) -> None:
    """The buyer paid by a prepay whose answer was lost; that is no number of before."""
    async with shop_with(tmp_path, hang_up, saying(USED["ORDERPAID"]), by_hand=True) as (
        shop,
        fake,
    ):
        number = (await shop.order())["orderNum"]
        paid = {"trade_state": "SUCCESS", "out_trade_no": number, "total_fee": str(PRICE)}
        fake.told = answering(**paid, transaction_id="4200001", time_end=china(0 * MINUTE))
        assert (await unified(shop, number))[0] == 504
        status, error = await unified(shop, number)
        assert (status, error["error"]) == (409, "already_paid")
