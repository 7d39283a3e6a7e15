"""A bill is the same however its bytes come, and no bill when some of them are missing."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.bills.fund_flow import FundFlowBill
from payments.bills.lines import MAX_LINE_BYTES
from payments.bills.plain_text import PIECE_BYTES, plain_text
from payments.bills.trade import TradeBill, TradeRow
from payments.errors import BillRefused
from tests.bills.made_bills import PAYMENT, REFUND, SAMPLES, bill_of, read_whole, rows_of
from tests.bills.test_samples import EXPECTED

pytestmark = pytest.mark.one_database

READERS = dict.fromkeys(EXPECTED, TradeBill) | {"fundflow_Basic.csv": FundFlowBill}
WHOLE = (SAMPLES / "trade_ALL_27cols.csv").read_bytes()
ROWS = EXPECTED["trade_ALL_27cols.csv"][0]


@pytest.mark.parametrize("name", READERS)
def test_a_bill_of_which_the_end_is_missing_is_refused(name: str) -> None:
    whole, read = (SAMPLES / name).read_bytes(), READERS[name]
    needed = len(whole) if name.endswith(".gz") else len(whole.rstrip(b"\r\n"))
    rows = list(read([whole]))
    for end in range(needed):
        with pytest.raises(BillRefused):
            list(read([whole[:end]]))
    for end in range(needed, len(whole)):
        assert list(read([whole[:end]])) == rows


@pytest.mark.parametrize("name", READERS)
def test_a_bill_that_comes_byte_by_byte_is_the_same(name: str) -> None:
    whole, read = (SAMPLES / name).read_bytes(), READERS[name]
    assert list(read(bytes([byte]) for byte in whole)) == list(read([whole]))


@given(st.lists(st.integers(0, len(WHOLE))))
def test_a_bill_in_chunks_of_any_length_is_the_same(cuts: list[int]) -> None:
    bounds = sorted({0, len(WHOLE), *cuts})
    assert rows_of(WHOLE[start:end] for start, end in pairwise(bounds)) == ROWS


def test_a_refusal_is_the_same_in_chunks_of_any_length() -> None:
    bad = bill_of(PAYMENT, {**PAYMENT, "订单金额": "88.0"}, PAYMENT).replace("鞋".encode(), b"\xe9")
    late = bill_of(PAYMENT, {**PAYMENT, "订单金额": "88.0"}, {**PAYMENT, "商品名称": "*"})
    for bill in (bad, late.replace(b"*", b"\xff"), late.replace(b"*", b"\x00")):
        refusals = set()
        for length in (1, 2, 3, 100, 1000, len(bill)):
            with pytest.raises(BillRefused) as error:
                rows_of(bill[at : at + length] for at in range(0, len(bill), length))
            refusals.add((error.value.fault, tuple(error.value.values.items())))
        assert len(refusals) == 1


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("bom", ["\ufeff", ""])
def test_line_ends_and_a_byte_order_mark_change_nothing(end: str, bom: str) -> None:
    bill = bill_of(PAYMENT, REFUND, end=end, bom=bom)
    assert rows_of(bill) == rows_of(bill.rstrip()) == rows_of(bill_of(PAYMENT, REFUND))


def test_blank_lines_may_end_a_bill_and_nothing_else() -> None:
    bill = bill_of(PAYMENT)
    assert rows_of(bill + b"\r\n\n") == rows_of(bill)
    for tail in (b"x", b" ", b"`", b"\n`1", bill):
        with pytest.raises(BillRefused) as error:
            rows_of(bill + tail)
        line = 6 if tail.startswith(b"\n") else 5
        assert (error.value.fault, error.value.values) == ("after_summary", {"line": line})


@pytest.mark.parametrize(
    ("end", "fault", "line"),
    [
        (b"", "empty", None),
        ("交易".encode(), "cut", 1),
        ("费率备注\r\n".encode(), "no_summary", 1),
        (b"`1900000109", "cut", 2),
        (b"`88.00,`0.00,`\r\n", "no_summary", 2),
        ("总交易单数".encode(), "cut", 3),
        ("申请退款总金额\r\n".encode(), "no_summary", 3),
        (b"`1,`88.00,`0.00", "cut", 4),
        (b"`1,`88.00,`0.00,`0.00,`0.53,`88.00,`0.0", "cut", 4),
    ],
)
def test_a_bill_that_was_cut_is_refused_with_its_line(
    end: bytes, fault: str, line: int | None
) -> None:
    whole = bill_of(PAYMENT)
    with pytest.raises(BillRefused) as error:
        rows_of(whole[: whole.index(end) + len(end)])
    assert error.value.fault == fault
    assert error.value.values.get("line") == line


def test_without_a_line_end_the_last_value_must_prove_that_it_is_whole() -> None:
    old = (SAMPLES / "trade_ALL_old_24cols.csv").read_bytes().rstrip()
    assert len(rows_of(old)) == 1
    needed = {"应结订单总金额": "88.00", "手续费总金额": "0.53"}
    unknown_last = {"总交易单数": "1", **needed, "新": "12"}
    count_last = {**needed, "总交易单数": "1"}
    unproven = [bill_of(PAYMENT, sums=sums).rstrip() for sums in (unknown_last, count_last)]
    for bill in (old[:-3], *unproven):
        with pytest.raises(BillRefused) as error:
            rows_of(bill)
        assert error.value.fault == "cut"
    for sums in (unknown_last, count_last):
        assert read_whole(bill_of(PAYMENT, sums=sums)).differences == ()


# --- gzip ----------------------------------------------------------------------------------------


PACKED = gzip.compress(WHOLE, mtime=0)
"""Without the time, so that the names of the tests are the same in each process."""


def test_a_gzip_bill_is_the_same_in_chunks_of_any_length() -> None:
    for length in (1, 2, 7, 100, len(PACKED)):
        assert rows_of(PACKED[at : at + length] for at in range(0, len(PACKED), length)) == ROWS


@pytest.mark.parametrize(
    ("packed", "fault"),
    [
        (PACKED[:-1], "gzip_cut"),
        (PACKED[:12], "gzip_cut"),
        (PACKED + b"\0", "gzip_tail"),
        (PACKED + PACKED, "gzip_tail"),
        (PACKED[:-8] + b"\0" * 8, "gzip_damaged"),
        (PACKED[:20] + b"\xff" * 20, "gzip_damaged"),
        (b"\x1f\x8b\x07" + b"\0" * 20, "gzip_damaged"),
    ],
    ids=["end", "start", "tail", "twice", "checksum", "bytes", "method"],
)
def test_a_gzip_file_that_is_not_whole_is_refused(packed: bytes, fault: str) -> None:
    for chunks in ([packed], [packed[at : at + 1] for at in range(len(packed))]):
        with pytest.raises(BillRefused) as error:
            rows_of(chunks)
        assert error.value.fault == fault


def test_no_more_is_unpacked_than_a_bill_may_have() -> None:
    bomb = gzip.compress(b"\n" * 3_000_000)
    assert sum(map(len, plain_text([bomb], most=3_000_000))) == 3_000_000
    with pytest.raises(BillRefused) as error:
        list(plain_text([bomb], most=2_999_999))
    assert (error.value.fault, error.value.values) == ("too_large", {"most": 2_999_999})
    assert "2999999 bytes" in str(error.value)


def test_a_text_comes_in_small_pieces_whatever_the_chunks_are() -> None:
    text = b"0123456789" * 30_000
    for chunks in ([text], [gzip.compress(text)], [zlib.compress(text, wbits=31)]):
        pieces = list(plain_text(chunks))
        assert b"".join(pieces) == text
        assert max(map(len, pieces)) <= PIECE_BYTES


# --- memory --------------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [False, True])
def test_a_line_without_an_end_is_refused_before_it_fills_the_memory(packed: bool) -> None:
    given = 0

    def endless() -> Iterator[bytes]:
        nonlocal given
        zipper = zlib.compressobj(wbits=31)
        for _ in range(1000):
            given += 1
            chunk = b"x" * PIECE_BYTES
            yield zipper.compress(chunk) + zipper.flush(zlib.Z_SYNC_FLUSH) if packed else chunk

    with pytest.raises(BillRefused) as error:
        rows_of(endless())
    assert (error.value.fault, error.value.values["line"]) == ("line_too_long", 1)
    assert given <= 3


def test_the_longest_line_is_the_same_in_chunks_of_any_length() -> None:
    for length, taken in ((MAX_LINE_BYTES, True), (MAX_LINE_BYTES + 1, False)):
        short = bill_of({**PAYMENT, "商品名称": ""}, end="\n")
        row = short.split(b"\n")[1]
        bill = bill_of({**PAYMENT, "商品名称": "x" * (length - len(row))}, end="\n")
        for step in (1000, 65536, len(bill)):
            chunks = [bill[at : at + step] for at in range(0, len(bill), step)]
            if taken:
                assert len(rows_of(chunks)) == 1
            else:
                with pytest.raises(BillRefused) as error:
                    rows_of(chunks)
                assert error.value.fault == "line_too_long"
                assert error.value.values == {"line": 2, "most": MAX_LINE_BYTES}


def test_a_long_bill_is_read_in_little_memory() -> None:
    head, _, rest = bill_of(PAYMENT).partition(b"\r\n")
    row, _, end = rest.partition(b"\r\n")
    thousand = (row + b"\r\n") * 1000
    last: list[TradeRow] = []
    tracemalloc.start()
    try:
        bill = TradeBill(iter([head + b"\r\n", *[thousand] * 10, end]))
        for taken in bill:
            last = [taken]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert last[0].line == bill.sums.rows + 1 == 10_001
    assert peak < 1024 * 1024
