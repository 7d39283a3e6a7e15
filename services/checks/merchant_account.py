"""Does WeChat take what we sign, and do we take what it signs? One account at a time, by questions
that change nothing."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from payments.errors import PaymentError, WeChatRefused, WeChatUnreachable, WeChatUntrusted
from payments.keys import facts
from payments.masking import mask_mch_id
from payments.merchant import Api, Merchant
from payments.protocol import Moment, PlatformKeys
from payments.v3 import certificates, signing
from services.checks.installation import CheckResult, Grade
from services.runtime.clock import DAY_MS, Clock
from services.wechat.call_failures import finding_of
from services.wechat.client import Send, WeChatClient, nonce

SOON_DAYS = 30
"""A certificate that ends sooner is to be replaced now."""


async def account_findings(send: Send, clock: Clock, merchant: Merchant) -> list[CheckResult]:
    """The check results of one account, with one of its apps. Each request takes a few seconds at
    most."""
    found = list(_own_certificate(merchant, clock))
    keys: PlatformKeys = {}
    if merchant.api_v3_key:
        keys, finding = await _wechats_keys(send, clock, merchant)
        found.append(finding)
    wechat = WeChatClient(send, clock, lambda _: keys)
    for api, key in ((Api.V2, merchant.api_v2_key), (Api.V3, merchant.api_v3_key)):
        if key:
            found.append(await _asked(wechat, replace(merchant, api=api)))
    return found


def _who(merchant: Merchant) -> str:
    return merchant.name or mask_mch_id(merchant.mch_id)


# --- certificates --------------------------------------------------------------------------------


def _own_certificate(merchant: Merchant, clock: Clock) -> Iterator[CheckResult]:
    if merchant.client_cert:
        what = f"The merchant's own certificate of {_who(merchant)}"
        yield _lasting(what, facts(merchant.client_cert).expires_at, clock)


async def _wechats_keys(
    send: Send, clock: Clock, merchant: Merchant
) -> tuple[PlatformKeys, CheckResult]:
    """Those that are set, and those that WeChat gives."""
    keys = {name: signing.public_key(pem) for name, pem in merchant.public_keys}
    now_s = clock.now_ms() // 1000
    try:
        answer = await send(certificates.request(merchant, Moment(now_s, nonce())))
        given = certificates.read(answer, merchant, now_s)
    except PaymentError as error:
        if keys:
            words = f"{_who(merchant)} uses WeChat's public key {', '.join(keys)}."
            return keys, CheckResult("certificate", Grade.OK, words)
        grade = Grade.WARNING if isinstance(error, WeChatUnreachable) else Grade.FAILED
        words = (
            f"{_who(merchant)} has no public key of WeChat's, and its platform certificates are"
            f" not to be had: {_words(error)} Set PAYWATCH_WECHAT_PUBLIC_KEY and its id."
        )
        return keys, CheckResult("certificate", grade, words)
    keys |= {each.serial: signing.public_key(each.pem) for each in given}
    what = f"The newest platform certificate of WeChat's for {_who(merchant)}"
    return keys, _lasting(what, max(each.expires_at for each in given), clock)


def _lasting(what: str, end: datetime, clock: Clock) -> CheckResult:
    days = (end - datetime.fromtimestamp(clock.now_ms() / 1000, UTC)).total_seconds() * 1000
    days = days // DAY_MS
    if days < 0:
        return CheckResult("certificate", Grade.FAILED, f"{what} has expired ({end:%Y-%m-%d}).")
    if days < SOON_DAYS:
        words = f"{what} expires in {days:.0f} days ({end:%Y-%m-%d}): replace it."
        return CheckResult("certificate", Grade.WARNING, words)
    return CheckResult("certificate", Grade.OK, f"{what} holds until {end:%Y-%m-%d}.")


# --- the keys ------------------------------------------------------------------------------------


async def _asked(wechat: WeChatClient, merchant: Merchant) -> CheckResult:
    """An order that nobody made is asked for: the right answer is that there is none, signed."""
    what = f"{_who(merchant)} on API {merchant.api}"
    try:
        await wechat.query(merchant, f"CHECK-{secrets.token_hex(8)}")
    except WeChatRefused as error:
        if error.wechat_code == "ORDERNOTEXIST":
            return CheckResult("account", Grade.OK, f"{what}: WeChat takes our keys, and we its.")
        return CheckResult("account", Grade.FAILED, f"{what}: {_advice(error, merchant)}")
    except WeChatUntrusted as error:
        return CheckResult(
            "account", Grade.FAILED, f"{what}: {error.message}{_hint(error, merchant)}"
        )
    except PaymentError as error:
        words = f"{what}: WeChat is not reached from here, so the keys are not tried: {error}"
        return CheckResult("account", Grade.WARNING, words)
    return CheckResult(
        "account", Grade.WARNING, f"{what}: WeChat knows an order that was never made."
    )


def _words(error: PaymentError) -> str:
    """WeChat's own, where it said something."""
    said = " ".join(str(error.detail[name]) for name in ("code", "words") if name in error.detail)
    return f"{said.rstrip('.')}." if said else error.message


def _advice(error: WeChatRefused, merchant: Merchant) -> str:
    known = finding_of(error, merchant)
    return f"WeChat refuses ({_words(error).rstrip('.')})." + (f" {known.rule}" if known else "")


def _hint(error: WeChatUntrusted, merchant: Merchant) -> str:
    if error.doubt == "unknown_serial":
        return " It names a key that is not set: PAYWATCH_WECHAT_PUBLIC_KEY_ID is another."
    if error.doubt == "signature" and merchant.api is Api.V2:
        return " Is the API v2 key the one that the merchant platform has?"
    return ""
