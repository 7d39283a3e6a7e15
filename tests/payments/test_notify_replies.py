"""The exact bytes that WeChat gets, and the alert that each outcome raises."""

from __future__ import annotations

import json

import pytest

from payments import errors
from payments.alert_kinds import SEVERITY, AlertKind, Severity
from payments.notify_replies import REPLIES
from payments.outcomes import Outcome


def xml(code: str, words: str) -> bytes:
    return (
        f"<xml><return_code><![CDATA[{code}]]></return_code>"
        f"<return_msg><![CDATA[{words}]]></return_msg></xml>"
    ).encode()


SUCCESS = xml("SUCCESS", "OK")
ABNORMAL = xml("FAIL", "订单支付异常")
UNREADABLE = xml("FAIL", "报文错误")
UNPROVEN = xml("FAIL", "签名验证失败")

TABLE = {
    Outcome.BOOKED: (SUCCESS, 200, 200, None),
    Outcome.DUPLICATE: (SUCCESS, 200, 200, None),
    Outcome.NOT_SUCCESSFUL: (SUCCESS, 200, 200, None),
    Outcome.IGNORED: (SUCCESS, 200, 200, None),
    Outcome.UNREADABLE: (UNREADABLE, 200, 400, None),
    Outcome.INCOMPLETE: (UNREADABLE, 200, 400, "system"),
    Outcome.UNPROVEN: (UNPROVEN, 200, 401, "bad_signature"),
    Outcome.PROBE: (UNPROVEN, 200, 401, None),
    Outcome.THROTTLED: (UNPROVEN, 429, 429, "bad_signature"),
    Outcome.FOREIGN_MERCHANT: (ABNORMAL, 200, 409, "foreign_merchant"),
    Outcome.MISSING_ORDER: (ABNORMAL, 200, 409, "missing_order"),
    Outcome.NEGATIVE_TOTAL: (ABNORMAL, 200, 409, "negative_total"),
    Outcome.AMOUNT_MISMATCH: (ABNORMAL, 200, 409, "amount_mismatch"),
    Outcome.ILLEGAL_TRANSITION: (ABNORMAL, 200, 409, "illegal_transition"),
    Outcome.REFUND_TAKEN: (SUCCESS, 200, 200, None),
    Outcome.REFUND_REPEATED: (SUCCESS, 200, 200, None),
    Outcome.REFUND_UNKNOWN: (ABNORMAL, 200, 409, "refund_anomaly"),
    Outcome.REFUND_MISMATCH: (ABNORMAL, 200, 409, "refund_anomaly"),
    Outcome.REFUND_EXCESS: (SUCCESS, 200, 200, "refund_anomaly"),
    Outcome.BUSY: (ABNORMAL, 503, 503, None),
}


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_its_exact_answer(outcome: Outcome) -> None:
    answer = REPLIES[outcome]
    given = answer.xml, answer.http_status, answer.v3_status, answer.alert
    assert given == TABLE[outcome]


@pytest.mark.parametrize("outcome", Outcome)
def test_api_v3_is_told_by_the_status_and_says_the_same_in_json(outcome: Outcome) -> None:
    """A 200 counts as delivered there, whatever the body says."""
    answer = REPLIES[outcome]
    assert answer.success is (answer.v3_status == 200)
    code = "SUCCESS" if answer.success else "FAIL"
    assert json.loads(answer.json) == {"code": code, "message": answer.words}


def test_who_is_to_come_later_is_told_when() -> None:
    waits = {outcome: REPLIES[outcome].retry_after_s for outcome in Outcome}
    assert {outcome: s for outcome, s in waits.items() if s} == {
        Outcome.THROTTLED: 60,
        Outcome.BUSY: 5,
    }
    assert all(
        (answer.http_status == 200) is (answer.retry_after_s is None) for answer in REPLIES.values()
    )


def test_the_words_leave_in_utf_8() -> None:
    assert REPLIES[Outcome.AMOUNT_MISMATCH].xml == (
        b"<xml><return_code><![CDATA[FAIL]]></return_code><return_msg><![CDATA["
        b"\xe8\xae\xa2\xe5\x8d\x95\xe6\x94\xaf\xe4\xbb\x98\xe5\xbc\x82\xe5\xb8\xb8"
        b"]]></return_msg></xml>"
    )


def test_success_is_said_of_what_is_recorded_for_good_alone() -> None:
    said = {outcome for outcome in Outcome if b"SUCCESS" in REPLIES[outcome].xml}
    assert said == {
        Outcome.BOOKED,
        Outcome.DUPLICATE,
        Outcome.NOT_SUCCESSFUL,
        Outcome.IGNORED,
        Outcome.REFUND_TAKEN,
        Outcome.REFUND_REPEATED,
        Outcome.REFUND_EXCESS,
    }


def test_every_kind_of_alert_has_its_severity() -> None:
    critical = {AlertKind.AMOUNT_MISMATCH, AlertKind.NEGATIVE_TOTAL, AlertKind.FOREIGN_MERCHANT}
    for kind in AlertKind:
        expected = Severity.CRITICAL if kind in critical else Severity.HIGH
        assert SEVERITY[kind] is (Severity.MEDIUM if kind is AlertKind.SYSTEM else expected)


def test_an_error_has_a_public_word_and_a_sentence_of_its_own() -> None:
    tree = [errors.PaymentError]
    for kind in tree:
        tree += kind.__subclasses__()
    codes = [kind.code for kind in tree if kind.__module__ == errors.__name__]
    assert len(codes) == len(set(codes))
    assert str(errors.Busy()) == errors.Busy.message
    assert errors.Busy("Later.").message == str(errors.Busy("Later.")) == "Later."
    assert errors.BadRequest(field="x").detail == {"field": "x"}


def test_a_refusal_carries_wechats_code_and_words() -> None:
    refusal = errors.WeChatRefused("ORDERPAID", "该订单已支付")
    assert (refusal.wechat_code, refusal.wechat_words) == ("ORDERPAID", "该订单已支付")
    assert refusal.detail == {"code": "ORDERPAID", "words": "该订单已支付"}
