"""Phone numbers in the one form in which they are kept and looked for."""

from __future__ import annotations

import re

_PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_BETWEEN = re.compile(r"[\s().\u00a0\u00b7\u2010-\u2015\u200b-\u200f\u202a-\u202e\u2060\ufeff-]+")
_NUMBER = re.compile(r"\+?[0-9]{5,20}", re.ASCII)
_CHINA = re.compile(r"(?:\+|00)?86(1[3-9][0-9]{9})", re.ASCII)


def plain_phone(text: str) -> str:
    """`+86 138-1234-5678` as `13812345678`: full-width characters plain, signs between the digits
    and China's prefix gone. Another country's prefix stays. What is no number stays as it is."""
    number = _BETWEEN.sub("", text.translate(_PLAIN))
    if not _NUMBER.fullmatch(number):
        return text
    found = _CHINA.fullmatch(number)
    return found[1] if found else number
