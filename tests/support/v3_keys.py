"""A merchant with API v3 in the settings of a product, and what WeChat sends it over HTTP; with the
keys of tests/support/v3_material.py. For tests; holds none itself."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from payments.payment_result import CHINA
from payments.v3 import signing, wire
from tests.support.v3_material import KEYS, NOW_S, SAMPLES, TRANSACTION, V3_KEY
from tests.support.v3_material import notify_body as sealed_notify

__all__ = ["NOW_S", "V3_KEY"]

OTHER_V3_KEY = "OtherApiV3Key0123456789abcdefghi"
SERIAL: str = KEYS["merchant"]["serial"]
MERCHANT_KEY: str = KEYS["merchant"]["private_pem"]
MERCHANT_CERT: str = KEYS["merchant"]["cert_pem"]
PLATFORM: dict[str, str] = KEYS["platform_cert"]
NEXT_PLATFORM: dict[str, str] = KEYS["platform_cert_next"]
PUBLIC: dict[str, str] = {
    **KEYS["wechatpay_public_key"],
    "serial": KEYS["wechatpay_public_key"]["id"],
}

V3 = {
    "WECHAT_API_V3_KEY": V3_KEY,
    "WECHAT_MERCHANT_SERIAL": SERIAL,
    "WECHAT_MERCHANT_KEY": MERCHANT_KEY,
}
"""The settings of a merchant with API v3, without their prefix."""
WITH_PUBLIC_KEY = {
    **V3,
    "WECHAT_PUBLIC_KEY_ID": PUBLIC["serial"],
    "WECHAT_PUBLIC_KEY": PUBLIC["public_pem"],
}


@dataclass
class HeldClock:
    """Stands still until a test moves it; waits go on."""

    now_s: int = NOW_S

    def now_ms(self) -> int:
        return self.now_s * 1000

    def monotonic(self) -> float:
        return time.monotonic()


def key_of(who: dict[str, str]) -> RSAPrivateKey:
    return signing.private_key(who["private_pem"])


def sample(name: str) -> tuple[bytes, dict[str, str]]:
    """Body and headers of one message of the samples."""
    folder = SAMPLES / "v3"
    headers = json.loads((folder / f"{name}.headers.json").read_text("utf-8"))
    return (folder / f"{name}.body").read_bytes(), headers


def signed_headers(
    body: bytes, now_s: int, who: dict[str, str] = PUBLIC, nonce: str = "n" * 32
) -> dict[str, str]:
    """The headers under which WeChat sends `body`."""
    return {
        "Content-Type": "application/json",
        "Wechatpay-Timestamp": str(now_s),
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": who["serial"],
        "Wechatpay-Signature": signing.sign(signing.lines(str(now_s), nonce, body), key_of(who)),
    }


def transaction_of(order_num: str, transaction_id: str, /, **changes: Any) -> dict[str, Any]:
    """A payment as API v3 tells it; None leaves a field out."""
    named = {"out_trade_no": order_num, "transaction_id": transaction_id}
    fields = {**TRANSACTION, **named, **changes}
    return {name: value for name, value in fields.items() if value is not None}


def paid_at(now_s: int) -> str:
    """WeChat's `success_time`."""
    return datetime.fromtimestamp(now_s, CHINA).isoformat()


def notify_body(
    fields: dict[str, Any], event_type: str = "TRANSACTION.SUCCESS", key: str = V3_KEY
) -> bytes:
    """One notify around `fields`, sealed for whoever has the API v3 key."""
    return sealed_notify(wire.write(fields), event_type, key)
