"""The signature of API v2: published values, refusals, and no way around it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from payments.errors import BadSignature, Malformed
from payments.merchant import HMAC_SHA256, MD5, SIGN_TYPES
from payments.v2 import signing, wire

SAMPLES = Path(__file__).parents[1] / "samples"
VECTORS: list[dict[str, Any]] = json.loads((SAMPLES / "v2_sign.json").read_text("utf-8"))["cases"]
KEY = "TestApiV2Key0123456789abcdefGHIJ"
OTHER = "0" * 32
FIELDS = {"appid": "wx8888888888888888", "nonce_str": "N1", "total_fee": "8800"}

vectors = pytest.mark.parametrize("case", VECTORS, ids=[case["name"] for case in VECTORS])
sign_types = st.sampled_from(SIGN_TYPES)
keys = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=32, max_size=32)
names = st.from_regex(r"[a-z_]{1,32}", fullmatch=True).filter(
    lambda name: name not in ("sign", "sign_type")
)
values = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="&"), max_size=40)
messages = st.dictionaries(names, values, min_size=1, max_size=12)


def signed(fields: dict[str, str], key: str = KEY, sign_type: str = MD5) -> dict[str, str]:
    return {**fields, "sign": signing.sign(fields, key, sign_type)}


# --- signing -----------------------------------------------------------------------------------


@vectors
def test_the_string_to_sign_is_wechats(case: dict[str, Any]) -> None:
    assert signing.string_to_sign(case["params"], case["key"]) == case["string_to_sign"]


@vectors
def test_the_signature_is_wechats_with_both_algorithms(case: dict[str, Any]) -> None:
    assert signing.sign(case["params"], case["key"], MD5) == case["md5"]
    assert signing.sign(case["params"], case["key"], HMAC_SHA256) == case["hmac_sha256"]


def test_a_whole_notify_has_the_known_signatures() -> None:
    fields = wire.read((SAMPLES / "v2" / "01_success_jsapi_md5.xml").read_bytes())
    md5 = "F832CC266944CD36F09459D98A61B56D"
    hmac = "33336431E0DA0B95415F776C55B44EDE7849748F70ABCAA943CF08959B3A1656"
    assert fields.pop("sign") == md5 == signing.sign(fields, KEY, MD5)
    assert signing.sign(fields, KEY, HMAC_SHA256) == hmac
    assert signing.verify({**fields, "sign": hmac}, (KEY,)) == KEY


# --- verifying ---------------------------------------------------------------------------------


@vectors
@pytest.mark.parametrize("algorithm", ["md5", "hmac_sha256"])
def test_a_right_signature_verifies_and_names_its_key(case: dict[str, Any], algorithm: str) -> None:
    fields = {**case["params"], "sign": case[algorithm]}
    assert signing.verify(fields, (OTHER, case["key"])) == case["key"]


REFUSED_SIGNS = {
    "none": None,
    "empty": "",
    "short": signed(FIELDS)["sign"][:-1],
    "long": signed(FIELDS)["sign"] + "A",
    "48 characters": "A" * 48,
    "10 KB": "A" * 10_240,
    "lower case": signed(FIELDS)["sign"].lower(),
    "one lower-case letter": signed(FIELDS)["sign"][:-1] + "f",
    "blank around it": " " + signed(FIELDS)["sign"][1:],
    "line feed at its end": signed(FIELDS)["sign"] + "\n",
    "not ASCII": "é" * 32,
    "full-width digits": "０" * 32,
    "right form, wrong value": "0" * 32,
    "right form, wrong value, HMAC": "0" * 64,
    "of the other key": signed(FIELDS, OTHER)["sign"],
    "MD5 twice": signed(FIELDS)["sign"] * 2,
}


@pytest.mark.parametrize("sign", REFUSED_SIGNS.values(), ids=list(REFUSED_SIGNS))
def test_a_signature_that_is_not_exactly_right_proves_nothing(sign: str | None) -> None:
    fields = FIELDS if sign is None else {**FIELDS, "sign": sign}
    with pytest.raises(BadSignature):
        signing.verify(fields, (KEY,))


@pytest.mark.parametrize("sign_type", ["RSA", "md5", "SHA256", "MD5 ", "HMAC-SHA1", "none"])
def test_an_algorithm_that_wechat_does_not_use_is_unreadable(sign_type: str) -> None:
    with pytest.raises(Malformed):
        signing.verify(signed({**FIELDS, "sign_type": sign_type}), (KEY,))


@pytest.mark.parametrize("named", ["", *SIGN_TYPES])
@pytest.mark.parametrize("used", SIGN_TYPES)
def test_the_length_chooses_the_algorithm_whatever_is_named(named: str, used: str) -> None:
    assert signing.verify(signed({**FIELDS, "sign_type": named}, KEY, used), (KEY,)) == KEY


@pytest.mark.parametrize(
    "name",
    [
        "total_fee",
        "cash_fee",
        "coupon_fee",
        "coupon_fee_7",
        "settlement_total_fee",
        "refund_fee",
        "fee_type",
        "result_code",
        "return_code",
        "trade_state",
        "out_trade_no",
        "transaction_id",
        "appid",
        "mch_id",
        "sub_mch_id",
        "openid",
        "key",
        "prepay_id",
        "sign_type",
        "time_end",
    ],
)
def test_a_value_that_imitates_another_field_is_refused_though_signed(name: str) -> None:
    fields = {"attach": f"x&{name}=1", "nonce_str": "N1"}
    with pytest.raises(BadSignature):
        signing.verify(signed(fields), (KEY,))


def test_a_merged_message_cannot_be_split_into_one_with_another_amount() -> None:
    genuine = {"attach": "a", "bank_type": "CFT", "total_fee": "8800"}
    folded = {"attach": "a&bank_type=CFT&total_fee=8800"}
    sign = signing.sign(genuine, KEY, MD5)
    assert sign == signing.sign(folded, KEY, MD5)
    with pytest.raises(BadSignature):
        signing.verify({**folded, "sign": sign}, (KEY,))


def test_an_ampersand_alone_is_an_honest_value() -> None:
    fields = signed({**FIELDS, "attach": "a=1&b=2&total=3", "body": "R&D = fun"})
    assert signing.verify(fields, (KEY,)) == KEY


def test_without_a_key_nothing_verifies() -> None:
    with pytest.raises(BadSignature):
        signing.verify(signed(FIELDS, ""), ())


# --- properties --------------------------------------------------------------------------------


@given(messages, keys, sign_types)
def test_what_was_signed_verifies(fields: dict[str, str], key: str, sign_type: str) -> None:
    assert signing.verify(signed(fields, key, sign_type), (OTHER, key)) == key


@given(messages, st.data(), sign_types)
def test_a_changed_field_never_verifies(
    fields: dict[str, str], data: st.DataObject, sign_type: str
) -> None:
    name = data.draw(st.sampled_from(sorted(fields)))
    value = data.draw(values)
    assume(value != fields[name])
    with pytest.raises(BadSignature):
        signing.verify({**signed(fields, KEY, sign_type), name: value}, (KEY,))


@given(messages, names, values.filter(bool), sign_types)
def test_an_added_field_never_verifies(
    fields: dict[str, str], name: str, value: str, sign_type: str
) -> None:
    assume(name not in fields)
    with pytest.raises(BadSignature):
        signing.verify({**signed(fields, KEY, sign_type), name: value}, (KEY,))


@given(messages, st.data(), sign_types)
def test_a_field_taken_away_never_verifies(
    fields: dict[str, str], data: st.DataObject, sign_type: str
) -> None:
    name = data.draw(st.sampled_from(sorted(fields)))
    assume(fields[name])
    left = signed(fields, KEY, sign_type)
    del left[name]
    with pytest.raises(BadSignature):
        signing.verify(left, (KEY,))


@given(messages, keys, keys, sign_types)
def test_another_key_never_verifies(
    fields: dict[str, str], key: str, other: str, sign_type: str
) -> None:
    assume(key != other)
    with pytest.raises(BadSignature):
        signing.verify(signed(fields, key, sign_type), (other,))


@given(messages, st.randoms(use_true_random=False))
def test_the_order_of_fields_and_empty_ones_do_not_matter(
    fields: dict[str, str], random: Any
) -> None:
    shuffled = list({**fields, "device_info": "", "detail": ""}.items())
    random.shuffle(shuffled)
    plain = {name: value for name, value in fields.items() if name not in ("device_info", "detail")}
    assert signing.sign({**plain, "device_info": "", "detail": ""}, KEY, MD5) == signing.sign(
        {name: plain.get(name, "") for name, _ in shuffled}, KEY, MD5
    )


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=70), max_size=6))
def test_nothing_but_the_two_refusals_comes_of_any_fields(fields: dict[str, str]) -> None:
    with pytest.raises((BadSignature, Malformed)):
        signing.verify(fields, (KEY,))
