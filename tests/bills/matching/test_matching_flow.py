"""The fund-flow bill as the third side: each difference found alone, and no other."""

from __future__ import annotations

from typing import Any

import pytest

from models import Refund
from payments.bills.decimals import fen
from payments.errors import BillRefused
from payments.money import yuan
from tests.bills.made_bills import PAYMENT, REFUND, bill_of, line_of
from tests.bills.matching.matched_books import (
    OTHER,
    OTHER_TX,
    REFUND_ID,
    REFUND_NUM,
    TX,
    Books,
    Told,
    books,
)

__all__ = ["books"]

DAY = bill_of(PAYMENT, REFUND, OTHER)
HEAD = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
    "资金变更提交申请人,备注,业务凭证号"
)
SUM_HEAD = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"

Movement = tuple[str, str, str, str, str, str]
PAID: Movement = (PAYMENT["交易时间"], TX, "交易", "收入", "88.00", "")
PAID_FEE: Movement = (PAYMENT["交易时间"], TX, "扣除交易手续费", "支出", "0.53", "")
BACK: Movement = (REFUND["交易时间"], REFUND_ID, "退款", "支出", "8.00", REFUND_NUM)
BACK_FEE: Movement = (REFUND["交易时间"], REFUND_ID, "退还交易手续费", "收入", "0.05", REFUND_NUM)
SECOND: Movement = (OTHER["交易时间"], OTHER_TX, "交易", "收入", "10.00", "")
DRAWN: Movement = ("2025-01-02 20:00:00", "", "提现", "支出", "50.00", "W1")


def flow_of(*movements: Movement, off: int = 0) -> bytes:
    """A bill of these; `off` fen are added to the sum of what came in."""
    balance, lines, counts, sums = 10_000, [], {"收入": 0, "支出": 0}, {"收入": off, "支出": 0}
    for number, (at, business, kind, way, amount, voucher) in enumerate(movements):
        balance += fen(amount) if way == "收入" else -fen(amount)
        counts[way] += 1
        sums[way] += fen(amount)
        shown = f"{'-' if balance < 0 else ''}{yuan(abs(balance))}"
        lines.append([at, business, str(number), kind, kind, way, amount, shown, "s", "", voucher])
    told = [f"{sum(counts.values())}.0"]
    for way in counts:
        told += [f"{counts[way]}.0", yuan(sums[way])]
    text = [HEAD, *map(line_of, lines), SUM_HEAD, line_of(told), ""]
    return "\r\n".join(text).encode()


def changed(movement: Movement, at: int, value: str) -> Movement:
    values = list(movement)
    values[at] = value
    return tuple(values)  # type: ignore[return-value]


WHOLE = (PAID, PAID_FEE, BACK, BACK_FEE, SECOND)
CASES: dict[str, tuple[bytes, list[Told]]] = {
    "nothing": (flow_of(*WHOLE), []),
    "what was drawn out": (flow_of(*WHOLE, DRAWN), []),
    "a payment that did not come": (
        flow_of(PAID, BACK),
        [("missing_at_wechat", OTHER_TX, 1000, None, -1000)],
    ),
    "a refund that did not go": (
        flow_of(PAID, SECOND),
        [("refund_missing_at_wechat", REFUND_NUM, 800, None, -800)],
    ),
    "less of a payment": (
        flow_of(PAID, BACK, changed(SECOND, 4, "9.99")),
        [("amount_differs", OTHER_TX, 1000, 999, -1)],
    ),
    "more of a refund": (
        flow_of(PAID, SECOND, changed(BACK, 4, "8.01")),
        [("refund_amount_differs", REFUND_NUM, 800, 801, 1)],
    ),
    "a payment that nobody knows": (
        flow_of(*WHOLE, changed(SECOND, 1, "4209")),
        [("missing_here", "4209", None, 1000, 1000)],
    ),
    "a refund that nobody knows": (
        flow_of(*WHOLE, (*BACK[:1], "5039", *BACK[2:5], "NOTOURS")),
        [("refund_missing_here", "NOTOURS", None, 800, 800)],
    ),
    "a refund without the merchant's number": (flow_of(PAID, SECOND, changed(BACK, 5, "")), []),
    "a payment that came twice": (
        flow_of(*WHOLE, SECOND),
        [("duplicate_row", OTHER_TX, None, 1000, 1000)],
    ),
    "a sum": (
        flow_of(*WHOLE, off=1),
        [("summary_differs", "收入金额", "98.05", "98.06", 0)],
    ),
    "a payment within minutes of midnight, unknown": (
        flow_of(*WHOLE, ("2025-01-02 00:00:03", "4209", *SECOND[2:])),
        [],
    ),
}


