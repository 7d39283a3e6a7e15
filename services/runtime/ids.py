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


_NONCE_BYTES = 12
_nonces: list[bytes] = []


def sealing_nonce() -> bytes:
    """12 random bytes that no other sealing with the same key has had. The system is asked for many
    at once: while it answers, another thread gets the interpreter, and the notify waits."""
    try:
        nonce = _nonces.pop()
    except IndexError:
        nonce, *others = _drawn(256)
        _nonces.extend(others)
    return nonce


def _drawn(count: int) -> list[bytes]:
    drawn = os.urandom(count * _NONCE_BYTES)
    return [drawn[at : at + _NONCE_BYTES] for at in range(0, len(drawn), _NONCE_BYTES)]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_nonces.clear)  # else both would use the same ones


def request_id() -> str:
    """Finds a request's lines in the log."""
    return f"{PROCESS}{next(_NUMBERS) & 0xFFFFFFFF:08x}"
