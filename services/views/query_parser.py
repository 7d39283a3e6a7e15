"""Reads the text of the search box into its possible meanings: a number, a phone, a product, or an
amount at about some time. Pure; services/views/order_list.py does the search."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from services.views.time_phrases import TimePhrase, find_time

LONGEST = 64
SHORTEST_PREFIX = 4


class Field(StrEnum):
    """How a text is read; the word that the console is told."""

    ORDER = "order"
    TRANSACTION = "transaction"
    OPEN_ID = "openid"
    PHONE = "phone"
    PHONE_PREFIX = "phone_prefix"
    PHONE_TAIL = "phone_tail"
    PRODUCT = "product"
    CUSTOMER = "customer"
    TEXT = "text"
    AMOUNT = "amount"
    TIME = "time"


@dataclass(frozen=True)
class Reading:
    """One way to read the text. `since` and `until` are ms UTC, the end excluded; `near` is the
    moment that was named. A PHONE_TAIL may have the `head` of a masked number."""

    field: Field
    value: str = ""
    amounts: tuple[int, ...] = ()
    since: int | None = None
    until: int | None = None
    near: int | None = None
    head: str = ""


_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_UNSEEN = dict.fromkeys(
    [0x200B, 0x200C, 0x200D, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
_FORCED = re.compile(r"([a-z ]{2,12}|[\u4e00-\u9fff]{2,6})\s*[:：]\s*(.+)", re.I)
_FORCES = {
    Field.PHONE: ("手机号", "手机", "电话", "phone", "tel", "mobile"),
    Field.ORDER: ("订单号", "订单", "order", "order no"),
    Field.TRANSACTION: (
        "单号",
        "微信单号",
        "微信支付单号",
        "交易单号",
        "id",
        "wechat",
        "wechat id",
    ),
    Field.OPEN_ID: ("openid",),
    Field.PRODUCT: ("商品", "商品名", "product"),
    Field.CUSTOMER: ("客户", "姓名", "顾客", "customer", "name"),
    Field.AMOUNT: ("金额", "amount"),
    Field.TIME: ("时间", "下单时间", "time"),
}
_FORCE = {word: field for field, words in _FORCES.items() for word in words}

_BLANKS = re.compile(r"[\s-]+")
_TOKEN = re.compile(r"[0-9A-Za-z_-]+")
_MOBILE = re.compile(r"(?:\+?86)?(1[3-9][0-9]{1,9})")
_OPEN_ID = re.compile(r"o[0-9A-Za-z_-]{5,27}")
_TAIL = re.compile(
    r"(?:手机|电话)?(?:尾号|末四位|后四位|尾数|ending(?: in)?|last (?:four|4)|tail|\*+)"
    r"\s*:?\s*([0-9]{4})",
    re.I,
)
_MASKED = re.compile(r"(1[3-9][0-9])\*+([0-9]{4})")
_AMOUNT = re.compile(
    r"(?:[¥￥]|rmb|cny)?\s*([0-9]{1,8}|[0-9]{1,3}(?:,[0-9]{3}){1,2})(?:\.([0-9]{1,2}))?\s*(元|块钱?|圆|yuan|rmb|cny)?"
)
_FILLERS = re.compile(
    r"的|左右|大概|大约|差不多|付了?款?|支付|花了?|下单|\b(?:at|on|in|around|about|paid|for|the|of|approx)\b|[,，。]\s"
)


def clean(text: str) -> str:
    """Full-width characters plain, unseen ones gone, at most LONGEST."""
    return text.translate(_FULL_WIDTH).translate(_UNSEEN).strip()[:LONGEST].strip()


def readings(text: str, now_ms: int) -> tuple[Reading, ...]:
    """The ways to read a text, the likeliest first; none for an empty one."""
    text = clean(text)
    if not text:
        return ()
    forced = _FORCED.fullmatch(text)
    if forced and (field := _FORCE.get(forced[1].strip().lower())):
        return _forced(field, forced[2].strip(), now_ms)
    found = [*_phones(text), *_numbers(text, now_ms), *_words(text, now_ms)]
    return tuple(dict.fromkeys(found)) or (Reading(Field.TEXT, text),)


def _forced(field: Field, text: str, now_ms: int) -> tuple[Reading, ...]:
    if field is Field.PHONE:
        digits = Reading(Field.PHONE_PREFIX, _BLANKS.sub("", text))
        last_four = [Reading(Field.PHONE_TAIL, text)] if re.fullmatch("[0-9]{4}", text) else []
        return tuple(_phones(text)) or (*last_four, digits)
    if field in (Field.AMOUNT, Field.TIME):
        return tuple(_moment(text, now_ms)) or (Reading(Field.TEXT, text),)
    if field is Field.TRANSACTION:  # "单号" is said of both numbers
        value = _BLANKS.sub("", text)
        return Reading(field, value), Reading(Field.ORDER, text)
    return (Reading(field, text),)


def _phones(text: str) -> list[Reading]:
    if masked := _MASKED.fullmatch(text):
        return [Reading(Field.PHONE_TAIL, masked[2], head=masked[1])]
    if tail := _TAIL.fullmatch(text):
        return [Reading(Field.PHONE_TAIL, tail[1])]
    mobile = _MOBILE.fullmatch(_BLANKS.sub("", text))
    if not mobile or _is_date(text):
        return []
    return [Reading(Field.PHONE if len(mobile[1]) == 11 else Field.PHONE_PREFIX, mobile[1])]


def _is_date(text: str) -> bool:
    return bool(re.search(r"(?:^|\s)[0-9]{1,4}[-/][0-9]{1,2}(?:[-/ ]|$)", text))


def _numbers(text: str, now_ms: int) -> list[Reading]:
    """Order numbers, transaction ids and openids; a bare number may be an amount as well."""
    compact = _BLANKS.sub("", text)
    if compact.isascii() and compact.isdigit() and not _is_date(text):
        return _digits(text, compact, now_ms)
    if not _TOKEN.fullmatch(text):
        return []
    found = [Reading(Field.OPEN_ID, text)] if _OPEN_ID.fullmatch(text) else []
    if len(text) >= 6 and any(c.isdigit() for c in text) and not _moment(text, now_ms):
        found.append(Reading(Field.ORDER, text))
    return found


def _digits(text: str, digits: str, now_ms: int) -> list[Reading]:
    is_wechat = len(digits) == 28 or (len(digits) >= 10 and digits.startswith("42"))
    amount = _moment(digits, now_ms) if digits == text else []
    order = [Reading(Field.ORDER, number) for number in dict.fromkeys((text, digits))]
    if is_wechat:
        return [Reading(Field.TRANSACTION, digits), *order]
    if len(digits) >= 6:
        return [*order, *amount, Reading(Field.TRANSACTION, digits)]
    short = [*order, Reading(Field.TRANSACTION, digits)] if len(digits) >= SHORTEST_PREFIX else []
    tail = [Reading(Field.PHONE_TAIL, digits)] if len(digits) == 4 else []
    return [*amount, *short, *tail]


def _words(text: str, now_ms: int) -> list[Reading]:
    if found := _moment(text, now_ms):
        return found
    if not _BLANKS.sub("", text).isdigit():
        found.append(Reading(Field.TEXT, text))
    if _TOKEN.fullmatch(text) and len(text) >= SHORTEST_PREFIX:
        found += [Reading(Field.ORDER, text), Reading(Field.TRANSACTION, text)]
    return found


def _moment(text: str, now_ms: int) -> list[Reading]:
    """An amount, a time, or both, when the text holds nothing else."""
    lower = text.lower()
    if amount := _AMOUNT.fullmatch(lower):  # before a time: 11.23 yuan is no date
        return [Reading(Field.AMOUNT, amounts=_fen(amount, alone=True))]
    phrase: TimePhrase = find_time(lower, now_ms)
    if phrase.span is None:
        return []
    span = phrase.span
    rest = _FILLERS.sub(" ", phrase.rest).strip()
    if not rest:
        return [Reading(Field.TIME, since=span.since, until=span.until, near=span.near)]
    amount = _AMOUNT.fullmatch(rest)
    if not amount:
        return []
    fen = _fen(amount, alone=False)
    return [Reading(Field.AMOUNT, "", fen, span.since, span.until, span.near)]


def _fen(amount: re.Match[str], alone: bool) -> tuple[int, ...]:
    """In fen; a bare whole number that stands alone may be fen already."""
    whole, cents, unit = amount[1].replace(",", ""), amount[2], amount[3]
    yuan = int(whole) * 100 + int((cents or "").ljust(2, "0"))
    bare = alone and not cents and not unit and amount[0].isdigit()
    return (yuan, int(whole)) if bare else (yuan,)
