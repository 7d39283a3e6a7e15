"""WeChat's keys at work: which one signs now, which certificates are listed, and a forger's."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from cryptography.x509 import load_pem_x509_certificate

from payments.merchant import Merchant
from payments.v3 import resource, signing
from payments.v3.notify import ALGORITHM
from simulator.state import key_material
from simulator.state.clock import SimulatedClock
from simulator.state.key_material import CERTIFICATE, NEXT_CERTIFICATE, PUBLIC_KEY, Material, Signer

NAMES = (PUBLIC_KEY, CERTIFICATE, NEXT_CERTIFICATE)
STALE_S = 2 * signing.WINDOW_S

Head = dict[str, str]


class Keys:
    """Keys that nobody gave are made when they are first needed: API v2 needs none."""

    def __init__(
        self, given: Material | None, clock: SimulatedClock, *, public_key: bool = True
    ) -> None:
        self._given = given
        self._clock = clock
        self._using = PUBLIC_KEY if public_key else CERTIFICATE
        self._listed = [CERTIFICATE]

    @cached_property
    def material(self) -> Material:
        return self._given or key_material.make(self._now())

    @cached_property
    def _thief(self) -> Signer:
        return key_material.certified("Somebody else", self._now())

    # --- signing -------------------------------------------------------------------------------

    def head(self, body: bytes, *, wanted: str | None = None, age_s: int = 0) -> Head:
        """The headers that prove `body`. `wanted` is the serial that the request named: an answer
        is signed with that key where it is one of ours."""
        signer = next((s for s in self.material if s.serial == wanted), self._signer(self._using))
        return self._head(body, signer.serial, signer.private, age_s)

    def forged(self, body: bytes) -> Head:
        """Under the serial of our key, signed with another."""
        return self._head(body, self._signer(self._using).serial, self._thief.private)

    def unknown(self, body: bytes) -> Head:
        """Rightly signed with a key that nobody knows."""
        return self._head(body, self._thief.serial, self._thief.private)

    def stale(self, body: bytes) -> Head:
        """Rightly signed, ten minutes ago."""
        return self.head(body, age_s=STALE_S)

    def probe(self, body: bytes) -> Head:
        """The headers with which WeChat tests whether signatures are verified."""
        noise = base64.b64encode(secrets.token_bytes(96)).decode()
        return {**self.head(body), "Wechatpay-Signature": signing.PROBE + noise}

    def _head(self, body: bytes, serial: str, private: str, age_s: int = 0) -> Head:
        time_s, nonce = str(int(self._clock.real()) - age_s), secrets.token_hex(16)
        message = signing.lines(time_s, nonce, body)
        return {
            "Wechatpay-Serial": serial,
            "Wechatpay-Timestamp": time_s,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Signature": signing.sign(message, signing.private_key(private)),
            "Wechatpay-Signature-Type": signing.SCHEME,
        }

    # --- the switch ----------------------------------------------------------------------------

    def use(self, name: str) -> None:
        """Sign with this key from now on; a certificate that signs is listed too."""
        if name not in NAMES:
            raise ValueError(f"use is one of {', '.join(NAMES)}.")
        self._using = name
        if name != PUBLIC_KEY:
            self.announce(name)

    def announce(self, name: str) -> None:
        """List a certificate, as WeChat does a day before it signs with it."""
        if name not in (CERTIFICATE, NEXT_CERTIFICATE):
            raise ValueError(f"announce is {CERTIFICATE} or {NEXT_CERTIFICATE}.")
        if name not in self._listed:
            self._listed.append(name)

    def retire(self, name: str) -> None:
        """List a certificate no longer. Raises ValueError for the one that signs."""
        if name not in (CERTIFICATE, NEXT_CERTIFICATE):
            raise ValueError(f"retire is {CERTIFICATE} or {NEXT_CERTIFICATE}.")
        if name == self._using:
            raise ValueError("This certificate signs; use another key first.")
        if name in self._listed:
            self._listed.remove(name)

    def as_json(self) -> dict[str, Any]:
        """The public part of the keys, and which of them are in use and listed."""
        ours = self.material
        return {
            "publicKeyId": ours.public_key.serial,
            "publicKey": ours.public_key.public,
            "certificateSerial": ours.certificate.serial,
            "certificate": ours.certificate.public,
            "nextCertificateSerial": ours.next_certificate.serial,
            "using": self._using,
            "listed": list(self._listed),
        }

    # --- the list of certificates --------------------------------------------------------------

    def certificates(self, merchant: Merchant) -> list[dict[str, Any]]:
        """Those that are listed, sealed with the merchant's API v3 key; [] when it has none."""
        return [_listed(self._signer(name), merchant.api_v3_key) for name in self._listed]

    def _signer(self, name: str) -> Signer:
        signer: Signer = getattr(self.material, name)
        return signer

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.real(), UTC)


def _listed(signer: Signer, key: str) -> dict[str, Any]:
    certificate = load_pem_x509_certificate(signer.public.encode())
    nonce = secrets.token_hex(resource.NONCE_BYTES // 2)
    return {
        "serial_no": signer.serial,
        "effective_time": certificate.not_valid_before_utc.isoformat(),
        "expire_time": certificate.not_valid_after_utc.isoformat(),
        "encrypt_certificate": {
            "algorithm": ALGORITHM,
            "nonce": nonce,
            "associated_data": "certificate",
            "ciphertext": resource.seal(signer.public.encode(), nonce, "certificate", key),
        },
    }
