"""The commands about the keys of the merchant's own server."""

from __future__ import annotations

from assembly.database import with_store
from services.auth.api_keys import ApiKeys, KnownKey
from services.runtime.clock import rfc3339


def run_create_api_key(url: str, name: str) -> None:
    key = with_store(url, lambda store: ApiKeys(store).create(name))
    print(f"API key {name}, shown only now: {key}")


def run_list_api_keys(url: str) -> None:
    keys = with_store(url, lambda store: ApiKeys(store).all())
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
    before = with_store(url, lambda store: ApiKeys(store).revoke(name))
    if before:
        print(f"API key {name} was revoked before, at {rfc3339(before)}.")
    else:
        print(f"Revoked API key {name}; from now on it opens nothing.")
