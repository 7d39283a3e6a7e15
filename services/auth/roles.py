"""The permissions of each role, and the signed-in user."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from models.user import Role


class Permission(StrEnum):
    """The permissions of console addresses; every address declares one."""

    LOOK = "look"
    HANDLE = "handle"
    DECIDE = "decide"
    EXPORT = "export"
    UNMASK = "unmask"
    AUDIT = "audit"
    MANAGE = "manage"


_SUPPORT = frozenset({Permission.LOOK, Permission.HANDLE, Permission.EXPORT})
PERMISSIONS = {
    Role.VIEWER: frozenset({Permission.LOOK, Permission.AUDIT}),
    Role.SUPPORT: _SUPPORT,
    Role.ADMIN: frozenset(Permission),
}


class Owed(StrEnum):
    """A duty of a user; until it is done, other addresses refuse them."""

    PASSWORD = "password"  # noqa: S105 - choose one of their own
    TOTP = "totp"


@dataclass(frozen=True)
class Principal:
    """A signed-in user. `session` is the hash of the cookie, never the cookie; `confirmed_at` (ms)
    is when the password was given last, `opened_at` (ms) when the session began."""

    name: str
    role: Role
    session: str
    xsrf: str
    confirmed_at: int = 0
    opened_at: int = 0
    owes: Owed | None = None

    def may(self, permission: Permission) -> bool:
        return permission in PERMISSIONS[self.role]
