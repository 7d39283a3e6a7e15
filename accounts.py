"""Reads merchant accounts with their apps and keys, from the environment or from a file with
several accounts. Only settings.py uses it."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from payments import keys
from payments.buyers.names import plain_name
from payments.merchant import HMAC_SHA256, SIGN_TYPES, Api, Merchant, Merchants

Value = TypeVar("Value")

MAX_ACCOUNTS, MAX_APPS = 64, 64
MAX_NAME = 32

LISTS = ("apps", "old_api_v2_keys", "old_api_v3_keys")
"""Several of them."""
IN_FILES = (
    "api_v2_key",
    "api_v3_key",
    "merchant_key",
    "public_key",
    "client_cert",
)
"""In a file of accounts each of these may also be `NAME_file`, the path of another file."""
SECRET = ("api_v2_key", "api_v3_key", "merchant_key")
"""Those of them that nobody else may read."""
FIELDS = (
    "name",
    "mch_id",
    "apps",
    "api",
    "sign_type",
    "merchant_serial",
    "public_key_id",
    "old_api_v2_keys",
    "old_api_v3_keys",
    *IN_FILES,
)
V3_NEEDS = ("api_v3_key", "merchant_serial", "merchant_key")
V3_SIGNS = ("api_v3_key", "merchant_serial", "public_key_id", "public_key")
"""An account that sets one of these uses API v3; the private key alone may be for refunds on API
v2."""


class SettingError(Exception):
    """Names a setting, its fault and what would be right."""


@dataclass(frozen=True)
class GivenAccounts:
    """One account as it was written: texts by field, and what a field is called there.
    `public_keys` are WeChat's, by id, beside the one of the fields."""

    values: Mapping[str, str] = field(repr=False)
    called: Callable[[str], str]
    public_keys: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def read(self, name: str, parse: Callable[[str], Value]) -> Value:
        try:
            return parse(self[name])
        except ValueError as error:
            raise self.odd(name, str(error)) from None

    def optional(self, name: str, parse: Callable[[str], str]) -> str:
        return self.read(name, parse) if self[name] else ""

    def odd(self, name: str, words: str) -> SettingError:
        return SettingError(f"{self.called(name)}: {words}")


# --- one account ---------------------------------------------------------------------------------


def of_account(given: GivenAccounts) -> tuple[Merchant, ...]:
    """The account, once for each of its apps. Raises SettingError."""
    apps = given.read("apps", _apps)
    mch_id = given.read("mch_id", lambda text: _plain(text, "the merchant number"))
    sign_type = given.read("sign_type", lambda text: _one_of(text, SIGN_TYPES))
    _complete(given)
    v2_key = given.optional("api_v2_key", keys.api_key)
    v3_key = given.optional("api_v3_key", keys.api_key)
    private_key = given.optional("merchant_key", keys.private_key)
    serial = given.optional("merchant_serial", keys.serial)
    client_cert = given.optional("client_cert", keys.certificate)
    public_keys = _public_keys(given)
    _belong_together(given, private_key, serial, client_cert, public_keys)
    return tuple(
        Merchant(
            app_id=app_id,
            mch_id=mch_id,
            api_v2_key=v2_key,
            sign_type=sign_type,
            api=_api(given),
            name=given["name"],
            old_v2_keys=given.read("old_api_v2_keys", _old_keys),
            api_v3_key=v3_key,
            old_v3_keys=given.read("old_api_v3_keys", _old_keys),
            serial=serial,
            private_key=private_key,
            public_keys=public_keys,
            client_cert=client_cert,
        )
        for app_id in apps
    )


