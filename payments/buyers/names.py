"""Names and titles as they are kept. What a character is does not depend on the version of Python,
which knows the emoji of its own year only."""

from __future__ import annotations

_CONTROL = (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)
_DIRECTION = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
_IN_NO_XML = (*range(0xD800, 0xE000), 0xFFFE, 0xFFFF)
_DROPPED = dict.fromkeys((*_CONTROL, *_DIRECTION, *_IN_NO_XML))


def plain_name(text: str) -> str:
    """The text as it was sent, but for characters that control: those of terminals, the ends of
    lines, overrides of the direction, and those that no XML can carry to WeChat. They are
    dropped."""
    return text.translate(_DROPPED)
