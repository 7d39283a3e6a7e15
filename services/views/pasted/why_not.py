"""Why a text found no order, as a code; the page has the words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from services.views.pasted.labels import peeled
from services.views.query_parser import LONGEST, Field, Reading, whole_numbers

_AMOUNT_IN_WORDS = re.compile(r"[零〇一二三四五六七八九十百千万两]{2,}(?:元|块钱?|圆)?")
_OF_WECHAT = re.compile(r"(?:42[0-9]{26}|50[0-9]{26,27})", re.ASCII)
PHONE, SHOWN = 11, 3


class WhyNot(StrEnum):
    TOO_LONG = "too_long"
    AMOUNT_IN_WORDS = "amount_in_words"
    PART_OF_PHONE = "part_of_phone"
    UNKNOWN_TRANSACTION = "unknown_transaction"
    UNKNOWN_NUMBER = "unknown_number"
    NOTHING = "nothing"


def why_not(text: str, ways: Sequence[Reading]) -> WhyNot:
    """Of a text that found nothing, read in these ways."""
    if len(text.strip()) > LONGEST:
        return WhyNot.TOO_LONG
    if _AMOUNT_IN_WORDS.fullmatch(peeled(text)):
        return WhyNot.AMOUNT_IN_WORDS
    if any(SHOWN < len(way.value) < PHONE for way in ways if way.field is Field.PHONE_PREFIX):
        return WhyNot.PART_OF_PHONE
    if any(_OF_WECHAT.fullmatch(number) for number in whole_numbers(text)):
        return WhyNot.UNKNOWN_TRANSACTION
    if any(way.field in (Field.ORDER, Field.TRANSACTION, Field.REFUND) for way in ways):
        return WhyNot.UNKNOWN_NUMBER
    return WhyNot.NOTHING
