"""The sums of a day on both sides, kept while it is matched."""

from __future__ import annotations

from collections.abc import Sequence

from payments.bills.differences import DifferenceKind
from services.bills.match_lines import FoundDifference, MatchedBill
from services.bills.pairing.bill_staging import RepeatedRows, TradeBillStaging, whole_fen
from services.bills.pairing.reversed_match import ReversedPayment


class DaySums:
    """WeChat's are those of the bill's rows. Ours begin as the rows of this account, and what is
    told of a row or a booking makes them what is booked here."""

    def __init__(self) -> None:
        self._wechat = MatchedBill()
        self.differences = 0
        self.held = 0
        self.flow_net_fen: int | None = None
        self._payments = [0, 0]
        self._refunds = [0, 0]
        """How many, and of how much."""

    def begin(self, trade: TradeBillStaging) -> None:
        """The bill was read."""
        sums, foreign = trade.bill.sums, trade.foreign
        paid_count = trade.payments + foreign.payments
        self._wechat = MatchedBill(
            rows=sums.rows,
            wechat_paid_fen=sums.total_fen,
            wechat_paid_count=paid_count,
            wechat_refunded_fen=sums.applied_refund_fen,
            wechat_refund_count=sums.rows - paid_count,
            wechat_fee_fen=whole_fen(sums.fee_microfen),
            wechat_net_fen=sums.settled_fen - sums.refund_fen - whole_fen(sums.fee_microfen),
        )
        self._payments = [trade.payments, sums.total_fen - foreign.paid_fen]
        self._refunds = [
            sums.rows - paid_count - foreign.refunds - trade.reversed.refunds,
            sums.applied_refund_fen - foreign.refunded_fen - trade.reversed.refunded_fen,
        ]

    def take_out(self, repeated: RepeatedRows) -> None:
        out = repeated.tally
        _add(self._payments, -out.payments, -out.paid_fen)
        _add(self._refunds, -out.refunds, -out.refunded_fen)

    def count_row(self, found: FoundDifference) -> None:
        """A row differs from its booking, or has none."""
        kind = found.kind
        if kind is DifferenceKind.MISSING_HERE:
            _add(self._payments, -1, -found.difference_fen)
        elif kind is DifferenceKind.AMOUNT_DIFFERS:
            _add(self._payments, 0, -found.difference_fen)
        elif kind is DifferenceKind.REFUND_MISSING_HERE:
            _add(self._refunds, -1, -found.difference_fen)
        elif kind is DifferenceKind.REFUND_AMOUNT_DIFFERS:
            _add(self._refunds, 0, -found.difference_fen)
        elif kind is DifferenceKind.DUPLICATE_ROW:  # it is booked on another day
            sums = self._refunds if found.refund_num else self._payments
            _add(sums, -1, -found.difference_fen)

    def count_returned(self, found: Sequence[ReversedPayment]) -> None:
        """Payments that were taken back whole, on both sides."""
        _add(self._refunds, len(found), sum(each.row.fen for each in found))

    def count_booking(self, found: FoundDifference) -> None:
        """A booking has no row."""
        if not found.held:
            payment = found.kind is DifferenceKind.MISSING_AT_WECHAT
            _add(self._payments if payment else self._refunds, 1, -found.difference_fen)

    def matched(self) -> MatchedBill:
        return self._wechat._replace(
            differences=self.differences,
            held=self.held,
            our_paid_count=self._payments[0],
            our_paid_fen=self._payments[1],
            our_refund_count=self._refunds[0],
            our_refunded_fen=self._refunds[1],
            flow_net_fen=self.flow_net_fen,
        )


def _add(sums: list[int], count: int, fen: int) -> None:
    sums[0] += count
    sums[1] += fen