@pytest.mark.parametrize("what", CASES)
def test_what_the_account_moved_otherwise_is_told_and_nothing_else(books: Books, what: str) -> None:
    flow, told = CASES[what]
    assert books.told(DAY, flow=flow) == told
    assert books.told(DAY, flow=flow) == told, "the same bills again"


def test_a_refund_of_an_earlier_day_that_moves_today_is_no_difference(books: Books) -> None:
    books.refunded("R8", 5, at="2025-01-01 10:00:00", refund_id=None)
    books.refunded("R9", 5, at="2025-01-01 10:00:00", refund_id="5039")
    by_ours = ("2025-01-02 10:00:00", "5038", "退款", "支出", "0.05", "R8")
    by_wechats = ("2025-01-02 10:00:00", "5039", "退款", "支出", "0.05", "")
    assert books.told(DAY, flow=flow_of(*WHOLE, by_ours, by_wechats)) == []


def test_a_refund_is_found_in_the_trade_bill_by_wechats_number_too(books: Books) -> None:
    Refund.update(refund_id=None).execute()
    assert books.told(DAY, flow=flow_of(PAID, SECOND, changed(BACK, 5, ""))) == []


def test_what_differs_in_both_bills_is_told_once(books: Books) -> None:
    trade = bill_of(PAYMENT, REFUND, {**OTHER, "订单金额": "10.01"}, PAYMENT)
    flow = flow_of(PAID, PAID, BACK, changed(SECOND, 4, "10.01"))
    assert books.told(trade, flow=flow) == [
        ("duplicate_row", TX, None, 8800, 8800),
        ("amount_differs", OTHER_TX, 1000, 1001, 1),
    ]


def test_the_net_of_the_account_is_payments_less_refunds_and_fees(books: Books) -> None:
    last = books.match(DAY, flow=flow_of(*WHOLE, DRAWN))[-1]
    assert last.flow_net_fen == 8800 - 53 - 800 + 5 + 1000


def test_a_fund_flow_bill_of_another_day_is_refused(books: Books) -> None:
    with pytest.raises(BillRefused) as error:
        books.match(DAY, flow=flow_of(changed(PAID, 0, "2025-01-05 10:00:00")))
    assert error.value.fault == "other_day"


def test_refunds_without_a_voucher_are_known_by_wechats_numbers(books: Books) -> None:
    second = {**REFUND, "微信退款单号": "5031", "商户退款单号": "R2", "退款金额": "1.00"}
    second |= {"申请退款金额": "1.00", "手续费": "-0.01"}
    books.refunded("R2", 100, refund_id="5031")
    both = changed(BACK, 5, ""), (REFUND["交易时间"], "5031", "退款", "支出", "1.00", "")
    bill = bill_of(PAYMENT, REFUND, second, OTHER)
    assert books.told(bill, flow=flow_of(PAID, *both, SECOND)) == []


def test_no_statement_names_a_temporary_table_twice(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MySQL refuses it (error 1137)."""
    said, run = [], books.database.execute_sql

    def recording(sql: str, *more: Any) -> Any:
        said.append(sql.replace('"', "").replace("`", ""))
        return run(sql, *more)

    monkeypatch.setattr(books.database, "execute_sql", recording)
    books.told(DAY, flow=flow_of(*WHOLE, SECOND, changed(SECOND, 1, "4209")))
    of_rows = [sql for sql in said if "staged_rows AS" in sql]
    assert len(of_rows) > 5
    assert [sql for sql in of_rows if sql.count("staged_rows AS") > 1] == []
    assert [sql for sql in said if sql.count("staged_movements AS") > 1] == []
