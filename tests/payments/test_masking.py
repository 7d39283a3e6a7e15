"""Personal values and keys are never shown in full."""

from __future__ import annotations

import pytest

from payments.masking import mask_mch_id, mask_notify, mask_open_id, mask_phone, mask_text
from payments.merchant import Merchant, Merchants
from payments.v2 import calls, wire

OPEN_ID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
SIGN = "F832CC266944CD36F09459D98A61B56D"
KEY = "TestApiV2Key0123456789abcdefGHIJ"


@pytest.mark.parametrize(
    ("open_id", "shown"),
    [
        (OPEN_ID, "oUpF8u****eS6o"),
        ("o1234567890", "o12345****7890"),
        ("o123456789", "****"),
        ("o", "****"),
        ("", ""),
        (None, None),
    ],
)
def test_an_openid_shows_its_ends(open_id: str | None, shown: str | None) -> None:
    assert mask_open_id(open_id) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812345678", "138****5678"),
        ("12345678", "123****5678"),
        ("1234567", "****"),
        ("", ""),
        (None, None),
    ],
)
def test_a_phone_number_shows_its_ends(phone: str | None, shown: str | None) -> None:
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(("mch_id", "shown"), [("1900000109", "1900****09"), ("190000", "****")])
def test_a_merchant_number_shows_its_ends(mch_id: str, shown: str) -> None:
    assert mask_mch_id(mch_id) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("咨询 60 分钟", "咨询 60 分钟"),
        (f"for {OPEN_ID}, 13812345678.", "for oUpF8u****eS6o, 138****5678."),
        ("no phone: 4200138123456780001", "no phone: 4200138123456780001"),
        (f"no openid: x{OPEN_ID}x", f"no openid: x{OPEN_ID}x"),
        ("", ""),
        (None, None),
    ],
)
def test_a_free_text_shows_no_openid_and_no_phone(text: str | None, shown: str | None) -> None:
    assert mask_text(text) == shown


def test_a_raw_notify_shows_no_openid_no_phone_and_no_signature() -> None:
    text = wire.write(
        {
            "attach": f"call 13812345678 or {OPEN_ID}",
            "nonce_str": "5d2b6c2a8db53831f7eda20af46e531c",
            "openid": OPEN_ID,
            "out_trade_no": "ORD20250102000001",
            "sign": SIGN,
            "sub_openid": "oShort",
            "time_end": "20250102110405",
            "transaction_id": "4200000001202501020000000001",
        }
    ).decode()
    masked = mask_notify(text)
    assert wire.read(masked.encode()) == {
        "attach": "call 138****5678 or oUpF8u****eS6o",
        "nonce_str": "5d2b****",
        "openid": "oUpF8u****eS6o",
        "out_trade_no": "ORD20250102000001",
        "sign": "F832****",
        "sub_openid": "****",
        "time_end": "20250102110405",
        "transaction_id": "4200000001202501020000000001",
    }


def test_a_notify_without_cdata_or_without_values_is_masked_alike() -> None:
    text = f"<xml><openid>{OPEN_ID}</openid><sign>{SIGN}</sign><nonce_str></nonce_str></xml>"
    shown = "<xml><openid>oUpF8u****eS6o</openid><sign>F832****</sign><nonce_str></nonce_str></xml>"
    assert mask_notify(text) == shown
    assert mask_notify("<xml><openid></openid></xml>") == "<xml><openid></openid></xml>"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f'{{"payer":{{"openid":"{OPEN_ID}"}}}}', '{"payer":{"openid":"oUpF8u****eS6o"}}'),
        ('{"payer" : {"openid" : "oShort"}}', '{"payer" : {"openid" : "****"}}'),
        ('{"sub_openid":"o\\"quoted-and-long"}', '{"sub_openid":"o\\"quo****long"}'),
        (f'{{"attach":"{OPEN_ID} 13812345678"}}', '{"attach":"oUpF8u****eS6o 138****5678"}'),
        ('{"openid":"oShort', '{"openid":"****'),
    ],
)
def test_a_notify_in_json_is_masked_alike(text: str, shown: str) -> None:
    assert mask_notify(text) == shown


def test_no_repr_shows_a_key_or_a_signed_body() -> None:
    merchant = Merchant("wx8888888888888888", "1900000109", KEY)
    request = calls.request("/pay/orderquery", {"out_trade_no": "ORDER1"}, merchant)
    for thing in (merchant, Merchants((merchant,)), request):
        assert KEY not in repr(thing)
    assert "sign" not in repr(request)


def test_a_merchant_is_found_by_app_and_number_together() -> None:
    first = Merchant("wx1", "1900000001", "k" * 32)
    second = Merchant("wx2", "1900000002", "k" * 32)
    third = Merchant("wx3", "1900000003", "l" * 32)
    ours = Merchants((first, second, third))
    assert list(ours) == [first, second, third]
    assert ours.default is first
    assert ours.find("wx2", "1900000002") is second
    assert ours.find("wx1", "1900000002") is None
    assert ours.find(None, None) is None
    assert ours.v2_keys == ("k" * 32, "l" * 32)
