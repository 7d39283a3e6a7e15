"""The usual message of API v2, read by expressions: never another result than expat's, in a
fraction of its time.

WeChat writes nearly all fields alike, and the messages of a merchant nearly always have the same
fields in the same order. So a form that was met is one expression that reads the whole message at
once; another message is read field by field.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable

MAX_BYTES = 7 * 1024
"""No longer message is read here. Below the limits of payments/v2/wire.py, whatever the fields: the
shortest one has seven bytes."""
MAX_FORMS = 8
"""So many are learnt; to make an expression takes as long as to read hundreds of messages."""
MAX_FIELDS = 64

_BLANKS = " \t\r\n"
_GAP = "[ \t\r\n]*+"
_VALUE = r"([^\x00-\x1f\]<&\ufffe\uffff]*+)"
_FIELD = re.compile(
    rf"<([A-Za-z_][A-Za-z0-9_]{{0,31}})>(<!\[CDATA\[)?{_VALUE}(?(2)\]\]>)</\1>{_GAP}"
)
"""One line of text or one CDATA section, in which nothing stands for something else."""

_forms: dict[tuple[str, ...], re.Pattern[str]] = {}
"""By the names of the fields, in their order."""


def read(text: str) -> dict[str, str] | None:
    """The fields of a message in which nothing but `_FIELD` stands; None for any other, which may
    be right all the same."""
    for names, form in tuple(_forms.items()):  # another thread may learn one meanwhile
        if found := form.fullmatch(text):
            return dict(zip(names, found.groups(), strict=True))
    return read_each(text)


def read_each(text: str) -> dict[str, str] | None:
    """As `read`, of whatever form."""
    head, *parts = _FIELD.split(text)
    tail = parts.pop() if parts else ""
    if any(parts[3::4]) or head.rstrip(_BLANKS) != "<xml>" or tail.rstrip(_BLANKS) != "</xml>":
        return None
    names = parts[0::4]
    fields = dict(zip(names, parts[2::4], strict=True))
    return fields if len(fields) == len(names) else None


def learn(fields: Iterable[str], body: bytes) -> None:
    """Take the form of a message that was read, and is proven: what anybody can send must not fill
    the place of what WeChat sends. `fields` are the names of its fields, in their order."""
    known = tuple(fields)
    if known in _forms or len(_forms) >= MAX_FORMS or len(known) > MAX_FIELDS:
        return
    text = body.decode()
    if len(body) <= MAX_BYTES and read_each(text):
        whole = "".join(_form_of(name, text) for name in known)
        _forms[tuple(map(sys.intern, known))] = re.compile(f"<xml>{_GAP}{whole}</xml>{_GAP}")


def _form_of(name: str, text: str) -> str:
    if f"<{name}><![CDATA[" in text:
        return rf"<{name}><!\[CDATA\[{_VALUE}\]\]></{name}>{_GAP}"
    return f"<{name}>{_VALUE}</{name}>{_GAP}"
