"""Does WeChat reach the notify address, does a gateway keep its headers, and does our API v3 key
open what it sends? WeChat's own echo with its notify is the one proof from outside."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable

from payments.errors import PaymentError
from payments.merchant import Merchant
from payments.protocol import Moment, PlatformKeys, Proof
from payments.v3 import echo
from services.checks.check_codes import CheckCode
from services.checks.installation import CheckResult, Grade
from services.checks.merchant_account import called, said
from services.runtime.clock import Clock
from services.wechat.client import Send, nonce

PATIENCE_S, STEP_S = 10.0, 0.25
"""WeChat sends the notify at once, and again after 15 s where it was refused."""

Heard = Callable[[str], Awaitable[bool]]
"""Whether the service has taken a notify with this message."""


async def echo_finding(
    send: Send,
    clock: Clock,
    merchant: Merchant,
    keys: PlatformKeys,
    url: str,
    heard: Heard,
    *,
    serves: bool = True,
) -> CheckResult:
    """`keys` are WeChat's, at least one. Bounded. Where the address is not reached from here,
    perhaps as Paywatch does not serve yet (`serves`), an echo that is not heard is no failure."""
    message, now_s = f"paywatch-{secrets.token_hex(12)}", clock.now_ms() // 1000
    who = {"account": called(merchant), "url": url}
    try:
        asked = echo.request(merchant, message, url, next(iter(keys)), Moment(now_s, nonce()))
        echo.read(await send(asked), Proof(keys, clock.now_ms() // 1000), message)
    except PaymentError as error:
        values = {**who, "problem": said(error)}
        return CheckResult("echo", Grade.WARNING, CheckCode.ECHO_REFUSED, values)
    until = clock.monotonic() + PATIENCE_S
    while not await heard(message):
        if clock.monotonic() > until:
            grade = Grade.FAILED if serves else Grade.WARNING
            return CheckResult("echo", grade, CheckCode.ECHO_NOT_HEARD, who)
        await clock.sleep(STEP_S)
    return CheckResult("echo", Grade.OK, CheckCode.ECHO_HEARD, who)
