"""What is sent to WeChat for a bill, and what its answers mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from payments.bills.asking import (
    ENOUGH_TO_TELL,
    BillKind,
    BillNotGiven,
    BillOutcome,
    WantedBill,
    is_bill,
)
from payments.errors import PaymentError, WeChatUnreachable, WeChatUntrusted
from payments.merchant import HMAC_SHA256, MD5, Api
from payments.protocol import WireAnswer, WireRequest
from payments.v2 import bill as v2
from payments.v2 import signing as v2_signing
from payments.v2 import wire as v2_wire
from payments.v3 import bill as v3
from payments.v3 import signing, wire
from tests.support.v3_material import KEYS, MERCHANT, MOMENT, PROOF, SAMPLES, answer

pytestmark = pytest.mark.one_database

DAY = date(2025, 1, 2)
TRADE, FUNDS = (WantedBill(kind, DAY) for kind in (BillKind.TRADE, BillKind.FUND_FLOW))
MAIN, BACKUP = "https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com"
SIMULATED = "http://127.0.0.1:8100"
ORIGINS = (MAIN, BACKUP)
PLACE = "/v3/billdownload/file?token=6XIv%2FTJ0rP&tartype=gzip"
SHA1 = "79bb0f45fc4c42234a918000b2668d689e2bde04"
OFFERED = {"hash_type": "SHA1", "hash_value": SHA1, "download_url": MAIN + PLACE}
OF_V2 = replace(MERCHANT, api=Api.V2, client_cert=KEYS["merchant"]["cert_pem"], sign_type=MD5)


def is_signed(request: WireRequest) -> bool:
    """Whether the merchant's key signed exactly this method, address and body."""
    named = dict(
        pair.split("=", 1) for pair in request.headers["Authorization"].split(" ", 1)[1].split(",")
    )
    stamp, nonce, signature = (named[n].strip('"') for n in ("timestamp", "nonce_str", "signature"))
    text = signing.lines(request.method, request.path, stamp, nonce, request.body)
    key = signing.private_key(MERCHANT.private_key).public_key()
    return signing.is_signed(text, signature, key)


def outcome(error: PaymentError) -> BillOutcome:
    assert isinstance(error, BillNotGiven), repr(error)
    return error.outcome


def application(given: WireAnswer) -> BillOutcome:
    with pytest.raises(BillNotGiven) as refused:
        v3.read_application(given, PROOF, ORIGINS)
    return refused.value.outcome


# --- API v3 --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "path", "query"),
    [
        (TRADE, "/v3/bill/tradebill", {"bill_type": ["ALL"]}),
        (FUNDS, "/v3/bill/fundflowbill", {"account_type": ["BASIC"]}),
    ],
)
def test_an_application_names_day_kind_and_gzip_and_is_signed(
    wanted: WantedBill, path: str, query: dict[str, list[str]]
) -> None:
    request = v3.application_request(MERCHANT, wanted, MOMENT)
    parts = urlsplit(request.path)
    assert (request.method, parts.path) == ("GET", path)
    assert parse_qs(parts.query) == {"bill_date": ["2025-01-02"], "tar_type": ["GZIP"], **query}
    assert is_signed(request)


def test_without_a_key_of_our_own_nothing_is_asked() -> None:
    with pytest.raises(WeChatUntrusted) as error:
        v3.application_request(replace(MERCHANT, private_key=""), TRADE, MOMENT)
    assert error.value.doubt == "own_key"


@pytest.mark.parametrize("origin", [MAIN, BACKUP])
def test_the_download_is_a_signed_get_of_exactly_the_path_and_query_of_the_offer(
    origin: str,
) -> None:
    given = answer({**OFFERED, "hash_value": SHA1.upper(), "download_url": origin + PLACE})
    offer = v3.read_application(given, PROOF, ORIGINS)
    assert (offer.origin, offer.path, offer.sha1) == (origin, PLACE, SHA1)
    request = v3.download_request(MERCHANT, offer, MOMENT)
    assert (request.method, request.path, request.body) == ("GET", PLACE, b"")
    assert is_signed(request)
    assert "token" not in repr(offer)


