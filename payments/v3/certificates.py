"""WeChat's own certificates (WeChat: 获取平台证书), which prove what it signs.

They come sealed with the API v3 key, so the first answer proves itself: what opens is WeChat's,
and the answer must be signed with one of the keys in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography.x509 import load_pem_x509_certificate

from payments.errors import BadSignature, Malformed, WeChatUntrusted
from payments.merchant import Merchant
from payments.protocol import Moment, Proof, WireAnswer, WireRequest
from payments.v3 import calls, resource, signing, wire
from payments.v3.notify import ALGORITHM, rfc3339_time

PATH = calls.path("certificates")


@dataclass(frozen=True)
class ProvenCertificate:
    """`serial` as WeChat names it in Wechatpay-Serial; times in UTC."""

    serial: str
    pem: str
    effective_at: datetime
    expires_at: datetime


def request(merchant: Merchant, moment: Moment) -> WireRequest:
    return calls.get(merchant, PATH, moment)


def read(answer: WireAnswer, merchant: Merchant, now_s: int) -> tuple[ProvenCertificate, ...]:
    """All the certificates of an answer, proven; at least one.

    Raises WeChatRefused, WeChatUnreachable or WeChatUntrusted, with the doubt `sealed` when they
    do not open: then the API v3 key is not the one that the merchant platform has. A merchant
    that has public keys of WeChat's instead is refused by WeChat, and needs none.
    """
    keys = {serial: signing.public_key(pem) for serial, pem in merchant.public_keys}
    found: tuple[ProvenCertificate, ...] = ()
    if answer.status == calls.OK:
        found = _opened(answer, merchant)
        keys |= {each.serial: signing.public_key(each.pem) for each in found}
    calls.read_answer(answer, Proof(keys, now_s), calls.NOT_THERE)
    if not found:
        raise WeChatUntrusted("WeChat's answer holds no certificate.")
    return found


def _opened(answer: WireAnswer, merchant: Merchant) -> tuple[ProvenCertificate, ...]:
    try:
        data = wire.read(answer.body).get("data")
        return tuple(_certificate(each, merchant) for each in data or ())
    except BadSignature as error:
        words = (
            "WeChat's certificates do not open: PAYWATCH_WECHAT_API_V3_KEY is not the API v3 key"
            " that the merchant platform has."
        )
        raise WeChatUntrusted(words, doubt="sealed") from error
    except (Malformed, ValueError, TypeError) as error:
        raise WeChatUntrusted("WeChat's certificates are not readable.") from error


def _certificate(entry: object, merchant: Merchant) -> ProvenCertificate:
    """Raises BadSignature (`sealed`), and ValueError for what is no certificate of that serial."""
    if not isinstance(entry, dict):
        raise TypeError("An entry is not an object.")
    fields = {name.strip(): value for name, value in entry.items()}  # one sample has a blank
    serial, sealed = wire.text(fields, "serial_no"), fields.get("encrypt_certificate")
    ciphertext, nonce = wire.text(sealed, "ciphertext"), wire.text(sealed, "nonce")
    effective_at = rfc3339_time(wire.text(fields, "effective_time"))
    expires_at = rfc3339_time(wire.text(fields, "expire_time"))
    if not (serial and ciphertext and nonce and effective_at and expires_at):
        raise ValueError("An entry is not complete.")
    if wire.text(sealed, "algorithm") != ALGORITHM:
        raise ValueError("A certificate is sealed with a foreign algorithm.")
    aad = wire.text(sealed, "associated_data") or ""
    plain, _ = resource.open_sealed(ciphertext, nonce, aad, merchant.v3_keys)
    pem = plain.decode("ascii")
    signing.public_key(pem)
    number = load_pem_x509_certificate(plain).serial_number
    if f"{number:X}" != serial.upper().lstrip("0"):
        raise ValueError("A certificate has another serial number than it is named by.")
    return ProvenCertificate(serial, pem, effective_at, expires_at)
