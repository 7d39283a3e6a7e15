"""Finds in a failed call to WeChat the faults that a person must repair: in the settings, in the
connection, and in answers that are not WeChat's."""

from __future__ import annotations

from dataclasses import replace

from payments.alert_kinds import AlertKind, Severity
from payments.causes import Cause, CauseValues
from payments.errors import UNSIGNED, Busy, PaymentError, WeChatRefused, WeChatUntrusted
from payments.masking import mask_mch_id
from payments.merchant import Api, Merchant
from payments.payment_rules import Compared, cut, differing_ids, ids_text
from payments.refund import RefundStatus
from services.alerts.cases import Finding, Key
from services.alerts.refusals import refusal_rows

SOURCE = "wechat answer"
_AWAY = "wechat away"
NO_WORD = 10
"""The number of calls in a row without an answer of WeChat that counts as an outage."""

MISCONFIGURED = {
    "SIGNERROR": Cause.KEY_REFUSED,
    "NOAUTH": Cause.NOT_ALLOWED,
    "APPID_NOT_EXIST": Cause.APP_UNKNOWN,
    "MCHID_NOT_EXIST": Cause.MERCHANT_UNKNOWN,
    "APPID_MCHID_NOT_MATCH": Cause.APP_NOT_BOUND,
}
"""WeChat's codes that no buyer can mend, and after which it has taken nothing."""
RESTRICTED = "RULE_LIMIT"
"""WeChat's code for a merchant that may not receive payments (now), among other rules."""
OF_SIGNATURE = "签名"
"""Stands in WeChat's sentences about a signature. An answer that finds ours wrong is unsigned on
API v2."""
SIGNS = {
    Api.V2: "PAYWATCH_WECHAT_API_V2_KEY",
    Api.V3: "PAYWATCH_WECHAT_MERCHANT_KEY, PAYWATCH_WECHAT_MERCHANT_SERIAL",
}
"""The settings of the key that signs our requests."""


def finding_of(error: PaymentError, merchant: Merchant, unanswered: int = 0) -> Finding | None:
    """The fault behind a failed call, if a person must repair it. `unanswered` calls in a row, this
    one included, brought no answer that proves to be WeChat's."""
    if isinstance(error, WeChatRefused) and (refused := _refused(error, merchant)):
        return refused
    if isinstance(error, WeChatUntrusted) and (found := _doubted(error, merchant)):
        return found
    if isinstance(error, Busy):
        return _system("wechat slow", Cause.WECHAT_SLOW, "busy")
    if unanswered >= NO_WORD:
        return _system(_AWAY, Cause.WECHAT_SILENT, error.code, {"calls": NO_WORD})
    return None


def names_key(code: str | None, words: str | None) -> bool:
    """Whether WeChat finds our signature wrong. On API v2 it cannot sign such an answer."""
    return code == "SIGNERROR" or (code == UNSIGNED and OF_SIGNATURE in (words or ""))


def _refused(error: WeChatRefused, merchant: Merchant) -> Finding | None:
    code, of_account = error.wechat_code, f"{error.wechat_code} {merchant.name}".strip()
    told = refusal_rows(error.said, error.wechat_words, error.issue, error.request_id)
    if names_key(code, error.wechat_words):
        given = {"api": merchant.api.value, "setting": SIGNS[merchant.api]}
        return _system(of_account, Cause.KEY_REFUSED, code, given, told)
    if code in MISCONFIGURED:
        return _system(of_account, MISCONFIGURED[code], code, None, told)
    if code == RESTRICTED:
        found = _system(of_account, Cause.RECEIVING_RESTRICTED, code, None, told)
        return replace(found, at_least=Severity.HIGH)
    if code == UNSIGNED:
        return _system(of_account, Cause.UNSIGNED_FAIL, code, None, told)
    return None


def _doubted(error: WeChatUntrusted, merchant: Merchant) -> Finding | None:
    if error.doubt == "signature":
        return _forged(Cause.ANSWER_UNPROVEN, "wrong_or_missing")
    if error.doubt == "unknown_serial":
        return _forged(Cause.ANSWER_UNKNOWN_SERIAL, "unknown_serial")
    if error.doubt == "client_certificate":
        return _system("client certificate", Cause.CLIENT_CERTIFICATE_UNUSABLE, "not_usable")
    if error.doubt == "odd_state":
        return _odd_state(error.claimed[0])
    if error.doubt == "own_key":
        return _system("own key", Cause.OWN_KEY_MISSING, "own_key_missing")
    if error.doubt == "foreign":
        return _foreign(merchant, error.claimed)
    if error.doubt == "certificate":
        return _system("wechat certificate", Cause.WECHAT_CERTIFICATE_INVALID, "not_valid")
    return None


def _odd_state(word: str | None) -> Finding:
    said = cut(word) or "none"
    return _system(f"trade_state {said}", Cause.ANSWER_ODD_STATE, said, {"word": said})


