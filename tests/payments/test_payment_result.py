"""From the bytes of a notify to a proven PaymentResult in our words; and WeChat's times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.errors import BadSignature, Malformed
from payments.merchant import MD5, Merchant, Merchants
from payments.payment_result import PaymentResult, china_time
from payments.v2 import notify, signing, wire

SAMPLES = Path(__file__).parents[1] / "samples" / "v2"
KEY, OTHER_KEY = "TestApiV2Key0123456789abcdefGHIJ", "AnotherApiV2Key0123456789abcdefG"
OURS = Merchant("wx8888888888888888", "1900000109", KEY)
SECOND = Merchant("wx9999999999999999", "1900000110", OTHER_KEY)
MERCHANTS = Merchants((OURS, SECOND))
FIELDS = {
    "appid": OURS.app_id,
    "mch_id": OURS.mch_id,
    "nonce_str": "N1",
    "out_trade_no": "ORDER1",
    "result_code": "SUCCESS",
    "return_code": "SUCCESS",
    "total_fee": "8800",
    "transaction_id": "42001",
}


def read(key: str = KEY, **changes: str) -> PaymentResult:
    fields = {**FIELDS, **changes}
    return notify.read(
        wire.write({**fields, "sign": signing.sign(fields, key, MD5)}),
        MERCHANTS,
    )


# --- what a notify says --------------------------------------------------------------------------


def test_a_genuine_notify_is_read_in_full() -> None:
    body = (SAMPLES / "05_success_coupon_nocash_settlement.xml").read_bytes()
    notice = notify.read(body, MERCHANTS)
    assert notice.merchant is OURS
    assert (notice.app_id, notice.mch_id) == (OURS.app_id, OURS.mch_id)
    assert (notice.result, notice.currency, notice.trade_type) == ("SUCCESS", "CNY", "NATIVE")
    assert notice.order_num == "ORD20250102000003"
    assert notice.transaction_id == "4200000001202501020000000003"
    assert notice.open_id == "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
    assert notice.paid_at == datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert notice.total_text == "8800"
    assert notice.amounts == {
        "cash_fee": "7800",
        "coupon_fee": "1000",
        "coupon_fee_0": "1000",
        "settlement_total_fee": "7800",
        "total_fee": "8800",
    }


def test_a_failed_payment_carries_its_reason() -> None:
    notice = notify.read((SAMPLES / "06_result_fail.xml").read_bytes(), MERCHANTS)
    assert (notice.result, notice.failure_code) == ("FAIL", "SYSTEMERROR")
    assert notice.failure_words == "系统错误"
    assert (notice.transaction_id, notice.open_id, notice.paid_at) == (None, None, None)


def test_unreadable_comes_before_unproven() -> None:
    with pytest.raises(Malformed):
        notify.read(b"<xml><sign>0</sign><sign>0</sign></xml>", MERCHANTS)
    with pytest.raises(BadSignature):
        notify.read(b"<xml><return_code>FAIL</return_code></xml>", MERCHANTS)


@pytest.mark.parametrize(
    "changes",
    [
        {"appid": ""},
        {"mch_id": ""},
        {"appid": "wx0000000000000000"},
        {"mch_id": "1900000999"},
        {"appid": SECOND.app_id},
        {"sub_mch_id": "1900000555"},
        {"appid": SECOND.app_id, "mch_id": SECOND.mch_id},
    ],
    ids=repr,
)
def test_our_key_speaks_for_our_merchant_and_app_alone(changes: dict[str, str]) -> None:
    assert read(**changes).merchant is None


def test_each_key_speaks_for_its_own_merchant() -> None:
    named = {"appid": SECOND.app_id, "mch_id": SECOND.mch_id}
    assert read(OTHER_KEY, **named).merchant is SECOND
    assert read(OTHER_KEY).merchant is None
    assert (read(OTHER_KEY).signer, read(mch_id="1900000999").signer) == (SECOND, OURS)


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({}, "SUCCESS"),
        ({"result_code": "FAIL"}, "FAIL"),
        ({"result_code": "success"}, "success"),
        ({"result_code": ""}, None),
        ({"return_code": "FAIL"}, None),
        ({"return_code": ""}, None),
        ({"return_code": "success"}, None),
    ],
)
def test_a_payment_succeeded_when_both_codes_say_so(
    changes: dict[str, str], result: str | None
) -> None:
    assert read(**changes).result == result


def test_yuan_are_meant_when_no_currency_is_named() -> None:
    assert read().currency == "CNY"
    assert read(fee_type="USD").currency == "USD"
    assert read(fee_type="").currency == "CNY"


def test_every_amount_is_kept_as_the_text_that_was_signed() -> None:
    amounts = {
        "total_fee": "0100",
        "cash_fee": "-1",
        "coupon_fee": "",
        "coupon_fee_10": "１",
        "settlement_total_fee": " 1",
        "refund_fee": "1.0",
        "settlement_refund_fee": "x",
    }
    others = {"fee": "1", "my_total_fee": "2", "coupon_fee_x": "3", "total_fee_1": "4"}
    assert read(**amounts, **others).amounts == amounts


# --- WeChat's times ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("20250102110405", "2025-01-02T03:04:05"),
        ("20250101000000", "2024-12-31T16:00:00"),
        ("20240229120000", "2024-02-29T04:00:00"),
        ("20991231235959", "2099-12-31T15:59:59"),
        ("99991231235959", "9999-12-31T15:59:59"),
        ("19910714100000", "1991-07-14T02:00:00"),  # China had summer time then; WeChat has none
        ("20161231235960", "2016-12-31T15:59:59"),  # a leap second
        ("20250102110460", "2025-01-02T03:04:59"),
    ],
)
def test_wechats_time_is_utc_plus_8(text: str, utc: str) -> None:
    assert china_time(text) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "2025010211040",
        "202501021104055",
        "20250230110405",
        "20250229110405",
        "20251301110405",
        "20250100110405",
        "20250102240405",
        "20250102116005",
        "20250102110461",
        "00000102110405",
        "00010101000000",  # eight hours before the first year
        "2025-01-02T11:",
        "２０２５０１０２１１０４０５",
        "2025010211040²",
        "+2025010211040",
        " 2025010211040",
        "junkjunkjunk60",
    ],
)
def test_what_is_no_time_is_none(text: str | None) -> None:
    assert china_time(text) is None


@given(st.integers(0, 253_000_000_000))
def test_every_second_is_read_back(second: int) -> None:
    utc = datetime.fromtimestamp(second, UTC)
    assert china_time((utc + timedelta(hours=8)).strftime("%Y%m%d%H%M%S")) == utc


@given(st.text(max_size=20) | st.from_regex(r"[0-9]{14}", fullmatch=True))
def test_any_text_is_a_time_or_none(text: str) -> None:
    found = china_time(text)
    assert found is None or found.tzinfo is UTC