def test_the_address_that_is_called_may_be_a_simulator() -> None:
    given = answer({**OFFERED, "download_url": SIMULATED + PLACE})
    assert v3.read_application(given, PROOF, (SIMULATED,)).origin == SIMULATED


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example" + PLACE,
        "http://api.mch.weixin.qq.com" + PLACE,
        "https://api.mch.weixin.qq.com:8443" + PLACE,
        "https://api.mch.weixin.qq.com.evil.example" + PLACE,
        "https://api.mch.weixin.qq.com@evil.example" + PLACE,
        "https://evil@api.mch.weixin.qq.com" + PLACE,
        "//api.mch.weixin.qq.com" + PLACE,
        PLACE,
        "https://api.mch.weixin.qq.com:port" + PLACE,
        "https://[api" + PLACE,
        "",
        MAIN,
        MAIN + "/v3/a b",
        MAIN + "/v3/账单",
        MAIN + PLACE + "#part",
        MAIN + "/" + "a" * 2048,
    ],
)
def test_a_download_at_another_address_is_refused(url: str) -> None:
    with pytest.raises(WeChatUntrusted, match="download_url"):
        v3.read_application(answer({**OFFERED, "download_url": url}), PROOF, ORIGINS)


@pytest.mark.parametrize(
    "changes",
    [
        {"hash_type": "SM3"},
        {"hash_type": None},
        {"hash_value": None},
        {"hash_value": SHA1[:-1]},
        {"hash_value": "g" * 40},
    ],
)
def test_an_offer_without_a_sha1_is_refused(changes: dict[str, str | None]) -> None:
    with pytest.raises(WeChatUntrusted):
        v3.read_application(answer({**OFFERED, **changes}), PROOF, ORIGINS)


def test_an_unsigned_or_changed_offer_is_refused() -> None:
    unsigned = WireAnswer(200, wire.write(OFFERED))
    changed = replace(answer(OFFERED), body=wire.write({**OFFERED, "hash_value": "0" * 40}))
    for given in (unsigned, changed):
        with pytest.raises(WeChatUntrusted) as error:
            v3.read_application(given, PROOF, ORIGINS)
        assert error.value.doubt == "signature"


@pytest.mark.parametrize(
    ("status", "code", "words", "expected"),
    [
        (400, "NO_STATEMENT_EXIST", "账单文件不存在", BillOutcome.NONE),
        (404, "NO_STATEMENT_EXIST", "", BillOutcome.NONE),
        (400, "STATEMENT_CREATING", "账单生成中", BillOutcome.BEING_MADE),
        (400, "INVALID_REQUEST", "账单日期过早 (270522880)", BillOutcome.TOO_OLD),
        (400, "INVALID_REQUEST", "账单日期超出可下载范围", BillOutcome.TOO_OLD),
        (400, "PARAM_ERROR", "账单日期格式错误", BillOutcome.REFUSED),
        (400, "INVALID_REQUEST", "270522881 账单不存在", BillOutcome.NONE),
        (400, "INVALID_REQUEST", "[270522882]", BillOutcome.BEING_MADE),
        (400, "INVALID_REQUEST", "请检查 bill_date", BillOutcome.REFUSED),
        (400, "PARAM_ERROR", "参数错误", BillOutcome.REFUSED),
        (403, "NO_AUTH", "权限异常", BillOutcome.NOT_ENTITLED),
        (429, "FREQUENCY_LIMITED", "频率超限 268435472", BillOutcome.TOO_OFTEN),
        (429, "RATELIMIT_EXCEEDED", "", BillOutcome.TOO_OFTEN),
        (500, "SYSTEM_ERROR", "系统错误", BillOutcome.SYSTEM_ERROR),
    ],
)
def test_each_refusal_of_an_application_has_one_word(
    status: int, code: str, words: str, expected: BillOutcome
) -> None:
    assert application(answer({"code": code, "message": words}, status)) is expected