def vanished(refund_num: str, order_num: str) -> Finding:
    """WeChat does not know a refund any more that it had taken."""
    return Finding(
        AlertKind.REFUND_ANOMALY,
        order_num or refund_num,
        order_num or None,
        Cause.REFUND_FORGOTTEN,
        refund_num,
        "REFUNDNOTEXIST",
        (Compared("out_refund_no", refund_num, None, False),),
        authentic=False,
        event_data={"refundNum": refund_num},
    )


def still_abnormal(refund_num: str, order_num: str) -> Finding:
    """An abnormal refund waits for a person; WeChat, asked again, says nothing new."""
    status = RefundStatus.ABNORMAL.value
    return Finding(
        AlertKind.REFUND_ANOMALY,
        order_num or refund_num,
        order_num or None,
        Cause.REFUND_ABNORMAL,
        None,
        status,
        (
            Compared("out_refund_no", refund_num, refund_num, True),
            Compared("refund_status", status, status, True),
        ),
        authentic=False,
        event_data={"refundNum": refund_num},
    )


def denied_refund(refund_num: str, order_num: str) -> Finding:
    """A refund notify named a refund that WeChat, when asked, does not know."""
    return Finding(
        AlertKind.REFUND_ANOMALY,
        order_num or refund_num,
        order_num or None,
        Cause.REFUND_UNCONFIRMED,
        refund_num,
        "REFUNDNOTEXIST",
        (Compared("out_refund_no", refund_num, None, False),),
        event_data={"refundNum": refund_num},
    )


def unlisted_refund(transaction_id: str, order_num: str) -> Finding:
    """WeChat says that money of this payment went back, and none of what it says is how much."""
    return Finding(
        AlertKind.REFUND_ANOMALY,
        order_num or transaction_id,
        order_num or None,
        Cause.REFUND_UNLISTED,
        "SUCCESS",
        "REFUND",
        (
            Compared("trade_state", "SUCCESS", "REFUND", False),
            Compared("transaction_id", transaction_id, transaction_id, True),
        ),
        event_data={"transactionId": transaction_id},
    )


def of_outage(merchant: Merchant) -> list[Key]:
    """The cases that an outage of WeChat's has for this account."""
    return [(AlertKind.SYSTEM.value, subject) for subject in (_AWAY, _refuses(merchant))]


def _refuses(merchant: Merchant) -> str:
    return f"wechat refuses {merchant.name}".strip()


def refusing(error: WeChatRefused, merchant: Merchant, calls: int) -> Finding:
    """WeChat has answered so many questions in a row with a refusal."""
    subject = _refuses(merchant)
    told = refusal_rows(error.said, error.wechat_words, error.issue, error.request_id)
    return _system(subject, Cause.WECHAT_REFUSES, error.wechat_code, {"calls": calls}, told)


def unconfigured(mch_id: str) -> Finding:
    """Orders or refunds of an account that the settings do not name (any more) are still open."""
    account = mask_mch_id(mch_id)
    values = {"account": account}
    return _system(f"account {account}", Cause.ACCOUNT_NOT_CONFIGURED, "not_configured", values)


def unfinished_refund(refund_num: str, order_num: str, status: RefundStatus) -> Finding:
    """WeChat was asked about this refund for a month and has neither paid it back nor given up."""
    return Finding(
        AlertKind.SYSTEM,
        f"refund {refund_num}",
        order_num or None,
        Cause.REFUND_UNFINISHED,
        RefundStatus.SUCCESS.value,
        status.value,
        (Compared("refund_status", RefundStatus.SUCCESS.value, status.value, False),),
        authentic=False,
    )


def _system(
    subject: str,
    cause: Cause,
    actual: str,
    values: CauseValues | None = None,
    told: tuple[Compared, ...] = (),
) -> Finding:
    """One case a cause; repeats are announced at counts 2, 4, 8, …: every buyer makes one."""
    return Finding(
        AlertKind.SYSTEM,
        subject,
        None,
        cause,
        None,
        actual,
        (Compared("answer", None, actual, False), *told),
        values or {},
        authentic=False,
    )


def _forged(cause: Cause, actual: str) -> Finding:
    return Finding(
        AlertKind.BAD_SIGNATURE,
        SOURCE,
        None,
        cause,
        "valid",
        actual,
        (
            Compared("sign", "valid", actual, False),
            Compared("source", None, SOURCE, True),
        ),
        authentic=False,
        event_data={"source": SOURCE},
    )


def _foreign(merchant: Merchant, claimed: tuple[str | None, str | None]) -> Finding:
    ours = merchant.mch_id, merchant.app_id
    of_app = claimed[0] == merchant.mch_id
    asked_for, named = ids_text(*ours), ids_text(*claimed)
    return Finding(
        AlertKind.FOREIGN_MERCHANT,
        SOURCE,
        None,
        Cause.ANSWER_FOREIGN_APP_ID if of_app else Cause.ANSWER_FOREIGN_MCH_ID,
        asked_for,
        named,
        (Compared("mch_id_and_appid", asked_for, named, False),),
        differing_ids(ours, claimed),
        event_data={"source": SOURCE},
    )
