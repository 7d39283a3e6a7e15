"""The first set-up: while there is no admin, a token from the log opens the page that makes one."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from models import SetupToken, User
from models.base import locked
from models.store import Store
from models.transaction import Batch
from models.user import Role
from payments.errors import PaymentError
from services.auth.credentials import check_name, same_token, secret_hash
from services.auth.passwords import Passwords
from services.auth.user_ops import UserExists
from services.runtime.audit_log import Deed, record


class SetupIsDone(PaymentError):
    code = "not_found"
    message = "An admin exists, so the set-up is closed."


class BadSetupToken(PaymentError):
    code = "bad_setup_token"
    message = "The token is not that of the newest start; the log of the server has it."


class FirstAdmin:
    def __init__(self, store: Store, passwords: Passwords) -> None:
        self._store = store
        self._passwords = passwords
        self._done = False

    async def is_due(self) -> bool:
        """Is there no admin yet? Once there is one, one remains."""
        self._done = self._done or await self._store.read(has_admin)
        return not self._done

    async def new_token(self) -> str:
        """The token that opens the set-up from now on; none before it does. It is not kept."""
        token = secrets.token_urlsafe(24)
        await self._store.write(_keep_tokens, secret_hash(token))
        return token

    async def create(self, token: str, name: str, password: str) -> None:
        """Make the first admin. Raises SetupIsDone, BadSetupToken, BadRequest (the name is odd,
        the password too short or long), UserExists, Busy."""
        if not await self.is_due():
            raise SetupIsDone
        await self._store.write(_check_tokens, token)  # before a password is hashed for anybody
        check_name(name, "A user name")
        hashed = await self._passwords.hashed(password, name)
        await self._store.write(_create, _First(token, name, hashed))


def has_admin() -> bool:
    """Disabled admins count too; only the command line can then let somebody in."""
    return bool(User.select().where(User.role == Role.ADMIN.value).exists())


@dataclass(frozen=True)
class _First:
    token: str
    name: str
    password_hash: str


def _keep_tokens(batch: Batch, hashes: Sequence[str]) -> list[None]:
    SetupToken.delete().execute()
    SetupToken.create(id=1, token_hash=hashes[-1], created_at=batch.now)
    return [None] * len(hashes)


def _check_tokens(_batch: Batch, tokens: Sequence[str]) -> list[Exception | None]:
    return [_refusal(token) for token in tokens]


def _refusal(token: str) -> Exception | None:
    row = locked(SetupToken.select().where(SetupToken.id == 1)).first()
    if has_admin():
        return SetupIsDone()
    right = row is not None and same_token(row.token_hash, secret_hash(token))
    return None if right else BadSetupToken()


def _create(batch: Batch, firsts: Sequence[_First]) -> list[Exception | None]:
    return [_refusal(first.token) or _create_admin(batch, first) for first in firsts]


def _create_admin(batch: Batch, first: _First) -> Exception | None:
    if User.select().where(User.name == first.name).exists():
        return UserExists()
    User.create(
        name=first.name,
        role=Role.ADMIN.value,
        password_hash=first.password_hash,
        created_at=batch.now,
    )
    SetupToken.delete().execute()
    record(batch, Deed(first.name, "user.created", first.name, {"role": Role.ADMIN.value}))
    return None
