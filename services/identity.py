"""Names for things, unique over all processes, without asking the system for each of them."""

from __future__ import annotations

import itertools
import secrets

PROCESS = secrets.token_hex(4)
"""Names this process."""
_NUMBERS = itertools.count(secrets.randbelow(1 << 16))


def notice_id(now_ms: int) -> str:
    """24 hex digits, growing with time, so that the index grows at its end."""
    return f"{now_ms:011x}{next(_NUMBERS) & 0xFFFFF:05x}{PROCESS}"


def request_id() -> str:
    """Finds a request's lines in the log."""
    return f"{PROCESS}{next(_NUMBERS) & 0xFFFFFFFF:08x}"
