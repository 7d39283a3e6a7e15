"""What a failed call to WeChat tells that a person must look into: findings about the settings,
the line, and answers that are not WeChat's."""

from __future__ import annotations

from payments.alert_kinds import AlertKind
from payments.errors import Busy, PaymentError, WeChatRefused, WeChatUntrusted
from payments.masking import mask_mch_id
from payments.merchant import Api, Merchant
from payments.payment_rules import Compared
from payments.refund import RefundStatus
from services.alerts.cases import Finding

SOURCE = "wechat answer"
NO_WORD = 10
"""So many calls in a row without an answer of WeChat's are not chance."""

MISCONFIGURED = {
    "SIGNERROR": "WeChat finds our signature wrong: {key} is not the one that the merchant platform"
    " has. Set the right one and restart.",
    "NOAUTH": "The merchant may not use this kind of payment: apply for it on the merchant"
    " platform (product center).",
    "APPID_NOT_EXIST": "WeChat does not know PAYWATCH_WECHAT_APP_ID: correct it and restart.",
    "MCHID_NOT_EXIST": "WeChat does not know PAYWATCH_WECHAT_MCH_ID: correct it and restart.",
    "APPID_MCHID_NOT_MATCH": "The app is not bound to the merchant number: bind it on the merchant"
    " platform (app id management), or correct PAYWATCH_WECHAT_APP_ID.",
}
"""WeChat's codes that no buyer can mend, and what to do."""
SIGNS = {
    Api.V2: "the API v2 key (PAYWATCH_WECHAT_API_V2_KEY)",
    Api.V3: "the merchant's key with its serial number (PAYWATCH_WECHAT_MERCHANT_KEY, …_SERIAL)",
}


def finding_of(error: PaymentError, merchant: Merchant, unanswered: int = 0) -> Finding | None:
    """What is wrong behind a failed call, if it is for a person to mend. `unanswered` calls in a
    row, this one included, brought no answer that proves to be WeChat's."""
    if isinstance(error, WeChatRefused) and error.wechat_code in MISCONFIGURED:
        rule = MISCONFIGURED[error.wechat_code].format(key=SIGNS[merchant.api])
        subject = f"{error.wechat_code} {merchant.name}".strip()
        return _system(subject, rule, error.wechat_code)
    if isinstance(error, WeChatUntrusted) and error.doubt == "signature":
        return _forged("wrong or missing")
    if isinstance(error, WeChatUntrusted) and error.doubt == "unknown_serial":
        return _forged("by a key that is not known")
    if isinstance(error, WeChatUntrusted) and error.doubt == "client_certificate":
        rule = (
            "The merchant's own certificate cannot be shown to WeChat, so no refund is sent:"
            " `paywatch check` says what is wrong with PAYWATCH_WECHAT_CLIENT_CERT."
        )
        return _system("client certificate", rule, "not usable")
    if isinstance(error, WeChatUntrusted) and error.doubt == "foreign":
        return _foreign(merchant, error.claimed)
    if isinstance(error, WeChatUntrusted) and error.doubt == "certificate":
        rule = (
            "Whoever answers at PAYWATCH_WECHAT_BASE_URL has no valid certificate, so nothing is"
            " sent: check that address, DNS, the clock and the machine's certificates."
        )
        return _system("wechat certificate", rule, "not valid")
    if isinstance(error, Busy):
        rule = (
            "WeChat answers so slowly that prepays are refused (busy): all sixteen calls at once"
            " are taken. Look whether WeChat or the line to it is slow."
        )
        return _system("wechat slow", rule, "busy")
    if unanswered >= NO_WORD:
        rule = (
            f"{NO_WORD} calls to WeChat in a row brought no answer that proves to be WeChat's:"
            " check the line, DNS and PAYWATCH_WECHAT_BASE_URL."
        )
        return _system("wechat away", rule, error.code)
    return None


def vanished(refund_num: str, order_num: str) -> Finding:
    """WeChat does not know a refund any more that it had taken."""
    rule = "WeChat must know a refund that it has taken."
    return Finding(
        AlertKind.REFUND_ANOMALY,
        order_num or refund_num,
        order_num or None,
        rule,
        refund_num,
        "REFUNDNOTEXIST",
        (Compared("out_refund_no", refund_num, None, False),),
        event_data={"refundNum": refund_num},
    )


def refusing(code: str) -> Finding:
    """WeChat answers our questions, and nothing else than this."""
    rule = (
        f"WeChat refuses every question about open orders and refunds, {NO_WORD} and more in a"
        " row: payments whose notify is lost are not found meanwhile. It is asked again by itself;"
        " if it goes on, look up the code in WeChat's manual."
    )
    return _system("wechat refuses", rule, code)


def unconfigured(mch_id: str) -> Finding:
    """Orders or refunds of an account that the settings do not name (any more) are still open."""
    rule = (
        f"Account {mask_mch_id(mch_id)} has open orders or refunds and is not configured, so WeChat"
        " is not asked about them: set it again, with its keys, until they are over."
    )
    return _system(f"account {mask_mch_id(mch_id)}", rule, "not configured")


def unfinished_refund(refund_num: str, order_num: str, status: RefundStatus) -> Finding:
    """WeChat was asked about this refund for a month and has neither paid it back nor given up."""
    rule = (
        "WeChat has not finished a refund in a month, and is no longer asked about it by itself:"
        " look it up on the merchant platform."
    )
    return Finding(
        AlertKind.SYSTEM,
        f"refund {refund_num}",
        order_num,
        rule,
        RefundStatus.SUCCESS.value,
        status.value,
        (Compared("refund_status", RefundStatus.SUCCESS.value, status.value, False),),
        event_data={"message": rule},
    )


def _system(subject: str, rule: str, actual: str) -> Finding:
    """One case a cause; repeats are announced at counts 2, 4, 8, …: every buyer makes one."""
    return Finding(
        AlertKind.SYSTEM,
        subject,
        None,
        rule,
        None,
        actual,
        (Compared("answer", None, actual, False),),
        authentic=False,
        event_data={"message": rule},
    )


def _forged(actual: str) -> Finding:
    return Finding(
        AlertKind.BAD_SIGNATURE,
        SOURCE,
        None,
        "An answer of WeChat's must carry a signature made with our key.",
        "valid",
        actual,
        (
            Compared("sign", "valid", actual, False),
            Compared("source", None, SOURCE, True),
        ),
        authentic=False,
        event_data={"source": SOURCE},
    )


def _foreign(merchant: Merchant, claimed: str | None) -> Finding:
    ours = f"mch_id {merchant.mch_id}, appid {merchant.app_id}"
    return Finding(
        AlertKind.FOREIGN_MERCHANT,
        SOURCE,
        None,
        "The merchant and app of WeChat's answer must be those that we asked for.",
        ours,
        claimed,
        (Compared("mch_id and appid", ours, claimed, False),),
        event_data={"source": SOURCE},
    )
