"""Names for things, unique over all processes, without asking the system for each of them."""

from __future__ import annotations

import itertools
import os
import secrets

PROCESS = secrets.token_hex(4)
"""Names this process."""
_NUMBERS = itertools.count(secrets.randbelow(1 << 16))


def raw_notify_id(now_ms: int) -> str:
    """24 hex digits, growing with time, so that the index grows at its end."""
    return f"{now_ms:011x}{next(_NUMBERS) & 0xFFFFF:05x}{PROCESS}"


def first_raw_notify_id(at_ms: int) -> str:
    """Not above any notice id of this moment or later, and above every earlier one."""
    return f"{at_ms:011x}"


def sealing_nonce() -> bytes:
    """12 bytes that no other sealing with the same key has had."""
    return os.urandom(12)


def request_id() -> str:
    """Finds a request's lines in the log."""
    return f"{PROCESS}{next(_NUMBERS) & 0xFFFFFFFF:08x}"
