"""The trade bill: a head, a line for each row, and the sums, as WeChat writes them.

Heads and sums have no backtick, every value has one in front. Amounts are yuan; the fee of the old
form has five decimals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from payments.money import yuan
from simulator.bills.books import BookedRow, RowState
from simulator.bills.escapes import escaped, unescaped
from simulator.bills.fees import DEFAULT_RATE, fee_fen, percent
from simulator.state.trades import china

BOM = "\ufeff"


class BillType(StrEnum):
    ALL = "ALL"
    SUCCESS = "SUCCESS"
    REFUND = "REFUND"


@dataclass(frozen=True)
class BillForm:
    """How a bill is written; `summary_off_fen` is by how much the sum of `summary_column` is
    wrong."""

    bom: bool = False
    crlf: bool = False
    old_head: bool = False
    more_columns: bool = False
    raw_titles: bool = False
    summary_off_fen: int = 0
    summary_column: str = ""

    @property
    def end(self) -> str:
        return "\r\n" if self.crlf else "\n"

    def line(self, values: Iterable[str]) -> str:
        """One line of values, with its backticks."""
        return ",".join(f"`{value}" for value in values) + self.end

    def head(self, names: Iterable[str]) -> str:
        return ",".join(names) + self.end


@dataclass(frozen=True)
class _BillLine:
    """A row on its way into a line."""

    row: BookedRow
    form: BillForm
    rate: int

    @property
    def fee(self) -> int:
        return signed_fee(self.row, self.rate)

    def text(self, text: str) -> str:
        if self.form.raw_titles:
            return unescaped(text)
        return escaped(text, on_payment=self.row.is_payment)

    def on_payment(self, fen: int) -> str:
        return yuan(fen if self.row.is_payment else 0)

    def on_refund(self, fen: int) -> str:
        return yuan(0 if self.row.is_payment else fen)

    def of_refund(self, text: str, otherwise: str) -> str:
        return otherwise if self.row.is_payment else text or otherwise


_COLUMNS: dict[str, Callable[[_BillLine], str]] = {
    "交易时间": lambda line: moment(line.row.at),
    "公众账号ID": lambda line: line.row.app_id,
    "商户号": lambda line: line.row.mch_id,
    "特约商户号": lambda line: "0",
    "设备号": lambda line: line.text(line.row.device),
    "微信订单号": lambda line: line.row.transaction_id,
    "商户订单号": lambda line: line.row.order_num,
    "用户标识": lambda line: line.row.open_id,
    "交易类型": lambda line: line.row.trade_type,
    "交易状态": lambda line: line.row.state,
    "付款银行": lambda line: bank(line.row.bank_type),
    "货币种类": lambda line: line.row.currency,
    "应结订单金额": lambda line: line.on_payment(line.row.settled_fen),
    "代金券金额": lambda line: line.on_payment(line.row.coupon_fen),
    "退款申请时间": lambda line: moment(line.row.at),
    "退款成功时间": lambda line: came(line.row),
    "微信退款单号": lambda line: line.of_refund(line.row.refund_id, "0"),
    "商户退款单号": lambda line: line.of_refund(line.row.refund_num, "0"),
    "退款金额": lambda line: line.on_refund(line.row.settled_fen),
    "充值券退款金额": lambda line: yuan(0),
    "退款类型": lambda line: line.of_refund("ORIGINAL", ""),
    "退款状态": lambda line: line.of_refund(line.row.refund_state, ""),
    "商品名称": lambda line: line.text(line.row.title),
    "商户数据包": lambda line: line.text(line.row.attach),
    "手续费": lambda line: _fee(line.fee, line.form),
    "费率": lambda line: percent(line.rate),
    "订单金额": lambda line: line.on_payment(line.row.total_fen),
    "申请退款金额": lambda line: line.on_refund(line.row.total_fen),
    "费率备注": lambda line: "",
    "结算批次": lambda line: f"B{line.row.transaction_id[-8:]}",
    "活动编号": lambda line: "",
}
"""Every column; the last two are none of WeChat's that is known."""
_TIMES = ("退款申请时间", "退款成功时间")
_UNKNOWN = ("结算批次", "活动编号")
_ONLY_ALL = [name for name in _COLUMNS if name not in (*_TIMES, *_UNKNOWN)]
_OF_REFUNDS = ("微信退款单号", "商户退款单号", "退款金额", "充值券退款金额", "退款类型", "退款状态")
NAMES = {
    BillType.ALL: _ONLY_ALL,
    BillType.SUCCESS: [n for n in _ONLY_ALL if n not in (*_OF_REFUNDS, "申请退款金额")],
    BillType.REFUND: [name for name in _COLUMNS if name not in _UNKNOWN],
}
"""The columns of each type of bill: 27, 20 and 29."""
_OLD_NAMES = {
    "特约商户号": "子商户号",
    "应结订单金额": "总金额",
    "代金券金额": "代金券或立减优惠金额",
    "充值券退款金额": "代金券或立减优惠退款金额",
}
_NOT_OLD = ("订单金额", "申请退款金额", "费率备注")