def _complete(given: GivenAccounts) -> None:
    """Each interface has all that it needs, and one of them is there. Calls of API v3 need a key
    of our own; an account that calls API v2 may take the notifies of v3 without one."""
    wants_v3 = given["api"] == Api.V3 or bool(given.public_keys)
    wants_v3 = wants_v3 or any(given[name] for name in V3_SIGNS)
    calls_v3 = _api(given) is Api.V3
    for name in V3_NEEDS if wants_v3 and calls_v3 else V3_NEEDS[:1] if wants_v3 else ():
        if not given[name]:
            needs = ", ".join(given.called(each) for each in V3_NEEDS)
            raise given.odd(name, f"API v3 needs this too: set {needs} together.")
    for name, other in (("public_key", "public_key_id"), ("public_key_id", "public_key")):
        if given[other] and not given[name]:
            raise given.odd(name, f"it goes with {given.called(other)}; set both.")
    for name, other in (("merchant_key", "client_cert"), ("client_cert", "merchant_key")):
        if given[other] and not given[name] and not wants_v3:
            raise given.odd(name, f"it goes with {given.called(other)}; set both.")
    if not given["api_v2_key"] and (not wants_v3 or given["api"] == Api.V2):
        v3 = ", ".join(given.called(each) for each in V3_NEEDS)
        raise given.odd("api_v2_key", f"set it to the API v2 key, or set {v3} for API v3.")


def _belong_together(
    given: GivenAccounts,
    private_key: str,
    serial: str,
    client_cert: str,
    public_keys: tuple[tuple[str, str], ...],
) -> None:
    """Keys that each are good, and together are a mistake."""
    if client_cert and not keys.are_a_pair(private_key, client_cert):
        key = given.called("merchant_key")
        raise given.odd("client_cert", f"this certificate does not belong to the key of {key}.")
    if client_cert and serial and not keys.same_serial(keys.facts(client_cert).serial, serial):
        cert = given.called("client_cert")
        raise given.odd("merchant_serial", f"the certificate of {cert} has another serial number.")
    if private_key and any(keys.are_a_pair(private_key, pem) for _, pem in public_keys):
        raise given.odd("public_key", "this is the merchant's own key; WeChat's is needed.")


def _public_keys(given: GivenAccounts) -> tuple[tuple[str, str], ...]:
    first = given.optional("public_key_id", keys.public_key_id)
    found = ((first, given.read("public_key", keys.wechat_key)),) if first else ()
    found = (*found, *given.public_keys)
    if len(dict(found)) != len(found):
        raise given.odd("public_key_id", "the same id comes twice.")
    return found


def _api(given: GivenAccounts) -> Api:
    """Where our own calls go; both interfaces may tell us of payments."""
    word = given.read("api", lambda text: _one_of(text, ("", *Api)))
    return Api(word) if word else Api.V2 if given["api_v2_key"] else Api.V3


def _apps(text: str) -> tuple[str, ...]:
    found = tuple(_plain(app, "the app's id, such as wx…") for app in text.split("\n"))
    if len(found) > MAX_APPS:
        raise ValueError(f"an account has at most {MAX_APPS} apps here.")
    return found


def _old_keys(text: str) -> tuple[str, ...]:
    return tuple(keys.api_key(each) for each in text.split())


def _plain(text: str, what: str) -> str:
    if not (0 < len(text) <= 32 and text.isascii() and text.isalnum()):
        raise ValueError(f"set it to {what}: up to 32 letters and digits.")
    return text


def _one_of(text: str, words: tuple[str, ...]) -> str:
    if text not in words:
        raise ValueError(f"it must be one of {', '.join(word for word in words if word)}.")
    return text


# --- a file of several ---------------------------------------------------------------------------


def read_file(path: Path, setting: str) -> Merchants:
    """The accounts of a TOML file; `setting` is what to call it by. Raises SettingError."""
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        raise SettingError(f"{setting}: the file cannot be read.") from None
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at [^)]*\)", str(error))  # the rest may show a part of a key
        where = f" {place[0]}" if place else ""
        raise SettingError(f"{setting}: the file is not TOML{where}.") from None
    accounts = tables.pop("merchant", None)
    if tables:
        raise SettingError(f"{setting}: {_names(tables)} is not known; accounts are [[merchant]].")
    if not isinstance(accounts, list) or not 0 < len(accounts) <= MAX_ACCOUNTS:
        raise SettingError(f"{setting}: it must have 1 to {MAX_ACCOUNTS} tables [[merchant]].")
    found = [
        of_account(_given(table, number, path.parent, setting))
        for number, table in enumerate(accounts, 1)
    ]
    _once(found, setting)
    return Merchants(tuple(merchant for account in found for merchant in account))


