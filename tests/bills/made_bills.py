"""Bills as WeChat writes them, made line by line, so that a test can change one thing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from payments.bills.trade import TradeBill, TradeRow
from payments.errors import BillRefused

SAMPLES = Path(__file__).parents[1] / "samples" / "bills"

_HEAD = (SAMPLES / "trade_ALL_27cols.csv").read_text("utf-8-sig").partition("\n")[0]
ALL = _HEAD.split(",")
SUMS = {
    "应结订单总金额": "应结订单金额",
    "退款总金额": "退款金额",
    "充值券退款总金额": "充值券退款金额",
    "手续费总金额": "手续费",
    "订单总金额": "订单金额",
    "申请退款总金额": "申请退款金额",
}
_PAID = (
    "2025-01-02 11:04:05,wx8888888888888888,1900000109,0,,4200000001202501020000000001,"
    "ORD20250102000001,oUpF8uMuAJO_M2pxb1Q9zNjWeS6o,JSAPI,SUCCESS,CMB_DEBIT,CNY,88.00,0.00,"
    "0,0,0.00,0.00,,,鞋,shop=1,0.53,0.60%,88.00,0.00,"
)
PAYMENT = dict(zip(ALL, _PAID.split(","), strict=True))
REFUND = {
    **PAYMENT,
    "交易时间": "2025-01-02 11:29:00",
    "交易状态": "REFUND",
    "应结订单金额": "0.00",
    "微信退款单号": "50000000012025010200000000001",
    "商户退款单号": "RF20250102000001",
    "退款金额": "8.00",
    "退款类型": "ORIGINAL",
    "退款状态": "SUCCESS",
    "手续费": "-0.05",
    "订单金额": "0.00",
    "申请退款金额": "8.00",
}

Values = Mapping[str, str]


def line_of(values: Iterable[str]) -> str:
    return "`" + ",`".join(values)


def sums_of(rows: Sequence[Values]) -> dict[str, str]:
    """The summary that fits these rows."""
    amounts = {
        name: str(sum((Decimal(row[column]) for row in rows), Decimal("0.00")))
        for name, column in SUMS.items()
    }
    return {"总交易单数": str(len(rows)), **amounts}


def bill_of(
    *rows: Values,
    columns: Sequence[str] = ALL,
    sums: Values | None = None,
    end: str = "\r\n",
    bom: str = "\ufeff",
) -> bytes:
    """A trade bill; `sums` stand in its summary in place of those that fit."""
    told = sums_of(rows) if sums is None else sums
    lines = [",".join(columns), *(line_of(row[name] for name in columns) for row in rows)]
    lines += [",".join(told), line_of(told.values())]
    return (bom + "".join(line + end for line in lines)).encode()


def rows_of(bill: bytes | Iterable[bytes]) -> list[TradeRow]:
    return list(TradeBill([bill] if isinstance(bill, bytes) else bill))


def read_whole(bill: bytes) -> TradeBill:
    """After its last row."""
    read = TradeBill([bill])
    for _ in read:
        pass
    return read


def refusal(bill: bytes) -> BillRefused:
    """Why this bill is refused."""
    with pytest.raises(BillRefused) as error:
        rows_of(bill)
    return error.value
