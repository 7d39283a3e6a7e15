"""Keys for API v3: those of the samples, and what WeChat makes with its own. For tests; holds none
itself."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from payments.v3 import resource, signing
from tests.rig import APP_ID, MCH_ID, OPEN_ID, PRICE

SAMPLES = Path(__file__).parent / "samples"
_KEYS: dict[str, Any] = json.loads((SAMPLES / "v3_keys.json").read_text("utf-8"))

NOW_S = 1_735_787_045
"""The time of the samples."""
V3_KEY = "TestApiV3Key9876543210ZYXWVUtsrq"
OTHER_V3_KEY = "OtherApiV3Key0123456789abcdefghi"
SERIAL: str = _KEYS["merchant"]["serial"]
MERCHANT_KEY: str = _KEYS["merchant"]["private_pem"]
MERCHANT_CERT: str = _KEYS["merchant"]["cert_pem"]
PLATFORM: dict[str, str] = _KEYS["platform_cert"]
NEXT_PLATFORM: dict[str, str] = _KEYS["platform_cert_next"]
PUBLIC: dict[str, str] = {
    **_KEYS["wechatpay_public_key"], "serial": _KEYS["wechatpay_public_key"]["id"],
}  # fmt: skip

V3 = {
    "WECHAT_API_V3_KEY": V3_KEY,
    "WECHAT_MERCHANT_SERIAL": SERIAL,
    "WECHAT_MERCHANT_KEY": MERCHANT_KEY,
}
"""The settings of a merchant with API v3, without their prefix."""
WITH_PUBLIC_KEY = {
    **V3, "WECHAT_PUBLIC_KEY_ID": PUBLIC["serial"], "WECHAT_PUBLIC_KEY": PUBLIC["public_pem"],
}  # fmt: skip


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
    fields = {
        "appid": APP_ID,
        "mchid": MCH_ID,
        "out_trade_no": order_num,
        "transaction_id": transaction_id,
        "trade_type": "JSAPI",
        "trade_state": "SUCCESS",
        "trade_state_desc": "支付成功",
        "success_time": "2025-01-02T11:04:05+08:00",
        "payer": {"openid": OPEN_ID},
        "amount": {
            "total": PRICE, "payer_total": PRICE, "currency": "CNY", "payer_currency": "CNY",
        },
        **changes,
    }  # fmt: skip
    return {name: value for name, value in fields.items() if value is not None}


def notify_body(
    fields: dict[str, Any], event_type: str = "TRANSACTION.SUCCESS", key: str = V3_KEY
) -> bytes:
    """One notify around `fields`, sealed for whoever has the API v3 key."""
    plain = json.dumps(fields, ensure_ascii=False).encode()
    sealed = {
        "original_type": "transaction",
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": resource.seal(plain, "0123456789ab", "transaction", key),
        "nonce": "0123456789ab",
        "associated_data": "transaction",
    }
    outer = {"id": "e", "event_type": event_type, "resource_type": "encrypt-resource"}
    return json.dumps({**outer, "resource": sealed}, ensure_ascii=False).encode()