def key_files(path: Path) -> tuple[Path, ...]:
    """The files that a file of accounts names for keys; of one that `read_file` has read."""
    found: list[Path] = []
    for table in tomllib.loads(path.read_text("utf-8")).get("merchant", []):
        names = (table.get(f"{name}_file") for name in SECRET)
        found += [path.parent / name for name in names if isinstance(name, str)]
    return tuple(found)


def _once(accounts: list[tuple[Merchant, ...]], setting: str) -> None:
    """An app leads to one account, and a name and a number mean one."""
    for what, values in (
        ("app", [m.app_id for account in accounts for m in account]),
        ("mch_id", [account[0].mch_id for account in accounts]),
        ("name", [account[0].name for account in accounts]),
    ):
        twice = [value for value, times in Counter(values).items() if times > 1]
        if twice:
            raise SettingError(f"{setting}: the {what} {twice[0]} comes twice.")


def _given(table: Any, number: int, folder: Path, setting: str) -> GivenAccounts:
    def called(name: str) -> str:
        return f"{setting}: in [[merchant]] {number}, {name}"

    if not isinstance(table, dict):
        raise SettingError(f"{setting}: [[merchant]] {number} is not a table.")
    known = {*FIELDS, *(f"{name}_file" for name in IN_FILES)}
    more = table.pop("public_key", None) if isinstance(table.get("public_key"), list) else None
    if unknown := set(table) - known:
        raise SettingError(f"{called(_names(unknown))}: this name is not known.")
    table.setdefault("sign_type", HMAC_SHA256)
    given = GivenAccounts({name: _text(table, name, folder, called) for name in FIELDS}, called)
    given.read("name", _name)
    others = tuple(_further(more or [], given, folder, called))
    return GivenAccounts(given.values, called, others)


def _name(text: str) -> str:
    if not (0 < len(text) <= MAX_NAME and text == plain_name(text) and text == text.strip()):
        raise ValueError(
            f"it must be the name that staff use for the account, 1 to {MAX_NAME} characters."
        )
    return text


def _further(
    tables: list[Any], given: GivenAccounts, folder: Path, called: Callable[[str], str]
) -> Iterator[tuple[str, str]]:
    """WeChat's keys of `[[merchant.public_key]]`, each with `id` and `key` or `key_file`."""
    for table in tables:
        if not isinstance(table, dict) or set(table) - {"id", "key", "key_file"}:
            raise given.odd("public_key", "each of its tables must have id, and key or key_file.")
        texts = {name: _text(table, name, folder, called) for name in ("id", "key")}
        one = GivenAccounts(texts, lambda name: called(f"public_key.{name}"))
        yield one.read("id", keys.public_key_id), one.read("key", keys.wechat_key)


def _text(table: Mapping[str, Any], name: str, folder: Path, called: Callable[[str], str]) -> str:
    value, path = table.get(name, ""), table.get(f"{name}_file")
    if name in LISTS:
        if not isinstance(value, list | str) or not all(isinstance(each, str) for each in value):
            raise SettingError(f"{called(name)}: it must be a list of texts.")
        return value if isinstance(value, str) else "\n".join(value)
    if not isinstance(value, str) or not isinstance(path, str | None):
        raise SettingError(f"{called(name)}: it must be a text.")
    if path is None:
        return value.strip()
    if value:
        raise SettingError(f"{called(name)}: it and {name}_file are both set; keep one of them.")
    try:
        return (folder / path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise SettingError(f"{called(name + '_file')}: the file cannot be read.") from None


def _names(names: Any) -> str:
    """The first of the unknown names, shortened, because it may hold anything."""
    return str(min(map(str, names)))[:40]
