"""Does WeChat tell us of complaints? Each account has one address for them, which only the API
sets: where there is none it is set now; another system's is left as it is."""

from __future__ import annotations

from urllib.parse import urlsplit

from payments.errors import PaymentError
from payments.merchant import Merchant
from payments.protocol import Moment, PlatformKeys, Proof
from payments.v3 import complaint, complaint_answers
from services.checks.check_codes import CheckCode
from services.checks.installation import CheckResult, Grade
from services.checks.merchant_account import called, said
from services.runtime.clock import Clock
from services.wechat.client import Send, nonce

CHECK = "complaints"


async def complaint_address_finding(
    send: Send,
    clock: Clock,
    merchant: Merchant,
    keys: PlatformKeys,
    url: str,
    *,
    simulated: bool,
) -> CheckResult:
    """`keys` are WeChat's, at least one; `url` is our notify address. Bounded."""
    who = {"account": called(merchant), "url": url}
    if urlsplit(url).scheme != "https" and not simulated:
        return CheckResult(CHECK, Grade.WARNING, CheckCode.COMPLAINT_ADDRESS_NOT_HTTPS, who)

    def moment() -> Moment:
        return Moment(clock.now_ms() // 1000, nonce())

    def proof() -> Proof:
        return Proof(keys, clock.now_ms() // 1000)

    try:
        answer = await send(complaint.address_request(merchant, moment()))
        there = complaint_answers.read_address(answer, proof())
        if there is None:
            answer = await send(complaint.new_address_request(merchant, url, moment()))
            complaint_answers.read_done(answer, proof())
            return CheckResult(CHECK, Grade.OK, CheckCode.COMPLAINT_ADDRESS_SET, who)
    except PaymentError as error:
        values = {**who, "problem": said(error)}
        return CheckResult(CHECK, Grade.WARNING, CheckCode.COMPLAINT_ADDRESS_UNKNOWN, values)
    if there == url:
        return CheckResult(CHECK, Grade.OK, CheckCode.COMPLAINT_ADDRESS_RIGHT, who)
    values = {**who, "there": there[:255]}
    return CheckResult(CHECK, Grade.WARNING, CheckCode.COMPLAINT_ADDRESS_OTHER, values)
