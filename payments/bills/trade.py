"""The trade bill (交易账单): every payment and refund of a day, as WeChat has it.

Forms: ALL, SUCCESS and REFUND of M/4013071246 (2026.01.16), and the older ones of 24 columns. The
columns are found by their names; others may stand anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from payments.bills.columns import (
    BillColumn,
    RowField,
    RowReader,
    at_ms,
    at_ms_or_none,
    some_word,
    word,
    word_or_zero,
)
from payments.bills.decimals import decimals_of, fen, microfen, rate
from payments.bills.faults import BillFault, refused
from payments.bills.free_text import FREE, payment_text, refund_text
from payments.bills.sections import BillSections
from payments.bills.sums import COUNT, EXACT, FEN, SumDiffers, compare_sums


class TradeRowState(StrEnum):
    """交易状态: a payment, a refund, or a payment with a code of the buyer's that was revoked."""

    SUCCESS = "SUCCESS"
    REFUND = "REFUND"
    REVOKED = "REVOKED"


class TradeRow(NamedTuple):
    """One row. What it does not have is '' or 0. No amount but the fee is ever negative."""

    line: int
    """Its line in the bill; the head is line 1."""
    state: TradeRowState
    at_ms: int
    """交易时间 in ms UTC: when the payment was made or the refund accepted."""
    app_id: str
    mch_id: str
    sub_mch_id: str
    transaction_id: str
    order_num: str
    trade_type: str
    currency: str
    settled_fen: int
    """应结订单金额: what was paid without the coupons that the merchant gave."""
    coupon_fen: int
    refund_id: str
    refund_num: str
    refund_fen: int
    """退款金额: what of the settled amount goes back."""
    refund_coupon_fen: int
    refund_state: str
    """退款状态 when the bill was written: SUCCESS, PROCESSING, FAIL or CHANGE."""
    fee_microfen: int
    """手续费 in millionths of a fen, exactly: positive on a payment, negative on a refund."""
    rate_text: str
    rate: int
    """费率 in hundred-millionths: 600,000 for `0.60%`, 0 where the row has none."""
    total_fen: int
    """订单金额: the whole amount of the payment, to compare with the order."""
    applied_refund_fen: int
    """申请退款金额: the whole amount of the refund, to compare with ours."""
    title_text: str
    """商品名称 as the bill has it."""

    @property
    def title(self) -> str:
        """商品名称 without escapes, to be shown. A comma in it has become a blank, and old bills
        escape nothing; so nothing is compared with it."""
        undo = payment_text if self.state is TradeRowState.SUCCESS else refund_text
        return undo(self.title_text)


class TradeSums(NamedTuple):
    """The sums of a bill's rows."""

    rows: int
    settled_fen: int
    refund_fen: int
    refund_coupon_fen: int
    fee_microfen: int
    total_fen: int
    applied_refund_fen: int


