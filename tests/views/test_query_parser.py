"""What the search box understands: a table of texts, in both languages, read at one moment."""

from __future__ import annotations

from datetime import datetime

import pytest

from payments.errors import BadRequest
from payments.payment_result import CHINA
from services.views.date_ranges import period
from services.views.query_parser import LONGEST, Field, Reading, clean, readings

pytestmark = pytest.mark.one_database


def at(text: str) -> int:
    """`11-24 10:30` of 2026 in China, in ms."""
    return (
        int(datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=CHINA).timestamp())
        * 1000
    )


NOW = at("11-24 10:30")  # a Tuesday
OPEN_ID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"


def first(text: str, now: int = NOW) -> Reading:
    return readings(text, now)[0]


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("4200001234567890123456789012", Field.TRANSACTION, None),
        ("1" * 28, Field.TRANSACTION, None),
        ("4200001234", Field.TRANSACTION, None),
        ("42 0000 1234", Field.TRANSACTION, "4200001234"),
        ("138", Field.PHONE_PREFIX, None),
        ("１３８", Field.PHONE_PREFIX, "138"),
        ("1381234", Field.PHONE_PREFIX, None),
        ("13812345678", Field.PHONE, None),
        ("138-1234-5678", Field.PHONE, "13812345678"),
        ("+86 138 1234 5678", Field.PHONE, "13812345678"),
        ("尾号 5678", Field.PHONE_TAIL, "5678"),
        ("手机尾号5678", Field.PHONE_TAIL, "5678"),
        ("*5678", Field.PHONE_TAIL, "5678"),
        ("last four 5678", Field.PHONE_TAIL, "5678"),
        ("138****5678", Field.PHONE_TAIL, "5678"),
        (OPEN_ID, Field.OPEN_ID, None),
        ("oUpF8u", Field.OPEN_ID, None),
        ("M261123142744B61Y", Field.ORDER, None),
        ("PW-2025_0001", Field.ORDER, None),
        ("２６１１２３142744", Field.ORDER, "261123142744"),
        ("\u200b261123142744B61Y\u202c ", Field.ORDER, "261123142744B61Y"),
        ("咨询", Field.TEXT, None),
        ("一对一咨询（60 分钟）", Field.TEXT, "一对一咨询(60 分钟)"),
        ("晨光文具", Field.TEXT, None),
        ("Wright", Field.TEXT, None),
        ("手机号:138", Field.PHONE_PREFIX, "138"),
        ("phone: 138", Field.PHONE_PREFIX, "138"),
        ("手机号：5678", Field.PHONE_TAIL, "5678"),
        ("订单号：138", Field.ORDER, "138"),
        ("order: A1", Field.ORDER, "A1"),
        ("单号: 138", Field.TRANSACTION, "138"),
        ("openid:oUpF", Field.OPEN_ID, "oUpF"),
        ("商品:88", Field.PRODUCT, "88"),
        ("Product: book", Field.PRODUCT, "book"),
        ("客户:王芳", Field.CUSTOMER, "王芳"),
    ],
)
def test_a_text_is_read_as_what_it_looks_like(text: str, field: Field, value: str | None) -> None:
    found = first(text)
    assert (found.field, found.value) == (field, value or text)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("88", (8800, 88)),
        ("6850", (685000, 6850)),
        ("88.00", (8800,)),
        ("¥68.5", (6850,)),
        ("８８．５", (8850,)),
        ("1,280.00", (128000,)),
        ("￥1,268,500", (126850000,)),
        ("138元", (13800,)),
        ("199块", (19900,)),
        ("88 yuan", (8800,)),
        ("金额:138", (13800, 138)),
        ("11.23", (1123,)),
        ("0.01", (1,)),
    ],
)
def test_an_amount_is_read_in_fen(text: str, fen: tuple[int, ...]) -> None:
    assert first(text) == Reading(Field.AMOUNT, amounts=fen)


