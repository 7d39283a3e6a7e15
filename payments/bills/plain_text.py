"""The text of a bill from a file that is plain or gzip, piece by piece."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from itertools import chain

from payments.bills.faults import BillFault, refused

PIECE_BYTES = 64 * 1024
MAX_TEXT_BYTES = 8 * 1024**3
"""Some 20 million rows. However small a gzip file is, no more is unpacked of it."""

_GZIP = b"\x1f\x8b"


def plain_text(chunks: Iterable[bytes], most: int = MAX_TEXT_BYTES) -> Iterator[bytes]:
    """The bytes of the text, in pieces of at most 64 KiB, whatever the chunks are. A gzip file is
    known by its first two bytes.

    Raises BillRefused for a gzip file that is damaged, cut or goes on after its end, and for a text
    of more than `most` bytes."""
    size = 0
    for piece in _pieces(iter(chunks)):
        size += len(piece)
        if size > most:
            raise refused(BillFault.TOO_LARGE, most=most)
        yield piece


def _pieces(chunks: Iterator[bytes]) -> Iterator[bytes]:
    start = b""
    for chunk in chunks:
        start += chunk
        if len(start) >= len(_GZIP):
            break
    whole = chain([start], chunks)
    return _unpacked(whole) if start.startswith(_GZIP) else _sliced(whole)


def _sliced(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for at in range(0, len(chunk), PIECE_BYTES):
            yield chunk[at : at + PIECE_BYTES]


def _unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    unzip = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    for chunk in chunks:
        if chunk and unzip.eof:
            raise refused(BillFault.GZIP_TAIL)
        try:
            # An empty piece says that the chunk is used up: text may still wait in the unpacker
            # when no byte of the chunk does.
            while piece := unzip.decompress(chunk, PIECE_BYTES):
                yield piece
                chunk = unzip.unconsumed_tail
        except zlib.error as error:
            raise refused(BillFault.GZIP_DAMAGED) from error
        if unzip.unused_data:
            raise refused(BillFault.GZIP_TAIL)
    if not unzip.eof:
        raise refused(BillFault.GZIP_CUT)
