"""The merchant, from the same variables that the product reads; each also as NAME_FILE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from payments.merchant import HMAC_SHA256, SIGN_TYPES, Api, Merchant
from payments.v3 import signing
from simulator.state.key_material import API_V3_KEY_LENGTH

_ID, _PEM = "PAYWATCH_WECHAT_PUBLIC_KEY_ID", "PAYWATCH_WECHAT_PUBLIC_KEY"
_SERIAL, _OWN = "PAYWATCH_WECHAT_MERCHANT_SERIAL", "PAYWATCH_WECHAT_MERCHANT_KEY"
_V2_KEY, _V3_KEY = "PAYWATCH_WECHAT_API_V2_KEY", "PAYWATCH_WECHAT_API_V3_KEY"


class BadOption(Exception):
    """A setting is missing or odd; the text says which, and never shows a key."""


def merchant(variables: Mapping[str, str], *, has_folder: bool) -> Merchant:
    """With a folder of keys nothing of API v3 need be set. Raises BadOption."""
    found = Merchant(
        app_id=_needed(variables, "PAYWATCH_WECHAT_APP_ID"),
        mch_id=_needed(variables, "PAYWATCH_WECHAT_MCH_ID"),
        api_v2_key=setting(variables, _V2_KEY) or "",
        sign_type=_sign_type(variables),
        api_v3_key=_v3_key(variables),
        serial=setting(variables, _SERIAL) or "",
        private_key=_own_key(variables),
        client_cert=setting(variables, "PAYWATCH_WECHAT_CLIENT_CERT") or "",
        public_keys=_public_keys(variables),
    )
    if bool(found.private_key) != bool(found.serial):
        raise BadOption(f"{_OWN} and {_SERIAL} belong together.")
    has_v3 = has_folder or bool(found.api_v3_key and found.private_key)
    if not (found.api_v2_key or has_v3):
        _needed(variables, _V2_KEY)
    return _choose(found, setting(variables, "PAYWATCH_WECHAT_API") or "", has_v3)


def _choose(found: Merchant, wanted: str, has_v3: bool) -> Merchant:
    """The interface of a trade that nobody ordered; calls are taken on both."""
    if wanted not in ("", *Api):
        raise BadOption("PAYWATCH_WECHAT_API is v2, v3 or empty.")
    api = Api(wanted or (Api.V2 if found.api_v2_key else Api.V3))
    if api is Api.V3 and not has_v3:
        raise BadOption(f"PAYWATCH_WECHAT_API v3 needs {_V3_KEY}, {_OWN} and {_SERIAL}, or --keys.")
    if api is Api.V2 and not found.api_v2_key:
        raise BadOption(f"PAYWATCH_WECHAT_API v2 needs {_V2_KEY}.")
    return replace(found, api=api)


def _sign_type(variables: Mapping[str, str]) -> str:
    sign_type = setting(variables, "PAYWATCH_WECHAT_SIGN_TYPE") or HMAC_SHA256
    if sign_type not in SIGN_TYPES:
        raise BadOption(f"PAYWATCH_WECHAT_SIGN_TYPE must be one of {', '.join(SIGN_TYPES)}.")
    return sign_type


def _v3_key(variables: Mapping[str, str]) -> str:
    key = setting(variables, _V3_KEY) or ""
    if key and len(key.encode()) != API_V3_KEY_LENGTH:
        raise BadOption(f"{_V3_KEY} has {API_V3_KEY_LENGTH} characters.")
    return key


def _own_key(variables: Mapping[str, str]) -> str:
    pem = setting(variables, _OWN) or ""
    try:
        if pem:
            signing.private_key(pem)
    except ValueError as error:
        raise BadOption(f"{_OWN} is not an RSA private key in PEM.") from error
    return pem


def _public_keys(variables: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    number, pem = setting(variables, _ID), setting(variables, _PEM)
    if bool(number) != bool(pem):
        raise BadOption(f"{_ID} and {_PEM} belong together.")
    return ((number, pem),) if number and pem else ()


def _needed(variables: Mapping[str, str], name: str) -> str:
    value = setting(variables, name)
    if not value:
        raise BadOption(f"{name} is not set; {name}_FILE may name a file that holds it.")
    return value


def setting(variables: Mapping[str, str], name: str) -> str | None:
    """The variable, or the content of the file that NAME_FILE names."""
    if path := variables.get(f"{name}_FILE"):
        return content(path, f"{name}_FILE")
    return variables.get(name) or None


def content(path: str, name: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadOption(f"{name}: the file cannot be read ({type(error).__name__}).") from error
