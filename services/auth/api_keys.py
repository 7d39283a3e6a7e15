"""API keys: the merchant's own servers that may ask, and since when."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from models import ApiKey
from models.base import rows
from models.store import Store
from models.transaction import Batch
from payments.errors import BadRequest
from services.auth.credentials import check_name, secret_hash
from services.runtime.audit_log import COMMAND_LINE, Deed, record


@dataclass(frozen=True)
class KnownKey:
    """The public facts of an API key. Times in ms; `revoked_at` is None while it is valid."""

    name: str
    created_at: int
    revoked_at: int | None


class ApiKeys:
    """Made and revoked at the command line only."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def create(self, name: str) -> str:
        """Returns the key, which is not kept. Raises BadRequest when the name is taken."""
        check_name(name, "A key's name")
        key = "pw_" + secrets.token_urlsafe(32)
        await self._store.write(create_api_keys, (name, secret_hash(key)))
        return key

    async def all(self) -> list[KnownKey]:
        """All keys by name, also revoked ones; never a key or its hash."""
        return await self._store.read(read_api_keys)

    async def revoke(self, name: str) -> int | None:
        """From now on the key opens nothing. Returns when it was revoked before (ms), None when
        it was valid until now. Raises BadRequest: there is no such key."""
        return await self._store.write(revoke_api_keys, name)


def read_api_key(key_hash: str) -> str | None:
    row = ApiKey.get_or_none(ApiKey.key_hash == key_hash, ApiKey.revoked_at.is_null())
    return row.name if row else None


def read_api_keys() -> list[KnownKey]:
    query = ApiKey.select(ApiKey.name, ApiKey.created_at, ApiKey.revoked_at).order_by(ApiKey.name)
    return [KnownKey(*row) for row in rows(query)]


def create_api_keys(batch: Batch, keys: Sequence[tuple[str, str]]) -> list[Exception | None]:
    results: list[Exception | None] = []
    for name, hashed in keys:
        taken = ApiKey.get_or_none(ApiKey.name == name)
        if taken:
            revoked = (
                "An API key with this name was revoked, and its name stays its own; take another."
            )
            results.append(
                BadRequest(
                    revoked if taken.revoked_at else "An API key with this name exists already."
                )
            )
            continue
        ApiKey.create(name=name, key_hash=hashed, created_at=batch.now)
        record(batch, Deed(COMMAND_LINE, "key.created", name))
        results.append(None)
    return results


def revoke_api_keys(batch: Batch, names: Sequence[str]) -> list[Exception | int | None]:
    return [_revoke_api_key(batch, name) for name in names]


def _revoke_api_key(batch: Batch, name: str) -> Exception | int | None:
    key = ApiKey.get_or_none(ApiKey.name == name)
    if key is None:
        return BadRequest("There is no API key with this name.")
    before: int | None = key.revoked_at
    if before is None:
        ApiKey.update(revoked_at=batch.now).where(ApiKey.name == name).execute()
        record(batch, Deed(COMMAND_LINE, "key.revoked", name))
    return before