def test_nothing_is_concluded_from_an_unsigned_refusal_but_that_it_came_too_soon() -> None:
    none = {"code": "NO_STATEMENT_EXIST", "message": ""}
    assert application(WireAnswer(400, wire.write(none))) is BillOutcome.REFUSED
    often = {"code": "FREQUENCY_LIMITED", "message": ""}
    assert application(WireAnswer(429, wire.write(often))) is BillOutcome.TOO_OFTEN
    with pytest.raises(WeChatUnreachable):
        v3.read_application(WireAnswer(502, b"Bad Gateway"), PROOF, ORIGINS)


@pytest.mark.parametrize(
    ("status", "code", "words", "expected"),
    [
        (400, "INVALID_REQUEST", "token 已失效", BillOutcome.EXPIRED),
        (400, "INVALID_REQUEST", "270522880", BillOutcome.TOO_OLD),
        (403, "NO_AUTH", "", BillOutcome.NOT_ENTITLED),
        (429, "FREQUENCY_LIMITED", "", BillOutcome.TOO_OFTEN),
        (500, "SYSTEM_ERROR", "", BillOutcome.SYSTEM_ERROR),
        (401, "SIGN_ERROR", "", BillOutcome.REFUSED),
    ],
)
def test_each_refusal_of_a_download_has_one_word(
    status: int, code: str, words: str, expected: BillOutcome
) -> None:
    body = wire.write({"code": code, "message": words})
    assert outcome(v3.download_failure(WireAnswer(status, body))) is expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (302, b"", WeChatUntrusted),
        (200, b'{"code":"OK"}', WeChatUntrusted),
        (404, b"<html>", WeChatUntrusted),
        (502, b"<html>", WeChatUnreachable),
        (503, b'{"code":"WHO_KNOWS","message":""}', WeChatUnreachable),
    ],
)
def test_a_download_that_is_neither_bill_nor_refusal_proves_nothing(
    status: int, body: bytes, expected: type[PaymentError]
) -> None:
    assert type(v3.download_failure(WireAnswer(status, body))) is expected


# --- API v2 --------------------------------------------------------------------------------------


def test_the_trade_bill_is_asked_for_in_signed_xml() -> None:
    request = v2.download_request(OF_V2, TRADE, MOMENT)
    fields = v2_wire.read(request.body)
    assert (request.method, request.path) == ("POST", "/pay/downloadbill")
    assert (request.client_cert, request.client_key) == ("", "")
    told = {name: fields[name] for name in ("bill_date", "bill_type", "tar_type", "sign_type")}
    assert told == {
        "bill_date": "20250102", "bill_type": "ALL", "tar_type": "GZIP", "sign_type": MD5,
    }  # fmt: skip
    assert fields["mch_id"] == OF_V2.mch_id
    assert v2_signing.verify(fields, OF_V2.v2_keys) == OF_V2.api_v2_key


def test_the_fund_flow_bill_is_asked_for_with_the_certificate_and_hmac() -> None:
    request = v2.download_request(OF_V2, FUNDS, MOMENT)
    fields = v2_wire.read(request.body)
    assert request.path == "/pay/downloadfundflow"
    assert (request.client_cert, request.client_key) == (OF_V2.client_cert, OF_V2.private_key)
    assert (fields["account_type"], fields["sign_type"]) == ("Basic", HMAC_SHA256)
    assert (fields["bill_date"], fields["tar_type"]) == ("20250102", "GZIP")
    assert len(fields["sign"]) == 64
    assert v2_signing.verify(fields, OF_V2.v2_keys) == OF_V2.api_v2_key
    with pytest.raises(WeChatUntrusted) as error:
        v2.download_request(replace(OF_V2, client_cert=""), FUNDS, MOMENT)
    assert error.value.doubt == "client_certificate"


