"""The moves of an order: every pair of states, legal or not."""

from __future__ import annotations

from itertools import product

import pytest

from payments.states import LEGAL_MOVES, PAYABLE, SETTLED, OrderStatus, may_move

LEGAL = {
    ("INIT", "WAIT_PAY"),
    ("INIT", "PAID"),
    ("WAIT_PAY", "PAID"),
    ("INIT", "CLOSED"),
    ("WAIT_PAY", "CLOSED"),
    ("PAID", "REFUNDING"),
    ("PARTIALLY_REFUNDED", "REFUNDING"),
    ("REFUNDING", "PARTIALLY_REFUNDED"),
    ("REFUNDING", "REFUNDED"),
    ("REFUNDING", "PAID"),
}
PAIRS = list(product(OrderStatus, OrderStatus))


@pytest.mark.parametrize(("before", "after"), PAIRS, ids=lambda status: status.value)
def test_an_order_makes_the_listed_moves_and_no_other(
    before: OrderStatus, after: OrderStatus
) -> None:
    assert may_move(before, after) is ((before.value, after.value) in LEGAL)


def test_every_state_is_decided_upon() -> None:
    assert set(LEGAL_MOVES) == set(OrderStatus)


def test_a_first_payment_is_expected_on_a_new_or_waiting_order_alone() -> None:
    assert {status.value for status in PAYABLE} == {"INIT", "WAIT_PAY"}


def test_no_paid_order_becomes_unpaid_again() -> None:
    unpaid = set(OrderStatus) - SETTLED
    assert {status.value for status in unpaid} == {"INIT", "WAIT_PAY", "CLOSED"}
    assert not [pair for pair in product(SETTLED, unpaid) if may_move(*pair)]
