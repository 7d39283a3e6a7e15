"""The numbered lines of a bill, from bytes that may be cut anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from payments.bills.faults import BillFault, refused
from payments.bills.plain_text import PIECE_BYTES, plain_text

MAX_LINE_BYTES = PIECE_BYTES
"""A row of WeChat's has some 400 bytes; its longest text, the note of a fund-flow row, 2,048
characters."""

_BOM = "\ufeff"


class BillLines:
    """Gives `(number, line)` once, the first number being 1, without the line end (CRLF or LF) and
    without a BOM. It keeps one piece and one line in memory.

    Raises BillRefused as `plain_text`, and for a line that is too long or not UTF-8."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._pieces = plain_text(chunks)
        self.ended = True
        """Whether the newest line had a line end: only the last one of a bill may have none."""

    def __iter__(self) -> Iterator[tuple[int, str]]:
        number, rest = 0, bytearray()
        for piece in self._pieces:
            end = piece.rfind(b"\n") + 1
            if not end:
                rest += piece
                _check_length(len(rest), number + 1)
                continue
            # Of these lines only the first can be too long: the others are inside one piece.
            _check_length(len(rest) + piece.find(b"\n"), number + 1)
            for line in _decoded(bytes(rest) + piece[:end], number + 1):
                number += 1
                yield number, line
            rest = bytearray(piece[end:])
        if rest:
            self.ended = False
            yield from enumerate(_decoded(bytes(rest), number + 1), number + 1)


def _check_length(length: int, number: int) -> None:
    if length > MAX_LINE_BYTES:
        raise refused(BillFault.LINE_TOO_LONG, line=number, most=MAX_LINE_BYTES)


def _decoded(block: bytes, first: int) -> Iterable[str]:
    """The lines of a block, of which the last one may have no line end. If a line is not text, the
    ones before it are given first: then a refusal is the same however the bill was cut."""
    try:
        text = block.decode("utf-8")
    except UnicodeDecodeError:
        return _decoded_one_by_one(block, first)
    if "\0" in text:  # PostgreSQL keeps none
        return _decoded_one_by_one(block, first)
    lines = text.removeprefix(_BOM if first == 1 else "").split("\n")
    if not lines[-1]:
        lines.pop()
    if "\r" not in text:
        return lines
    return [line[:-1] if line.endswith("\r") else line for line in lines]


def _decoded_one_by_one(block: bytes, first: int) -> Iterator[str]:
    for number, line in enumerate(block.removesuffix(b"\n").split(b"\n"), first):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise refused(BillFault.NOT_TEXT, line=number) from error
        if "\0" in text:
            raise refused(BillFault.NOT_TEXT, line=number)
        yield text.removeprefix(_BOM if number == 1 else "").removesuffix("\r")
