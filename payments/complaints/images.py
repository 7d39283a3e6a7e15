"""Which images are taken and shown: told by their first bytes, whatever name or type they claim."""

from __future__ import annotations

MAX_BYTES = 2 * 1024 * 1024
"""WeChat takes no larger upload."""
MAX_SHOWN_BYTES = 8 * 1024 * 1024
"""No larger image of a buyer's is fetched."""

_HEADS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"BM", "image/bmp"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
UPLOADS = {"image/jpeg": "jpg", "image/png": "png", "image/bmp": "bmp"}
"""What WeChat takes, with the end of a file's name."""


def type_of(content: bytes) -> str | None:
    """The content type of a picture without a script in it; None for everything else."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for head, kind in _HEADS if content.startswith(head)), None)
