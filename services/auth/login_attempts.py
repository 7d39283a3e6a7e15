"""Failed sign-ins: counted by account and network, by account, and by wider networks, with a delay
that grows and is never a lock. A known browser is counted by itself."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from models import LoginFailure
from models.base import locked, rows
from models.transaction import Batch
from services.auth.credentials import SlowDown
from services.runtime.audit_log import Deed, record
from services.runtime.clock import HOUR_MS, MINUTE_MS

FREE_FAILURES = 5
LONGEST_DELAY_S = 60
FORGET_MS = HOUR_MS
HALVED_MS = 10 * MINUTE_MS
"""After so long without an attempt a wide count is half of what it was."""
FREE_OF_ACCOUNT, FREE_OF_56, FREE_OF_48, FREE_OF_24 = 20, 40, 80, 40
"""The failures that an account has over all networks, and a network over all accounts."""
NOBODY, SOMEBODY = "unknown account", "known account"
"""For all names that no user has, since what was typed may be a password; and, so that the time
tells nothing of which it was, for all others."""


def of_sign_in(name: str, network: str) -> str:
    """The key under which the passwords of an account are counted."""
    return f"{name[:64]}|{network}"


def of_device(name: str, mark: str) -> str:
    """The key of one known browser of an account."""
    return f"{name[:64]}|device {mark}"


def of_session(name: str, session: str) -> str:
    """The key under which a signed-in user's passwords are counted."""
    return f"{name[:64]}|session {session[:32]}"


ALL = "|all"
"""The end of an account's key for attempts from all networks."""


@dataclass(frozen=True)
class WideKey:
    """A count that more than one account or network shares, and how many failures it has free."""

    key: str
    free: int


def wide_keys(name: str, network: str) -> tuple[WideKey, ...]:
    """The wide counts of an attempt from a browser that is not known, in the order of rows."""
    found = [WideKey(f"{name[:64]}{ALL}", FREE_OF_ACCOUNT)]
    try:
        parsed = ipaddress.ip_network(network)
    except ValueError:  # the address is not known
        return tuple(found)
    if parsed.version == 4:
        found.append(WideKey(f"network {network}", FREE_OF_24))
    else:
        for bits, free in ((48, FREE_OF_48), (56, FREE_OF_56)):
            found.append(WideKey(f"network {parsed.supernet(new_prefix=bits)}", free))
    return tuple(sorted(found, key=lambda wide: wide.key))


def of_codes(name: str) -> str:
    """The key of an account's codes, whatever network they come from: a code is short, and who
    tries one has the password already."""
    return f"{name[:64]}|code"


@dataclass(frozen=True)
class LoginAttempt:
    """`key` counts a few narrowly, `wide` many."""

    key: str
    now: int
    wide: tuple[WideKey, ...] = ()


def count_attempts(batch: Batch, attempts: Sequence[LoginAttempt]) -> list[int | Exception]:
    """Count an attempt to sign in: how many it is now. SlowDown instead while the delay of its
    key runs."""
    oldest = max(attempt.now for attempt in attempts) - FORGET_MS
    LoginFailure.delete().where(LoginFailure.last_at < oldest).execute()
    return [_count(attempt) for attempt in attempts]


def _count(attempt: LoginAttempt) -> int | Exception:
    found = [_look(attempt.key, FREE_FAILURES, attempt.now, halves=False)]
    found += [_look(wide.key, wide.free, attempt.now, halves=True) for wide in attempt.wide]
    if longest := max(look.left_ms for look in found):
        return SlowDown(seconds=longest // 1000 + 1)
    for look in found:
        _write_count(look.key, look.count + 1, attempt.now, is_new=look.is_new)
    return found[0].count + 1


@dataclass(frozen=True)
class _CountNow:
    """A count as it is now; `left_ms` is what is left of its delay."""

    key: str
    count: int
    left_ms: int
    is_new: bool


def _look(key: str, free: int, now: int, *, halves: bool) -> _CountNow:
    row = locked(LoginFailure.select().where(LoginFailure.key == key)).first()
    if row is None:
        return _CountNow(key, 0, 0, True)
    count = row.count >> min(max(now - row.last_at, 0) // HALVED_MS, 31) if halves else row.count
    delay_s = min(2 ** (count - free), LONGEST_DELAY_S) if free <= count < free + 32 else 0
    delay_s = LONGEST_DELAY_S if count >= free + 32 else delay_s
    last_at = min(row.last_at, now)  # later was written by a clock that was ahead
    return _CountNow(key, count, max(last_at + delay_s * 1000 - now, 0), False)


def _write_count(key: str, count: int, now: int, *, is_new: bool) -> None:
    if is_new:
        LoginFailure.create(key=key, count=count, last_at=now)
    else:
        LoginFailure.update(count=count, last_at=now).where(LoginFailure.key == key).execute()


@dataclass(frozen=True)
class FailedLogin:
    """An attempt that failed: the `times`th in a row of this account from this `network`, which is
    masked. `what` was wrong: password or code."""

    name: str | None
    network: str
    times: int
    what: str
    now: int


def note_failures(batch: Batch, failures: Sequence[FailedLogin]) -> list[None]:
    """Writes the first failure, and each doubling of their number, into the audit log. Attempts
    with names that no user has share one row."""
    for failure in failures:
        all_times = _count_all(SOMEBODY if failure.name else NOBODY, failure.now)
        times = failure.times if failure.name else all_times
        if times & (times - 1) == 0:
            who = failure.name or NOBODY
            detail = {"network": failure.network, "times": times, "what": failure.what}
            record(batch, Deed(who, "session.refused", who, detail))
    return [None] * len(failures)


def _count_all(key: str, now: int) -> int:
    row = LoginFailure.get_or_none(LoginFailure.key == key)
    count = row.count + 1 if row else 1
    if row:
        LoginFailure.update(count=count, last_at=now).where(LoginFailure.key == key).execute()
    else:
        LoginFailure.create(key=key, count=count, last_at=now)
    return count


def forgive(attempt: LoginAttempt) -> None:
    """Inside a transaction: this attempt was right, so it is no failure; those before it are."""
    forget_attempts(attempt.key)
    for wide in attempt.wide:
        LoginFailure.update(count=LoginFailure.count - 1).where(
            LoginFailure.key == wide.key, LoginFailure.count > 0
        ).execute()


def forget_attempts(*keys: str) -> None:
    """Inside a transaction: these were right in the end."""
    LoginFailure.delete().where(LoginFailure.key.in_(keys)).execute()


def forget_attempts_of(name: str) -> None:
    """Inside a transaction: from every network."""
    # LIKE takes Alice for alice; the exact name is compared here.
    alike = rows(LoginFailure.select(LoginFailure.key).where(LoginFailure.key.startswith(name)))
    forget_attempts(*(key for (key,) in alike if key.startswith(f"{name}|")))
