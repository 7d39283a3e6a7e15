"""Every readable, authentic notify that can come: the answer, the order, the stream, the case.

Each row is sent twice: the repeat has the same answer, changes nothing and raises the count.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from payments.merchant import HMAC_SHA256, MD5
from payments.states import OrderStatus
from tests.rig import (
    ABNORMAL,
    APP_ID,
    KEY,
    MCH_ID,
    OPEN_ID,
    PRICE,
    SUCCESS,
    UNREADABLE,
    Product,
    notify_fields,
    product,
    signed,
    transaction,
)
from tests.test_notify_rig import Delivered, alerts, deliver, put, raw_notices, receipts

INIT, PAID, CLOSED = OrderStatus.INIT, OrderStatus.PAID, OrderStatus.CLOSED
ORDER, TX, FIRST_TX = "<order>", "<transaction>", "<first transaction>"
"""Stand for what is new with every row."""


@dataclass(frozen=True)
class Row:
    """What came, over the fields of a good notify, for an order in the state `before`."""

    changes: dict[str, str | None] = field(default_factory=dict)
    before: OrderStatus = INIT
    sign_type: str = MD5


@dataclass(frozen=True)
class Refusal:
    """The case that is raised, and the receipt for the money if it is unexplained."""

    kind: str
    expected: Any
    actual: Any
    rule: str = ""
    receipt: str | None = None
    answer: bytes = ABNORMAL


def amount(actual: Any, receipt: str | None = None) -> Refusal:
    return Refusal("amount_mismatch", PRICE, actual, "to the fen", receipt)


def negative(actual: Any) -> Refusal:
    return Refusal("negative_total", PRICE, actual, "may be negative")


def foreign(actual: str) -> Refusal:
    return Refusal(
        "foreign_merchant", "mch_id 1900000109, appid wx8888888888888888", actual, "must be ours"
    )


def incomplete(name: str) -> Refusal:
    return Refusal("system", name, None, f"usable {name}", answer=UNREADABLE)


def late(status: str) -> Refusal:
    return Refusal("illegal_transition", status, "PAID", "Late money", "late")


TWICE = Refusal("illegal_transition", FIRST_TX, TX, "Paid twice", "paid_twice")


# --- booked --------------------------------------------------------------------------------------

BOOKED = {
    "the plain case": Row(),
    "before our prepay was stored": Row(before=INIT),
    "an order that waits": Row(before=OrderStatus.WAIT_PAY),
    "HMAC, not named": Row(sign_type=HMAC_SHA256),
    "HMAC, named": Row({"sign_type": HMAC_SHA256}, sign_type=HMAC_SHA256),
    "MD5, named": Row({"sign_type": MD5}),
    "HMAC named, MD5 used": Row({"sign_type": HMAC_SHA256}),
    "no currency": Row({"fee_type": None}),
    "a field that nobody knows": Row({"new_field": "x"}),
    "no nonce": Row({"nonce_str": None}),
    "an empty nonce": Row({"nonce_str": ""}),
    "no openid": Row({"openid": None}),
    "an empty openid": Row({"openid": ""}),
    "no trade type": Row({"trade_type": None}),
    "no bank": Row({"bank_type": None}),
    "an empty bank": Row({"bank_type": ""}),
    "no cash": Row({"cash_fee": None}),
    "an empty cash": Row({"cash_fee": ""}),
    "no time": Row({"time_end": None}),
    "an empty time": Row({"time_end": ""}),
    "no time at all": Row({"time_end": "yesterday"}),
    "a time in 2099": Row({"time_end": "20990101000000"}),
    "the year 1": Row({"time_end": "00010101000000"}),
    "a leap second": Row({"time_end": "20161231235960"}),
    "blanks around a value": Row({"attach": "  shop 1 \n"}),
    "a Chinese value": Row({"attach": "深圳分店😀"}),
    "markup in a value": Row({"attach": "<script>alert(1)</script>]]>&amp;"}),
    "a formula in a value": Row({"bank_type": "=cmd|' /C calc'!A0"}),
    "a right-to-left mark": Row({"attach": "\u202e0088"}),
    "a long value": Row({"attach": "x" * 8000}),
    "a coupon": Row({"cash_fee": "7800", "coupon_fee": "1000", "coupon_fee_0": "1000"}),
    "a settlement below the total": Row({"settlement_total_fee": "7800"}),
    "cash above the total": Row({"cash_fee": "9999"}),
    "coupons that do not add up": Row({"cash_fee": "1", "coupon_fee": "2"}),
    "another amount that is malformed": Row({"cash_fee": "88.00"}),
    "an odd trade type": Row({"trade_type": "MICROPAY_OF_THE_FUTURE"}),
}

# --- refused -------------------------------------------------------------------------------------

OTHER = "1900000999"
REFUSED: dict[str, tuple[Row, Refusal]] = {
    "another merchant": (Row({"mch_id": OTHER}), foreign(f"mch_id {OTHER}, appid {APP_ID}")),
    "no merchant": (Row({"mch_id": None}), foreign(f"mch_id -, appid {APP_ID}")),
    "an empty merchant": (Row({"mch_id": ""}), foreign(f"mch_id -, appid {APP_ID}")),
    "another app": (Row({"appid": "wx0"}), foreign(f"mch_id {MCH_ID}, appid wx0")),
    "no app": (Row({"appid": None}), foreign(f"mch_id {MCH_ID}, appid -")),
    "an empty app": (Row({"appid": ""}), foreign(f"mch_id {MCH_ID}, appid -")),
    "a merchant below ours": (
        Row({"sub_mch_id": "1900000555"}), foreign(f"mch_id {MCH_ID}, appid {APP_ID}")),
    "no result": (Row({"result_code": None}), incomplete("result_code")),
    "an empty result": (Row({"result_code": ""}), incomplete("result_code")),
    "no transaction": (Row({"transaction_id": None}), incomplete("transaction_id")),
    "an empty transaction": (Row({"transaction_id": ""}), incomplete("transaction_id")),
    "a transaction id without end": (
        Row({"transaction_id": "4" * 65}), incomplete("transaction_id")),
    "a result in small letters": (
        Row({"result_code": "success"}), Refusal("illegal_transition", "SUCCESS", "success")),
    "a result of another word": (
        Row({"result_code": "OK"}), Refusal("illegal_transition", "SUCCESS", "OK")),
    "a negative total": (Row({"total_fee": "-8800"}), negative(-8800)),
    "negative cash": (Row({"cash_fee": "-1"}), negative(-1)),
    "a negative coupon": (Row({"coupon_fee": "-1"}), negative(-1)),
    "a negative third coupon": (Row({"coupon_fee_2": "-1"}), negative(-1)),
    "a negative settlement": (Row({"settlement_total_fee": "-1"}), negative(-1)),
    "minus zero": (Row({"cash_fee": "-0"}), negative("-0")),
    "a negative number without end": (
        Row({"total_fee": "-" + "9" * 5000}), negative("-" + "9" * 63)),
    "a negative total on a paid order": (Row({"total_fee": "-8800"}, PAID), negative(-8800)),
    "one fen more": (Row({"total_fee": "8801"}), amount(8801, "wrong_amount")),
    "one fen less": (Row({"total_fee": "8799"}), amount(8799, "wrong_amount")),
    "one fen": (Row({"total_fee": "1"}), amount(1, "wrong_amount")),
    "nothing": (Row({"total_fee": "0"}), amount(0)),
    "no total": (Row({"total_fee": None}), amount(None)),
    "an empty total": (Row({"total_fee": ""}), amount("")),
    "above 31 bits": (Row({"total_fee": str(2**31)}), amount(2**31, "wrong_amount")),
    "above 63 bits": (Row({"total_fee": str(2**63)}), amount(str(2**63))),
    "twenty digits": (Row({"total_fee": "9" * 20}), amount("9" * 20)),
    "five thousand digits": (Row({"total_fee": "9" * 5000}), amount("9" * 64)),
    **{
        f"the total {text!r}": (Row({"total_fee": text}), amount(text))
        for text in ("88.00", "8800.0", "88e2", "0x2260", "8_800", "+8800", " 8800", "8800\n",
                     "08800", "８８００", "٨٨٠٠", "8800²", "8,800", "NaN", "8800&x=1")
    },
    "the booked transaction with another total": (
        Row({"total_fee": "8801", "transaction_id": FIRST_TX}, PAID), amount(8801)),
    "dollars": (Row({"fee_type": "USD"}), Refusal("amount_mismatch", "CNY", "USD", "currency")),
    "an empty currency": (Row({"fee_type": ""}), Refusal("amount_mismatch", "CNY", "")),
    "small letters": (Row({"fee_type": "cny"}), Refusal("amount_mismatch", "CNY", "cny")),
    "a closed order": (Row(before=CLOSED), late("CLOSED")),
    **{
        f"a second transaction on an order that is {status}": (Row(before=status), TWICE)
        for status in (PAID, OrderStatus.REFUNDING, OrderStatus.PARTIALLY_REFUNDED,
                       OrderStatus.REFUNDED)
    },
}  # fmt: skip

STRANGE_NUMBERS = {
    "unknown": "ORDER-OF-NOBODY",
    "too short": "x",
    "wildcards": "%__%",
    "quotes": "' OR '1'='1' --",
    "a path": "../../etc/passwd",
    "markup": "<img src=x onerror=alert(1)>",
    "an emoji": "😀" * 8,
    "a trailing blank": "ORD20250102000001 ",
    "without end": "x" * 8000,
}


# --- the tests -----------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_every_payment_that_fits_is_booked_once_and_its_repeats_change_nothing(
    tmp_path: Path,
) -> None:
    async with product(tmp_path) as shop:
        for name, row in BOOKED.items():
            order_num, tx, body = await prepared(shop, row)
            assert_said(name, await deliver(shop, body), SUCCESS, ["order.paid"], same=False)
            paid = await shop.read(order_num)
            assert (paid["status"], paid["serviceStatus"]) == ("PAID", "SERVICE_WAIT"), name
            assert (paid["transactionId"], bool(paid["paidAt"])) == (tx, True), name
            for _ in range(2):
                assert_said(name, await deliver(shop, body), SUCCESS, ["notify.duplicate"])
            assert await shop.read(order_num) == paid, name
            assert await receipts(shop, tx) == [], name
        assert await alerts(shop) == []


@pytest.mark.gen_test
async def test_every_payment_that_does_not_fit_is_refused_with_its_case_and_counted(
    tmp_path: Path,
) -> None:
    async with product(tmp_path) as shop:
        for name, (row, refusal) in REFUSED.items():
            order_num, tx, body = await prepared(shop, row)
            first = await deliver(shop, body)
            assert_said(name, first, refusal.answer, ["notify.refused", "alert.raised"])
            assert {event["orderNum"] for event in first.events} == {order_num}, name
            await assert_case(shop, name, order_num, tx, refusal, count=1)
            again = await deliver(shop, body)
            assert_said(name, again, refusal.answer, ["notify.refused", "alert.repeated"])
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
    async with product(tmp_path) as shop:
        for before in OrderStatus:
            order_num, _, body = await prepared(shop, Row({**failure}, before))
            for _ in range(2):
                done = await deliver(shop, body)
                assert_said(before, done, SUCCESS, ["payment.failed"])
                assert done.events[0]["data"]["code"] == "NOTENOUGH"
                assert done.events[0]["orderNum"] == order_num
        bare = signed(notify_fields("ORDER-OF-NOBODY", "", **failure))
        assert_said("no such order", await deliver(shop, bare), SUCCESS, ["payment.failed"])
        assert await alerts(shop) == []


@pytest.mark.gen_test
async def test_a_late_repeat_of_a_refunded_payment_is_a_success_without_effect(
    tmp_path: Path,
) -> None:
    paid = (OrderStatus.REFUNDING, OrderStatus.PARTIALLY_REFUNDED, OrderStatus.REFUNDED)
    async with product(tmp_path) as shop:
        for before in paid:
            row = Row({"transaction_id": FIRST_TX}, before)
            order_num, _, body = await prepared(shop, row)
            assert_said(before, await deliver(shop, body), SUCCESS, ["notify.duplicate"])
            assert (await shop.read(order_num))["status"] == before


@pytest.mark.gen_test
async def test_money_for_an_order_that_is_not_ours_is_kept_under_the_number_it_names(
    tmp_path: Path,
) -> None:
    async with product(tmp_path) as shop:
        await shop.order(orderNum="ORD20250102000001")
        for name, number in STRANGE_NUMBERS.items():
            tx = transaction()
            body, shown = signed(notify_fields(number, tx)), number[:64]
            for kind, count in (("alert.raised", 1), ("alert.repeated", 2)):
                done = await deliver(shop, body)
                assert_said(name, done, ABNORMAL, ["notify.refused", kind])
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
    async with product(tmp_path) as shop:
        txs = [transaction(), transaction()]
        for tx, kind in zip(txs, ("alert.raised", "alert.repeated"), strict=True):
            done = await deliver(shop, signed(notify_fields("", tx, out_trade_no=number)))
            assert_said("no number", done, ABNORMAL, ["notify.refused", kind])
            assert await receipts(shop, tx) == [("", PRICE, "unknown_order", "waiting")]
        (case,) = await alerts(shop)
        assert (case["kind"], case["orderNum"], case["count"]) == ("missing_order", None, 2)


@pytest.mark.gen_test
async def test_a_cause_that_is_mended_heals_by_itself_with_the_next_repeat(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        tx, number = transaction(), "ORD20250102000009"
        body = signed(notify_fields(number, tx))
        assert (await deliver(shop, body)).body == ABNORMAL
        assert await receipts(shop, tx) == [(number, PRICE, "unknown_order", "waiting")]
        await shop.order(orderNum=number)
        assert_said("healed", await deliver(shop, body), SUCCESS, ["order.paid"], same=False)
        assert await receipts(shop, tx) == [(number, PRICE, "unknown_order", "booked")]


@pytest.mark.gen_test
async def test_a_refusal_after_its_case_was_resolved_reopens_it(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        alice = await shop.user()
        order = await shop.order()
        body = signed(notify_fields(order["orderNum"], transaction(), total_fee="1"))
        await shop.notify(body)
        (case,) = await alerts(shop)
        decision = {"version": case["version"], "reason": "refunded by hand"}
        resolved = await alice.post(f"alerts/{case['id']}/resolve", decision)
        assert resolved.code == 200, resolved.body
        done = await deliver(shop, body)
        assert_said("reopened", done, ABNORMAL, ["notify.refused", "alert.reopened"])
        (case,) = await alerts(shop)
        assert (case["status"], case["count"]) == ("open", 2)


@pytest.mark.gen_test
async def test_another_payer_is_booked_and_the_event_says_so(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        order = await shop.order(openId=OPEN_ID)
        done = await deliver(
            shop, signed(notify_fields(order["orderNum"], transaction(), openid="o" * 28))
        )
        assert_said("payer", done, SUCCESS, ["order.paid"], same=False)
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
    fields: dict[str, str | None] = {**notify_fields(order_num, transaction()), **row.changes}
    if fields["transaction_id"] == FIRST_TX:
        fields["transaction_id"] = first
    sent = {name: text for name, text in fields.items() if text is not None}
    return order_num, sent.get("transaction_id", ""), signed(sent, KEY, row.sign_type)


def assert_said(
    name: str, done: Delivered, answer: bytes, kinds: list[str], *, same: bool = True
) -> None:
    assert (done.status, done.body) == (200, answer), name
    assert done.headers["Content-Type"] == "text/xml; charset=utf-8", name
    assert done.kinds == kinds, name
    assert done.orders_same is same, name


async def assert_case(
    shop: Product, name: str, order_num: str, tx: str, refusal: Refusal, count: int
) -> None:
    real = {FIRST_TX: f"first-{order_num}", TX: tx}
    expected, actual = (
        real.get(value, value) if isinstance(value, str) else value
        for value in (refusal.expected, refusal.actual)
    )
    (case,) = await alerts(shop, order_num=order_num)
    assert (case["kind"], case["count"]) == (refusal.kind, count), name
    assert (case["expected"], case["actual"]) == (expected, actual), name
    assert (case["status"], case["orderNum"]) == ("open", order_num), name
    assert refusal.rule in case["evidence"]["rule"], name
