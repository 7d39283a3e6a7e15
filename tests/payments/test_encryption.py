"""Sealed texts: who holds a secret reads them, nobody else does, and nobody can swap them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.encryption import NONCE_BYTES, Sealer

OLD, NEW, OTHER = "o" * 32, "n" * 40, "x" * 32
TEXT = "<xml><attach><![CDATA[深圳分店😀]]></attach></xml>"
NAME, NONCE = "01a209b413ebe15349def7aa", bytes(range(NONCE_BYTES))


@given(text=st.text(), nonce=st.binary(min_size=NONCE_BYTES, max_size=NONCE_BYTES))
def test_what_was_sealed_opens_again(text: str, nonce: bytes) -> None:
    sealer = Sealer((NEW,))
    assert sealer.open(sealer.seal(text, NAME, nonce), NAME) == text


def test_nothing_of_the_text_shows() -> None:
    text = "<xml>" + "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" * 20 + "</xml>"
    sealed = Sealer((NEW,)).seal(text, NAME, NONCE)
    assert b"oUpF8u" not in sealed
    assert b"<xml>" not in sealed
    assert len(sealed) == len(text) + 1 + 4 + NONCE_BYTES + 16


def test_the_first_secret_seals_and_every_secret_opens() -> None:
    before = Sealer((OLD,)).seal(TEXT, NAME, NONCE)
    changed = Sealer((NEW, OLD))
    assert changed.open(before, NAME) == TEXT
    after = changed.seal(TEXT, NAME, NONCE)
    assert Sealer((NEW,)).open(after, NAME) == TEXT
    assert Sealer((OLD,)).open(after, NAME) is None


def test_another_secret_opens_nothing() -> None:
    sealed = Sealer((NEW,)).seal(TEXT, NAME, NONCE)
    assert Sealer((OTHER,)).open(sealed, NAME) is None


def test_a_text_is_not_taken_for_another() -> None:
    sealer = Sealer((NEW,))
    assert sealer.open(sealer.seal(TEXT, NAME, NONCE), NAME[::-1]) is None


def test_a_changed_byte_is_noticed_wherever_it_is() -> None:
    sealer = Sealer((NEW,))
    sealed = sealer.seal(TEXT, NAME, NONCE)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 0x80
        assert sealer.open(bytes(changed), NAME) is None, place


@pytest.mark.parametrize("length", range(40))
def test_a_piece_of_it_is_not_read(length: int) -> None:
    sealer = Sealer((NEW,))
    assert sealer.open(sealer.seal(TEXT, NAME, NONCE)[:length], NAME) is None


def test_a_plain_text_from_before_stays_readable() -> None:
    assert Sealer((NEW,)).open(b"\x00" + TEXT.encode(), NAME) == TEXT


def test_the_same_secret_twice_is_one() -> None:
    sealed = Sealer((NEW, NEW)).seal(TEXT, NAME, NONCE)
    assert Sealer((NEW,)).open(sealed, NAME) == TEXT


def test_nothing_prints_a_secret() -> None:
    assert NEW not in repr(Sealer((NEW,))) + str(vars(Sealer((NEW,))))
