"""API keys: the merchant's own servers that may ask, what each may do, and until when."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models import ApiKey
from models.base import rows
from models.store import Store
from models.transaction import Batch
from payments.errors import BadRequest
from payments.masking import mask_mch_id
from payments.money import is_amount
from services.auth.credentials import check_name, secret_hash
from services.runtime.audit_log import COMMAND_LINE, Deed, record
from services.runtime.clock import DAY_MS, rfc3339

_ACCOUNT = re.compile(r"[0-9]{1,32}", re.ASCII)
MOST_DAYS = 3650


class Scope(StrEnum):
    """The parts of the merchant's API. Reading products needs any one of them."""

    ORDERS = "orders"
    REFUNDS = "refunds"
    PRODUCTS = "products"
    EVENTS = "events"
    WEBHOOKS = "webhooks"
    BILLS = "bills"


@dataclass(frozen=True)
class KeyRights:
    """What a key may do. `scopes` None: everything, also what later versions add. `mch_id` None:
    for every account. `refund_day_fen` None: without a bound of its own."""

    scopes: tuple[Scope, ...] | None = None
    mch_id: str | None = None
    refund_day_fen: int | None = None

    def may(self, scope: Scope) -> bool:
        return self.scopes is None or scope in self.scopes

    def reaches(self, mch_id: str) -> bool:
        return self.mch_id in (None, mch_id)


@dataclass(frozen=True)
class KeyHolder:
    """The program that asks, as its key names it."""

    name: str
    rights: KeyRights

    @property
    def by(self) -> str:
        """Its name in the audit log and on refunds."""
        return f"api key {self.name}"


@dataclass(frozen=True)
class KnownKey:
    """The public facts of an API key. Times in ms; `revoked_at` is None while it is not revoked,
    `expires_at` None when it does not end by itself."""

    name: str
    rights: KeyRights
    created_at: int
    revoked_at: int | None
    expires_at: int | None


@dataclass(frozen=True)
class NewKey:
    name: str
    key_hash: str
    rights: KeyRights
    days: int | None


class ApiKeys:
    """Made and revoked at the command line only."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def create(
        self, name: str, rights: KeyRights | None = None, days: int | None = None
    ) -> str:
        """Returns the key, which is not kept; without `rights` it may do everything. Raises
        BadRequest when the name is taken, or a right is not possible."""
        check_name(name, "A key's name")
        rights = rights or KeyRights()
        _check(rights, days)
        key = "pw_" + secrets.token_urlsafe(32)
        await self._store.write(create_api_keys, NewKey(name, secret_hash(key), rights, days))
        return key

    async def all(self) -> list[KnownKey]:
        """All keys by name, also revoked ones; never a key or its hash."""
        return await self._store.read(read_api_keys)

    async def revoke(self, name: str) -> int | None:
        """From now on the key opens nothing. Returns when it was revoked before (ms), None when
        it was valid until now. Raises BadRequest: there is no such key."""
        return await self._store.write(revoke_api_keys, name)


def known_scopes(words: Iterable[str]) -> tuple[Scope, ...]:
    """Raises BadRequest."""
    wanted = set(words)
    if not wanted or not wanted <= set(Scope):
        raise BadRequest(f"A key may have one or more of {', '.join(Scope)}.")
    return tuple(scope for scope in Scope if scope in wanted)


def _check(rights: KeyRights, days: int | None) -> None:
    if rights.mch_id is not None and not _ACCOUNT.fullmatch(rights.mch_id):
        raise BadRequest("The account of a key must be a merchant number, in digits.")
    if rights.refund_day_fen is not None and not is_amount(rights.refund_day_fen):
        raise BadRequest("The refunds of a day must be a whole number of fen, at least 1.")
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise BadRequest(f"A key may be valid for 1 to {MOST_DAYS} days.")


def read_api_key(key_hash: str, now: int) -> KeyHolder | None:
    """A read for the store: who holds this key, if it is valid at `now` (ms)."""
    row = ApiKey.get_or_none(ApiKey.key_hash == key_hash, ApiKey.revoked_at.is_null())
    if row is None or (row.expires_at is not None and row.expires_at <= now):
        return None
    return KeyHolder(row.name, _rights(row))


def read_api_keys() -> list[KnownKey]:
    return [
        KnownKey(row.name, _rights(row), row.created_at, row.revoked_at, row.expires_at)
        for row in ApiKey.select().order_by(ApiKey.name)
    ]


def _rights(row: ApiKey) -> KeyRights:
    scopes = None if row.scopes is None else tuple(Scope(word) for word in row.scopes.split(","))
    return KeyRights(scopes, row.mch_id, row.refund_day_fen)


def create_api_keys(batch: Batch, keys: Sequence[NewKey]) -> list[Exception | None]:
    return [_create_api_key(batch, key) for key in keys]


def _create_api_key(batch: Batch, key: NewKey) -> Exception | None:
    taken = rows(ApiKey.select(ApiKey.revoked_at).where(ApiKey.name == key.name))
    if taken and taken[0][0]:
        return BadRequest(
            "An API key with this name was revoked, and its name stays its own; take another."
        )
    if taken:
        return BadRequest("An API key with this name exists already.")
    rights = key.rights
    expires_at = None if key.days is None else batch.now + key.days * DAY_MS
    ApiKey.create(
        name=key.name,
        key_hash=key.key_hash,
        created_at=batch.now,
        scopes=None if rights.scopes is None else ",".join(rights.scopes),
        mch_id=rights.mch_id,
        refund_day_fen=rights.refund_day_fen,
        expires_at=expires_at,
    )
    detail: dict[str, Any] = {
        "may": list(Scope if rights.scopes is None else rights.scopes),
        "account": rights.mch_id and mask_mch_id(rights.mch_id),
        "refundDayFen": rights.refund_day_fen,
        "expiresAt": rfc3339(expires_at),
    }
    told = {name: value for name, value in detail.items() if value is not None}
    record(batch, Deed(COMMAND_LINE, "key.created", key.name, told))
    return None


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
