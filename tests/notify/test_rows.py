"""Every readable, authentic notify that can come: the answer, the order, the stream, the case.

Each row is sent twice: the repeat has the same answer, changes nothing and raises the count.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TypeVar

import pytest

from payments.states import OrderStatus
from tests.notify.corpus import (
    BOOKED,
    FIRST_TX,
    INIT,
    ORDER,
    OTHER_ORDER,
    PAID,
    REFUSED,
    STRANGE_NUMBERS,
    TX,
    Refusal,
    Row,
)
from tests.support.databases import KIND
from tests.support.notify_rig import STREAM, Delivered, alerts, deliver, put, raw_notices, receipts
from tests.support.rig import (
    ABNORMAL,
    KEY,
    OPEN_ID,
    PRICE,
    SUCCESS,
    Product,
    notify_fields,
    product,
    signed,
    transaction,
)

pytestmark = pytest.mark.long
T = TypeVar("T")

NOTED = STREAM | {"raw_notices"}
FIGURES = {"counters", "report_sums"}
BOOKS = NOTED | {"orders"} | FIGURES
COUNTS = NOTED | {"alerts", "alert_entries"}
OPENS = COUNTS | FIGURES
"""The tables that change when a delivery is noted, booked, counted on its case, opens one."""


def some(table: dict[str, T]) -> list[list[tuple[str, T]]]:
    """Every row; on the databases that are not the first, which the rules do not ask, every
    fourth. Sixteen at a time get a product: each delivery is compared with all that is there."""
    found = list(table.items())[:: 1 if KIND == "sqlite" else 4]
    return [found[start : start + 16] for start in range(0, len(found), 16)]


# --- the tests -----------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_every_payment_that_fits_is_booked_once_and_its_repeats_change_nothing(
    tmp_path: Path,
) -> None:
    for number, part in enumerate(some(BOOKED)):
        async with product(tmp_path / str(number), by_hand=True) as shop:
            for name, row in part:
                order_num, tx, body = await prepared(shop, row)
                assert_said(name, await deliver(shop, body), SUCCESS, ["order.paid"], BOOKS)
                paid = await shop.read(order_num)
                assert (paid["status"], paid["serviceStatus"]) == ("PAID", "SERVICE_WAIT"), name
                assert (paid["transactionId"], bool(paid["paidAt"])) == (tx, True), name
                for _ in range(2):
                    assert_said(
                        name, await deliver(shop, body), SUCCESS, ["notify.duplicate"], NOTED
                    )
                assert await shop.read(order_num) == paid, name
                assert await receipts(shop, tx) == [], name
            assert await alerts(shop) == []


@pytest.mark.gen_test
async def test_every_payment_that_does_not_fit_is_refused_with_its_case_and_counted(
    tmp_path: Path,
) -> None:
    for number, part in enumerate(some(REFUSED)):
        async with product(tmp_path / str(number), by_hand=True) as shop:
            for name, (row, refusal) in part:
                order_num, tx, body = await prepared(shop, row)
                first = await deliver(shop, body)
                opens = OPENS | ({"receipts"} if refusal.receipt else set())
                assert_said(name, first, refusal.answer, ["notify.refused", "alert.raised"], opens)
                assert {event["orderNum"] for event in first.events} == {order_num}, name
                await assert_case(shop, name, order_num, tx, refusal, count=1)
                again = await deliver(shop, body)
                assert_said(
                    name, again, refusal.answer, ["notify.refused", "alert.repeated"], COUNTS
                )
                await assert_case(shop, name, order_num, tx, refusal, count=2)
                kept = await receipts(shop, tx)
                if refusal.receipt:
                    fen = int(row.changes.get("total_fee") or PRICE)
                    assert kept == [(order_num, fen, refusal.receipt, "waiting")], name
                else:
                    assert kept == [], name
            assert {authentic for _, authentic, _ in await raw_notices(shop)} == {True}


@pytest.mark.gen_test
async def test_a_failed_payment_is_noted_and_leaves_the_order_as_it_is(tmp_path: Path) -> None:
    failure = {"result_code": "FAIL", "err_code": "NOTENOUGH", "err_code_des": "余额不足"}
    async with product(tmp_path, by_hand=True) as shop:
        for before in OrderStatus:
            order_num, _, body = await prepared(shop, Row({**failure}, before))
            for _ in range(2):
                done = await deliver(shop, body)
                assert_said(before, done, SUCCESS, ["payment.failed"], NOTED | FIGURES)
                assert done.events[0]["data"]["code"] == "NOTENOUGH"
                assert done.events[0]["orderNum"] == order_num
        bare = signed(notify_fields("ORDER-OF-NOBODY", "", **failure))
        done = await deliver(shop, bare)
        assert_said("no such order", done, SUCCESS, ["payment.failed"], NOTED | FIGURES)
        assert await alerts(shop) == []


@pytest.mark.gen_test
async def test_a_late_repeat_of_a_refunded_payment_is_a_success_without_effect(
    tmp_path: Path,
) -> None:
    paid = (OrderStatus.REFUNDING, OrderStatus.PARTIALLY_REFUNDED, OrderStatus.REFUNDED)
    async with product(tmp_path, by_hand=True) as shop:
        for before in paid:
            row = Row({"transaction_id": FIRST_TX}, before)
            order_num, _, body = await prepared(shop, row)
            assert_said(before, await deliver(shop, body), SUCCESS, ["notify.duplicate"], NOTED)
            assert (await shop.read(order_num))["status"] == before


@pytest.mark.gen_test
async def test_money_for_an_order_that_is_not_ours_is_kept_under_the_number_it_names(
    tmp_path: Path,
) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        await shop.order(orderNum="ORD20250102000001")
        for name, number in STRANGE_NUMBERS.items():
            tx = transaction()
            body, shown = signed(notify_fields(number, tx)), number[:64]
            for kind, count, changed in (
                ("alert.raised", 1, OPENS | {"receipts"}),
                ("alert.repeated", 2, COUNTS),
            ):
                done = await deliver(shop, body)
                assert_said(name, done, ABNORMAL, ["notify.refused", kind], changed)
                (case,) = await alerts(shop, order_num=shown)
                assert (case["kind"], case["orderNum"]) == ("missing_order", shown), name
                assert (case["expected"], case["actual"]) == (None, shown), name
                assert case["count"] == count, name
            assert await receipts(shop, tx) == [(shown, PRICE, "unknown_order", "waiting")], name


@pytest.mark.gen_test
@pytest.mark.parametrize("number", [None, ""])
async def test_money_without_an_order_number_is_kept_too(
    tmp_path: Path, number: str | None
) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        txs = [transaction(), transaction()]
        for tx, kind, changed in zip(
            txs, ("alert.raised", "alert.repeated"), (OPENS, COUNTS), strict=True
        ):
            done = await deliver(shop, signed(notify_fields("", tx, out_trade_no=number)))
            changed = changed | {"receipts"}
            assert_said("no number", done, ABNORMAL, ["notify.refused", kind], changed)
            assert await receipts(shop, tx) == [("", PRICE, "unknown_order", "waiting")]
        (case,) = await alerts(shop)
        assert (case["kind"], case["orderNum"], case["count"]) == ("missing_order", None, 2)


@pytest.mark.gen_test
async def test_a_cause_that_is_mended_heals_by_itself_with_the_next_repeat(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        tx, number = transaction(), "ORD20250102000009"
        body = signed(notify_fields(number, tx))
        assert (await deliver(shop, body)).body == ABNORMAL
        assert await receipts(shop, tx) == [(number, PRICE, "unknown_order", "waiting")]
        await shop.order(orderNum=number)
        done = await deliver(shop, body)
        told = ["order.paid", "alert.resolved"]
        assert_said("healed", done, SUCCESS, told, BOOKS | COUNTS | {"receipts"})
        assert await receipts(shop, tx) == [(number, PRICE, "unknown_order", "booked")]


@pytest.mark.gen_test
async def test_a_refusal_after_its_case_was_resolved_reopens_it(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        alice = await shop.user()
        order = await shop.order()
        body = signed(notify_fields(order["orderNum"], transaction(), total_fee="1"))
        await shop.notify(body)
        (case,) = await alerts(shop)
        decision = {"version": case["version"], "reason": "refunded by hand"}
        resolved = await alice.post(f"alerts/{case['id']}/resolve", decision)
        assert resolved.code == 200, resolved.body
        done = await deliver(shop, body)
        assert_said("reopened", done, ABNORMAL, ["notify.refused", "alert.reopened"], OPENS)
        (case,) = await alerts(shop)
        assert (case["status"], case["count"]) == ("open", 2)


@pytest.mark.gen_test
async def test_another_payer_is_booked_and_the_event_says_so(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        order = await shop.order(openId=OPEN_ID)
        done = await deliver(
            shop, signed(notify_fields(order["orderNum"], transaction(), openid="o" * 28))
        )
        assert_said("payer", done, SUCCESS, ["order.paid"], BOOKS)
        assert done.events[0]["data"]["payerDiffers"] is True
        assert OPEN_ID not in str(done.events)
        assert "o" * 28 not in str(done.events)


# --- helpers -------------------------------------------------------------------------------------


async def prepared(shop: Product, row: Row) -> tuple[str, str, bytes]:
    """An order in the row's state, the transaction id of its notify, and the notify."""
    order_num = (await shop.order(orderNum=f"ROW-{secrets.token_hex(8)}"))["orderNum"]
    first = f"first-{order_num}"
    if row.before is not INIT:
        await put(shop, order_num, row.before, first)
    tx = transaction()
    if row.reused:
        other = await shop.order(orderNum=other_of(order_num))
        await put(shop, other["orderNum"], PAID, tx)
    fields: dict[str, str | None] = {**notify_fields(order_num, tx), **row.changes}
    if fields["transaction_id"] == FIRST_TX:
        fields["transaction_id"] = first
    sent = {name: text for name, text in fields.items() if text is not None}
    return order_num, sent.get("transaction_id", ""), signed(sent, KEY, row.sign_type)


def other_of(order_num: str) -> str:
    return order_num.replace("ROW", "OLD")


def assert_said(
    name: str, done: Delivered, answer: bytes, kinds: list[str], changed: set[str]
) -> None:
    assert (done.status, done.body) == (200, answer), name
    assert done.headers["Content-Type"] == "text/xml; charset=utf-8", name
    assert done.kinds == kinds, name
    assert done.changed == changed, name


async def assert_case(
    shop: Product, name: str, order_num: str, tx: str, refusal: Refusal, count: int
) -> None:
    real = {FIRST_TX: f"first-{order_num}", TX: tx, ORDER: order_num}
    real[OTHER_ORDER] = other_of(order_num)
    expected, actual = (
        real.get(value, value) if isinstance(value, str) else value
        for value in (refusal.expected, refusal.actual)
    )
    (case,) = await alerts(shop, order_num=order_num)
    assert (case["kind"], case["count"]) == (refusal.kind, count), name
    assert (case["expected"], case["actual"]) == (expected, actual), name
    assert (case["status"], case["orderNum"]) == ("open", order_num), name
    assert refusal.rule in case["evidence"]["rule"], name
