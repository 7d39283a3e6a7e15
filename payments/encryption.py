"""Texts that are kept encrypted: AES-256-GCM with keys that are derived from secrets.

A sealed text is a version byte, the id of its key (4 bytes), the nonce (12), and the ciphertext
with its tag. The name under which it is kept is authenticated with it, so that no text can be
passed off as another. Version 0 is plain UTF-8, from before texts were sealed.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PLAIN, AES_256_GCM = b"\x00", b"\x01"

_ID_BYTES, NONCE_BYTES, _TAG_BYTES = 4, 12, 16
_HEAD_BYTES = 1 + _ID_BYTES
_SHORTEST = _HEAD_BYTES + NONCE_BYTES + _TAG_BYTES
_PURPOSE = b"paywatch raw notice 1"


class Sealer:
    """The first of `secrets` seals, all of them open. A secret never shows in a repr."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        derived = [_derive(secret) for secret in secrets]
        self._ciphers = {head: AESGCM(key) for head, key in reversed(derived)}
        self._head = derived[0][0]

    def seal(self, text: str, name: str, nonce: bytes) -> bytes:
        """Encrypt `text`, which is kept under `name`. `nonce` is 12 bytes never used before."""
        head = self._head
        box = self._ciphers[head].encrypt(nonce, text.encode(), head + name.encode())
        return head + nonce + box

    def open(self, sealed: bytes, name: str) -> str | None:
        """The text; None when no secret of ours opens it, or it is not what was kept there."""
        if sealed[:1] == PLAIN:
            return sealed[1:].decode("utf-8", "replace")
        head, nonce = sealed[:_HEAD_BYTES], sealed[_HEAD_BYTES : _HEAD_BYTES + NONCE_BYTES]
        cipher = self._ciphers.get(head)
        if cipher is None or len(sealed) < _SHORTEST:
            return None
        box = sealed[_HEAD_BYTES + NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, box, head + name.encode()).decode()
        except InvalidTag:
            return None


def _derive(secret: str) -> tuple[bytes, bytes]:
    """The head that marks what this secret sealed, and its key."""
    length = 32 + _ID_BYTES
    derived = HKDF(SHA256(), length, salt=None, info=_PURPOSE).derive(secret.encode())
    return AES_256_GCM + derived[32:], derived[:32]
