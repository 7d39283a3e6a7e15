"""A folder with all that API v3 needs on both sides, made on first use, for its owner only.

`paywatch.env` in it names the files as the product's settings do: reading it sets a shop up.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from payments.merchant import Merchant
from payments.v3 import signing
from simulator.state import key_material
from simulator.state.key_material import Material, Signer

ENVIRONMENT = "paywatch.env"
_SETTINGS = {
    "PAYWATCH_WECHAT_API_V3_KEY_FILE": "api_v3_key",
    "PAYWATCH_WECHAT_MERCHANT_SERIAL_FILE": "merchant_serial",
    "PAYWATCH_WECHAT_MERCHANT_KEY_FILE": "apiclient_key.pem",
    "PAYWATCH_WECHAT_CLIENT_CERT_FILE": "apiclient_cert.pem",
    "PAYWATCH_WECHAT_PUBLIC_KEY_ID_FILE": "wechat_public_key_id",
    "PAYWATCH_WECHAT_PUBLIC_KEY_FILE": "wechat_public_key.pem",
}
_WECHATS = {
    "wechat_public_key": "public_key",
    "wechat_certificate": "certificate",
    "wechat_next_certificate": "next_certificate",
}
"""Where WeChat's three keys lie; each a private key, its public part, and its name."""


class BadFolder(Exception):
    """The folder cannot be used; the text says why."""


def opened(folder: Path, merchant: Merchant, now: datetime) -> tuple[Merchant, Material]:
    """The merchant with what it lacked for API v3, and WeChat's keys. Raises BadFolder."""
    try:
        _make(folder, now)
        return _completed(folder, merchant), _wechat(folder)
    except (OSError, UnicodeDecodeError) as error:
        raise BadFolder(f"the folder cannot be used ({type(error).__name__})") from error


def _make(folder: Path, now: datetime) -> None:
    """Write what is not there yet; the file of settings last, so that it stands for all."""
    if (folder / ENVIRONMENT).exists():
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    wechat, own = key_material.make(now), key_material.certified("Merchant (simulated)", now)
    for stem, name in _WECHATS.items():
        signer: Signer = getattr(wechat, name)
        _write(folder / f"{stem}_private.pem", signer.private)
        _write(folder / f"{stem}.pem", signer.public)
        _write(folder / f"{stem}_id", signer.serial)
    _write(folder / "api_v3_key", key_material.api_v3_key())
    _write(folder / "merchant_serial", own.serial)
    _write(folder / "apiclient_key.pem", own.private)
    _write(folder / "apiclient_cert.pem", own.public)
    places = {name: (folder / file).resolve() for name, file in _SETTINGS.items()}
    _write(folder / ENVIRONMENT, "".join(f"{n}='{path}'\n" for n, path in places.items()))


def _completed(folder: Path, merchant: Merchant) -> Merchant:
    """Values of the environment are kept; a key that is made here comes with its serial and
    certificate."""
    if not merchant.private_key:
        merchant = replace(
            merchant,
            serial=_read(folder / "merchant_serial"),
            private_key=_read(folder / "apiclient_key.pem"),
            client_cert=_read(folder / "apiclient_cert.pem"),
        )
    number, pem = _read(folder / "wechat_public_key_id"), _read(folder / "wechat_public_key.pem")
    for given_number, given_pem in merchant.public_keys:
        if given_number != number or not _same_key(given_pem, pem):
            raise BadFolder("PAYWATCH_WECHAT_PUBLIC_KEY is another key than the folder's")
    v3_key = merchant.api_v3_key or _read(folder / "api_v3_key")
    return replace(merchant, api_v3_key=v3_key, public_keys=((number, pem),))


def _same_key(one: str, other: str) -> bool:
    try:
        return signing.public_key(one) == signing.public_key(other)
    except ValueError:
        return False


def _wechat(folder: Path) -> Material:
    signers = {
        name: Signer(
            _read(folder / f"{stem}_id"),
            _read(folder / f"{stem}_private.pem"),
            _read(folder / f"{stem}.pem"),
        )
        for stem, name in _WECHATS.items()
    }
    return Material(**signers)


def _read(path: Path) -> str:
    return path.read_text("utf-8").strip()


def _write(path: Path, text: str) -> None:
    """For the owner only, from the first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
