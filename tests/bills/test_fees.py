"""The fee of a row is its own rate on its amount, to WeChat's rounding."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.bills import decimals
from payments.bills.fees import expected_fee_fen, fee_differs, fee_fen
from payments.bills.trade import TradeRow
from tests.bills.made_bills import PAYMENT, REFUND, bill_of, rows_of

pytestmark = pytest.mark.one_database


def row_of(base: dict[str, str], **values: str) -> TradeRow:
    return rows_of(bill_of({**base, **values}))[0]


@pytest.mark.parametrize(
    ("amount", "rate", "fee"),
    [
        ("88.00", "0.60%", 53),
        ("0.83", "0.60%", 0),
        ("0.84", "0.60%", 1),
        ("2.50", "0.60%", 2),
        ("2.49", "0.60%", 1),
        ("100.00", "0.38%", 38),
        ("100.00", "1%", 100),
        ("100.00", "0%", 0),
        ("100.00", "", 0),
        ("1000000.00", "0.123456%", 123456),
    ],
)
def test_the_fee_is_rounded_half_a_fen_up_and_negative_on_a_refund(
    amount: str, rate: str, fee: int
) -> None:
    paid = row_of(PAYMENT, 应结订单金额=amount, 订单金额="999.00", 费率=rate)
    back = row_of(REFUND, 退款金额=amount, 申请退款金额="999.00", 费率=rate)
    assert (expected_fee_fen(paid), expected_fee_fen(back)) == (fee, -fee)


@given(st.integers(0, 10**12), st.integers(0, 10**8))
def test_the_fee_is_that_of_decimals(base_fen: int, rate: int) -> None:
    exact = Decimal(base_fen) * Decimal(rate) / 10**8
    assert fee_fen(base_fen, rate) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("fee", "differs"),
    [
        ("0.53", False),
        ("0.52", False),
        ("0.54", False),
        ("0.51", True),
        ("0.55", True),
        ("0.52800", False),
        ("0.54001", True),
        ("0.51999", True),
        ("-0.53", True),
        ("0.00", True),
    ],
)
def test_a_fen_of_rounding_is_allowed_and_no_more(fee: str, differs: bool) -> None:
    assert fee_differs(row_of(PAYMENT, 手续费=fee)) is differs
    turned = fee[1:] if fee.startswith("-") else f"-{fee}"
    assert fee_differs(row_of(REFUND, 退款金额="88.00", 手续费=turned)) is differs


def test_a_revoked_payment_has_the_fee_of_what_it_kept() -> None:
    revoked = row_of(
        REFUND, 交易状态="REVOKED", 应结订单金额="88.00", 退款金额="88.00", 手续费="0.00"
    )
    assert (expected_fee_fen(revoked), fee_differs(revoked)) == (0, False)


def test_a_row_without_a_rate_has_no_fee() -> None:
    assert fee_differs(row_of(PAYMENT, 费率="", 手续费="0.53"))
    assert not fee_differs(row_of(PAYMENT, 费率="", 手续费="0.00"))


# --- the texts -----------------------------------------------------------------------------------


@given(st.integers(0, 10**14), st.integers(0, 30))
def test_an_amount_is_read_back_whatever_zeros_follow(fen: int, zeros: int) -> None:
    text = f"{fen // 100}.{fen % 100:02d}" + "0" * zeros
    assert (
        decimals.fen(text) == decimals.signed_fen(text) == -decimals.signed_fen("-" + text) == fen
    )
    assert decimals.microfen(text) == -decimals.microfen("-" + text) == fen * decimals.MICROFEN


@given(st.integers(-(10**20), 10**20))
def test_an_exact_amount_is_shown_as_it_is_read(microfen: int) -> None:
    text = decimals.exact_yuan(microfen)
    assert decimals.microfen(text) == microfen
    assert Decimal(text) * 10**8 == microfen
    assert decimals.decimals_of(text) == 2 or not text.endswith("0")


@given(st.text(st.sampled_from("0123456789.-+%０ \n_e"), max_size=12))
def test_only_plain_decimals_are_ever_read(text: str) -> None:
    for read, scale in ((decimals.fen, 100), (decimals.microfen, 10**8)):
        try:
            number = read(text)
        except ValueError:
            continue
        assert text.isascii()
        assert Decimal(text) * scale == number


@pytest.mark.parametrize(
    ("text", "number"), [("3", 3), ("0", 0), ("2.0", 2), ("20.000", 20), ("1000000", 1_000_000)]
)
def test_a_count_may_be_written_as_a_decimal(text: str, number: int) -> None:
    assert decimals.count(text) == number


@pytest.mark.parametrize("text", ["", "-1", "2.5", "2.", "02", "1,000", "１", "1 ", "2.0001"])
def test_what_is_no_count_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        decimals.count(text)
