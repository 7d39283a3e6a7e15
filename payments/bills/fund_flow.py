"""The fund-flow bill (资金账单): every movement of an account's balance on a day (M/4013071249,
2024.11.25; A.15 of API v2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from payments.bills.columns import BillColumn, RowField, RowReader, at_ms, some_word, word
from payments.bills.decimals import fen, signed_fen
from payments.bills.free_text import FREE, fund_flow_text
from payments.bills.sections import BillSections
from payments.bills.sums import COUNT, FEN, SumDiffers, compare_sums

MAX_BREAKS = 100
"""So many places where the balance does not follow are kept; all are counted."""


class FlowDirection(StrEnum):
    """收支类型."""

    IN = "收入"
    OUT = "支出"


class FundFlowRow(NamedTuple):
    """One row. Only `balance_fen` may be negative."""

    line: int
    """Its line in the bill; the head is line 1."""
    direction: FlowDirection
    at_ms: int
    """记账时间 in ms UTC."""
    business_num: str
    """微信支付业务单号: the transaction id of a payment, the refund id of a refund."""
    flow_num: str
    business_name: str
    business_type: str
    """业务类型, such as 交易, 扣除交易手续费, 退款, 提现."""
    amount_fen: int
    """收支金额, without a sign."""
    balance_fen: int
    """账户结余 after this row."""
    applicant: str
    note_text: str
    """备注 as the bill has it."""
    voucher_num: str

    @property
    def moved_fen(self) -> int:
        """What came in; negative for what went out."""
        return self.amount_fen if self.direction is FlowDirection.IN else -self.amount_fen

    @property
    def note(self) -> str:
        """备注 without escapes, to be shown."""
        return fund_flow_text(self.note_text)


class FundFlowSums(NamedTuple):
    """The sums of a bill's rows."""

    rows: int
    in_count: int
    in_fen: int
    out_count: int
    out_fen: int


class BalanceBreak(NamedTuple):
    """A row whose balance is not that of the row before it with its own amount."""

    line: int
    expected_fen: int
    balance_fen: int


class Balances(NamedTuple):
    """How the balance went: from `opening_fen`, before the first row, to `closing_fen`; None in a
    bill without rows."""

    opening_fen: int | None
    closing_fen: int | None
    break_count: int
    breaks: tuple[BalanceBreak, ...]
    """The first MAX_BREAKS of them."""


_COLUMNS = (
    BillColumn("记账时间", at_ms),
    BillColumn("微信支付业务单号", word),
    BillColumn("资金流水单号", some_word),
    BillColumn("业务名称", str),
    BillColumn("业务类型", str),
    BillColumn("收支类型", FlowDirection),
    BillColumn("收支金额(元)", fen, ("收支金额（元）", "收支金额")),
    BillColumn("账户结余(元)", signed_fen, ("账户结余（元）", "账户结余")),
    BillColumn("资金变更提交申请人", str),
    BillColumn("备注", FREE),
    BillColumn("业务凭证号", str),
)
"""业务凭证号 is what the applicant wrote: a refund number, or any other text."""
_FIELDS = (
    RowField("收支类型", FlowDirection),
    RowField("记账时间", at_ms, varies=True),
    RowField("微信支付业务单号", word, varies=True),
    RowField("资金流水单号", some_word, varies=True),
    RowField("业务名称", str, missing=""),
    RowField("业务类型", str),
    RowField("收支金额(元)", fen),
    RowField("账户结余(元)", signed_fen, varies=True),
    RowField("资金变更提交申请人", str, missing=""),
    RowField("备注", str, varies=True, missing=""),
    RowField("业务凭证号", str, varies=True, missing=""),
)
"""In the order of FundFlowRow, after its line."""
_SUM_NAMES = {
    "资金流水总笔数": (),
    "收入笔数": (),
    "收入金额": ("收入金额(元)", "收入金额（元）"),
    "支出笔数": (),
    "支出金额": ("支出金额(元)", "支出金额（元）"),
}
_SUM_KINDS = (COUNT, COUNT, FEN, COUNT, FEN)
"""In the order of FundFlowSums."""


class FundFlowBill:
    """Reads a bill once, from chunks of its file, plain or gzip: iterate it for the rows; after the
    last one it has `sums`, `differences` and `balances`.

    Raises BillRefused as `TradeBill`. Rows that do not add up to the bill's own sums, and balances
    that do not follow from one another, are no refusal."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._sections = BillSections(chunks)
        self.sums: FundFlowSums
        self.differences: tuple[SumDiffers, ...]
        self.balances: Balances

    def __iter__(self) -> Iterator[FundFlowRow]:
        fields = RowReader(self._sections.head(), _COLUMNS, _FIELDS).fields
        counts = dict.fromkeys(FlowDirection, 0)
        amounts = dict.fromkeys(FlowDirection, 0)
        chain = BalanceChain()
        for line, values in self._sections.rows():
            row = FundFlowRow._make(fields(line, values))
            counts[row.direction] += 1
            amounts[row.direction] += row.amount_fen
            chain.add(row)
            yield row
        came, went = FlowDirection.IN, FlowDirection.OUT
        self.sums = FundFlowSums(
            counts[came] + counts[went], counts[came], amounts[came], counts[went], amounts[went]
        )
        self.balances = chain.balances()
        ours = dict(zip(_SUM_NAMES, zip(_SUM_KINDS, self.sums, strict=True), strict=True))
        self.differences = compare_sums(self._sections, _SUM_NAMES, _SUM_NAMES, ours)


class BalanceChain:
    """Whether the balance of each row is that of the row before with its own amount."""

    def __init__(self) -> None:
        self._opening: int | None = None
        self._balance: int | None = None
        self._count = 0
        self._breaks: list[BalanceBreak] = []

    def add(self, row: FundFlowRow) -> None:
        moved, balance = row.moved_fen, row.balance_fen
        if self._balance is None:
            self._opening = balance - moved
        elif self._balance + moved != balance:
            self._count += 1
            if self._count <= MAX_BREAKS:
                self._breaks.append(BalanceBreak(row.line, self._balance + moved, balance))
        self._balance = balance

    def balances(self) -> Balances:
        return Balances(self._opening, self._balance, self._count, tuple(self._breaks))
