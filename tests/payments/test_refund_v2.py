"""Refunds of API v2: what is asked, what the answers and the sealed notifies say."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.errors import BadSignature, Malformed, WeChatRefused, WeChatUntrusted
from payments.merchant import HMAC_SHA256, MD5, Merchant, Merchants
from payments.protocol import Moment, Proof, WireAnswer
from payments.refund import RefundOrder, RefundResult, RefundStatus
from payments.v2 import api, refund_notify, signing, wire
from payments.v2.refund import refund_time
from tests.support.v3_material import KEYS, MANIFEST, SAMPLES, V2_KEY, vectors

MERCHANT = Merchant(
    "wx8888888888888888",
    "1900000109",
    V2_KEY,
    private_key=KEYS["merchant"]["private_pem"],
    client_cert=KEYS["merchant"]["cert_pem"],
)
OTHER_KEY = "AnotherApiV2Key0123456789abcdefG"
SECOND = Merchant("wx9999999999999999", "1900000110", OTHER_KEY)
MERCHANTS = Merchants((MERCHANT, SECOND))
NOW, PROOF = Moment(1735787045, "N1"), Proof({}, 1735787045)
VECTOR = vectors("v2_refund_notify")
REFUND = RefundOrder(
    "RF20250102000001",
    "4200000001202501020000000001",
    8800,
    800,
    "少做了一次",
    "https://pay.example.com/pay/notify/refund",
)
NEWS = {
    "out_refund_no": "RF20250102000001",
    "out_trade_no": "ORD20250102000001",
    "refund_fee": "800",
    "refund_id": "50300000001202501020000000001",
    "refund_status": "SUCCESS",
    "success_time": "2025-01-02 11:04:05",
    "total_fee": "8800",
    "transaction_id": "4200000001202501020000000001",
}


# --- what is sent --------------------------------------------------------------------------------


def test_a_refund_shows_our_certificate_and_says_everything() -> None:
    request = api.refund_request(MERCHANT, REFUND, NOW)
    assert (request.method, request.path) == ("POST", "/secapi/pay/refund")
    assert request.client_cert == MERCHANT.client_cert
    assert request.client_key == MERCHANT.private_key
    assert "PRIVATE" not in repr(request)
    fields = wire.read(request.body)
    assert signing.verify(fields, (V2_KEY,)) == V2_KEY
    del fields["sign"]
    assert fields == {
        "appid": MERCHANT.app_id,
        "mch_id": MERCHANT.mch_id,
        "nonce_str": "N1",
        "sign_type": HMAC_SHA256,
        "transaction_id": "4200000001202501020000000001",
        "out_refund_no": "RF20250102000001",
        "total_fee": "8800",
        "refund_fee": "800",
        "refund_desc": "少做了一次",
        "notify_url": "https://pay.example.com/pay/notify/refund",
    }


def test_a_reason_fits_wechats_bytes_and_an_empty_one_is_not_sent() -> None:
    long = api.refund_request(MERCHANT, replace(REFUND, reason="退" * 80), NOW)
    assert wire.read(long.body)["refund_desc"] == "退" * 26
    assert "refund_desc" not in wire.read(
        api.refund_request(MERCHANT, replace(REFUND, reason=" "), NOW).body
    )


@pytest.mark.parametrize("lacks", [{"client_cert": ""}, {"private_key": ""}], ids=repr)
def test_without_our_certificate_nothing_is_sent(lacks: dict[str, str]) -> None:
    with pytest.raises(WeChatUntrusted) as doubtful:
        api.refund_request(replace(MERCHANT, **lacks), REFUND, NOW)
    assert doubtful.value.doubt == "client_certificate"


def test_a_query_needs_no_certificate_and_names_the_refund() -> None:
    request = api.refund_query_request(replace(MERCHANT, client_cert=""), "RF1", NOW)
    assert (request.path, request.client_cert) == ("/pay/refundquery", "")
    assert wire.read(request.body)["out_refund_no"] == "RF1"


# --- answers -------------------------------------------------------------------------------------


def answer(**changes: str | None) -> WireAnswer:
    whole: dict[str, str | None] = {
        "return_code": "SUCCESS",
        "appid": MERCHANT.app_id,
        "mch_id": MERCHANT.mch_id,
        "nonce_str": "N1",
        "result_code": "SUCCESS",
        **changes,
    }
    fields = {name: value for name, value in whole.items() if value is not None}
    return WireAnswer(200, wire.write({**fields, "sign": signing.sign(fields, V2_KEY, MD5)}))


TAKEN = {name: NEWS[name] for name in NEWS if name not in ("refund_status", "success_time")}
RESULT = RefundResult(
    signer=MERCHANT,
    merchant=MERCHANT,
    mch_id=MERCHANT.mch_id,
    refund_num="RF20250102000001",
    refund_id="50300000001202501020000000001",
    order_num="ORD20250102000001",
    transaction_id="4200000001202501020000000001",
    status=RefundStatus.PROCESSING,
    said="PROCESSING",
    total_text="8800",
    refund_text="800",
)


def test_a_refund_that_was_taken_is_not_yet_done() -> None:
    assert api.read_refund(answer(**TAKEN), MERCHANT, PROOF) == RESULT


def test_a_refusal_comes_with_wechats_code() -> None:
    refused = answer(result_code="FAIL", err_code="NOTENOUGH", err_code_des="余额不足")
    with pytest.raises(WeChatRefused) as refusal:
        api.read_refund(refused, MERCHANT, PROOF)
    assert refusal.value.wechat_code == "NOTENOUGH"


def listed(index: int, **fields: str) -> dict[str, str]:
    return {f"{name}_{index}": value for name, value in fields.items()}


ONE = {
    "out_refund_no": "RF20250102000001",
    "refund_id": NEWS["refund_id"],
    "refund_fee": "800",
    "refund_status": "SUCCESS",
    "refund_success_time": "2025-01-02 11:04:05",
}
SHARED = {
    "total_fee": "8800",
    "refund_fee": "1800",
    "transaction_id": NEWS["transaction_id"],
    "out_trade_no": NEWS["out_trade_no"],
}


@pytest.mark.parametrize("index", [0, 1, 11])
def test_a_query_finds_the_refund_among_those_that_wechat_lists(index: int) -> None:
    other = {**ONE, "out_refund_no": "RF2", "refund_fee": "1000", "refund_status": "CHANGE"}
    said = answer(**SHARED, **listed(index, **ONE), **listed(21, **other))
    expected = replace(
        RESULT,
        status=RefundStatus.SUCCESS,
        said="SUCCESS",
        succeeded_at=datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC),
    )
    assert api.read_refund_query(said, MERCHANT, "RF20250102000001", PROOF) == expected
    second = api.read_refund_query(said, MERCHANT, "RF2", PROOF)
    assert (second.status, second.refund_text) == (RefundStatus.ABNORMAL, "1000")
    with pytest.raises(WeChatUntrusted, match="other refunds"):
        api.read_refund_query(said, MERCHANT, "RF3", PROOF)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("SUCCESS", RefundStatus.SUCCESS),
        ("PROCESSING", RefundStatus.PROCESSING),
        ("REFUNDCLOSE", RefundStatus.CLOSED),
        ("CHANGE", RefundStatus.ABNORMAL),
        ("CLOSED", None),
        ("", None),
    ],
)
def test_a_refund_has_the_states_that_wechat_knows(said: str, status: RefundStatus | None) -> None:
    found = answer(**SHARED, **listed(0, **{**ONE, "refund_status": said}))
    result = api.read_refund_query(found, MERCHANT, "RF20250102000001", PROOF)
    assert (result.status, result.said) == (status, said)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2025-01-02 11:04:05", datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2025-02-30 11:04:05", None),
        ("20250102110405", None),
        ("0001-01-01 00:00:00", None),
        ("", None),
        (None, None),
    ],
)
def test_wechats_time_is_utc_plus_8(text: str | None, utc: datetime | None) -> None:
    assert refund_time(text) == utc


@given(st.text(max_size=24))
def test_any_text_is_a_time_or_none(text: str) -> None:
    found = refund_time(text)
    assert found is None or found.tzinfo is UTC


# --- notifies ------------------------------------------------------------------------------------


def sealed(plain: bytes, key: str = V2_KEY) -> str:
    return base64.b64encode(refund_notify.encrypt(plain, key)).decode()


def body(req_info: str, **changes: str) -> bytes:
    return wire.write(
        {
            "return_code": "SUCCESS",
            "appid": MERCHANT.app_id,
            "mch_id": MERCHANT.mch_id,
            "nonce_str": "N1",
            "req_info": req_info,
            **changes,
        }
    )


def read(key: str = V2_KEY, outer: dict[str, str] | None = None, **news: str) -> RefundResult:
    plain = wire.write({**NEWS, **news}, "root")
    return refund_notify.read(body(sealed(plain, key), **(outer or {})), MERCHANTS)


def test_the_vector_opens_and_is_sealed_to_the_byte() -> None:
    plain, key = VECTOR["plaintext"].encode(), VECTOR["api_key"]
    assert refund_notify.decrypt(base64.b64decode(VECTOR["req_info"]), key) == plain
    assert sealed(plain, key) == VECTOR["req_info"]
    found = refund_notify.read(body(VECTOR["req_info"]), MERCHANTS)
    assert (found.status, found.refund_num) == (RefundStatus.SUCCESS, "RF20250102000001")


NOISE = {
    **{case["name"]: case["req_info"] for case in VECTOR["negatives"]},
    "not ASCII": "中文",
    "base64 with noise in it": "%" + VECTOR["req_info"],
    "two blocks": base64.b64encode(bytes(32)).decode(),
    "another root": sealed(wire.write(NEWS)),
    "no XML": sealed(b"x"),
    "a DOCTYPE": sealed(b"<!DOCTYPE root><root/>"),
    "a field twice": sealed(b"<root><total_fee>1</total_fee><total_fee>1</total_fee></root>"),
}


@pytest.mark.parametrize("req_info", NOISE.values(), ids=list(NOISE))
def test_what_does_not_open_is_refused_in_the_same_words(req_info: str) -> None:
    """Whoever tries changed blocks learns nothing of how far each came."""
    with pytest.raises(BadSignature) as error:
        refund_notify.read(body(req_info), MERCHANTS)
    assert (error.value.reason, str(error.value)) == (
        "sealed",
        "req_info does not open with our API v2 key.",
    )


@pytest.mark.parametrize(
    "changes", [{"return_code": "FAIL"}, {"return_code": ""}, {"req_info": ""}], ids=repr
)
def test_what_seals_nothing_proves_nothing(changes: dict[str, str]) -> None:
    with pytest.raises(BadSignature) as error:
        refund_notify.read(body(**{"req_info": VECTOR["req_info"], **changes}), MERCHANTS)
    assert error.value.reason == "missing"


def test_unreadable_comes_first() -> None:
    with pytest.raises(Malformed):
        refund_notify.read(b"x", MERCHANTS)


def test_a_notify_is_read_in_full_and_proves_little() -> None:
    assert read() == replace(
        RESULT,
        status=RefundStatus.SUCCESS,
        said="SUCCESS",
        succeeded_at=datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC),
        proven=False,
    )


@pytest.mark.parametrize(
    "outer",
    [{"mch_id": "1900000999"}, {"appid": "wx0"}, {"appid": SECOND.app_id, "mch_id": SECOND.mch_id}],
    ids=repr,
)
def test_a_key_speaks_for_its_own_account_alone(outer: dict[str, str]) -> None:
    result = read(outer=outer)
    assert (result.merchant, result.signer) == (None, MERCHANT)
    assert result.mch_id == outer.get("mch_id", MERCHANT.mch_id)


def test_each_account_and_a_retired_key_open_their_own() -> None:
    named = {"appid": SECOND.app_id, "mch_id": SECOND.mch_id}
    assert read(OTHER_KEY, named).merchant is SECOND
    assert read(OTHER_KEY).merchant is None
    rotated = replace(MERCHANT, api_v2_key=OTHER_KEY, old_v2_keys=(V2_KEY,))
    found = refund_notify.read(body(VECTOR["req_info"]), Merchants((rotated,)))
    assert found.merchant is rotated


SAMPLED: dict[str, tuple[Any, ...]] = {
    "REFUND_SUCCESS": (RefundStatus.SUCCESS, MERCHANT, "800"),
    "REFUND_CLOSED": (RefundStatus.CLOSED, MERCHANT, "800"),
    "ALERT_FOREIGN_MERCHANT": (RefundStatus.SUCCESS, None, "800"),
    "ALERT_REFUND_ANOMALY": (RefundStatus.SUCCESS, MERCHANT, "880000"),
}


@pytest.mark.parametrize("sample", MANIFEST["v2_refund"], ids=lambda s: s["file"].split("/")[1])
def test_a_sample_is_what_its_manifest_says(sample: dict[str, Any]) -> None:
    raw = (SAMPLES / sample["file"]).read_bytes()
    if sample["expected_action"] == "REJECT":
        with pytest.raises(BadSignature):
            refund_notify.read(raw, MERCHANTS)
        return
    found = refund_notify.read(raw, MERCHANTS)
    expected = SAMPLED[sample["expected_action"]]
    assert (found.status, found.merchant, found.refund_text) == expected


def refused(raw: bytes) -> bool:
    try:
        refund_notify.read(raw, MERCHANTS)
    except (Malformed, BadSignature):
        return True
    return False


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_in_words(raw: bytes) -> None:
    assert refused(raw)


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn"))))
def test_any_text_as_req_info_is_refused_in_words(req_info: str) -> None:
    assert refused(body(req_info))


@given(st.integers(0, len(base64.b64decode(VECTOR["req_info"])) // 16 - 1), st.binary(min_size=16))
def test_a_changed_block_never_ends_in_another_error(block: int, noise: bytes) -> None:
    data = bytearray(base64.b64decode(VECTOR["req_info"]))
    data[block * 16 : block * 16 + 16] = noise[:16]
    refused(body(base64.b64encode(data).decode()))
