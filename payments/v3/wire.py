"""API v3 on the wire: JSON in UTF-8, read strictly.

It refuses what other readers accept: a byte order mark, a name that comes twice, NaN, endless
nesting, numbers of ten thousand digits, characters that no table can keep.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from payments.errors import Malformed

MAX_BYTES = 64 * 1024
MAX_DEPTH = 32
MAX_PARTS = 4096
"""Objects and lists in one message; the longest honest list of goods has some hundreds."""

Fields = dict[str, Any]

_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
"""Also one without its end, so that the time it takes is linear in whatever bytes come."""
_BRACKET = re.compile(rb"[\[\]{}]")
_UNKEPT = re.compile("[\x00\ud800-\udfff]")
"""JSON can spell NUL and half a character; PostgreSQL and UTF-8 cannot keep them."""


def read(body: bytes, longest: int = MAX_BYTES) -> Fields:
    """One JSON object. Raises Malformed, and nothing else, on whatever bytes come; also for more
    than `longest` bytes."""
    if len(body) > longest:
        raise Malformed(f"The message is larger than {longest // 1024} KiB.")
    _check_depth(body)
    try:
        found = _DECODERS[b"\\u" in body].decode(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Malformed("The message is not JSON in UTF-8.") from error
    if not isinstance(found, dict):
        raise Malformed("The message is not an object.")
    return found


def _check_depth(body: bytes) -> None:
    """Honest messages have a depth of four or so, and are counted in no time."""
    parts = body.count(b"{") + body.count(b"[")
    if parts <= MAX_DEPTH:
        return
    if parts > MAX_PARTS:
        raise Malformed("The message has too many parts.")
    depth = 0
    for bracket in _BRACKET.findall(_TEXT.sub(b"", body)):
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_DEPTH:
            raise Malformed("The message is nested too deep.")


def _once(pairs: list[tuple[str, Any]]) -> Fields:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("A name comes twice.")
    return found


def _kept(pairs: list[tuple[str, Any]]) -> Fields:
    found = _once(pairs)
    if any(isinstance(value, str) and _UNKEPT.search(value) for value in found.values()):
        raise Malformed("A text holds what is not a character.")
    return found


def _no_constant(_word: str) -> NoReturn:
    raise Malformed("The message holds what is not a number.")


_DECODERS = {
    spells: json.JSONDecoder(object_pairs_hook=hook, parse_constant=_no_constant)
    for spells, hook in ((False, _once), (True, _kept))
}
"""By whether characters are spelled by their number: only so can one come that is none."""


def write(fields: Fields) -> bytes:
    """Serialised once: the bytes that are signed are the bytes that are sent. Names keep their
    order, so what was stored as JSON and is written again gives the same bytes."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def text(fields: Any, name: str, *below: str) -> str | None:
    """The text at a path; None when it is missing, empty or not a text."""
    value = fields.get(name) if isinstance(fields, dict) else None
    if below:
        value = _at(value, below)
    return value if isinstance(value, str) and value else None


def first_text(fields: Any, *names: str) -> str | None:
    """The text of the first of these names that has one."""
    for name in names:
        if found := text(fields, name):
            return found
    return None


def amount(fields: Any, *path: str) -> str | None:
    """The number at `path` as it came, for the rules to read: 8800 is `8800`, 88.0, "8800" and
    true are no amounts and stay recognisable as what they are."""
    value = _at(fields, path)
    if type(value) is int:
        return str(value)[:64]
    return None if value is None else json.dumps(value)[:64]


def _at(fields: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        fields = fields.get(name) if isinstance(fields, dict) else None
    return fields
