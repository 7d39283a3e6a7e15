"""WeChat's own test of an account (POST /v3/security/echo, M/4014551946): it answers what it was
sent, and sends it to the notify address too, as SECURITY_ECHO.SUCCESS (M/4015164042)."""

from __future__ import annotations

from dataclasses import replace

from payments.errors import WeChatUntrusted
from payments.merchant import Merchant
from payments.protocol import Moment, Proof, WireAnswer, WireRequest
from payments.v3 import calls, wire

ADDRESS = calls.path("security", "echo")


def request(
    merchant: Merchant, message: str, notify_url: str, serial: str, moment: Moment
) -> WireRequest:
    """`serial` names the key of WeChat's that its answer is to be signed with; it is required."""
    fields = {"echo_message": message, "notify_url": notify_url}
    made = calls.post(merchant, ADDRESS, fields, moment)
    return replace(made, headers={**made.headers, "Wechatpay-Serial": serial})


def read(answer: WireAnswer, proof: Proof, message: str) -> None:
    """Raises as `calls.read_answer`, and WeChatUntrusted for another message than was sent."""
    fields = calls.read_answer(answer, proof, calls.NOT_THERE)
    if wire.text(fields, "echo_message") != message:
        raise WeChatUntrusted("WeChat's echo is not what was sent.")
