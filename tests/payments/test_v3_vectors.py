"""API v3's signatures and seals against values that others computed, WeChat's manual included."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from payments.errors import BadSignature
from payments.protocol import Moment, Prepay
from payments.states import TradeType
from payments.v3 import calls, prepay, resource, signing, trade
from tests.support.v3_material import (
    CERTIFICATE,
    KEYS,
    MERCHANT,
    MOMENT,
    NOW_S,
    PLATFORM,
    V3_KEY,
    signed,
    vectors,
)

SIGN: dict[str, list[dict[str, Any]]] = vectors("v3_sign")
GCM: dict[str, list[dict[str, Any]]] = vectors("v3_aesgcm")
OURS = signing.private_key(MERCHANT.private_key)


def named(case: dict[str, Any]) -> str:
    return str(case["name"])


def lower(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


# --- requests ------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", SIGN["request_signing"], ids=named)
def test_a_request_is_signed_to_the_byte_as_others_sign_it(case: dict[str, Any]) -> None:
    body, moment = case["body"].encode(), Moment(case["timestamp"], case["nonce"])
    message = signing.lines(case["method"], case["url"], str(moment.now_s), moment.nonce, body)
    assert message == case["message"].encode()
    assert signing.sign(message, OURS) == case["signature"]
    made = signing.authorization(MERCHANT, case["method"], case["url"], body, moment)
    assert made == case["authorization"]


def test_our_calls_send_what_the_vectors_hold() -> None:
    by_name = {case["name"]: case for case in SIGN["request_signing"]}
    calls_of_ours = {
        "get_query_by_out_trade_no": trade.query_request(MERCHANT, "ORD20250102000001", MOMENT),
        "path_with_encoded_star_and_pipe": trade.query_request(MERCHANT, "A|B*C-1", MOMENT),
        "post_close": trade.close_request(MERCHANT, "ORD20250102000001", MOMENT),
        "get_certificates": calls.get(MERCHANT, "/v3/certificates", MOMENT),
    }
    for name, request in calls_of_ours.items():
        case = by_name[name]
        assert (request.method, request.path) == (case["method"], case["url"])
        assert request.body == case["body"].encode()
        assert request.headers["Authorization"] == case["authorization"]


@pytest.mark.parametrize("case", SIGN["published_verify_only"], ids=named)
def test_the_values_in_wechats_manual_verify(case: dict[str, Any]) -> None:
    key = signing.public_key(case["public_pem"])
    assert signing.is_signed(case["message"].encode(), case["signature"], key)
    assert not signing.is_signed(case["message"].encode() + b"\n", case["signature"], key)


@pytest.mark.parametrize("case", SIGN["pay_sign"], ids=named)
def test_what_the_page_hands_over_is_signed_as_others_sign_it(case: dict[str, Any]) -> None:
    kind = TradeType.APP if case["name"] == "app" else TradeType.JSAPI
    moment = Moment(int(case["timestamp"]), case["nonce"])
    given = Prepay(case["last_line"].removeprefix("prepay_id="))
    page = prepay.page_parameters(MERCHANT, kind, given, {}, moment)
    assert page["sign" if kind is TradeType.APP else "paySign"] == case["signature"]


# --- answers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", SIGN["response_verification"], ids=named)
def test_an_answer_is_proven_by_the_key_that_it_names(case: dict[str, Any]) -> None:
    headers, body = lower(case["headers"]), case["body"].encode()
    assert signing.verify(headers, body, PLATFORM, NOW_S) == headers["wechatpay-serial"]
    assert reason(headers, body + b" ") == "wrong"
    assert reason({**headers, "wechatpay-nonce": "0"}, body) == "wrong"
    other = dict.fromkeys(("x", *PLATFORM), PLATFORM[CERTIFICATE])
    del other[headers["wechatpay-serial"]]
    with pytest.raises(BadSignature) as error:
        signing.verify(headers, body, other, NOW_S)
    assert error.value.reason == "unknown_serial"


def reason(headers: dict[str, str], body: bytes, now_s: int = NOW_S) -> str:
    with pytest.raises(BadSignature) as error:
        signing.verify(headers, body, PLATFORM, now_s)
    return error.value.reason


@pytest.mark.parametrize("off_s", [-300, -299, 0, 299, 300])
def test_a_message_of_the_last_or_next_five_minutes_counts(off_s: int) -> None:
    assert signing.verify(signed(b"{}"), b"{}", PLATFORM, NOW_S + off_s) == CERTIFICATE


@pytest.mark.parametrize("off_s", [-(10**9), -301, 301, 10**9])
def test_an_older_or_later_message_is_stale(off_s: int) -> None:
    assert reason(signed(b"{}"), b"{}", NOW_S + off_s) == "stale"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"wechatpay-signature": None}, "missing"),
        ({"wechatpay-signature": ""}, "missing"),
        ({"wechatpay-timestamp": None}, "missing"),
        ({"wechatpay-nonce": None}, "missing"),
        ({"wechatpay-serial": None}, "missing"),
        ({"wechatpay-signature": "WECHATPAY/SIGNTEST/abc"}, "probe"),
        ({"wechatpay-signature": "é" * 344}, "wrong"),
        ({"wechatpay-signature": "A"}, "wrong"),
        ({"wechatpay-signature": "AAAA"}, "wrong"),
        ({"wechatpay-signature-type": "WECHATPAY2-SM2-WITH-SM3"}, "algorithm"),
        ({"wechatpay-signature-type": ""}, "algorithm"),
        ({"wechatpay-timestamp": "1735787045.0"}, "stale"),
        ({"wechatpay-timestamp": "+1735787045"}, "stale"),
        ({"wechatpay-timestamp": "１７３５７８７０４５"}, "stale"),
        ({"wechatpay-timestamp": "1" * 10_000}, "stale"),
        ({"wechatpay-serial": "../../etc/passwd"}, "unknown_serial"),
        ({"wechatpay-serial": CERTIFICATE.lower()}, "unknown_serial"),
        ({"wechatpay-serial": KEYS["merchant"]["serial"]}, "unknown_serial"),
    ],
)
def test_why_a_signature_does_not_count_is_known(
    changes: dict[str, str | None], expected: str
) -> None:
    headers = {n: v for n, v in {**signed(b"{}"), **changes}.items() if v is not None}
    assert reason(headers, b"{}") == expected


def test_the_name_of_the_algorithm_may_be_left_out_or_said() -> None:
    said = {**signed(b"{}"), "wechatpay-signature-type": signing.SCHEME}
    assert signing.verify(said, b"{}", PLATFORM, NOW_S) == CERTIFICATE


@given(st.binary(max_size=200), st.text(st.characters(codec="ascii"), min_size=1, max_size=32))
def test_what_is_signed_verifies_and_nothing_else_does(body: bytes, nonce: str) -> None:
    message = signing.lines(str(NOW_S), nonce, body)
    signature, ours = signing.sign(message, OURS), OURS.public_key()
    assert signing.is_signed(message, signature, ours)
    assert not signing.is_signed(message + b"\n", signature, ours)
    assert not signing.is_signed(message, signature, PLATFORM[CERTIFICATE])


@given(st.text(max_size=400))
def test_any_text_as_a_signature_is_refused_without_an_error(signature: str) -> None:
    assert not signing.is_signed(b"", signature, PLATFORM[CERTIFICATE])


# --- keys ----------------------------------------------------------------------------------------

CURVE = ec.generate_private_key(ec.SECP256R1())
PKCS8 = (Encoding.PEM, PrivateFormat.PKCS8)


def test_a_key_is_read_from_its_pem_or_refused() -> None:
    certificate, bare = KEYS["platform_cert"]["cert_pem"], KEYS["platform_cert"]["public_pem"]
    assert signing.public_key(certificate) == signing.public_key(bare)
    locked = OURS.private_bytes(*PKCS8, BestAvailableEncryption(b"x")).decode()
    curve = CURVE.private_bytes(*PKCS8, NoEncryption()).decode()
    for pem in ("", "x", bare, locked, curve):
        with pytest.raises(ValueError, match=r"."):
            signing.private_key(pem)
    other = CURVE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    broken = certificate.replace("MII", "MIJ", 1)
    for pem in ("", "x", KEYS["merchant"]["private_pem"], other.decode(), broken):
        with pytest.raises(ValueError, match=r"."):
            signing.public_key(pem)


def test_a_key_of_a_kind_that_is_not_supported_is_refused_as_any_other() -> None:
    """X.509 version 9, and an algorithm that nobody has heard of."""
    der = base64.b64decode("".join(KEYS["platform_cert"]["cert_pem"].split("\n")[1:-2]))
    odd = der.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x09", 1)
    with pytest.raises(ValueError, match="not RSA"):
        signing.public_key(pem_of("CERTIFICATE", odd))
    for kind, of, read in (
        ("PUBLIC KEY", "public_pem", signing.public_key),
        ("PRIVATE KEY", "private_pem", signing.private_key),
    ):
        der = base64.b64decode("".join(KEYS["merchant"][of].split("\n")[1:-2]))
        rsa = bytes.fromhex("2a864886f70d010101")
        with pytest.raises(ValueError, match=r"."):
            read(pem_of(kind, der.replace(rsa, bytes.fromhex("2a864886f70d01017f"), 1)))


def pem_of(kind: str, der: bytes) -> str:
    return f"-----BEGIN {kind}-----\n{base64.b64encode(der).decode()}\n-----END {kind}-----\n"


# --- what is sealed ------------------------------------------------------------------------------


@pytest.mark.parametrize("case", GCM["positive"], ids=named)
def test_a_sealed_text_opens_and_is_sealed_to_the_byte(case: dict[str, Any]) -> None:
    plain, key = case["plaintext"].encode(), case["key"]
    given = case["ciphertext"], case["nonce"], case["associated_data"]
    assert resource.open_sealed(*given, (key,)) == (plain, key)
    assert resource.open_sealed(*given, ("0" * 32, key)) == (plain, key)
    assert resource.seal(plain, case["nonce"], case["associated_data"], key) == case["ciphertext"]


@pytest.mark.parametrize("case", GCM["must_fail"], ids=named)
def test_what_was_changed_does_not_open(case: dict[str, Any]) -> None:
    assert not opens(case["ciphertext"], case["nonce"], case["associated_data"], case["key"])


def opens(ciphertext: str, nonce: str, associated_data: str, *keys: str) -> bool:
    try:
        resource.open_sealed(ciphertext, nonce, associated_data, keys)
    except BadSignature as error:
        return error.reason != "sealed"
    return True


@pytest.mark.parametrize("nonce", ["", "fdasflkja48", "fdasflkja4844", "\ud800" * 4])
def test_a_nonce_has_twelve_bytes(nonce: str) -> None:
    ciphertext = resource.seal(b"x", "fdasflkja484", "", V3_KEY)
    assert opens(ciphertext, "fdasflkja484", "", V3_KEY)
    assert not opens(ciphertext, nonce, "", V3_KEY)


@given(st.text(), st.text(), st.text())
def test_nothing_opens_by_chance(ciphertext: str, nonce: str, associated_data: str) -> None:
    assert not opens(ciphertext, nonce, associated_data, V3_KEY)
    assert not opens(ciphertext, "fdasflkja484", associated_data, V3_KEY)


def test_without_a_key_nothing_opens() -> None:
    case = GCM["positive"][1]
    assert not opens(case["ciphertext"], case["nonce"], case["associated_data"])


def test_the_vector_of_a_sensitive_field_opens() -> None:
    """No call of ours carries such a field, so the product has no code for it."""
    case = vectors("v3_oaep")
    sha1 = hashes.SHA1()  # noqa: S303 - WeChat's choice
    oaep = padding.OAEP(padding.MGF1(sha1), sha1, None)
    assert OURS.decrypt(base64.b64decode(case["ciphertext"]), oaep).decode() == case["plaintext"]
