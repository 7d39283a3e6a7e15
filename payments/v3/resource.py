"""The encrypted resource of API v3: AES-256-GCM with the API v3 key
(WeChat: 证书和回调报文解密)."""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from payments.errors import BadSignature

NONCE_BYTES = 12


def open_sealed(
    ciphertext: str, nonce: str, associated_data: str, keys: tuple[str, ...]
) -> tuple[bytes, str]:
    """The plain bytes, and the one of `keys` that opened them. Raises BadSignature (`sealed`)."""
    try:
        sealed = base64.b64decode(ciphertext.encode("ascii"), validate=True)
        if len(nonce.encode()) == NONCE_BYTES:
            for key in keys:
                try:
                    plain = _cipher(key).decrypt(nonce.encode(), sealed, associated_data.encode())
                except InvalidTag:
                    continue
                return plain, key
    except (binascii.Error, ValueError):
        pass
    raise BadSignature("The resource does not open with our API v3 key.", "sealed")


@lru_cache(maxsize=64)
def _cipher(key: str) -> AESGCM:
    return AESGCM(key.encode())


def seal(plain: bytes, nonce: str, associated_data: str, key: str) -> str:
    """A text that `open_sealed` decrypts, in base64. `nonce` has 12 ASCII characters, `key` 32."""
    sealed = _cipher(key).encrypt(nonce.encode(), plain, associated_data.encode())
    return base64.b64encode(sealed).decode()
