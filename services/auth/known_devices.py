"""Browsers that an account was signed in from before: they keep a way in while others guess.

A browser keeps a token that we signed; we keep nothing. It proves no identity: the password, and
the code, are asked for as always. A new password makes all of them unknown.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from services.auth.sessions import Account
from services.runtime.clock import DAY_MS

KNOWN_MS = 180 * DAY_MS
LONGEST = 200


class KnownDevices:
    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(b"paywatch known device\0" + secret.encode()).digest()

    def token(self, account: Account, now: int) -> str:
        """A token for the browser that this account is signed in from now (ms)."""
        about = f"{now}.{secrets.token_urlsafe(12)}"
        return f"{about}.{self._proof(account, about)}"

    def mark(self, token: str, account: Account | None, now: int) -> str | None:
        """What names the browser of this token, if it is one of this account's; else None."""
        about, _, proof = token[:LONGEST].rpartition(".")
        made_at, _, mark = about.partition(".")
        if account is None or not (made_at.isascii() and made_at.isdigit() and len(made_at) < 16):
            return None
        right = hmac.compare_digest(self._proof(account, about).encode(), proof.encode())
        return mark if right and now - int(made_at) < KNOWN_MS else None

    def _proof(self, account: Account, about: str) -> str:
        text = f"{account.name}\0{account.password_hash}\0{about}"
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
