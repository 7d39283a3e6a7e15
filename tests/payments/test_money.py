"""Amounts are read strictly, whatever Python's own `int` would take, and shown exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.money import MAX_FEN, is_amount, is_negative, parse_fen, yuan

NOT_AMOUNTS = [
    None,
    "",
    "0",
    "00",
    "0100",
    "-1",
    "-0",
    "+100",
    " 100",
    "100 ",
    "100\n",
    "\t100",
    "1.0",
    "100.00",
    "1e2",
    "0x64",
    "1_00",
    "1,000",
    "１００",
    "٣",
    "²",
    "１_０",
    "NaN",
    "Infinity",
    "一百",
    str(MAX_FEN + 1),
    str(2**63),
    "9" * 20,
    "9" * 5000,
]


@pytest.mark.parametrize("text", NOT_AMOUNTS, ids=lambda text: repr(text)[:20])
def test_what_wechat_never_writes_is_no_amount(text: str | None) -> None:
    assert parse_fen(text) is None


@pytest.mark.parametrize("fen", [1, 9, 10, 8800, 2**31, MAX_FEN - 1, MAX_FEN])
def test_a_plain_whole_number_is_read(fen: int) -> None:
    assert parse_fen(str(fen)) == fen


@given(st.text() | st.from_regex(r"[0-9０-９+_. -]{0,12}", fullmatch=True))
def test_only_the_canonical_text_of_a_number_is_ever_read(text: str) -> None:
    fen = parse_fen(text)
    assert fen is None or (str(fen) == text and is_amount(fen))


@given(st.integers(min_value=1, max_value=MAX_FEN))
def test_whatever_may_be_a_price_can_also_be_read_back(fen: int) -> None:
    assert is_amount(fen)
    assert parse_fen(str(fen)) == fen


@pytest.mark.parametrize(
    ("text", "negative"),
    [
        ("-1", True),
        ("-8800", True),
        ("-0", True),
        ("-007", True),
        ("-" + "9" * 5000, True),
        (None, False),
        ("", False),
        ("-", False),
        ("8800", False),
        ("--1", False),
        ("-1.0", False),
        ("- 1", False),
        (" -1", False),
        ("-1\n", False),
        ("-１", False),
        ("\u22121", False),
        ("(1)", False),
    ],
)
def test_negative_is_a_minus_sign_and_digits(text: str | None, negative: bool) -> None:
    assert is_negative(text) is negative


@pytest.mark.parametrize("value", [0, -1, MAX_FEN + 1, True, False, 1.0, "1", None])
def test_a_price_is_a_whole_number_of_fen_in_range(value: object) -> None:
    assert not is_amount(value)


@pytest.mark.parametrize(
    ("fen", "shown"),
    [
        (0, "0.00"),
        (1, "0.01"),
        (10, "0.10"),
        (100, "1.00"),
        (128050, "1280.50"),
        (-1, "-0.01"),
        (-128050, "-1280.50"),
        (10**17 + 1, "1000000000000000.01"),
    ],
)
def test_yuan_are_exact_to_the_fen(fen: int, shown: str) -> None:
    assert yuan(fen) == shown
