"""One-time codes by time (RFC 6238: SHA-1, 30 seconds, six digits), as authenticator apps show."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from urllib.parse import quote, urlencode

STEP_MS = 30_000
DIGITS = 6
SECRET_BYTES = 20
ISSUER = "Paywatch"


def new_secret() -> str:
    """160 random bits, in base32 as apps take them."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def code_at(secret: str, step: int, digits: int = DIGITS) -> str:
    """The code of a time step, which is the number of 30 seconds since 1970."""
    mac = hmac.digest(base64.b32decode(secret), step.to_bytes(8), hashlib.sha1)
    start = mac[-1] & 15
    number = int.from_bytes(mac[start : start + 4]) & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def step_of(secret: str, code: str, now_ms: int, after: int) -> int | None:
    """The step whose code this is: the present one, or one beside it for a clock that is off; and
    behind `after`, the last that was taken. None when it is none of them."""
    now = now_ms // STEP_MS
    found = None
    for step in (now - 1, now, now + 1):  # all are compared, so that the time tells nothing
        same = hmac.compare_digest(code_at(secret, step).encode(), code.encode())
        if same and step > after:
            found = step
    return found


def address(secret: str, name: str) -> str:
    """The address that an authenticator app reads from the picture."""
    query = urlencode({"secret": secret, "issuer": ISSUER, "digits": DIGITS, "period": 30})
    return f"otpauth://totp/{quote(ISSUER)}:{quote(name)}?{query}"
