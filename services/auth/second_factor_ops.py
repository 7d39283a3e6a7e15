"""The second factor in the tables: set up, confirmed, used once, switched off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models import RecoveryCode, User
from models.base import rows
from models.transaction import Batch
from services.auth.credentials import BadCode
from services.auth.login_attempts import forget_attempts, of_codes
from services.auth.roles import Principal
from services.runtime.audit_log import Deed, record


@dataclass(frozen=True)
class FittingCode:
    """A code that fits. `kind` is "code", of the time step `step`, with the secret `sealed` anew
    so that it outlives an exchange of keys; or "recovery", one of the printed ones, by hash."""

    kind: str
    step: int = 0
    sealed: bytes = b""
    code_hash: str = ""


def use(now: int, user_id: int, proof: FittingCode) -> BadCode | None:
    """Inside a transaction: take the code, which counts once."""
    if proof.kind == "recovery":
        taken = (
            RecoveryCode.update(used_at=now)
            .where(
                RecoveryCode.user == user_id,
                RecoveryCode.code_hash == proof.code_hash,
                RecoveryCode.used_at.is_null(),
            )
            .execute()
        )
    else:
        taken = (
            User.update(totp_step=proof.step, totp_secret=proof.sealed)
            .where(
                User.id == user_id,
                User.totp_secret.is_null(False),  # it may have been removed meanwhile
                User.totp_step < proof.step,
            )
            .execute()
        )
    return None if taken == 1 else BadCode()


@dataclass(frozen=True)
class Factor:
    """The facts of a user's second factor."""

    user_id: int
    secret: bytes | None
    pending: bytes | None
    step: int
    recovery: frozenset[str]
    """The hashes of the codes that were not used yet."""


def read_factor(name: str) -> Factor | None:
    user = User.get_or_none(User.name == name, ~User.disabled)
    if user is None:
        return None
    left = RecoveryCode.select(RecoveryCode.code_hash).where(
        RecoveryCode.user == user.id, RecoveryCode.used_at.is_null()
    )
    secret, pending = (
        None if sealed is None else bytes(sealed)
        for sealed in (user.totp_secret, user.totp_pending)
    )
    hashes = frozenset(code_hash for (code_hash,) in rows(left))
    return Factor(user.id, secret, pending, user.totp_step, hashes)


@dataclass(frozen=True)
class Pending:
    name: str
    sealed: bytes


def keep_pending(batch: Batch, shown: Sequence[Pending]) -> list[None]:
    for pending in shown:
        User.update(totp_pending=pending.sealed).where(User.name == pending.name).execute()
    return [None] * len(shown)


@dataclass(frozen=True)
class Enabling:
    """`pending` is what was shown to the user, and is confirmed by the code of `proof`."""

    principal: Principal
    user_id: int
    pending: bytes
    proof: FittingCode
    recovery_hashes: tuple[str, ...]


def enable_factors(batch: Batch, items: Sequence[Enabling]) -> list[BadCode | None]:
    return [_enable(batch, item) for item in items]


def _enable(batch: Batch, item: Enabling) -> BadCode | None:
    changed = (
        User.update(totp_secret=item.proof.sealed, totp_step=item.proof.step, totp_pending=None)
        .where(
            User.id == item.user_id,
            User.totp_secret.is_null(),
            User.totp_pending == item.pending,
            User.totp_step < item.proof.step,
        )
        .execute()
    )
    if changed != 1:
        return BadCode()
    RecoveryCode.delete().where(RecoveryCode.user == item.user_id).execute()
    for code_hash in item.recovery_hashes:
        RecoveryCode.create(user=item.user_id, code_hash=code_hash)
    forget_attempts(of_codes(item.principal.name))
    record(batch, Deed(item.principal.name, "totp.enabled", item.principal.name))
    return None


@dataclass(frozen=True)
class Disabling:
    name: str
    user_id: int
    proof: FittingCode


def disable_factors(batch: Batch, items: Sequence[Disabling]) -> list[BadCode | None]:
    return [_disable(batch, item) for item in items]


def _disable(batch: Batch, item: Disabling) -> BadCode | None:
    if error := use(batch.now, item.user_id, item.proof):
        return error
    remove_factor(item.user_id)
    forget_attempts(of_codes(item.name))
    record(batch, Deed(item.name, "totp.disabled", item.name))
    return None


def remove_factor(user_id: int) -> bool:
    """Inside a transaction: back to the password alone. The last step stays, so that no code is
    taken twice. Returns whether there was a factor."""
    had = User.select().where(User.id == user_id, User.totp_secret.is_null(False)).exists()
    User.update(totp_secret=None, totp_pending=None).where(User.id == user_id).execute()
    RecoveryCode.delete().where(RecoveryCode.user == user_id).execute()
    return bool(had)
