"""Makes key material for API v3: WeChat's keys, and a merchant's. Pure: no file, no clock; the
caller gives the time."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from payments.merchant import Api, Merchant

PUBLIC_KEY, CERTIFICATE, NEXT_CERTIFICATE = "public_key", "certificate", "next_certificate"
LIFE = timedelta(days=5 * 365)
"""The lifetime of a certificate, as long as that of WeChat's."""
API_V3_KEY_LENGTH = 32
_BITS = 2048


@dataclass(frozen=True)
class Signer:
    """One key that signs, under the name that it has in headers. All texts are PEM; `public` is
    the bare public key, or the certificate of it."""

    serial: str
    private: str = field(repr=False)
    public: str


@dataclass(frozen=True)
class Material:
    """WeChat's three keys: the public key that new merchants are given, the platform certificate
    of older ones, and the certificate that follows it."""

    public_key: Signer
    certificate: Signer
    next_certificate: Signer

    def __iter__(self) -> Iterator[Signer]:
        return iter((self.public_key, self.certificate, self.next_certificate))


def make(now: datetime) -> Material:
    """Three fresh keys of WeChat's; takes some tenths of a second."""
    key = rsa.generate_private_key(65537, _BITS)
    number = f"PUB_KEY_ID_{secrets.randbelow(10**30):032d}"
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return Material(
        Signer(number, _private(key), public.decode()),
        certified("Tenpay.com Root CA (simulated)", now),
        certified("Tenpay.com Root CA (simulated)", now),
    )


def certified(name: str, now: datetime) -> Signer:
    """A fresh key with a certificate of its own, valid from yesterday for five years."""
    key = rsa.generate_private_key(65537, _BITS)
    number = secrets.randbits(158) | 1 << 158  # 40 hex digits, as WeChat's
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(number)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LIFE)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    return Signer(f"{number:X}", _private(key), pem)


def api_v3_key() -> str:
    return secrets.token_hex(API_V3_KEY_LENGTH // 2)


def equipped(
    merchant: Merchant, wechat: Material, own: Signer, v3_key: str, api: Api = Api.V3
) -> Merchant:
    """`merchant` with all that API v3 and the refunds of both interfaces need."""
    return replace(
        merchant,
        api=api,
        api_v3_key=v3_key,
        serial=own.serial,
        private_key=own.private,
        client_cert=own.public,
        public_keys=((wechat.public_key.serial, wechat.public_key.public),),
    )


def _private(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
