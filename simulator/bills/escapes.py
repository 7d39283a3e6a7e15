"""How free text stands in a bill: one character after the other, by the kind of row."""

from __future__ import annotations

_LINES = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
_BOTH = {"\\": r"\\", '"': r"\"", ",": "\\ ", "\ue000": "\\ ", "\x1a": "\\\x1a", **_LINES}
_PAYMENT = str.maketrans({**_BOTH, "'": r"\'", "`": r"\`"})
_REFUND = str.maketrans({**_BOTH, "`": r"\140"})
_OLD = str.maketrans(_LINES)


def escaped(text: str, *, on_payment: bool) -> str:
    return text.translate(_PAYMENT if on_payment else _REFUND)


def unescaped(text: str) -> str:
    """As old bills have it: commas and backticks stand as they are, only a line stays a line."""
    return text.translate(_OLD)
