"""The fund-flow bill of the basic account: a line for each movement, with the balance after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from payments.money import yuan
from simulator.bills.books import BookedRow
from simulator.bills.escapes import unescaped
from simulator.bills.trade_bill import BOM, BillForm, moment, signed_fee
from simulator.state.trades import china

OPENING_FEN = 100_000_000
"""On every account before its first day here."""
IN, OUT = "收入", "支出"
COLUMNS = (
    "记账时间",
    "微信支付业务单号",
    "资金流水单号",
    "业务名称",
    "业务类型",
    "收支类型",
    "收支金额(元)",
    "账户结余(元)",
    "资金变更提交申请人",
    "备注",
    "业务凭证号",
)
SUMS = ("资金流水总笔数", "收入笔数", "收入金额", "支出笔数", "支出金额")
UNKNOWN = "账户批次"


@dataclass(frozen=True)
class Movement:
    """`fen` is not negative; `way` is 收入 or 支出."""

    at: float
    business_num: str
    kind: str
    way: str
    fen: int
    voucher: str

    @property
    def moved_fen(self) -> int:
        return self.fen if self.way == IN else -self.fen


def movements(row: BookedRow, rate: int) -> Iterator[Movement]:
    """Of one row; a fee of nothing is no movement. A refund that was closed on the day it was
    accepted comes back with its fee."""
    fee = abs(signed_fee(row, rate))
    if row.is_payment:
        yield Movement(row.at, row.transaction_id, "交易", IN, row.settled_fen, row.order_num)
        if fee:
            yield Movement(row.at, row.transaction_id, "扣除交易手续费", OUT, fee, row.order_num)
        return
    yield Movement(row.at, row.refund_id, "退款", OUT, row.settled_fen, row.refund_num)
    if fee:
        yield Movement(row.at, row.refund_id, "退还交易手续费", IN, fee, row.refund_num)
    if row.refund_state == "FAIL" and row.ended_at and _same_day(row.at, row.ended_at):
        yield Movement(row.ended_at, row.refund_id, "退款关闭", IN, row.settled_fen, row.refund_num)
        if fee:
            kind = "扣除交易手续费"
            yield Movement(row.ended_at, row.refund_id, kind, OUT, fee, row.refund_num)


def net_fen(rows: Iterable[BookedRow], rate: int) -> int:
    """What these rows leave on the account."""
    return sum(movement.moved_fen for row in rows for movement in movements(row, rate))


@dataclass(frozen=True)
class FundFlowWriter:
    """The bill of one account and day; `opening_fen` is the balance before it."""

    account: str
    day: date
    opening_fen: int
    form: BillForm
    rate: int

    def lines(self, rows: Iterable[BookedRow]) -> Iterator[str]:
        """The whole bill, line by line with their ends."""
        form, more = self.form, [UNKNOWN] if self.form.more_columns else []
        yield (BOM if form.bom else "") + form.head([*COLUMNS, *more])
        balance, counts, sums = self.opening_fen, {IN: 0, OUT: 0}, {IN: 0, OUT: 0}
        for row in rows:
            for movement in movements(row, self.rate):
                balance += movement.moved_fen
                counts[movement.way] += 1
                sums[movement.way] += movement.fen
                values = self._values(movement, sum(counts.values()), balance)
                yield form.line([*values, *("" for _ in more)])
        yield form.head(SUMS)
        off = form.summary_off_fen if form.summary_column in SUMS else 0
        shown = (str(float(sum(counts.values()))), *self._sum(IN, counts, sums, off))
        yield form.line((*shown, *self._sum(OUT, counts, sums, 0)))

    def _values(self, movement: Movement, number: int, balance_fen: int) -> tuple[str, ...]:
        return (
            moment(movement.at),
            movement.business_num,
            f"{self.account}{self.day:%Y%m%d}{number:010d}",
            movement.kind,
            movement.kind,
            movement.way,
            yuan(movement.fen),
            yuan(balance_fen),
            "system" if movement.kind == "交易" else f"{self.account}API",
            unescaped(f"{movement.kind} {yuan(movement.fen)} 元"),
            movement.voucher,
        )

    def _sum(
        self, way: str, counts: dict[str, int], sums: dict[str, int], off_fen: int
    ) -> tuple[str, str]:
        return str(float(counts[way])), yuan(sums[way] + off_fen)


def _same_day(one: float, other: float) -> bool:
    return china(one).date() == china(other).date()