_COLUMNS = (
    BillColumn("交易时间", at_ms),
    BillColumn("公众账号ID", word),
    BillColumn("商户号", some_word),
    BillColumn("特约商户号", word, ("子商户号",)),
    BillColumn("设备号", FREE),
    BillColumn("微信订单号", some_word),
    BillColumn("商户订单号", word),
    BillColumn("用户标识", word),
    BillColumn("交易类型", word),
    BillColumn("交易状态", TradeRowState),
    BillColumn("付款银行", word),
    BillColumn("货币种类", word),
    BillColumn("应结订单金额", fen, ("总金额",)),
    BillColumn("代金券金额", fen, ("代金券或立减优惠金额", "企业红包金额")),
    BillColumn("退款申请时间", at_ms_or_none),
    BillColumn("退款成功时间", at_ms_or_none),
    BillColumn("微信退款单号", word),
    BillColumn("商户退款单号", word),
    BillColumn("退款金额", fen),
    BillColumn("充值券退款金额", fen, ("代金券或立减优惠退款金额", "企业红包退款金额")),
    BillColumn("退款类型", word),
    BillColumn("退款状态", word),
    BillColumn("商品名称", FREE),
    BillColumn("商户数据包", FREE),
    BillColumn("手续费", microfen),
    BillColumn("费率", rate),
    BillColumn("订单金额", fen),
    BillColumn("申请退款金额", fen),
    BillColumn("费率备注", str),
)
_NO_MONEY = "0.00"
_FIELDS = (
    RowField("交易状态", TradeRowState),
    RowField("交易时间", at_ms, varies=True),
    RowField("公众账号ID", word, missing=""),
    RowField("商户号", some_word),
    RowField("特约商户号", word_or_zero, missing="0"),
    RowField("微信订单号", some_word, varies=True),
    RowField("商户订单号", word, varies=True),
    RowField("交易类型", word, missing=""),
    RowField("货币种类", word, missing=""),
    RowField("应结订单金额", fen),
    RowField("代金券金额", fen, missing=_NO_MONEY),
    RowField("微信退款单号", word_or_zero, varies=True, missing="0"),
    RowField("商户退款单号", word_or_zero, varies=True, missing="0"),
    RowField("退款金额", fen, missing=_NO_MONEY),
    RowField("充值券退款金额", fen, missing=_NO_MONEY),
    RowField("退款状态", word, missing=""),
    RowField("手续费", microfen),
    RowField("费率", str, varies=True),
    RowField("费率", rate),
    RowField("订单金额", fen, instead="应结订单金额", missing=_NO_MONEY),
    RowField("申请退款金额", fen, instead="退款金额", missing=_NO_MONEY),
    RowField("商品名称", str, varies=True, missing=""),
)
"""In the order of TradeRow, after its line."""

_SUM_NAMES = {
    "总交易单数": (),
    "应结订单总金额": ("总交易额",),
    "退款总金额": ("总退款金额",),
    "充值券退款总金额": ("总代金券或立减优惠退款金额", "总企业红包退款金额"),
    "手续费总金额": (),
    "订单总金额": (),
    "申请退款总金额": (),
}
_SUM_KINDS = (COUNT, FEN, FEN, FEN, EXACT, FEN, FEN)
"""In the order of TradeSums."""
_SUMS_REQUIRED = ("总交易单数", "应结订单总金额", "手续费总金额")


class TradeBill:
    """Reads a bill once, from chunks of its file, plain or gzip: iterate it for the rows; after the
    last one it has `sums` and `differences`.

    Raises BillRefused, at whatever row, for a bill that was cut or in which a line does not read;
    then the rows before it count for nothing. Rows that read well but do not add up to the bill's
    own sums are no refusal but `differences`. Whose rows they are is for the caller to check."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._sections = BillSections(chunks)
        self.sums: TradeSums
        self.differences: tuple[SumDiffers, ...]

    def __iter__(self) -> Iterator[TradeRow]:
        reader = RowReader(self._sections.head(), _COLUMNS, _FIELDS)
        fields, make = reader.fields, TradeRow._make
        count = settled = refund = refund_coupon = fee = total = applied_refund = 0
        for line, values in self._sections.rows():
            row = make(fields(line, values))
            if row.state is TradeRowState.REFUND and not row.refund_id:
                raise refused(BillFault.VALUE, line=line, column="微信退款单号", value="")
            count += 1
            settled += row.settled_fen
            refund += row.refund_fen
            refund_coupon += row.refund_coupon_fen
            fee += row.fee_microfen
            total += row.total_fen
            applied_refund += row.applied_refund_fen
            yield row
        self.sums = TradeSums(count, settled, refund, refund_coupon, fee, total, applied_refund)
        self._compare(max(map(decimals_of, reader.texts_of(microfen)), default=2))

    def _compare(self, fee_decimals: int) -> None:
        ours = dict(zip(_SUM_NAMES, zip(_SUM_KINDS, self.sums, strict=True), strict=True))
        self.differences = compare_sums(
            self._sections, _SUM_NAMES, _SUMS_REQUIRED, ours, fee_decimals
        )