def test_a_fund_flow_bill_is_proven_by_its_digest_and_a_trade_bill_by_nothing() -> None:
    for text in (f"SHA={SHA1}", f"SHA={SHA1.upper()}", f"SHA-1={SHA1}"):
        assert v2.sha1_of_bill(WireAnswer(200, b"", {"digest": text}), FUNDS) == SHA1
    for headers in ({}, {"digest": "SHA="}, {"digest": f"MD5={SHA1}"}):
        with pytest.raises(WeChatUntrusted, match="Digest"):
            v2.sha1_of_bill(WireAnswer(200, b"", headers), FUNDS)
    assert v2.sha1_of_bill(WireAnswer(200, b""), TRADE) is None


def xml(**fields: str) -> bytes:
    return v2_wire.write(fields)


def failed(words: str, code: str = "20001") -> bytes:
    return xml(return_code="FAIL", return_msg=words, error_code=code)


NO_BILL = (SAMPLES / "bills" / "error_no_bill.xml").read_bytes()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (NO_BILL, BillOutcome.NONE),
        (b"\xef\xbb\xbf" + NO_BILL, BillOutcome.NONE),
        (failed("NO Bill Exist", "20002"), BillOutcome.NONE),
        (failed("Bill Creating", "20002"), BillOutcome.BEING_MADE),
        (failed("bill CREATING"), BillOutcome.BEING_MADE),
        (failed("?", "20002"), BillOutcome.REFUSED),
        (failed("SYSTEMERROR"), BillOutcome.SYSTEM_ERROR),
        (failed("CompressGZip Error"), BillOutcome.SYSTEM_ERROR),
        (failed("UnCompressGZip Error"), BillOutcome.SYSTEM_ERROR),
        (failed("当前商户号账单API权限已经关闭"), BillOutcome.NOT_ENTITLED),
        (failed("SIGN ERROR"), BillOutcome.REFUSED),
        (failed("invalid bill_type"), BillOutcome.REFUSED),
        (xml(return_code="SUCCESS", return_msg="OK", result_code="FAIL", err_code="NO_BILL_EXIST"),
         BillOutcome.NONE),
        (xml(return_code="SUCCESS", result_code="FAIL", err_code="BILL_CREATING"),
         BillOutcome.BEING_MADE),
        (xml(return_code="SUCCESS", result_code="FAIL", err_code="PARAM_ERROR"),
         BillOutcome.REFUSED),
    ],
)  # fmt: skip
def test_each_error_of_api_v2_has_one_word(body: bytes, expected: BillOutcome) -> None:
    assert not is_bill(200, body[:4])
    assert outcome(v2.download_failure(WireAnswer(200, body))) is expected


def test_an_error_of_api_v2_shows_wechats_words_and_number() -> None:
    error = v2.download_failure(WireAnswer(200, NO_BILL))
    assert isinstance(error, BillNotGiven)
    assert (error.said, error.wechat_words) == ("20002", "No Bill Exist")


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b"<html></html>", WeChatUntrusted),
        (200, b"<xml><return_code>", WeChatUntrusted),
        (302, b"", WeChatUntrusted),
        (404, NO_BILL, WeChatUntrusted),
        (502, NO_BILL, WeChatUnreachable),
    ],
)
def test_what_is_no_answer_of_api_v2_proves_nothing(
    status: int, body: bytes, expected: type[PaymentError]
) -> None:
    assert type(v2.download_failure(WireAnswer(status, body))) is expected


@pytest.mark.parametrize("name", [path.name for path in sorted((SAMPLES / "bills").iterdir())])
def test_every_sample_is_told_by_its_first_bytes(name: str) -> None:
    start = (SAMPLES / "bills" / name).read_bytes()[:ENOUGH_TO_TELL]
    assert is_bill(200, start) == (not name.startswith("error"))
    assert not is_bill(400, start)
