"""Failed sign-ins: counted by account and network, with a delay that grows and is never a lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models import LoginFailure
from models.base import locked, rows
from models.transaction import Batch
from services.auth.credentials import SlowDown
from services.runtime.audit_log import Deed, record
from services.runtime.clock import HOUR_MS

FREE_FAILURES = 5
LONGEST_DELAY_S = 60
FORGET_MS = HOUR_MS
NOBODY, SOMEBODY = "unknown account", "known account"
"""For all names that no user has, since what was typed may be a password; and, so that the time
tells nothing of which it was, for all others."""


def of_sign_in(name: str, network: str) -> str:
    """The key under which the passwords of an account are counted."""
    return f"{name[:64]}|{network}"


def of_codes(name: str) -> str:
    """The key of an account's codes, whatever network they come from: a code is short, and who
    tries one has the password already."""
    return f"{name[:64]}|code"


@dataclass(frozen=True)
class LoginAttempt:
    key: str
    now: int


def count_attempts(batch: Batch, attempts: Sequence[LoginAttempt]) -> list[int | Exception]:
    """Count an attempt to sign in: how many it is now. SlowDown instead while the delay of its
    key runs."""
    oldest = max(attempt.now for attempt in attempts) - FORGET_MS
    LoginFailure.delete().where(LoginFailure.last_at < oldest).execute()
    return [_count(attempt) for attempt in attempts]


def _count(attempt: LoginAttempt) -> int | Exception:
    row = locked(LoginFailure.select().where(LoginFailure.key == attempt.key)).first()
    if row is None:
        LoginFailure.create(key=attempt.key, count=1, last_at=attempt.now)
        return 1
    if row.count >= FREE_FAILURES:
        delay_s = min(2 ** (row.count - FREE_FAILURES), LONGEST_DELAY_S)
        left_ms = row.last_at + delay_s * 1000 - attempt.now
        if left_ms > 0:
            return SlowDown(seconds=left_ms // 1000 + 1)
    LoginFailure.update(count=row.count + 1, last_at=attempt.now).where(
        LoginFailure.key == attempt.key
    ).execute()
    return int(row.count) + 1


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


def forget_attempts(*keys: str) -> None:
    """Inside a transaction: these were right in the end."""
    LoginFailure.delete().where(LoginFailure.key.in_(keys)).execute()


def forget_attempts_of(name: str) -> None:
    """Inside a transaction: from every network."""
    # LIKE takes Alice for alice; the exact name is compared here.
    alike = rows(LoginFailure.select(LoginFailure.key).where(LoginFailure.key.startswith(name)))
    forget_attempts(*(key for (key,) in alike if key.startswith(f"{name}|")))
