"""The rows of API keys: who holds one, and since when. `services.access` asks through these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models import ApiKey
from models.base import rows
from models.stream import Batch
from payments.errors import BadRequest


@dataclass(frozen=True)
class KnownKey:
    """What may be said about an API key. Times in ms; `revoked_at` is None while it is valid."""

    name: str
    created_at: int
    revoked_at: int | None


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
                BadRequest(revoked if taken.revoked_at else "An API key with this name exists.")
            )
            continue
        ApiKey.create(name=name, key_hash=hashed, created_at=batch.now)
        results.append(None)
    return results


def revoke_api_keys(batch: Batch, names: Sequence[str]) -> list[Exception | int | None]:
    return [_revoke_api_key(batch.now, name) for name in names]


def _revoke_api_key(now: int, name: str) -> Exception | int | None:
    key = ApiKey.get_or_none(ApiKey.name == name)
    if key is None:
        return BadRequest("There is no API key with this name.")
    ApiKey.update(revoked_at=now).where(ApiKey.name == name, ApiKey.revoked_at.is_null()).execute()
    before: int | None = key.revoked_at
    return before
