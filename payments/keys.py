"""The keys that a merchant is set up with: what each must be, and which of them belong together.

Every refusal is a ValueError with one sentence, and no sentence holds a part of a key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import Certificate, InvalidVersion, load_pem_x509_certificate

from payments.v3 import signing

KEY_LENGTH = 32
"""Characters of an API v2 key and of an API v3 key."""
SMALLEST_RSA = 2048
_HEX = re.compile(r"[0-9A-Fa-f]{1,40}", re.ASCII)
_PUBLIC_KEY_ID = re.compile(r"PUB_KEY_ID_[0-9A-Za-z]{1,53}", re.ASCII)


@dataclass(frozen=True)
class CertificateFacts:
    """The facts in a certificate: its serial in upper-case hex, and its last moment of validity."""

    serial: str
    expires_at: datetime


def api_key(text: str) -> str:
    """An API v2 or v3 key: WeChat takes any 32 printable characters."""
    if not (len(text) == KEY_LENGTH and text.isascii() and text.isprintable() and " " not in text):
        raise ValueError("the key must have exactly 32 characters, without blanks.")
    return text


def serial(text: str) -> str:
    """The serial number of a certificate of ours, as the merchant platform shows it."""
    if not _HEX.fullmatch(text):
        raise ValueError(
            "it must be the serial number of the merchant's certificate, in hex digits."
        )
    return text.upper()


def public_key_id(text: str) -> str:
    if not _PUBLIC_KEY_ID.fullmatch(text):
        raise ValueError("it must be PUB_KEY_ID_ followed by letters and digits.")
    return text


def private_key(pem: str) -> str:
    """apiclient_key.pem: RSA, without a password."""
    try:
        big = signing.private_key(pem).key_size >= SMALLEST_RSA
    except ValueError:
        big = False
    if not big:
        raise ValueError(
            "it must be an RSA private key (apiclient_key.pem) in PEM, without a password."
        )
    return pem


def wechat_key(pem: str) -> str:
    """pub_key.pem: WeChat's own public key."""
    try:
        sound = "CERTIFICATE" not in pem and signing.public_key(pem).key_size >= SMALLEST_RSA
    except ValueError:
        sound = False
    if not sound:
        raise ValueError("it must be an RSA public key of WeChat's (pub_key.pem) in PEM.")
    return pem


def certificate(pem: str) -> str:
    """apiclient_cert.pem: our own certificate."""
    if _certificate(pem) is None:
        raise ValueError("it must be a certificate (apiclient_cert.pem) with an RSA key, in PEM.")
    return pem


def facts(pem: str) -> CertificateFacts:
    """The facts of a certificate that was checked before. Raises ValueError for any other text."""
    found = load_pem_x509_certificate(pem.encode())
    return CertificateFacts(f"{found.serial_number:X}", found.not_valid_after_utc)


def are_a_pair(private_pem: str, public_pem: str) -> bool:
    """Whether a public key, or a certificate's, goes with a private key; both found good."""
    ours = signing.private_key(private_pem).public_key().public_numbers()
    return ours == signing.public_key(public_pem).public_numbers()


def same_serial(one: str, other: str) -> bool:
    return int(one, 16) == int(other, 16)


def _certificate(pem: str) -> Certificate | None:
    try:
        found = load_pem_x509_certificate(pem.encode())
        return found if isinstance(found.public_key(), RSAPublicKey) else None
    except (ValueError, UnsupportedAlgorithm, InvalidVersion):
        return None
