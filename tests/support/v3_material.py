"""The keys of the samples, and messages of WeChat's on API v3 that are signed with them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from payments.merchant import Api, Merchant, Merchants
from payments.protocol import Moment, PlatformKeys, Proof, WireAnswer
from payments.v3 import resource, signing, wire

SAMPLES = Path(__file__).parents[1] / "samples"


def vectors(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


MANIFEST: dict[str, Any] = vectors("manifest")
KEYS: dict[str, dict[str, str]] = {k: v for k, v in vectors("v3_keys").items() if len(v) > 2}
V2_KEY, V3_KEY = "TestApiV2Key0123456789abcdefGHIJ", "TestApiV3Key9876543210ZYXWVUtsrq"
NOW_S: int = MANIFEST["clock_s"]
NONCE = "593BEC0C930BF1AFEB40B4A08C8FB242"
MOMENT = Moment(NOW_S, NONCE)

CERTIFICATE, NEXT = KEYS["platform_cert"]["serial"], KEYS["platform_cert_next"]["serial"]
PUBLIC_ID = vectors("v3_keys")["wechatpay_public_key"]["id"]
PUBLIC_PEM = vectors("v3_keys")["wechatpay_public_key"]["public_pem"]
OWNERS = {
    CERTIFICATE: "platform_cert",
    NEXT: "platform_cert_next",
    PUBLIC_ID: "wechatpay_public_key",
}
PLATFORM: PlatformKeys = {
    CERTIFICATE: signing.public_key(KEYS["platform_cert"]["cert_pem"]),
    PUBLIC_ID: signing.public_key(PUBLIC_PEM),
}
"""WeChat's keys as our merchant knows them; the next certificate is not among them."""
PROOF = Proof(PLATFORM, NOW_S)

MERCHANT = Merchant(
    "wx8888888888888888",
    "1900000109",
    V2_KEY,
    api=Api.V3,
    api_v3_key=V3_KEY,
    serial=KEYS["merchant"]["serial"],
    private_key=KEYS["merchant"]["private_pem"],
)
OF_PUBLIC_KEY = replace(MERCHANT, public_keys=((PUBLIC_ID, PUBLIC_PEM),))
MERCHANTS = Merchants((MERCHANT,))


def keys_of(_merchant: Merchant) -> PlatformKeys:
    return PLATFORM


def signed(body: bytes, serial: str = CERTIFICATE, now_s: int = NOW_S) -> dict[str, str]:
    """The headers of a message of WeChat's, in lower case."""
    key = signing.private_key(vectors("v3_keys")[OWNERS[serial]]["private_pem"])
    return {
        "wechatpay-timestamp": str(now_s),
        "wechatpay-nonce": NONCE,
        "wechatpay-serial": serial,
        "wechatpay-signature": signing.sign(signing.lines(str(now_s), NONCE, body), key),
    }


def answer(fields: Any, status: int = 200, serial: str = CERTIFICATE) -> WireAnswer:
    """A signed answer; `fields` may be bytes."""
    body = fields if isinstance(fields, bytes) else wire.write(fields)
    return WireAnswer(status, body, signed(body, serial))


TRANSACTION: dict[str, Any] = {
    "mchid": MERCHANT.mch_id,
    "appid": MERCHANT.app_id,
    "out_trade_no": "ORD20250102000001",
    "transaction_id": "4200000001202501020000000001",
    "trade_type": "JSAPI",
    "trade_state": "SUCCESS",
    "trade_state_desc": "支付成功",
    "success_time": "2025-01-02T11:04:05+08:00",
    "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
    "amount": {"total": 8800, "payer_total": 8800, "currency": "CNY", "payer_currency": "CNY"},
}
REFUND: dict[str, Any] = {
    "refund_id": "50300000001202501020000000001",
    "out_refund_no": "RF20250102000001",
    "out_trade_no": "ORD20250102000001",
    "transaction_id": "4200000001202501020000000001",
    "status": "PROCESSING",
    "amount": {"total": 8800, "refund": 800, "currency": "CNY"},
}


def sealed(plain: bytes, key: str = V3_KEY, **changes: Any) -> dict[str, Any]:
    """The resource of a notify; None leaves a field out."""
    whole = {
        "original_type": "transaction",
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": resource.seal(plain, "fdasflkja484", "transaction", key),
        "nonce": "fdasflkja484",
        "associated_data": "transaction",
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def notify_body(
    plain: bytes, event_type: str = "TRANSACTION.SUCCESS", key: str = V3_KEY, **changes: Any
) -> bytes:
    return wire.write({"event_type": event_type, "resource": sealed(plain, key, **changes)})


def sample(entry: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    """The bytes and the headers of an entry of the manifest."""
    headers = json.loads((SAMPLES / entry["headers"]).read_text("utf-8"))
    lower = {name.lower(): value for name, value in headers.items()}
    return (SAMPLES / entry["body"]).read_bytes(), lower
