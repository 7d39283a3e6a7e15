"""From the bytes and headers of a notify of API v3 to proven news in our words."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from payments.errors import BadSignature, Malformed
from payments.merchant import Merchant, Merchants
from payments.outcomes import Outcome
from payments.payment_result import PaymentResult
from payments.payment_rules import OrderFacts, judge
from payments.protocol import PlatformKeys
from payments.refund import RefundResult, RefundStatus
from payments.states import OrderStatus
from payments.v3 import notify, wire
from payments.v3.notify import Opened, OtherEvent
from tests.support.v3_material import (
    CERTIFICATE,
    MANIFEST,
    MERCHANT,
    MERCHANTS,
    NOW_S,
    PLATFORM,
    PUBLIC_ID,
    REFUND,
    TRANSACTION,
    V3_KEY,
    keys_of,
    notify_body,
    sample,
    signed,
)

OTHER_KEY = "AnotherApiV3Key0123456789abcdefG"
ORDER = OrderFacts(
    "ORD20250102000001", 8800, OrderStatus.WAIT_PAY, MERCHANT.app_id, MERCHANT.mch_id
)
SECOND = Merchant("wx9999999999999999", "1900000110", api_v3_key=OTHER_KEY)
REFUND_NEWS = {**{n: v for n, v in REFUND.items() if n != "status"}, "mchid": MERCHANT.mch_id}


def read(
    body: bytes, merchants: Merchants = MERCHANTS, headers: dict[str, str] | None = None
) -> Opened:
    return notify.read(
        body, signed(body) if headers is None else headers, merchants, keys_of, NOW_S
    )


def payment(merchants: Merchants = MERCHANTS, key: str = V3_KEY, **changes: Any) -> PaymentResult:
    """A transaction in a signed notify; None leaves a field out."""
    fields = {n: v for n, v in {**TRANSACTION, **changes}.items() if v is not None}
    news = read(notify_body(wire.write(fields), key=key), merchants).news
    assert isinstance(news, PaymentResult)
    return news


def refund(merchants: Merchants = MERCHANTS, **changes: Any) -> RefundResult:
    fields = {**REFUND_NEWS, "refund_status": "SUCCESS", **changes}
    whole = {n: v for n, v in fields.items() if v is not None}
    news = read(notify_body(wire.write(whole), "REFUND.SUCCESS"), merchants).news
    assert isinstance(news, RefundResult)
    return news


def test_a_refund_is_read_in_full() -> None:
    assert refund(success_time="2025-01-03T00:00:01+08:00") == RefundResult(
        signer=MERCHANT,
        merchant=MERCHANT,
        mch_id=MERCHANT.mch_id,
        refund_num="RF20250102000001",
        refund_id="50300000001202501020000000001",
        order_num="ORD20250102000001",
        transaction_id="4200000001202501020000000001",
        status=RefundStatus.SUCCESS,
        said="SUCCESS",
        total_text="8800",
        refund_text="800",
        succeeded_at=datetime(2025, 1, 2, 16, 0, 1, tzinfo=UTC),
    )


# --- whose it is ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"appid": None},
        {"mchid": None},
        {"appid": "wx0000000000000000"},
        {"mchid": "1900000999"},
        {"appid": SECOND.app_id, "mchid": SECOND.mch_id},
        {"appid": SECOND.app_id},
        {"sub_mchid": "1900000555"},
    ],
    ids=repr,
)
def test_what_opens_with_our_key_speaks_for_our_account_alone(changes: dict[str, Any]) -> None:
    notice = payment(Merchants((MERCHANT, SECOND)), **changes)
    assert (notice.merchant, notice.signer) == (None, MERCHANT)


def test_the_key_that_opens_tells_whose_it_is() -> None:
    both = Merchants((MERCHANT, SECOND))
    named = {"appid": SECOND.app_id, "mchid": SECOND.mch_id}
    notice = payment(both, OTHER_KEY, **named)
    assert (notice.merchant, notice.signer) == (SECOND, SECOND)
    assert payment(both, OTHER_KEY).merchant is None


def test_a_key_that_two_accounts_share_speaks_for_both() -> None:
    both = Merchants((MERCHANT, replace(SECOND, api_v3_key=V3_KEY)))
    paid = payment(both, appid=SECOND.app_id, mchid=SECOND.mch_id)
    assert paid.merchant == both.find(SECOND.app_id, SECOND.mch_id)
    back = refund(both, mchid=SECOND.mch_id)
    assert back.merchant == both.find(SECOND.app_id, SECOND.mch_id)


def test_an_app_of_the_same_account_is_ours() -> None:
    app = replace(MERCHANT, app_id="wx7777777777777777")
    notice = payment(Merchants((MERCHANT, app)), appid=app.app_id)
    assert notice.merchant is app


def test_a_retired_key_still_opens_what_is_under_way() -> None:
    rotated = replace(MERCHANT, api_v3_key=OTHER_KEY, old_v3_keys=(V3_KEY,))
    assert payment(Merchants((rotated,))).merchant is rotated
    with pytest.raises(BadSignature, match="does not open"):
        payment(Merchants((replace(rotated, old_v3_keys=()),)))


def test_a_key_of_wechats_proves_nothing_to_an_account_that_does_not_know_it() -> None:
    def known(merchant: Merchant) -> PlatformKeys:
        return PLATFORM if merchant is SECOND else {PUBLIC_ID: PLATFORM[PUBLIC_ID]}

    both = Merchants((MERCHANT, SECOND))
    for key, opens in ((OTHER_KEY, True), (V3_KEY, False)):
        body = notify_body(wire.write(TRANSACTION), key=key)
        if opens:
            assert notify.read(body, signed(body), both, known, NOW_S).news
        else:
            with pytest.raises(BadSignature) as error:
                notify.read(body, signed(body), both, known, NOW_S)
            assert error.value.reason == "sealed"


def test_a_refund_of_another_account_is_foreign() -> None:
    assert refund(mchid="1900000999").merchant is None
    assert refund(Merchants((MERCHANT, SECOND)), mchid=SECOND.mch_id).merchant is None
    assert refund(sub_mchid="1900000555").merchant is None
    assert refund(mchid=None).merchant is MERCHANT


# --- what it says --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "result", "code"),
    [
        ("SUCCESS", "SUCCESS", None),
        ("REFUND", "SUCCESS", "REFUND"),
        ("NOTPAY", "FAIL", "NOTPAY"),
        ("success", "success", "success"),
        (None, None, None),
        ("", None, None),
        (1, None, None),
    ],
)
def test_a_payment_succeeded_when_its_state_says_so(
    state: Any, result: str | None, code: str | None
) -> None:
    notice = payment(trade_state=state)
    assert (notice.result, notice.failure_code) == (result, code)


@pytest.mark.parametrize(
    ("total", "text"),
    [
        (8800, "8800"),
        (-8800, "-8800"),
        (8800.0, "8800.0"),
        ("8800", '"8800"'),
        (True, "true"),
        ([8800], "[8800]"),
        ("８８００", '"\\uff18\\uff18\\uff10\\uff10"'),
        (10**80, "1" + "0" * 63),
    ],
    ids=repr,
)
def test_an_amount_stays_what_it_was(total: Any, text: str) -> None:
    notice = payment(amount={"total": total, "currency": "CNY"})
    assert notice.total_text == text
    booked = judge(ORDER, notice).outcome is Outcome.BOOKED
    assert booked is (total == 8800 and type(total) is int)


@pytest.mark.parametrize("amount", [None, 8800, [], {}, {"total": None}, "8800"], ids=repr)
def test_without_an_amount_nothing_is_booked(amount: Any) -> None:
    notice = payment(amount=amount)
    assert (notice.total_text, notice.currency) == (None, "CNY")
    assert judge(ORDER, notice).outcome is Outcome.AMOUNT_MISMATCH


@pytest.mark.parametrize(
    ("currency", "read_as"), [(None, "CNY"), ("CNY", "CNY"), ("USD", "USD"), ("", "CNY"), (1, "1")]
)
def test_yuan_are_meant_when_no_currency_is_named(currency: Any, read_as: str) -> None:
    assert payment(amount={"total": 8800, "currency": currency}).currency == read_as


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("SUCCESS", RefundStatus.SUCCESS),
        ("CLOSED", RefundStatus.CLOSED),
        ("ABNORMAL", RefundStatus.ABNORMAL),
        ("PROCESSING", RefundStatus.PROCESSING),
        ("REFUNDCLOSE", None),
        (None, None),
    ],
)
def test_a_refund_has_the_states_that_wechat_knows(
    said: str | None, status: RefundStatus | None
) -> None:
    result = refund(refund_status=said)
    assert (result.status, result.said, result.proven) == (status, said, True)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2025-01-02T11:04:05+08:00", "2025-01-02T03:04:05"),
        ("2025-01-02T03:04:05Z", "2025-01-02T03:04:05"),
        ("2025-01-02T03:04:05", None),
        ("2025-02-30T03:04:05Z", None),
        ("0001-01-01T00:00:00+08:00", None),
        ("x", None),
        (None, None),
    ],
)
def test_a_time_needs_its_zone(text: str | None, utc: str | None) -> None:
    expected = datetime.fromisoformat(utc).replace(tzinfo=UTC) if utc else None
    assert notify.rfc3339_time(text) == expected


# --- what is refused -----------------------------------------------------------------------------

PLAIN = wire.write(TRANSACTION)
UNREADABLE = {
    "no event_type": wire.write({"resource": {}}),
    "an event_type that is no text": wire.write({"event_type": 1, "resource": {}}),
    "no resource": wire.write({"event_type": "TRANSACTION.SUCCESS"}),
    "a list as resource": wire.write({"event_type": "TRANSACTION.SUCCESS", "resource": []}),
    "no ciphertext": notify_body(PLAIN, ciphertext=None),
    "no nonce": notify_body(PLAIN, nonce=None),
    "a nonce that is no text": notify_body(PLAIN, nonce=1),
    "associated data that are no text": notify_body(PLAIN, associated_data=1),
    "no JSON inside": notify_body(b"x"),
    "no object inside": notify_body(b"[]"),
    "a name twice inside": notify_body(PLAIN[:-1] + b',"mchid":"1"}'),
    "not UTF-8 inside": notify_body(b'{"a":"\xff"}'),
    "a refund that is no JSON": notify_body(b"x", "REFUND.SUCCESS"),
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=list(UNREADABLE))
def test_a_proven_message_that_is_not_readable_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        read(body)


SHUT = {
    "another key": ({"key": OTHER_KEY}, "sealed"),
    "an empty nonce": ({"nonce": ""}, "sealed"),
    "a nonce of eleven": ({"nonce": "fdasflkja48"}, "sealed"),
    "a nonce of thirteen": ({"nonce": "fdasflkja4844"}, "sealed"),
    "other associated data": ({"associated_data": "Transaction"}, "sealed"),
    "no associated data": ({"associated_data": None}, "sealed"),
    "an empty ciphertext": ({"ciphertext": ""}, "sealed"),
    "no base64": ({"ciphertext": "%%%%"}, "sealed"),
    "no algorithm": ({"algorithm": None}, "algorithm"),
    "another algorithm": ({"algorithm": "AEAD_SM4_GCM"}, "algorithm"),
}


@pytest.mark.parametrize(("changes", "why"), SHUT.values(), ids=list(SHUT))
def test_what_does_not_open_proves_nothing(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(BadSignature) as error:
        read(notify_body(PLAIN, **changes))
    assert error.value.reason == why


def test_unreadable_comes_before_unproven() -> None:
    with pytest.raises(Malformed):
        read(b"x", headers={})
    with pytest.raises(BadSignature):
        read(b"{}", headers={})


def test_an_event_of_another_kind_is_kept_as_it_came() -> None:
    opened = read(notify_body(b"no JSON \xff", "PAYSCORE.USER_PAID" + "x" * 100))
    assert isinstance(opened.news, OtherEvent)
    assert (len(opened.news.event_type), opened.text) == (64, "no JSON �")


# --- whatever comes ------------------------------------------------------------------------------

HEADERS = st.dictionaries(
    st.sampled_from(["timestamp", "nonce", "serial", "signature", "signature-type"]).map(
        lambda name: f"wechatpay-{name}"
    ),
    st.text(max_size=40) | st.sampled_from([CERTIFICATE, PUBLIC_ID, str(NOW_S), "A" * 344]),
)


@given(st.binary() | st.text().map(str.encode), HEADERS)
def test_any_bytes_are_refused_in_words(body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises((Malformed, BadSignature)):
        read(body, headers=headers)


GOOD = [sample(entry) for entry in MANIFEST["v3"][:3]]


@given(st.sampled_from(GOOD), st.data())
def test_one_changed_byte_proves_nothing(good: tuple[bytes, dict[str, str]], data: Any) -> None:
    body, headers = good
    place = data.draw(st.integers(0, len(body) - 1))
    byte = data.draw(st.integers(0, 255))
    assume(byte != body[place])
    with pytest.raises((Malformed, BadSignature)):
        read(body[:place] + bytes([byte]) + body[place + 1 :], headers=headers)


@given(st.sampled_from(GOOD), st.data())
def test_one_changed_header_proves_nothing(good: tuple[bytes, dict[str, str]], data: Any) -> None:
    body, headers = good
    name = data.draw(st.sampled_from([n for n in headers if n.startswith("wechatpay-")]))
    value = data.draw(st.text(max_size=60))
    assume(value != headers[name])
    with pytest.raises((Malformed, BadSignature)):
        read(body, headers={**headers, name: value})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from([*TRANSACTION, *REFUND, "refund_status", "sub_mchid"])


@given(
    st.dictionaries(NAMES, JSON, max_size=6),
    st.sampled_from(["TRANSACTION.SUCCESS", "REFUND.SUCCESS", "OTHER"]),
)
def test_whatever_is_proven_is_read_or_malformed(changes: dict[str, Any], event: str) -> None:
    plain = json.dumps({**TRANSACTION, **changes}).encode()
    try:
        news = read(notify_body(plain, event)).news
    except Malformed:
        return
    if isinstance(news, PaymentResult):
        judge(ORDER, news)