_SUMS: dict[str, str] = {
    "应结订单总金额": "总交易额",
    "退款总金额": "总退款金额",
    "充值券退款总金额": "总代金券或立减优惠退款金额",
    "手续费总金额": "手续费总金额",
    "订单总金额": "",
    "申请退款总金额": "",
}
"""The sums behind the number of rows, and their old names."""
_SUMS_OF_SUCCESS = ("应结订单总金额", "手续费总金额", "订单总金额")
FEES = "手续费总金额"


class TradeBillWriter:
    """One type of bill in one form. Nothing is kept between two writings, so it can be written any
    number of times."""

    def __init__(
        self, kind: BillType = BillType.ALL, form: BillForm | None = None, rate: int = DEFAULT_RATE
    ) -> None:
        self.kind = kind
        self.form = form or BillForm()
        self.rate = rate

    def takes(self, row: BookedRow) -> bool:
        """Whether the row is in a bill of this type."""
        if self.kind is BillType.ALL:
            return True
        return row.is_payment == (self.kind is BillType.SUCCESS)

    def lines(self, rows: Iterable[BookedRow]) -> Iterator[str]:
        """The whole bill, line by line with their ends; `rows` as they are to stand."""
        form, names, sums = self.form, self._names(), dict.fromkeys(_SUMS, 0)
        head = [_OLD_NAMES.get(name, name) for name in names] if form.old_head else names
        yield (BOM if form.bom else "") + form.head(head)
        count = 0
        for row in filter(self.takes, rows):
            shown = as_shown(row, form)
            line = _BillLine(shown, form, self.rate)
            yield form.line(_COLUMNS[name](line) for name in names)
            add_up(sums, shown, self.rate)
            count += 1
        shown_sums = self.sum_names()
        more = ["其他金额"] if form.more_columns else []
        yield form.head(["总交易单数", *(_sum_name(n, form) for n in shown_sums), *more])
        values = [self._sum(name, sums[name]) for name in shown_sums]
        yield form.line([str(count), *values, *(yuan(0) for _ in more)])

    def sum_names(self) -> list[str]:
        """The sums of this type, by their new names."""
        if self.form.old_head:
            return [name for name, old in _SUMS.items() if old]
        return list(_SUMS_OF_SUCCESS if self.kind is BillType.SUCCESS else _SUMS)

    def _names(self) -> list[str]:
        names = NAMES[self.kind]
        if self.form.old_head:
            return [name for name in names if name not in _NOT_OLD]
        if self.form.more_columns:
            at = names.index("付款银行")
            return [*names[:at], _UNKNOWN[0], *names[at:], _UNKNOWN[1]]
        return names

    def _sum(self, name: str, fen: int) -> str:
        if name == self.form.summary_column:
            fen += self.form.summary_off_fen
        return _fee(fen, self.form) if name == FEES else yuan(fen)


def as_shown(row: BookedRow, form: BillForm) -> BookedRow:
    """The old form knows no coupon that is not settled."""
    return replace(row, coupon_fen=0) if form.old_head and row.coupon_fen else row


def signed_fee(row: BookedRow, rate: int) -> int:
    """Of what is settled: positive on a payment, negative where money goes back."""
    fen = fee_fen(row.settled_fen, rate) + row.fee_off_fen
    return fen if row.is_payment else -fen


def add_up(sums: dict[str, int], row: BookedRow, rate: int) -> None:
    sums["手续费总金额"] += signed_fee(row, rate)
    if row.is_payment:
        sums["应结订单总金额"] += row.settled_fen
        sums["订单总金额"] += row.total_fen
    else:
        sums["退款总金额"] += row.settled_fen
        sums["申请退款总金额"] += row.total_fen


def sums_of(rows: Iterable[BookedRow], form: BillForm, rate: int) -> dict[str, int]:
    """Every sum of these rows in fen, as a bill of all of them says."""
    sums = dict.fromkeys(_SUMS, 0)
    for row in rows:
        add_up(sums, as_shown(row, form), rate)
    return sums


def moment(seconds: float) -> str:
    return china(seconds).strftime("%Y-%m-%d %H:%M:%S")


def came(row: BookedRow) -> str:
    """When the refund was with the buyer."""
    return moment(row.ended_at) if row.refund_state == "SUCCESS" and row.ended_at else ""


def bank(bank_type: str) -> str:
    """Bills know the cards of a bank, and others."""
    return bank_type if bank_type.endswith(("_DEBIT", "_CREDIT")) else "OTHERS"


def state_word(row: BookedRow) -> str:
    """What the row says of its money: the refund's state on a refund, else the row's."""
    return row.refund_state if row.state is RowState.REFUND else row.state.value


def _fee(fen: int, form: BillForm) -> str:
    return f"{yuan(fen)}000" if form.old_head else yuan(fen)


def _sum_name(name: str, form: BillForm) -> str:
    return _SUMS[name] if form.old_head else name
