"""Free text in a row: what old bills do not escape, and what newer ones do."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate

from payments.bills.sections import SPLIT

Check = Callable[[str], object] | None
"""Raises ValueError or KeyError for what cannot stand in a column. FREE is a text that may hold a
comma with a backtick."""
FREE: Check = None

MAX_TOO_MANY = 128
"""A title and its data have 127 characters each, so no more of two characters than that."""

_PAYMENT_ESCAPES = {
    "\\\\": "\\",
    "\\'": "'",
    '\\"': '"',
    "\\`": "`",
    "\\ ": " ",  # was a comma or U+E000: which one, nobody can tell
    "\\n": "\n",
    "\\r": "\r",
    "\\t": "\t",
    "\\\x1a": "\x1a",
}
_REFUND_ESCAPES = {
    **{escape: text for escape, text in _PAYMENT_ESCAPES.items() if text not in "'`"},
    "\\140": "`",
}
"""On rows of refunds `'` has no escape, and a backtick is its number in octal."""
_FUND_FLOW_ESCAPES = {"\\1": " ", "\\n": "\n", "\\r": "\r"}


def _undoing(escapes: Mapping[str, str]) -> Callable[[str], str]:
    form = re.compile("|".join(map(re.escape, escapes)))

    def undo(text: str) -> str:
        return form.sub(lambda found: escapes[found[0]], text) if "\\" in text else text

    return undo


payment_text = _undoing(_PAYMENT_ESCAPES)
"""Undoes the escapes of a payment row in one pass from the left (M/4013071246). What is no escape
stays: old bills escape nothing, and a backslash in them is a backslash."""
refund_text = _undoing(_REFUND_ESCAPES)
"""As `payment_text`, on a refund row."""
fund_flow_text = _undoing(_FUND_FLOW_ESCAPES)
"""As `payment_text`, in a fund-flow bill (M/4013071249)."""


def rejoined(values: Sequence[str], checks: Sequence[Check]) -> list[str] | None:
    """The values of a row that was split into too many, because a free text holds a comma with a
    backtick: one a column, if there is exactly one way in which every other column has a value that
    passes its check; else None.

    Where free texts stand side by side, nobody can tell which of them holds it: the first gets all
    that is too much. Time and memory grow with columns × values too many, and no faster."""
    too_many = len(values) - len(checks)
    # Two rows in one line have as many too many as there are columns, less one.
    if not 0 < too_many < min(len(checks) - 1, MAX_TOO_MANY):
        return None
    # ways[n]: in how many ways n values too many can be used up, column by column
    ways, steps = [1] + [0] * too_many, []
    for at, check in enumerate(checks):
        if check:
            fits = [passes(check, value) for value in values[at : at + too_many + 1]]
            ways = [way if fit else 0 for way, fit in zip(ways, fits, strict=True)]
        elif _begins_run(checks, at):
            ways = list(accumulate(ways))
        steps.append(ways)
    return _the_way(values, checks, steps) if ways[too_many] == 1 else None


def passes(check: Callable[[str], object], text: str) -> bool:
    try:
        check(text)
    except (ValueError, KeyError):
        return False
    return True


def _begins_run(checks: Sequence[Check], at: int) -> bool:
    return checks[at] is None and (at == 0 or checks[at - 1] is not None)


def _the_way(
    values: Sequence[str], checks: Sequence[Check], steps: Sequence[Sequence[int]]
) -> list[str]:
    """Back from the last column. Before a run of free texts only one number of values can have
    been used up, or there would be several ways."""
    fields: list[str] = []
    used = len(values) - len(checks)
    for at in reversed(range(len(checks))):
        before = used
        if _begins_run(checks, at):
            ways = steps[at - 1] if at else [1]
            before = next(n for n, way in enumerate(ways) if way)
        fields.append(SPLIT.join(values[at + before : at + used + 1]))
        used = before
    return fields[::-1]
