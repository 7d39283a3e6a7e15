"""What customers read out and send, as a clerk pastes it: each text and the orders that it finds,
on every database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from peewee import MySQLDatabase, PostgresqlDatabase

from models import TABLES, Order, Refund
from models.database import is_sqlite, open_database
from payments.payment_result import CHINA
from services.runtime.clock import DAY_MS
from services.views.order_filter import OrderFilter
from services.views.order_list import OrderPage, find_orders
from services.views.pasted.numbers import MOST_NUMBERS, numbers_in
from services.views.pasted.why_not import WhyNot
from services.views.query_parser import LONGEST, MOST_PARTS, Field, readings
from tests.support.databases import database


def at(text: str) -> int:
    """`11-24 10:30` of 2026 in China, in ms."""
    moment = datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=CHINA)
    return int(moment.timestamp()) * 1000


NOW = at("11-24 12:00")
A, B, C, OLD = "M261123200500AAAA", "M261124110000BBBB", "Pw-2025_0001ab", "M261101080000DDDD"
TX, TX_C = "4200002611231234567890123456", "4200002611207777777777777777"
REFUND, REFUND_ID = "RF2611232010Ab01", "50300001234567890123456789012"
ORDERS: tuple[dict[str, Any], ...] = (
    {
        "order_num": A,
        "total_fen": 8800,
        "created_at": at("11-23 20:03"),
        "paid_at": at("11-23 20:06"),
        "wechat_paid_at": at("11-23 20:05"),
        "transaction_id": TX,
        "status": "PARTIALLY_REFUNDED",
        "phone": "13812345670",
        "phone_tail": "5670",
        "customer": "陈晓彤",
    },
    {
        "order_num": B,
        "total_fen": 19900,
        "created_at": at("11-24 11:00"),
        "phone": "13900001111",
        "phone_tail": "1111",
        "customer": "李雷",
        "title": "书法课",
    },
    {
        "order_num": C,
        "total_fen": 6850,
        "created_at": at("11-20 23:30"),
        "paid_at": at("11-21 06:10"),
        "wechat_paid_at": at("11-21 01:15"),
        "transaction_id": TX_C,
        "status": "PAID",
    },
    {"order_num": OLD, "total_fen": 8800, "created_at": at("11-01 08:00")},
)
RECEIPT = f"""微信支付
￥88.00
当前状态	支付成功
商品	咨询 60 分钟
商户全称	上海澄观信息技术有限公司
收单机构	财付通支付科技有限公司
支付方式	零钱
支付时间	2026年11月23日 20:05:12
交易单号	{TX}
商户单号	{A}
"""
RECEIPT_ZH = f"""-88.00
当前状态
支付成功
支付时间
2026年11月23日 20:05:12
商品
咨询 60 分钟
商户全称
上海澄观信息技术有限公司
支付方式
招商银行(1234)
交易单号
{TX}
商户单号
{A}
可在支持的商户扫码退款"""
TRADITIONAL = f"""付款金額：HK$88.00
支付時間：2026-11-23 20:05:12
交易單號：{TX}
商戶單號：{A}
支付方式：零錢"""
ENGLISH = f"""-88.00
Current Status  Payment Successful
Payment Time  2026-11-23 20:05:12
Product  Consultation, 60 min
Payment Method  Balance
Transaction ID  {TX}
Merchant Order No.  {A}"""
BILL_ROW = (
    f"2026-11-23 20:05:12,`wx0123456789abcdef,`1900000109,`0,`,`{TX},`{A},`oUpF8uMuAJO_M2pxb1Q9,"
    "`JSAPI,`SUCCESS,`OTHERS,`CNY,`88.00,`0.00"
)
NOTHING: tuple[str, ...] = ()
TEXTS: dict[str, tuple[str, ...]] = {
    # the receipt and the bill, whole
    RECEIPT: (A,),
    RECEIPT_ZH: (A,),
    TRADITIONAL: (A,),
    ENGLISH: (A,),
    BILL_ROW: (A,),
    RECEIPT.replace(TX, "").replace(A, ""): (A,),
    RECEIPT_ZH.replace(A, ""): (A,),
    f"账单详情\n商户单号 {A}\n退款单号 {REFUND_ID}\n退款金额 ￥10.00": (A,),
    # the row's own texts
    f"商户单号：{A}": (A,),
    f"商户单号 {A}": (A,),
    f"交易单号\n{TX}": (A,),
    "-88.00": (A, OLD),
    "88。00": (A, OLD),
    f"`{TX}": (A,),
    f"{A}。": (A,),
    A.lower(): (A,),
    C.lower(): (C,),
    "pw-2025_00": (C,),
    f"{TX[:4]}-{TX[4:8]}-{TX[8:12]}-{TX[12:16]}-{TX[16:20]}-{TX[20:24]}-{TX[24:]}": (A,),
    "+8613812345670": (A,),
    "138 1234 5670": (A,),
    "１３８１２３４５６７０": (A,),
    "支付时间 2026-11-23 20:05": (A,),
    "咨询 88": (A, OLD),
    f"{A}\n{B}": (B, A),
    # numbers
    f"{A[:8]} {A[8:]}": (A,),
    f"{A[:8]}-{A[8:]}": (A,),
    f"{A[:9]}\n{A[9:]}": (A,),
    f"交易单号:{TX[:14]}\n{TX[14:]}": (A,),
    f"单号{A}": (A,),
    f"订单号是{A}吗": (A,),
    f"你好，订单号是 {A.lower()} 吗？谢谢": (A,),
    f"my order no. is {A}, please check": (A,),
    f"🙏🙏{A}❤️": (A,),
    f"「{A}」": (A,),
    f'="{A}"': (A,),
    f"'{TX}": (A,),
    f'"{TX}"\t"{A}"\t"88.00"': (A,),
    f"#{A}": (A,),
    f"订单编号：{A}，": (A,),
    f"商戶單號：{A}": (A,),
    f"Merchant order no.: {A}": (A,),
    "Ｍ２６１１２３２００５００ＡＡＡＡ": (A,),
    f"https://shop.example/orders/{A}?from=wx": (A,),
    f"{A},{B},{C}": (B, A, C),
    f"{TX}\n{B}": (B, A),
    f"{B} 13812345670": (B,),
    TX[:16]: (A,),
    f"交易单号 {TX[:12]}": (A,),
    REFUND: (A,),
    REFUND.lower(): (A,),
    f"商户退款单号：{REFUND}": (A,),
    f"退款单号 {REFUND_ID}": (A,),
    f"`{REFUND_ID}": (A,),
    # phones
    "008613812345670": (A,),
    "+86 138-1234-5670": (A,),
    "86 13812345670": (A,),
    "(+86) 138 1234 5670": (A,),
    "电话：138.1234.5670": (A,),
    "手机號碼 13812345670": (A,),
    "\u202a+86 138 1234 5670\u202c": (A,),
    "13812345670。": (A,),
    "手机尾号是5670": (A,),
    "尾号：5670吗": (A,),
    "13812345670\n13900001111": (B, A),
    "陈晓彤 13812345670": (A,),
    "姓名：陈晓彤\n电话：13812345670": (A,),
    # amounts and times
    "¥ 88.00": (A, OLD),
    "￥-88.00": (A, OLD),
    "+88.00": (A, OLD),
    "88元": (A, OLD),
    "88.00元。": (A, OLD),
    "付了88块": (A, OLD),
    "付款金额：￥88.00": (A, OLD),
    "實付金額 88.00": (A, OLD),
    "RMB 88": (A, OLD),
    "CNY88.00": (A, OLD),
    "2026年11月23日 20:05:12": (A,),
    "2026年11月23日下午8点05分": (A,),
    "2026-11-23T20:05:12+08:00": (A,),
    "2026/11/23 20:05": (A,),
    "2026.11.23 20:05:12": (A,),
    "20261123 20:05": (A,),
    "2026年11月23日 下午8:05": (A,),
    "2026年11月24日上午11:00": (B,),
    "11月21日 01:15": (
        C,
    ),  # by WeChat's time of the payment: it was made an hour and a half before
    "68.5 11月21日 01:15": (C,),
    "68.50 11月21日": (C,),
    "11月23日 88": (A,),
    "支付时间：2026年11月23日 20:05:12\n金额：-88.00": (A,),
    "昨天下午八點 88元": (A,),
    "书法课 199元": (B,),
    "书法课 11-24": (B,),
    "商品：书法课 金额：199": (B,),
    "李雷 199": (B,),
    "88塊": (A, OLD),
    "转账 88.00": (A, OLD),
    "共88元": (A, OLD),
    "¥88.00 已支付": (A, OLD),
    "尾号5670的": (A,),
    "2026/11/23 20:05:12 -88.00 微信支付": (A,),
    "八十八": NOTHING,
    f"{A[:-1]}X": NOTHING,
    "4200009999999999999999999999": NOTHING,
    "138123456": NOTHING,
}


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[None]:
    with (
        database(tmp_path) as url,
        closing(open_database(url, patient=True)) as found,
        found.bind_ctx(TABLES),
    ):
        for row in ORDERS:
            usual = {
                "product_id": "p1",
                "title": "咨询 60 分钟",
                "app_id": "wx1",
                "mch_id": "1900000109",
                "status_token": row["order_num"],
                "updated_at": NOW,
                "expires_at": NOW + DAY_MS,
            }
            Order.insert(**{**usual, **row}).execute()
        Refund.insert(
            refund_num=REFUND,
            refund_id=REFUND_ID,
            order_num=A,
            app_id="wx1",
            mch_id="1900000109",
            transaction_id=TX,
            total_fen=8800,
            amount_fen=1000,
            reason="x",
            requested_by="bob",
            created_at=NOW,
            updated_at=NOW,
        ).execute()
        yield


def look(text: str) -> OrderPage:
    return find_orders(OrderFilter(q=text), NOW, None, 50)


def test_each_text_finds_its_orders(filled: None) -> None:
    wrong = {}
    for text, expected in TEXTS.items():
        found = tuple(view.order_num for view in look(text).views)
        if sorted(found) != sorted(expected):
            wrong[text] = (found, expected)
    assert not wrong, "\n".join(f"{text!r}: {told}" for text, told in wrong.items())


WHY_NOT = {
    "八十八": WhyNot.AMOUNT_IN_WORDS,
    "一百二十元": WhyNot.AMOUNT_IN_WORDS,
    "138123456": WhyNot.PART_OF_PHONE,
    f"交易单号\n{'4200009' + '9' * 21}": WhyNot.UNKNOWN_TRANSACTION,
    f"{A[:-1]}X": WhyNot.UNKNOWN_NUMBER,
    "没有这个人": WhyNot.NOTHING,
    "字" * (LONGEST + 1): WhyNot.TOO_LONG,
}


def test_what_finds_nothing_says_why(filled: None) -> None:
    assert {text: look(text).why_not for text in WHY_NOT} == WHY_NOT
    assert look(A).why_not is None


def test_a_receipt_is_its_one_order_and_several_numbers_are_a_list(filled: None) -> None:
    for text in (RECEIPT, RECEIPT_ZH, TRADITIONAL, ENGLISH, BILL_ROW, REFUND_ID, A.lower()):
        assert look(text).exact, text
    assert not look(f"{A}\n{B}").exact
    assert not look(RECEIPT.replace(TX, "").replace(A, "")).exact  # by its amount and time


def test_a_number_in_exactly_its_case_goes_before_another(filled: None) -> None:
    other = Order.get(Order.order_num == C)
    columns = {**other.__data__, "order_num": C.upper(), "transaction_id": "4" * 28}
    columns.pop("id")
    Order.insert(**columns).execute()
    assert [view.order_num for view in look(C).views] == [C]
    assert [view.order_num for view in look(C.upper()).views] == [C.upper()]
    assert len(look(C.lower()).views) == 2


def test_the_numbers_of_a_long_text_are_bounded() -> None:
    assert len(numbers_in(" ".join(f"A{n}-{n}" for n in range(5_000)))) == MOST_NUMBERS
    lines = "\n".join(f"1381234{n:04}" for n in range(90))
    (several, *_) = readings(lines, NOW)
    assert (several.field, len(several.parts)) == (Field.SEVERAL, MOST_PARTS)


def test_each_way_to_find_a_number_follows_an_index(filled: None) -> None:
    """As the database plans it: on PostgreSQL without the way out to read a small table whole."""
    found = Order._meta.database
    if isinstance(found, MySQLDatabase):
        found.execute_sql("ANALYZE TABLE orders, refunds")
    if isinstance(found, PostgresqlDatabase):
        found.execute_sql("SET enable_seqscan = off")
    run, statements = found.execute_sql, []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            found, "execute_sql", lambda *each: statements.append(each) or run(*each), raising=True
        )
        for text in (A, TX, REFUND, REFUND_ID, f"{A[:-2]}X", "11月21日 01:15", "68.5 11月21日"):
            look(text)
    explain = "EXPLAIN QUERY PLAN" if is_sqlite(found) else "EXPLAIN"
    assert len(statements) > 20
    for sql, *params in statements:
        plan = " ".join(str(row) for row in run(f"{explain} {sql}", *params).fetchall())
        whole = ("SCAN orders'", "SCAN refunds", "SCAN t1'", "Seq Scan", "'ALL'")
        if not isinstance(found, MySQLDatabase):  # which reads a table of four rows whole
            assert not any(each in plan for each in whole), (sql, plan)
