"""The actions of an admin on a user, each in one transaction. At least one admin who can sign in
always remains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from models import User
from models.base import locked
from models.transaction import Batch
from models.user import Role
from payments.errors import PaymentError
from services.auth.login_attempts import forget_attempts_of
from services.auth.second_factor_ops import remove_factor
from services.auth.sessions import end_sessions_of
from services.runtime.audit_log import Deed, record


class UserNotFound(PaymentError):
    code = "not_found"
    message = "There is no user with this name."


class UserExists(PaymentError):
    code = "user_exists"
    message = "A user with this name exists already."


class LastAdmin(PaymentError):
    code = "last_admin"
    message = "This is the last admin who can sign in: make another admin first."


class OwnAccount(PaymentError):
    code = "own_account"
    message = "This is not possible for your own account."


@dataclass(frozen=True)
class NewUser:
    """`once`: somebody else knows the password, so the user must choose another."""

    name: str
    role: Role
    password_hash: str
    once: bool
    by: str


@dataclass(frozen=True)
class Reset:
    name: str
    password_hash: str
    once: bool
    by: str
    factor_off: bool


@dataclass(frozen=True)
class NewRole:
    name: str
    role: Role
    by: str


@dataclass(frozen=True)
class ByName:
    name: str
    by: str


Item = TypeVar("Item", Reset, NewRole, ByName)


def create_users(batch: Batch, users: Sequence[NewUser]) -> list[Exception | None]:
    results: list[Exception | None] = []
    for new in users:
        if User.select().where(User.name == new.name).exists():
            results.append(UserExists())
            continue
        User.create(
            name=new.name,
            role=new.role.value,
            password_hash=new.password_hash,
            created_at=batch.now,
            password_once=new.once,
        )
        record(batch, Deed(new.by, "user.created", new.name, {"role": new.role.value}))
        results.append(None)
    return results


def change_roles(batch: Batch, items: Sequence[NewRole]) -> list[Exception | None]:
    return _each(batch, items, _change_role)


def disable_users(batch: Batch, items: Sequence[ByName]) -> list[Exception | None]:
    return _each(batch, items, _disable)


def enable_users(batch: Batch, items: Sequence[ByName]) -> list[Exception | None]:
    return _each(batch, items, _enable)


def end_all_sessions(batch: Batch, items: Sequence[ByName]) -> list[Exception | None]:
    return _each(batch, items, _end_sessions)


def remove_factors(batch: Batch, items: Sequence[ByName]) -> list[Exception | None]:
    return _each(batch, items, _remove_factor)


def reset_passwords(batch: Batch, items: Sequence[Reset]) -> list[Exception | None]:
    return _each(batch, items, _reset)


def _each(
    batch: Batch, items: Sequence[Item], do: Callable[[Batch, User, Item], Exception | None]
) -> list[Exception | None]:
    """All admins are locked first, always in one order, so that two of them cannot send each
    other away at once."""
    admins = {
        user.name: user
        for user in locked(User.select().where(User.role == Role.ADMIN.value).order_by(User.id))
    }
    results: list[Exception | None] = []
    for item in items:
        user = admins.get(item.name) or locked(User.select().where(User.name == item.name)).first()
        # MySQL's names are alike in upper and lower case; ours are not.
        found = user is not None and user.name == item.name
        results.append(do(batch, user, item) if found else UserNotFound())
    return results


def _is_last_admin(user: User) -> bool:
    others = (User.role == Role.ADMIN.value, ~User.disabled, User.id != user.id)
    is_admin = user.role == Role.ADMIN.value and not user.disabled
    return is_admin and not User.select().where(*others).exists()


def _change_role(batch: Batch, user: User, item: NewRole) -> Exception | None:
    if user.role == item.role.value:
        return None
    if _is_last_admin(user):
        return LastAdmin()
    User.update(role=item.role.value).where(User.id == user.id).execute()
    detail = {"from": user.role, "to": item.role.value}
    record(batch, Deed(item.by, "user.role_changed", user.name, detail))
    return None


def _disable(batch: Batch, user: User, item: ByName) -> Exception | None:
    if user.disabled:
        return None
    if _is_last_admin(user):
        return LastAdmin()
    if user.name == item.by:
        return OwnAccount()
    User.update(disabled=True).where(User.id == user.id).execute()
    ended = end_sessions_of(batch.now, user.id)
    record(batch, Deed(item.by, "user.disabled", user.name, {"sessions": ended}))
    return None


def _enable(batch: Batch, user: User, item: ByName) -> Exception | None:
    if user.disabled:
        User.update(disabled=False).where(User.id == user.id).execute()
        record(batch, Deed(item.by, "user.enabled", user.name))
    return None


def _end_sessions(batch: Batch, user: User, item: ByName) -> Exception | None:
    ended = end_sessions_of(batch.now, user.id)
    record(batch, Deed(item.by, "sessions.ended", user.name, {"sessions": ended}))
    return None


def _remove_factor(batch: Batch, user: User, item: ByName) -> Exception | None:
    if user.name == item.by:
        return OwnAccount()
    if remove_factor(user.id):
        end_sessions_of(batch.now, user.id)
        record(batch, Deed(item.by, "totp.removed", user.name))
    return None


def _reset(batch: Batch, user: User, item: Reset) -> Exception | None:
    if user.name == item.by:
        return OwnAccount()
    changed = User.update(password_hash=item.password_hash, password_once=item.once)
    changed.where(User.id == user.id).execute()
    ended = end_sessions_of(batch.now, user.id)
    forget_attempts_of(user.name)
    record(batch, Deed(item.by, "password.reset", user.name, {"sessions": ended}))
    if item.factor_off and remove_factor(user.id):
        record(batch, Deed(item.by, "totp.removed", user.name))
    return None
