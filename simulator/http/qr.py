"""The QR code of a NATIVE order as SVG."""

from __future__ import annotations

import segno


def svg(text: str) -> str:
    """An inline SVG element, black on white with its quiet zone."""
    code = segno.make_qr(text, error="m")
    return code.svg_inline(scale=5, dark="#000", light="#fff", border=4)
