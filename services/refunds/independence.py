"""Whether two names stand for two people: nobody may be the second person by an account that they
made, or whose password they know."""

from __future__ import annotations

from collections.abc import Iterable

from models import AuditEntry, User
from models.base import locked, rows
from services.runtime.audit_log import COMMAND_LINE
from services.runtime.clock import DAY_MS

TOUCHED_MS = 7 * DAY_MS
"""An account that was made or changed counts as its maker's for so long: by then its own person
has noticed."""
_TOUCHING = (
    "user.created",
    "user.role_changed",
    "user.enabled",
    "password.reset",
    "totp.removed",
)
_KEY = "api key "


def is_key(asker: str) -> bool:
    """API keys stand together for one asker, who is nobody of the staff."""
    return asker.startswith(_KEY)


def key_name(asker: str) -> str:
    """The name of the API key that asks."""
    return asker.removeprefix(_KEY)


def lock_people(names: Iterable[str]) -> None:
    """Inside a transaction, before an order is locked: nobody else adds up for them meanwhile."""
    people = sorted({name for name in names if not is_key(name)})
    if people:
        rows(locked(User.select(User.id).where(User.name.in_(people)).order_by(User.id)))


def accounts_of(person: str, now: int) -> frozenset[str]:
    """The accounts that whoever uses this one may use: itself, those that made or changed it in the
    last seven days, and all that any of these made or changed. The command line stands outside:
    whoever may run it needs no account."""
    query = AuditEntry.select(AuditEntry.by, AuditEntry.subject).where(
        AuditEntry.at > now - TOUCHED_MS, AuditEntry.action.in_(_TOUCHING)
    )
    pairs = [(by, subject) for by, subject in rows(query) if by != COMMAND_LINE]
    makers = _reached({person}, [(subject, by) for by, subject in pairs])
    return frozenset(_reached(makers, pairs))


def _reached(found: set[str], pairs: list[tuple[str, str]]) -> set[str]:
    before = 0
    while len(found) > before:
        before = len(found)
        found = found | {second for first, second in pairs if first in found}
    return found


def was_there(name: str, since: int | None) -> bool:
    """Whether the account of this name is older than a request that was made at `since` (ms)."""
    made = rows(User.select(User.created_at).where(User.name == name))
    return bool(made) and (since is None or made[0][0] <= since)
