"""Every row that WeChat may write is read back exactly, and no changed byte goes unnoticed."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.bills.columns import MAX_REMEMBERED, Remembered
from payments.bills.decimals import MICROFEN
from payments.bills.trade import TradeBill, TradeRowState
from payments.errors import BillRefused
from payments.payment_result import CHINA
from tests.bills.made_bills import (
    ALL,
    PAYMENT,
    REFUND,
    SUMS,
    bill_of,
    line_of,
    read_whole,
)

pytestmark = pytest.mark.one_database

MONEY = [*SUMS.values(), "代金券金额"]

# --- every row -----------------------------------------------------------------------------------

fen = st.integers(0, 10**12)
words = st.from_regex(r"[0-9A-Za-z_|*@-]{1,32}", fullmatch=True)


@st.composite
def drawn_rows(draw: st.DrawFn) -> tuple[dict[str, str], tuple[object, ...]]:
    """A row as WeChat may write it, and what must be read of it."""
    state = draw(st.sampled_from(TradeRowState))
    moment = datetime.fromtimestamp(draw(st.integers(0, 2**32)), CHINA)
    numbers = [draw(words.filter(lambda word: word != "0")) for _ in range(4)]
    amounts = [draw(fen) for _ in range(6)]
    fee = draw(st.integers(-(10**12), 10**12))
    titles = st.text(st.characters(exclude_characters="\n\0", exclude_categories=["Cs"]))
    title, attach = draw(titles.filter(lambda text: not text.endswith("\r"))), draw(titles)
    texts = [f"{amount // 100}.{amount % 100:02d}" for amount in amounts]
    row = {
        **PAYMENT,
        "交易时间": f"{moment:%Y-%m-%d %H:%M:%S}",
        "交易状态": state.value,
        "微信订单号": numbers[0],
        "商户订单号": numbers[1],
        "微信退款单号": numbers[2],
        "商户退款单号": numbers[3],
        "商品名称": title,
        "商户数据包": attach,
        "手续费": f"{'-' * (fee < 0)}{abs(fee) // 10**5}.{abs(fee) % 10**5:05d}",
        **dict(zip([name for name in MONEY if name != "手续费"], texts, strict=True)),
    }
    return row, (state, moment, *numbers, *amounts, fee * MICROFEN // 1000)


@given(st.lists(drawn_rows(), max_size=3))
def test_whatever_wechat_writes_is_read_back_exactly(
    drawn: list[tuple[dict[str, str], tuple[object, ...]]],
) -> None:
    written = [row for row, _ in drawn]
    bill = TradeBill([bill_of(*written)])
    read = [
        (
            row.state,
            datetime.fromtimestamp(row.at_ms / 1000, CHINA),
            *(row.transaction_id, row.order_num, row.refund_id, row.refund_num),
            *(row.settled_fen, row.refund_fen, row.refund_coupon_fen),
            *(row.total_fen, row.applied_refund_fen, row.coupon_fen),
            row.fee_microfen,
        )
        for row in bill
    ]
    assert read == [expected for _, expected in drawn]
    assert bill.differences == ()


@pytest.mark.parametrize("byte", [b"0", b"9", b".", b",", b"`", b"\n", b"\\", b"\xff"])
def test_no_changed_byte_moves_a_sum_unnoticed(byte: bytes) -> None:
    whole = bill_of(PAYMENT, REFUND)
    sums = read_whole(whole).sums
    for at in range(len(whole)):
        bill = TradeBill([whole[:at] + byte + whole[at + 1 :]])
        with suppress(BillRefused):
            assert list(bill)
            assert bill.sums == sums or bill.differences


def test_more_different_amounts_than_are_remembered_are_read_too() -> None:
    rows = [
        {**PAYMENT, "订单金额": f"{number}.00", "应结订单金额": f"{number}.00"}
        for number in range(MAX_REMEMBERED - 2, MAX_REMEMBERED + 3)
    ]
    many = {**PAYMENT, "代金券金额": "*"}
    line = line_of(many[name] for name in ALL)
    filler = "".join(line.replace("*", f"{n}.01") + "\r\n" for n in range(MAX_REMEMBERED))
    whole = bill_of(*rows).decode()
    head, _, rest = whole.partition("\r\n")
    bill = TradeBill([f"{head}\r\n{filler}{rest}".encode()])
    read = [row.total_fen for row in bill][-5:]
    assert read == [100 * number for number in range(MAX_REMEMBERED - 2, MAX_REMEMBERED + 3)]
    assert bill.sums.rows == MAX_REMEMBERED + 5


def test_no_more_texts_are_remembered_than_are_allowed() -> None:
    numbers = Remembered(int)
    for number in range(MAX_REMEMBERED + 10):
        assert numbers[str(number)] == number
        assert len(numbers) <= MAX_REMEMBERED
