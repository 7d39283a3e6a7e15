"""WeChat's answer on its way to the merchant: whole, or as a fault leaves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from payments.merchant import HMAC_SHA256, MD5, Merchant
from payments.v2 import wire
from simulator.envelope import OTHER_MCH_ID, another, signed
from simulator.faults import Fault

TOO_LARGE_BYTES = 128 * 1024
_PAGE = b"<!DOCTYPE html><html><head><title>502</title></head><body>Bad Gateway</body></html>"


@dataclass(frozen=True)
class Reply:
    """`takes_s` is how long the body is written; a `cut` answer ends after its head."""

    body: bytes
    status: int = 200
    location: str | None = None
    takes_s: float = 0.0
    cut: bool = False


def spoiled(reply: Reply, fault: Fault, merchant: Merchant, address: str) -> Reply:
    """What is left of `reply`; `address` is the path that was called."""
    match fault.kind:
        case "slow":
            return replace(reply, takes_s=fault.seconds)
        case "lost":
            return replace(reply, cut=True)
        case "error_500":
            return Reply(_PAGE, 500)
        case "redirect":
            # Whoever follows it calls once more, and gets the good answer.
            return Reply(b"", 307, address)
        case "too_large":
            # Well-formed, and signed: blanks after the root are no part of it.
            return replace(reply, body=reply.body.ljust(TOO_LARGE_BYTES))
        case _:
            return replace(reply, body=_BODIES[fault.kind](reply.body, merchant))


def _garbage(_body: bytes, _merchant: Merchant) -> bytes:
    return _PAGE


def _unsigned(body: bytes, _merchant: Merchant) -> bytes:
    return wire.write(_without_sign(body))


def _wrong_signature(body: bytes, merchant: Merchant) -> bytes:
    thief = replace(merchant, api_v2_key=another(merchant).api_v2_key)
    return _signed_again(body, thief)


def _other_merchant(body: bytes, merchant: Merchant) -> bytes:
    """Signed with the merchant's own key, and about somebody else."""
    return _signed_again(body, replace(merchant, mch_id=OTHER_MCH_ID))


_BODIES: dict[str, Callable[[bytes, Merchant], bytes]] = {
    "garbage": _garbage,
    "unsigned": _unsigned,
    "wrong_signature": _wrong_signature,
    "other_merchant": _other_merchant,
}


def _signed_again(body: bytes, merchant: Merchant) -> bytes:
    sign_type = HMAC_SHA256 if len(wire.read(body).get("sign", "")) == 64 else MD5
    ids = {"appid": merchant.app_id, "mch_id": merchant.mch_id}
    return signed({**_without_sign(body), **ids}, merchant, sign_type)


def _without_sign(body: bytes) -> dict[str, str]:
    return {name: value for name, value in wire.read(body).items() if name != "sign"}
