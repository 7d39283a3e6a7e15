"""Messages with more fields than most: coupons, and what no honest message holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from payments.errors import Malformed
from payments.payment_method import PaymentMethod, read_payment_method
from payments.protocol import WireAnswer
from payments.v2 import refund, trade, wire
from tests.support.fake_wechat import answering
from tests.support.notify_rig import alerts, deliver
from tests.support.rig import (
    MERCHANT,
    PRICE,
    SUCCESS,
    UNREADABLE,
    notify_fields,
    product,
    signed,
    transaction,
)
from tests.support.v3_material import PROOF

MOST = 28
"""WeChat gives at most so many discounts on an order."""


def coupons(n: int, prefix: str = "coupon", end: str = "") -> dict[str, str]:
    """Three fields a coupon, each of a fen."""
    found = {f"{prefix}_fee{end}": str(n), f"{prefix}_count{end}": str(n)}
    for i in range(n):
        each = {"type": "NO_CASH", "id": f"{i:012d}", "fee": "1"}
        found |= {f"{prefix}_{name}{end}_{i}": value for name, value in each.items()}
    return found


@pytest.mark.gen_test
@pytest.mark.parametrize("n", [15, 16, MOST])
async def test_a_payment_with_many_coupons_is_booked(tmp_path: Path, n: int) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        number = (await shop.order())["orderNum"]
        paid = {"cash_fee": str(PRICE - n), **coupons(n)}
        assert await shop.pay(number, **paid) == SUCCESS
        alice = await shop.user()
        found = await alice.get(f"orders/{number}")
        assert found["order"]["status"] == "PAID"
        assert (found["payment"]["cashFen"], found["payment"]["couponFen"]) == (PRICE - n, n)


def test_the_answers_to_our_questions_hold_as_many() -> None:
    body = answering(
        out_trade_no="ORDER-1", trade_state="SUCCESS", transaction_id="4200001", **coupons(MOST)
    )
    paid = trade.read_query(WireAnswer(200, body), MERCHANT, PROOF)
    assert paid is not None
    assert len(paid.amounts) == MOST + 1
    refunds = {"transaction_id": "4200001", "out_trade_no": "ORDER-1", "total_fee": str(PRICE)}
    for i in range(10):  # so many are listed at once
        named = {"out_refund_no": f"RF-{i}", "refund_fee": "1", "refund_status": "SUCCESS"}
        refunds |= {f"{name}_{i}": value for name, value in named.items()}
        refunds |= coupons(MOST, "coupon_refund", f"_{i}")
    body = answering(**refunds)
    found = refund.read_refund_query(WireAnswer(200, body), MERCHANT, "RF-9", PROOF)
    assert (found.refund_num, found.refund_text) == ("RF-9", "1")


BEYOND = {
    "too many fields": {f"f{i}": "1" for i in range(wire.MAX_FIELDS)},
    "a value without end": {"attach": "x" * (wire.MAX_VALUE + 1)},
}


@pytest.mark.gen_test
@pytest.mark.parametrize("what", BEYOND)
async def test_a_signed_message_over_a_bound_is_a_case(tmp_path: Path, what: str) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        number = (await shop.order())["orderNum"]
        fields = {**notify_fields(number, transaction()), **BEYOND[what]}
        done = await deliver(shop, signed(fields))
        assert (done.body, done.orders_same) == (UNREADABLE, True)
        (case,) = await alerts(shop)
        assert (case["kind"], case["orderNum"]) == ("system", number)
        assert case["evidence"]["code"] == "message_too_large"


@pytest.mark.gen_test
@pytest.mark.parametrize("what", BEYOND)
async def test_an_unsigned_message_over_a_bound_is_as_any_other(tmp_path: Path, what: str) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        fields = {**notify_fields("ORDER-1", transaction()), **BEYOND[what]}
        done = await deliver(shop, signed(fields, "0" * 32))
        assert (done.body, done.kinds, done.changed) == (UNREADABLE, [], set())


def test_a_broken_message_over_a_bound_is_broken() -> None:
    many = "".join(f"<a{i}>1</a{i}>" for i in range(wire.MAX_FIELDS + 1))
    with pytest.raises(Malformed) as error:
        wire.read(f"<xml>{many}<a1>2</a1></xml>".encode())
    assert not isinstance(error.value, wire.Oversized)


def test_the_composition_of_a_payment_with_many_coupons_is_read() -> None:
    text = signed({**notify_fields("ORDER-1", "4200001"), **coupons(MOST)}).decode()
    assert read_payment_method(text) == PaymentMethod(PRICE, 0, "CMB_DEBIT")
