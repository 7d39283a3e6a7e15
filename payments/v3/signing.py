"""The signatures of API v3 (WeChat: 签名生成, 签名验证): SHA256 with RSA (PKCS#1 v1.5), base64.

Requests, answers and notifies sign their parts one a line, each line ended, the last too.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.x509 import InvalidVersion, load_pem_x509_certificate

from payments.errors import BadSignature
from payments.merchant import Merchant
from payments.protocol import Moment, PlatformKeys

SCHEME = "WECHATPAY2-SHA256-RSA2048"
PROBE = "WECHATPAY/SIGNTEST/"
"""WeChat sends such signatures to see whether we verify."""
WINDOW_S = 300
"""A message whose time is farther from ours, either way, is refused."""

_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)


def lines(*parts: str | bytes) -> bytes:
    """The text that is signed: each part on a line of its own, each line ended."""
    return b"".join((p.encode() if isinstance(p, str) else p) + b"\n" for p in parts)


def sign(message: bytes, key: RSAPrivateKey) -> str:
    return base64.b64encode(key.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()


def is_signed(message: bytes, signature: str, key: RSAPublicKey) -> bool:
    """Whether `key` made the base64 `signature` of `message`. Never raises on what came."""
    try:
        key.verify(
            base64.b64decode(signature.encode("ascii"), validate=True),
            message,
            padding.PKCS1v15(),
            hashes.SHA256(),
        )
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def authorization(merchant: Merchant, method: str, path: str, body: bytes, moment: Moment) -> str:
    """The Authorization header of one request. `path` with its query, exactly as sent."""
    message = lines(method, path, str(moment.now_s), moment.nonce, body)
    signature = sign(message, private_key(merchant.private_key))
    return (
        f'{SCHEME} mchid="{merchant.mch_id}",nonce_str="{moment.nonce}",signature="{signature}",'
        f'timestamp="{moment.now_s}",serial_no="{merchant.serial}"'
    )


def verify(headers: Mapping[str, str], body: bytes, keys: PlatformKeys, now_s: int) -> str:
    """Prove that WeChat sent `body`; returns the serial of the key that did. Header names are in
    lower case; `body` is the raw bytes.

    Raises BadSignature, with its reason: `probe`, `missing`, `algorithm`, `stale`,
    `unknown_serial` or `wrong`.
    """
    signature = headers.get("wechatpay-signature", "")
    if signature.startswith(PROBE):
        raise BadSignature("WeChat tries whether signatures are verified.", "probe")
    time_s = headers.get("wechatpay-timestamp", "")
    nonce, serial = headers.get("wechatpay-nonce", ""), headers.get("wechatpay-serial", "")
    if not (signature and time_s and nonce and serial):
        raise BadSignature("A header of the signature is missing.", "missing")
    if headers.get("wechatpay-signature-type", SCHEME) != SCHEME:
        raise BadSignature("The signature is of a foreign algorithm.", "algorithm")
    if not _SECONDS.fullmatch(time_s) or abs(now_s - int(time_s)) > WINDOW_S:
        raise BadSignature("The time of the signature is too far from ours.", "stale")
    key = keys.get(serial)
    if key is None:
        raise BadSignature("The signature names a key that is not known.", "unknown_serial")
    if not is_signed(lines(time_s, nonce, body), signature, key):
        raise BadSignature("The signature is wrong.")
    return serial


@lru_cache(maxsize=64)
def private_key(pem: str) -> RSAPrivateKey:
    """Raises ValueError for what is not an RSA private key in PEM without a password."""
    try:
        key = serialization.load_pem_private_key(pem.encode(), None)
    except TypeError:
        raise ValueError("The private key has a password.") from None
    except UnsupportedAlgorithm:
        raise ValueError("The private key is not RSA.") from None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("The private key is not RSA.")
    return key


@lru_cache(maxsize=64)
def public_key(pem: str) -> RSAPublicKey:
    """The key of a PEM public key or certificate. Raises ValueError for anything else."""
    key: object
    try:
        if "BEGIN CERTIFICATE" in pem:
            key = load_pem_x509_certificate(pem.encode()).public_key()
        else:
            key = serialization.load_pem_public_key(pem.encode())
    except (UnsupportedAlgorithm, InvalidVersion):
        raise ValueError("The public key is not RSA.") from None
    if not isinstance(key, RSAPublicKey):
        raise ValueError("The public key is not RSA.")
    return key
