"""Where a page of a list of orders begins, as the caller carries it from one page to the next."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TEXT = re.compile(r"([1-9][0-9]{0,14})(?:([.-])([0-9]{1,2}))?")


@dataclass(frozen=True)
class ListPosition:
    """A page begins after the order with this id, or `at` it. `reading` is the way in which the
    text is read (services/views/query_parser.py), by its number; `seeking` while it has found
    nothing: then those behind it have not been tried farther back."""

    id: int
    at: bool = False
    reading: int = 0
    seeking: bool = False

    def __str__(self) -> str:
        if not self.reading and not self.seeking:
            return str(self.id)
        return f"{self.id}{'-' if self.seeking else '.'}{self.reading}"


def read_position(text: str) -> ListPosition | None:
    """None for a text that no page has given."""
    found = _TEXT.fullmatch(text)
    if not found:
        return None
    return ListPosition(int(found[1]), False, int(found[3] or 0), found[2] == "-")
