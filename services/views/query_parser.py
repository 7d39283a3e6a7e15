"""Reads the text of the search box into its possible meanings: a number, a phone, a product, or an
amount at about some time. Pure; services/views/order_list.py does the search."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from services.views.pasted.labels import SIMPLE, cells, labelled, peeled
from services.views.pasted.numbers import numbers_in
from services.views.time_phrases import TimePhrase, find_time

LONGEST = 1_000
"""Characters of a text; what stands behind them is not read."""
LONGEST_NAME = 64
SHORTEST_PREFIX = 4
MOST_PARTS = 20
"""Of a text of several lines so many are looked for."""


class Field(StrEnum):
    """How a text is read; the word that the console is told."""

    ORDER = "order"
    TRANSACTION = "transaction"
    REFUND = "refund"
    OPEN_ID = "openid"
    PHONE = "phone"
    PHONE_PREFIX = "phone_prefix"
    PHONE_TAIL = "phone_tail"
    PRODUCT = "product"
    CUSTOMER = "customer"
    TEXT = "text"
    AMOUNT = "amount"
    TIME = "time"
    SEVERAL = "several"


@dataclass(frozen=True)
class Reading:
    """One way to read the text. `since` and `until` are ms UTC, the end excluded; `near` is the
    moment that was named. A PHONE_TAIL may have the `head` of a masked number; an AMOUNT may have a
    `value`, the product or customer that was said with it. SEVERAL has its `parts`."""

    field: Field
    value: str = ""
    amounts: tuple[int, ...] = ()
    since: int | None = None
    until: int | None = None
    near: int | None = None
    head: str = ""
    parts: tuple[Reading, ...] = ()


_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_UNSEEN = dict.fromkeys(
    [0x200B, 0x200C, 0x200D, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
_BLANKS = re.compile(r"[\s-]+")
_SIGNS = re.compile(r"[\s().\u00b7\u2010-\u2015-]+")
_HAN_POINT = re.compile(r"(?<=[0-9])。(?=[0-9])")
_TOKEN = re.compile(r"[0-9A-Za-z_-]+")
_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9][0-9]{1,9})")
_OPEN_ID = re.compile(r"o[0-9A-Za-z_-]{5,27}")
_TAIL = re.compile(
    r"(?:手机|电话)?(?:尾号|末四位|后四位|尾数|ending(?: in)?|last (?:four|4)|tail|\*+)"
    r"\s*(?:[:是为]|is)?\s*([0-9]{4})",
    re.I,
)
_MASKED = re.compile(r"(1[3-9][0-9])\*+([0-9]{4})")
_NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3}){1,2}|[0-9]{1,8})"
_UNIT = r"元|块钱?|圆|yuan|rmb|cny"
_AMOUNT = re.compile(
    rf"[-+\u2212]?\s*(?:[¥￥]|rmb|cny)?\s*[-+\u2212]?\s*({_NUMBER})(?:\.([0-9]{{1,2}}))?\s*({_UNIT})?"
)
_AMOUNT_IN = re.compile(rf"(?<![0-9A-Za-z_.])(?:{_AMOUNT.pattern})(?![0-9A-Za-z_.])")
_PHONE_IN = re.compile(
    r"(?<![0-9A-Za-z])(?:\+?86|0086)?[ -]?(1[3-9][0-9][ .-]?[0-9]{4}[ .-]?[0-9]{4})(?![0-9A-Za-z])"
)
_FILLERS = re.compile(
    r"的|左右|大概|大约|差不多|微信|转账|[一总]?共|[付支]?付?款?成功|已?支付|付了?款?|花了?|下单|\b(?:at|on|in|around|about|paid|for|the|of|approx)\b|[,，。]\s"
)
_ISO = re.compile(r"(?<=[0-9])t(?=[0-9]{2}:)")
_ZONE = re.compile(r"(?<=[0-9])(?:\.[0-9]+)?(?:\+08:?00|z)$")
_DATE = re.compile(r"^(20[0-9]{2})([01][0-9])([0-3][0-9])(?=\s+[0-9])")
_PARTS_OF = (
    Field.PHONE,
    Field.PHONE_TAIL,
    Field.ORDER,
    Field.TRANSACTION,
    Field.OPEN_ID,
    Field.CUSTOMER,
)


def clean(text: str) -> str:
    """Full-width characters plain, unseen ones gone, at most LONGEST."""
    text = _HAN_POINT.sub(".", text.translate(_FULL_WIDTH).translate(_UNSEEN))
    return text.strip()[:LONGEST].strip()


def readings(text: str, now_ms: int) -> tuple[Reading, ...]:
    """The ways to read a text, the likeliest first; none for an empty one."""
    text = clean(text)
    if not text:
        return ()
    parts = cells(text)
    if len(parts) > 1 and (found := _pasted(parts, now_ms)):
        return found
    bare = peeled(text)
    forced = labelled(bare)
    if forced and forced[0] and forced[1]:
        return _forced(Field(forced[0]), peeled(forced[1]), now_ms)
    found = _read(bare, text, now_ms)
    named = [*_phones_in(bare), *found, *_with_name(bare, now_ms)]
    return tuple(dict.fromkeys(named)) or (Reading(Field.TEXT, text[:LONGEST_NAME]),)


def whole_numbers(text: str) -> tuple[str, ...]:
    """The numbers of orders, transactions and refunds that a text may hold. None where a label says
    that it is something else."""
    text = clean(text)
    parts = cells(text)
    forced = labelled(peeled(text)) if len(parts) < 2 else None
    others = (Field.PHONE, Field.PRODUCT, Field.CUSTOMER, Field.OPEN_ID, Field.AMOUNT, Field.TIME)
    return () if forced and forced[0] in others else numbers_in(text)


def _read(bare: str, text: str, now_ms: int) -> tuple[Reading, ...]:
    found = [*_phones(bare), *_numbers(bare, now_ms), *_words(bare, text, now_ms)]
    return tuple(dict.fromkeys(found))


def _pasted(parts: list[tuple[str | None, str]], now_ms: int) -> tuple[Reading, ...]:
    """A receipt is an amount and a time; without them several lines are several searches."""
    said: dict[Field, Reading] = {}
    several: list[Reading] = []
    for label, value in parts:
        ways = _forced(Field(label), value, now_ms) if label else _read(value, value, now_ms)
        if label == "" or not ways:
            continue
        first = ways[0]
        if first.field in (Field.AMOUNT, Field.TIME):
            if label or first.field not in said:
                said[first.field] = first
        elif label in (None, "phone", "openid", "customer", "order", "transaction"):
            some = [way for way in ways if way.field in _PARTS_OF]
            several += some[: 1 if first.field is Field.PHONE else 2]
        elif label == "product":
            said[Field.PRODUCT] = first
    amount, time = said.get(Field.AMOUNT), said.get(Field.TIME)
    found = []
    if several:
        found.append(Reading(Field.SEVERAL, parts=tuple(dict.fromkeys(several))[:MOST_PARTS]))
    if amount and time:
        both = replace(amount, since=time.since, until=time.until, near=time.near)
        found.append(replace(both, amounts=amount.amounts[:1]))
    elif product := said.get(Field.PRODUCT):
        found.append(replace(amount or time or product, value=product.value))
    if amount or time:
        found += [each for each in (amount, time) if each]
    elif product := said.get(Field.PRODUCT):
        found.append(product)
    return tuple(dict.fromkeys(found))


def _phones_in(text: str) -> list[Reading]:
    """The phone beside a name."""
    found = _PHONE_IN.search(text)
    if not found or found[0] == text:
        return []
    return [Reading(Field.PHONE, _SIGNS.sub("", found[1]))]


def _with_name(text: str, now_ms: int) -> list[Reading]:
    """A product or customer beside an amount, a time, or both."""
    phrase = find_time(_moment_text(text), now_ms)
    span = phrase.span
    rest = _FILLERS.sub(" ", phrase.rest).strip() if span else text.lower()
    amount = _AMOUNT_IN.search(rest)
    name = rest if amount is None else rest[: amount.start()] + " " + rest[amount.end() :]
    name = peeled(" ".join(name.split()))
    if not name or name.isascii() or (amount is None and span is None):
        return []
    fen = _fen(amount, alone=False) if amount else ()
    time = (span.since, span.until, span.near) if span else (None, None, None)
    field = Field.AMOUNT if fen else Field.TEXT
    return [Reading(field, name[:LONGEST_NAME], fen, *time)]


def _forced(field: Field, text: str, now_ms: int) -> tuple[Reading, ...]:
    if field is Field.PHONE:
        digits = Reading(Field.PHONE_PREFIX, _BLANKS.sub("", text))
        last_four = [Reading(Field.PHONE_TAIL, text)] if re.fullmatch("[0-9]{4}", text) else []
        return tuple(_phones(text)) or (*last_four, digits)
    if field in (Field.AMOUNT, Field.TIME):
        return tuple(_moment(text, now_ms)) or (Reading(Field.TEXT, text),)
    if field is Field.TRANSACTION:  # "单号" is said of both numbers
        text = text.strip("-_")
        value = _BLANKS.sub("", text)
        return Reading(field, value), Reading(Field.ORDER, text)
    return (Reading(field, text[:LONGEST_NAME]),)


def _phones(text: str) -> list[Reading]:
    if masked := _MASKED.fullmatch(text):
        return [Reading(Field.PHONE_TAIL, masked[2], head=masked[1])]
    if tail := _TAIL.fullmatch(text):
        return [Reading(Field.PHONE_TAIL, tail[1])]
    mobile = _MOBILE.fullmatch(_BLANKS.sub("", text))
    if whole := _MOBILE.fullmatch(_SIGNS.sub("", text)):
        mobile = whole if len(whole[1]) == 11 else mobile
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


def _words(text: str, whole: str, now_ms: int) -> list[Reading]:
    if found := _moment(text, now_ms):
        return found
    if not _BLANKS.sub("", text).isdigit():
        found.append(Reading(Field.TEXT, whole[:LONGEST_NAME]))
    if _TOKEN.fullmatch(text) and len(text) >= SHORTEST_PREFIX:
        found += [Reading(Field.ORDER, text), Reading(Field.TRANSACTION, text)]
    return found


def _moment(text: str, now_ms: int) -> list[Reading]:
    """An amount, a time, or both, when the text holds nothing else."""
    lower = _moment_text(text)
    if amount := _AMOUNT.fullmatch(lower):  # before a time: 11.23 yuan is no date
        return [Reading(Field.AMOUNT, amounts=_fen(amount, alone=True))]
    phrase: TimePhrase = find_time(lower, now_ms)
    if phrase.span is None:
        amount = _AMOUNT.fullmatch(_FILLERS.sub(" ", lower).strip())
        return [Reading(Field.AMOUNT, amounts=_fen(amount, alone=False))] if amount else []
    span = phrase.span
    rest = _FILLERS.sub(" ", phrase.rest).strip()
    if not rest:
        return [Reading(Field.TIME, since=span.since, until=span.until, near=span.near)]
    amount = _AMOUNT.fullmatch(rest)
    if not amount:
        return []
    fen = _fen(amount, alone=False)
    return [Reading(Field.AMOUNT, "", fen, span.since, span.until, span.near)]


def _moment_text(text: str) -> str:
    """In small letters, with WeChat's and the computers' ways to write a time as people do."""
    text = _ZONE.sub("", _ISO.sub(" ", text.lower().translate(SIMPLE)))
    return _DATE.sub(r"\1-\2-\3", text)


def _fen(amount: re.Match[str], alone: bool) -> tuple[int, ...]:
    """In fen; a bare whole number that stands alone may be fen already."""
    whole, cents, unit = amount[1].replace(",", ""), amount[2], amount[3]
    yuan = int(whole) * 100 + int((cents or "").ljust(2, "0"))
    bare = alone and not cents and not unit and amount[0].isdigit()
    return (yuan, int(whole)) if bare else (yuan,)
