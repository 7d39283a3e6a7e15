"""WeChat's message for the peers in Python: its fields, its signature and the two answers."""

from __future__ import annotations

import hashlib
import hmac
import os

import xmltodict

KEY = os.environ["PEER_KEY"]
SUCCESS = "<xml><return_code><![CDATA[SUCCESS]]></return_code></xml>"
FAIL = "<xml><return_code><![CDATA[FAIL]]></return_code></xml>"
XML = "text/xml"


def read(body: bytes) -> dict[str, str] | None:
    """The fields, or None where the signature is wrong."""
    fields = xmltodict.parse(body)["xml"]
    text = "&".join(f"{k}={v}" for k, v in sorted(fields.items()) if v and k != "sign")
    sign = hashlib.md5(f"{text}&key={KEY}".encode()).hexdigest().upper()  # noqa: S324 - WeChat's
    return fields if hmac.compare_digest(sign, fields["sign"]) else None
