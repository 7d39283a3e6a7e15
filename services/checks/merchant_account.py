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
from services.checks.check_codes import CheckCode
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
        keys, finding = await wechats_keys(send, clock, merchant)
        found.append(finding)
    wechat = WeChatClient(send, clock, lambda _: keys)
    for api, key in ((Api.V2, merchant.api_v2_key), (Api.V3, merchant.api_v3_key)):
        if key:
            found.append(await _asked(wechat, replace(merchant, api=api)))
    if merchant.api_v3_key and not merchant.v2_keys:
        code = CheckCode.REFUND_NOTIFIES_UNREADABLE
        found.append(CheckResult("refunds", Grade.WARNING, code, {"account": called(merchant)}))
    return found


def called(merchant: Merchant) -> str:
    """What staff call the account, else its masked number."""
    return merchant.name or mask_mch_id(merchant.mch_id)


# --- certificates --------------------------------------------------------------------------------


def _own_certificate(merchant: Merchant, clock: Clock) -> Iterator[CheckResult]:
    if merchant.client_cert:
        yield _lasting(_OWN, called(merchant), facts(merchant.client_cert).expires_at, clock)


async def wechats_keys(
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
            values = {"account": called(merchant), "keys": ", ".join(keys)}
            used = CheckCode.WECHAT_PUBLIC_KEY_USED
            return keys, CheckResult("certificate", Grade.OK, used, values)
        grade = Grade.WARNING if isinstance(error, WeChatUnreachable) else Grade.FAILED
        values = {"account": called(merchant), "problem": said(error)}
        return keys, CheckResult("certificate", grade, CheckCode.WECHAT_KEY_NOT_THERE, values)
    keys |= {each.serial: signing.public_key(each.pem) for each in given}
    return keys, _lasting(_WECHATS, called(merchant), max(each.expires_at for each in given), clock)


_OWN = (
    CheckCode.OWN_CERTIFICATE_HOLDS,
    CheckCode.OWN_CERTIFICATE_ENDS,
    CheckCode.OWN_CERTIFICATE_EXPIRED,
)
_WECHATS = (
    CheckCode.WECHAT_CERTIFICATE_HOLDS,
    CheckCode.WECHAT_CERTIFICATE_ENDS,
    CheckCode.WECHAT_CERTIFICATE_EXPIRED,
)


def _lasting(
    codes: tuple[CheckCode, CheckCode, CheckCode], account: str, end: datetime, clock: Clock
) -> CheckResult:
    holds, ends, expired = codes
    left = end - datetime.fromtimestamp(clock.now_ms() / 1000, UTC)
    days = int(left.total_seconds() * 1000 // DAY_MS)
    values = {"account": account, "until": f"{end:%Y-%m-%d}"}
    if days < 0:
        return CheckResult("certificate", Grade.FAILED, expired, values)
    if days < SOON_DAYS:
        return CheckResult("certificate", Grade.WARNING, ends, {**values, "days": days})
    return CheckResult("certificate", Grade.OK, holds, values)


# --- the keys ------------------------------------------------------------------------------------


async def _asked(wechat: WeChatClient, merchant: Merchant) -> CheckResult:
    """An order that nobody made is asked for: the right answer is that there is none, signed."""
    who = {"account": called(merchant), "api": merchant.api.value}
    try:
        await wechat.query(merchant, f"CHECK-{secrets.token_hex(8)}")
    except WeChatRefused as error:
        if error.wechat_code == "ORDERNOTEXIST":
            return CheckResult("account", Grade.OK, CheckCode.KEYS_TAKEN, who)
        values = {**who, "problem": said(error), **_cause(error, merchant)}
        return CheckResult("account", Grade.FAILED, CheckCode.KEYS_REFUSED, values)
    except WeChatUntrusted as error:
        return CheckResult("account", Grade.FAILED, *_unproven(error, merchant, who))
    except PaymentError as error:
        values = {**who, "problem": error.code}
        return CheckResult("account", Grade.WARNING, CheckCode.KEYS_NOT_TRIED, values)
    return CheckResult("account", Grade.WARNING, CheckCode.ODD_ORDER_KNOWN, who)


def said(error: PaymentError) -> str:
    """WeChat's code and words where it said something, else our code."""
    said = " ".join(str(error.detail[name]) for name in ("code", "words") if name in error.detail)
    return said.strip().rstrip(".") or error.code


def _cause(error: WeChatRefused, merchant: Merchant) -> dict[str, int | str]:
    """The cause of a refusal, with its values."""
    known = finding_of(error, merchant)
    return {**known.values, "cause": known.cause.value} if known else {}


def _unproven(
    error: WeChatUntrusted, merchant: Merchant, who: dict[str, str]
) -> tuple[CheckCode, dict[str, str]]:
    if error.doubt == "unknown_serial":
        return CheckCode.KEYS_UNKNOWN_SERIAL, who
    if error.doubt != "signature":
        return CheckCode.KEYS_ANSWER_UNUSABLE, {**who, "problem": error.doubt}
    of_v2 = merchant.api is Api.V2
    return (CheckCode.KEYS_UNPROVEN_V2 if of_v2 else CheckCode.KEYS_UNPROVEN), who
