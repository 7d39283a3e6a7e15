"""The commands about the keys of the merchant's own server."""

from __future__ import annotations

import argparse

from assembly.database import with_store
from payments.errors import BadRequest
from payments.money import parse_fen
from services.auth.api_keys import (
    MOST_DAYS,
    ApiKeys,
    KeyRights,
    KnownKey,
    Scope,
    known_scopes,
)
from services.runtime.clock import SystemClock, rfc3339

ALL = ",".join(Scope)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The words of `create-api-key`; a wrong value is bad usage."""
    command.add_argument("name", metavar="NAME")
    command.add_argument(
        "--may", metavar=ALL, type=_scopes, help="what it may do; unless given, all"
    )
    command.add_argument("--account", metavar="MCH_ID", help="reaches this account alone")
    words = "the most that it may refund on one day"
    command.add_argument("--refund-day-fen", metavar="N", type=_fen, help=words)
    command.add_argument("--days", metavar="N", type=_days, help="how long it is valid")


def _scopes(text: str) -> tuple[Scope, ...]:
    try:
        return known_scopes(text.split(","))
    except BadRequest as error:
        raise argparse.ArgumentTypeError(error.message) from None


def _fen(text: str) -> int:
    if (fen := parse_fen(text)) is None:
        raise argparse.ArgumentTypeError("it must be a whole number of fen, at least 1.")
    return fen


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MOST_DAYS):
        raise argparse.ArgumentTypeError(f"it must be a number of days, 1 to {MOST_DAYS}.")
    return int(text)


def run_create_api_key(url: str, given: argparse.Namespace) -> None:
    rights = KeyRights(given.may, given.account, given.refund_day_fen)
    key = with_store(url, lambda store: ApiKeys(store).create(given.name, rights, given.days))
    until = "" if given.days is None else f", for {given.days} days"
    print(f"API key {given.name} may {_may(rights)}{until}; shown only now: {key}")


def _may(rights: KeyRights) -> str:
    """The rights in words."""
    words = "do everything" if rights.scopes is None else ", ".join(rights.scopes)
    account = "" if rights.mch_id is None else f" of account {rights.mch_id}"
    most = rights.refund_day_fen
    return f"{words}{account}" + ("" if most is None else f", refunds up to {most} fen a day")


def run_list_api_keys(url: str) -> None:
    keys = with_store(url, lambda store: ApiKeys(store).all())
    if not keys:
        print("There is no API key: `paywatch create-api-key NAME` makes one.")
        return
    width = max(len(key.name) for key in keys)
    print(f"{'NAME':{width}}  {'CREATED':24}  {'STATE':32}  MAY")
    for key in keys:
        print(
            f"{key.name:{width}}  {rfc3339(key.created_at)}  {_state(key):32}  {_may(key.rights)}"
        )


def _state(key: KnownKey) -> str:
    if key.revoked_at:
        return f"revoked {rfc3339(key.revoked_at)}"
    if key.expires_at is None:
        return "active"
    over = key.expires_at <= SystemClock().now_ms()
    return f"{'expired' if over else 'until'} {rfc3339(key.expires_at)}"


def run_revoke_api_key(url: str, name: str) -> None:
    before = with_store(url, lambda store: ApiKeys(store).revoke(name))
    if before:
        print(f"API key {name} was revoked before, at {rfc3339(before)}.")
    else:
        print(f"Revoked API key {name}; from now on it opens nothing.")
