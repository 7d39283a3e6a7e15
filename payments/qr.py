"""A text as a picture that a phone reads."""

from __future__ import annotations

import segno


def picture(text: str) -> str:
    """A QR code as a `data:` address of an SVG, black on white with its quiet zone."""
    code = segno.make_qr(text, error="m")
    return str(code.svg_data_uri(scale=4, border=4, dark="#000", light="#fff"))
