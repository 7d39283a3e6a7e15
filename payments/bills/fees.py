"""WeChat's fee: the row's rate on its amount, half a fen up, negative where money goes back."""

from __future__ import annotations

from payments.bills.decimals import MICROFEN, RATE_ONE
from payments.bills.trade import TradeRow, TradeRowState

ALLOWED_FEN = 1
"""WeChat may have rounded otherwise by so much."""


def fee_fen(base_fen: int, rate: int) -> int:
    """The fee on an amount that is not negative; `rate` as `TradeRow.rate`."""
    return (base_fen * rate * 2 + RATE_ONE) // (2 * RATE_ONE)


def expected_fee_fen(row: TradeRow) -> int:
    """What the fee of this row should be: on 应结订单金额 of a payment, on 退款金额 of a refund. A
    revoked payment has the fee on what was paid less that on what went back, as the row says."""
    if row.state is TradeRowState.SUCCESS:
        return fee_fen(row.settled_fen, row.rate)
    if row.state is TradeRowState.REFUND:
        return -fee_fen(row.refund_fen, row.rate)
    return fee_fen(row.settled_fen, row.rate) - fee_fen(row.refund_fen, row.rate)


def fee_differs(row: TradeRow) -> bool:
    """Whether the fee is more than a fen away from what it should be: `fee_differs`."""
    return abs(row.fee_microfen - expected_fee_fen(row) * MICROFEN) > ALLOWED_FEN * MICROFEN