SPANS = {
    "昨晚8点": ("11-23 19:00", "11-23 21:00", "11-23 20:00"),
    "昨天晚上八点": ("11-23 19:00", "11-23 21:00", "11-23 20:00"),
    "last night 8pm": ("11-23 19:00", "11-23 21:00", "11-23 20:00"),
    "last night at 8": ("11-23 19:00", "11-23 21:00", "11-23 20:00"),
    "昨晚8点半": ("11-23 20:00", "11-23 21:00", "11-23 20:30"),
    "昨晚8点05分": ("11-23 19:35", "11-23 20:35", "11-23 20:05"),
    "昨晚十二点": ("11-23 23:00", "11-24 01:00", "11-24 00:00"),
    "昨晚1点": ("11-24 00:00", "11-24 02:00", "11-24 01:00"),
    "last night 1am": ("11-24 00:00", "11-24 02:00", "11-24 01:00"),
    "今天凌晨1点": ("11-24 00:00", "11-24 02:00", "11-24 01:00"),
    "昨天下午三点": ("11-23 14:00", "11-23 16:00", "11-23 15:00"),
    "yesterday afternoon 3pm": ("11-23 14:00", "11-23 16:00", "11-23 15:00"),
    "today 09:30": ("11-24 09:00", "11-24 10:00", "11-24 09:30"),
    "11-23 20:00": ("11-23 19:30", "11-23 20:30", "11-23 20:00"),
    "11/23 20:00": ("11-23 19:30", "11-23 20:30", "11-23 20:00"),
    "11月23日晚上8点": ("11-23 19:00", "11-23 21:00", "11-23 20:00"),
    "nov 23 8:00pm": ("11-23 19:30", "11-23 20:30", "11-23 20:00"),
    "2026-11-20": ("11-20 00:00", "11-21 00:00", None),
    "23号": ("11-23 00:00", "11-24 00:00", None),
    "30号": ("10-30 00:00", "10-31 00:00", None),
    "前天": ("11-22 00:00", "11-23 00:00", None),
    "day before yesterday": ("11-22 00:00", "11-23 00:00", None),
    "大前天上午": ("11-21 06:00", "11-21 12:00", None),
    "昨晚": ("11-23 18:00", "11-24 02:00", None),
    "last night": ("11-23 18:00", "11-24 02:00", None),
    "yesterday evening": ("11-23 18:00", "11-24 02:00", None),
    "this morning": ("11-24 06:00", "11-24 12:00", None),
    "今早": ("11-24 06:00", "11-24 12:00", None),
    "昨天中午": ("11-23 11:00", "11-23 14:00", None),
    "yesterday at noon": ("11-23 11:00", "11-23 14:00", None),
    "刚才": ("11-24 10:00", "11-24 10:31", None),
    "just now": ("11-24 10:00", "11-24 10:31", None),
    "半小时前": ("11-24 09:30", "11-24 10:30", "11-24 10:00"),
    "3小时前": ("11-24 06:30", "11-24 08:30", "11-24 07:30"),
    "2 hours ago": ("11-24 07:30", "11-24 09:30", "11-24 08:30"),
    "两天前": ("11-22 00:00", "11-23 00:00", None),
    "2 days ago": ("11-22 00:00", "11-23 00:00", None),
    "上周三": ("11-18 00:00", "11-19 00:00", None),
    "周一": ("11-23 00:00", "11-24 00:00", None),
    "last friday": ("11-20 00:00", "11-21 00:00", None),
    "8点": ("11-24 07:00", "11-24 09:00", "11-24 08:00"),
    "晚上8点": ("11-23 19:00", "11-23 21:00", "11-23 20:00"),  # the last one that was
    "8pm": ("11-23 19:00", "11-23 21:00", "11-23 20:00"),
}


@pytest.mark.parametrize("text", SPANS)
def test_a_phrase_of_time_is_read_alone_and_beside_an_amount(text: str) -> None:
    since, until, near = (None if when is None else at(when) for when in SPANS[text])
    assert first(text) == Reading(Field.TIME, since=since, until=until, near=near)
    both = Reading(Field.AMOUNT, amounts=(8800,), since=since, until=until, near=near)
    for written in (f"88 {text}", f"{text} 88", f"¥88.00 {text}", f"{text} 付了 88元 左右"):
        assert first(written) == both, written


def test_what_is_no_day_and_no_hour_is_only_text() -> None:
    for text in ("13-45", "25:00", "88 99 昨天", "昨天 王芳", "yesterday tea"):
        assert first(text).field not in (Field.TIME,), text
        assert first(text).since is None, text


def test_a_day_without_a_year_is_the_last_one_that_was() -> None:
    found = first("12-25")
    assert found.since == at("12-25 00:00") - 365 * 86_400_000
    assert first("2-29", at("03-01 12:00")).field is not Field.TIME  # 2026 has none


def test_what_is_ambiguous_is_read_again_another_way() -> None:
    fields = [way.field for way in readings("138", NOW)]
    assert fields == [Field.PHONE_PREFIX, Field.AMOUNT]
    assert [way.field for way in readings("5678", NOW)] == [
        Field.AMOUNT,
        Field.ORDER,
        Field.TRANSACTION,
        Field.PHONE_TAIL,
    ]
    assert Reading(Field.ORDER, "138-1234-5678") in readings("138-1234-5678", NOW)
    assert Reading(Field.PHONE_TAIL, "5678", head="138") in readings("138****5678", NOW)


def test_an_empty_text_asks_for_nothing_and_a_long_one_is_cut() -> None:
    assert readings("", NOW) == readings(" \u3000\u200b", NOW) == ()
    assert len(clean("字" * 5000)) == LONGEST
    for odd in (
        "%",
        "'",
        "\\",
        "：",
        "手机号:",
        "点",
        "前",
        "9" * 64,
        "零点" * 30,
        "\U0010ffff",
        "-5",
        "1-2-3",
    ):
        assert readings(odd, NOW), odd


def test_a_period_is_of_whole_days_in_china() -> None:
    midnight, tomorrow = at("11-24 00:00"), at("11-25 00:00")
    assert period("today", NOW) == (midnight, tomorrow)
    assert period("7d", NOW) == (at("11-18 00:00"), tomorrow)
    assert period("30d", NOW) == (at("10-26 00:00"), tomorrow)
    assert period("2026-11-01..2026-11-23", NOW) == (at("11-01 00:00"), midnight)
    assert period("2026-11-01..", NOW) == (at("11-01 00:00"), None)
    assert period("..2026-11-23", NOW) == (None, midnight)
    assert period("", NOW) == period("all", NOW) == (None, None)
    for wrong in ("1d", "2026-13-01..", "x..y", "2026-11-01", "TODAY"):
        with pytest.raises(BadRequest):
            period(wrong, NOW)
