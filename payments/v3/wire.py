"""API v3 on the wire: JSON in UTF-8, read strictly.

What other readers let pass is refused here: a mark of byte order, a name that comes twice, NaN,
nesting without end, numbers of ten thousand digits.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from payments.errors import Malformed

MAX_BYTES = 64 * 1024
MAX_DEPTH = 32

Fields = dict[str, Any]


def read(body: bytes) -> Fields:
    """One JSON object. Raises Malformed, and nothing else, on whatever bytes come."""
    if len(body) > MAX_BYTES:
        raise Malformed("The message is larger than 64 KiB.")
    _check_depth(body)
    try:
        found = json.loads(
            body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        raise Malformed("The message is not JSON in UTF-8.") from error
    if not isinstance(found, dict):
        raise Malformed("The message is not an object.")
    return found


def _check_depth(body: bytes) -> None:
    """An over-estimate, as brackets in texts count too; honest messages have four or so."""
    depth = deepest = 0
    for byte in body:
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    if deepest > MAX_DEPTH:
        raise Malformed("The message is nested too deep.")


def _once(pairs: list[tuple[str, Any]]) -> Fields:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("A name comes twice.")
    return found


def _no_constant(_word: str) -> NoReturn:
    raise Malformed("The message holds what is not a number.")


def write(fields: Fields) -> bytes:
    """Serialised once: the bytes that are signed are the bytes that are sent."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def text(fields: Any, *path: str) -> str | None:
    """The text at `path`; None when it is missing, empty or not a text."""
    value = _at(fields, path)
    return value if isinstance(value, str) and value else None


def amount(fields: Any, *path: str) -> str | None:
    """The number at `path` as it came, for the rules to read: 8800 is `8800`, 88.0, "8800" and
    true are no amounts and stay recognisable as what they are."""
    value = _at(fields, path)
    return None if value is None else json.dumps(value, ensure_ascii=False)[:64]


def _at(fields: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        fields = fields.get(name) if isinstance(fields, dict) else None
    return fields
