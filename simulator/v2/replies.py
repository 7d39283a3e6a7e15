"""WeChat's answer on its way to the merchant: whole, or as a fault leaves it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from payments.merchant import HMAC_SHA256, MD5, Merchant
from payments.v2 import wire
from simulator.state.faults import Fault
from simulator.v2.envelope import OTHER_MCH_ID, another, signed

TOO_LARGE_BYTES = 128 * 1024
XML = {"Content-Type": "text/xml; charset=utf-8"}
_HTML = {"Content-Type": "text/html; charset=utf-8"}
_PAGE = b"<!DOCTYPE html><html><head><title>502</title></head><body>Bad Gateway</body></html>"


@dataclass(frozen=True)
class Reply:
    """`takes_s` is how long the body is written; a `cut` answer ends after its head."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: XML)
    takes_s: float = 0.0
    cut: bool = False


Spoilers = Mapping[str, Callable[[Reply], Reply]]
"""The functions of an interface that spoil its answers, by the fault."""


def spoiled(reply: Reply, fault: Fault, spoilers: Spoilers, address: str) -> Reply:
    """The spoiled `reply`; `address` is the path that was called."""
    match fault.kind:
        case "slow":
            return replace(reply, takes_s=fault.seconds)
        case "lost":
            return replace(reply, cut=True)
        case "error_500":
            return Reply(_PAGE, 500, _HTML)
        case "garbage":
            return Reply(_PAGE, 200, _HTML)
        case "redirect":
            # Whoever follows it calls once more, and gets the good answer.
            return Reply(b"", 307, {"Location": address})
        case _:
            return spoilers[fault.kind](reply)


def spoilers_v2(merchant: Merchant) -> Spoilers:
    """For answers to this merchant."""
    thief = replace(merchant, api_v2_key=another(merchant).api_v2_key)
    stranger = replace(merchant, mch_id=OTHER_MCH_ID)
    return {
        "unsigned": lambda reply: replace(reply, body=wire.write(_without_sign(reply.body))),
        "wrong_signature": lambda reply: _signed_again(reply, thief),
        # Signed with the merchant's own key, and about somebody else.
        "other_merchant": lambda reply: _signed_again(reply, stranger),
        # Well-formed, and signed: blanks after the root are no part of it.
        "too_large": lambda reply: replace(reply, body=reply.body.ljust(TOO_LARGE_BYTES)),
    }


def _signed_again(reply: Reply, merchant: Merchant) -> Reply:
    sign_type = HMAC_SHA256 if len(wire.read(reply.body).get("sign", "")) == 64 else MD5
    ids = {"appid": merchant.app_id, "mch_id": merchant.mch_id}
    return replace(reply, body=signed({**_without_sign(reply.body), **ids}, merchant, sign_type))


def _without_sign(body: bytes) -> dict[str, str]:
    return {name: value for name, value in wire.read(body).items() if name != "sign"}
