"""The commands about the keys of the merchant's own server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from commands.admin import with_store
from models.store import Store
from services.access import Access
from services.api_keys import KnownKey
from services.clock import SystemClock, rfc3339

Result = TypeVar("Result")


def run_create_api_key(url: str, name: str) -> None:
    key = _with_access(url, lambda access: access.create_api_key(name))
    print(f"API key {name}, shown only now: {key}")


def run_list_api_keys(url: str) -> None:
    keys = _with_access(url, lambda access: access.api_keys())
    if not keys:
        print("There is no API key: `paywatch create-api-key NAME` makes one.")
        return
    width = max(len(key.name) for key in keys)
    print(f"{'NAME':{width}}  {'CREATED':24}  STATE")
    for key in keys:
        print(f"{key.name:{width}}  {rfc3339(key.created_at)}  {_state(key)}")


def _state(key: KnownKey) -> str:
    return f"revoked {rfc3339(key.revoked_at)}" if key.revoked_at else "active"


def run_revoke_api_key(url: str, name: str) -> None:
    before = _with_access(url, lambda access: access.revoke_api_key(name))
    if before:
        print(f"API key {name} was revoked before, at {rfc3339(before)}.")
    else:
        print(f"Revoked API key {name}; from now on it opens nothing.")


def _with_access(url: str, use: Callable[[Access], Awaitable[Result]]) -> Result:
    async def run(store: Store) -> Result:
        access = Access(store, SystemClock())
        try:
            return await use(access)
        finally:
            access.close()

    return with_store(url, run)
