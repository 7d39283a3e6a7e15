"""WeChat's own certificates: sealed with our API v3 key, and proof of the answer they come in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.errors import WeChatRefused, WeChatUnreachable, WeChatUntrusted
from payments.protocol import WireAnswer
from payments.v3 import certificates, resource, signing, wire
from payments.v3.certificates import ProvenCertificate
from tests.support.v3_material import (
    CERTIFICATE,
    KEYS,
    MERCHANT,
    MOMENT,
    NEXT,
    NONCE,
    NOW_S,
    OF_PUBLIC_KEY,
    PUBLIC_ID,
    V3_KEY,
    answer,
    signed,
    vectors,
)

VECTOR = vectors("v3_certificates")
BODY: bytes = VECTOR["response"]["body"].encode()
GIVEN = WireAnswer(200, BODY, {n.lower(): v for n, v in VECTOR["response"]["headers"].items()})
PEM = KEYS["platform_cert"]["cert_pem"]


def read(given_: WireAnswer, now_s: int = NOW_S) -> tuple[ProvenCertificate, ...]:
    return certificates.read(given_, MERCHANT, now_s)


def entry(pem: str = PEM, aad: str = "certificate", **changes: Any) -> dict[str, Any]:
    whole = {
        "serial_no": CERTIFICATE,
        "effective_time": "2024-01-01T08:00:00+08:00",
        "expire_time": "2044-01-01T08:00:00+08:00",
        "encrypt_certificate": {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": "61f9c719728a",
            "associated_data": aad,
            "ciphertext": resource.seal(pem.encode(), "61f9c719728a", aad, V3_KEY),
        },
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def told(*entries: Any) -> WireAnswer:
    return answer({"data": list(entries)})


def test_the_request_is_signed_and_has_no_body() -> None:
    request = certificates.request(MERCHANT, MOMENT)
    assert (request.method, request.path, request.body) == ("GET", "/v3/certificates", b"")
    message = signing.lines("GET", "/v3/certificates", str(NOW_S), NONCE, b"")
    signature = request.headers["Authorization"].split('signature="')[1].split('"')[0]
    ours = signing.private_key(MERCHANT.private_key).public_key()
    assert signing.is_signed(message, signature, ours)


def test_the_first_answer_proves_itself_with_a_certificate_in_it() -> None:
    found = read(GIVEN)
    assert [each.serial for each in found] == VECTOR["expected_serials"] == [CERTIFICATE, NEXT]
    assert [each.pem for each in found] == [
        KEYS["platform_cert"]["cert_pem"],
        KEYS["platform_cert_next"]["cert_pem"],
    ]
    assert found[0].effective_at == datetime(2024, 1, 1, tzinfo=UTC)
    assert found[0].expires_at == datetime(2044, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("serial", [NEXT, PUBLIC_ID])
def test_it_may_be_signed_with_another_key_that_is_known(serial: str) -> None:
    said = WireAnswer(200, BODY, signed(BODY, serial))
    assert len(certificates.read(said, OF_PUBLIC_KEY, NOW_S)) == 2


def test_a_retired_api_key_still_opens_them() -> None:
    rotated = replace(MERCHANT, api_v3_key="0" * 32, old_v3_keys=(V3_KEY,))
    assert len(certificates.read(GIVEN, rotated, NOW_S)) == 2


def test_the_blank_in_one_of_wechats_samples_does_no_harm() -> None:
    odd = entry(effective_time=None, **{"effective_time ": "2024-01-01T08:00:00+08:00"})
    assert read(told(odd)) == read(told(entry())) == read(GIVEN)[:1]


def test_associated_data_may_be_missing_when_it_is_empty() -> None:
    bare = entry(aad="")
    del bare["encrypt_certificate"]["associated_data"]
    assert len(read(told(bare))) == 1


def sealed_as(**changes: Any) -> dict[str, Any]:
    return entry(encrypt_certificate={**entry()["encrypt_certificate"], **changes})


DOUBTED: dict[str, tuple[WireAnswer, str]] = {
    "unsigned": (WireAnswer(200, BODY), "signature"),
    "changed after signing": (replace(GIVEN, body=BODY + b" "), "signature"),
    "signed with a key that is not in it": (
        answer({"data": [entry()]}, serial=NEXT),
        "unknown_serial",
    ),
    "no certificate": (WireAnswer(200, b'{"data":[]}', signed(b'{"data":[]}')), "unknown_serial"),
    "sealed with another key": (told(entry(), sealed_as(nonce="0" * 12)), "sealed"),
    "a changed ciphertext": (told(sealed_as(ciphertext="AAAA")), "sealed"),
    "another serial in the certificate": (told(entry(serial_no=NEXT)), "useless"),
    "a serial that is no number": (told(entry(serial_no="../x")), "useless"),
    "no serial": (told(entry(serial_no=None)), "useless"),
    "no time": (told(entry(expire_time=None)), "useless"),
    "no time that is one": (told(entry(effective_time="x")), "useless"),
    "nothing sealed": (told(entry(encrypt_certificate=None)), "useless"),
    "no nonce": (told(sealed_as(nonce=None)), "useless"),
    "a foreign algorithm": (told(sealed_as(algorithm="AEAD_SM4_GCM")), "useless"),
    "no certificate inside": (told(entry(KEYS["platform_cert"]["public_pem"])), "useless"),
    "no PEM inside": (told(entry("x")), "useless"),
    "not ASCII inside": (told(entry("中")), "useless"),
    "an entry that is no object": (told("x"), "useless"),
    "data that are no list": (answer({"data": 1}), "useless"),
    "no JSON": (answer(b"x"), "useless"),
}


@pytest.mark.parametrize(("said", "doubt"), DOUBTED.values(), ids=list(DOUBTED))
def test_certificates_that_prove_nothing_are_not_used(said: WireAnswer, doubt: str) -> None:
    with pytest.raises(WeChatUntrusted) as error:
        read(said)
    assert error.value.doubt == doubt


@pytest.mark.parametrize("off_s", [-301, 301])
def test_an_old_answer_is_not_used(off_s: int) -> None:
    with pytest.raises(WeChatUntrusted):
        read(GIVEN, NOW_S + off_s)


@pytest.mark.parametrize("body", [b'{"data":[]}', b'{"data":null}', b"{}"])
def test_an_answer_without_a_certificate_is_of_no_use(body: bytes) -> None:
    said = WireAnswer(200, body, signed(body, PUBLIC_ID))
    with pytest.raises(WeChatUntrusted, match="no certificate"):
        certificates.read(said, OF_PUBLIC_KEY, NOW_S)


def test_a_merchant_that_has_no_certificates_is_told_so_in_wechats_words() -> None:
    fields = {"code": "RESOURCE_NOT_EXISTS", "message": "证书不存在"}
    with pytest.raises(WeChatRefused) as refusal:
        certificates.read(answer(fields, 404, PUBLIC_ID), OF_PUBLIC_KEY, NOW_S)
    assert refusal.value.wechat_code == "RESOURCE_NOT_EXISTS"
    assert refusal.value.wechat_words == "证书不存在"
    with pytest.raises(WeChatRefused) as refusal:
        read(WireAnswer(404, wire.write(fields)))
    assert (refusal.value.wechat_code, refusal.value.wechat_words) == ("FAIL", "证书不存在")
    with pytest.raises(WeChatUnreachable):
        read(WireAnswer(500, wire.write({"code": "SYSTEM_ERROR", "message": "系统繁忙"})))


@given(
    st.binary(max_size=80) | st.dictionaries(st.just("data"), st.lists(st.text())).map(wire.write)
)
def test_any_answer_is_used_or_refused(body: bytes) -> None:
    with pytest.raises(WeChatUntrusted):
        read(answer(body))
