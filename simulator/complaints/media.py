"""The images of complaints: those that buyers send, drawn here, and those of merchants."""

from __future__ import annotations

import secrets
import struct
import zlib
from collections import OrderedDict

MAX_BYTES = 2 * 1024 * 1024
MAX_MEDIA = 100


def png(width: int, height: int, shade: int) -> bytes:
    """A picture of one colour with a lighter frame."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            edge = min(x, y, width - 1 - x, height - 1 - y) < 8
            rows += bytes((230, 230, 230) if edge else (shade, 120, 255 - shade))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    checked = name + data
    return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))


class Media:
    """The newest MAX_MEDIA images by their id."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def __contains__(self, media_id: str) -> bool:
        return media_id in self._kept

    def keep(self, content: bytes) -> str:
        """The id of a new one, which holds characters that an address must encode."""
        media_id = f"ChsyMDAwMTE{secrets.token_urlsafe(24)}=="
        self._kept[media_id] = content
        while len(self._kept) > MAX_MEDIA:
            self._kept.popitem(last=False)
        return media_id

    def draw(self) -> str:
        return self.keep(png(96, 72, secrets.randbelow(256)))

    def find(self, media_id: str) -> bytes | None:
        return self._kept.get(media_id)
