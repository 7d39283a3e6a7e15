"""Who we are to WeChat: the keys of both interfaces, and a file of several accounts."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from payments.merchant import Api
from settings import SettingError, read
from tests.support.rig import APP_ID, KEY, MCH_ID
from tests.support.v3_keys import (
    MERCHANT_CERT,
    MERCHANT_KEY,
    NEXT_PLATFORM,
    OTHER_V3_KEY,
    PLATFORM,
    PUBLIC,
    SERIAL,
    V3,
    V3_KEY,
    WITH_PUBLIC_KEY,
)

pytestmark = pytest.mark.one_database

WHO = {"WECHAT_APP_ID": APP_ID, "WECHAT_MCH_ID": MCH_ID}
V2 = {"WECHAT_API_V2_KEY": KEY}
CERT = {"WECHAT_CLIENT_CERT": MERCHANT_CERT}
SECRETS = (KEY, V3_KEY, OTHER_V3_KEY, MERCHANT_KEY.splitlines()[3])


def given(**values: str):
    return read({f"PAYWATCH_{name}": value for name, value in values.items()})


def refusal(**values: str) -> str:
    """The sentence that stops the start; it shows nothing of a key."""
    with pytest.raises(SettingError) as stopped:
        given(**values)
    sentence = str(stopped.value)
    assert stopped.value.__cause__ is None
    assert "\n" not in sentence
    assert not any(secret[:12] in sentence for secret in SECRETS)
    return sentence


# --- the single account --------------------------------------------------------------------------


def test_a_merchant_of_today_needs_no_api_v2_key():
    merchant = given(**WHO, **WITH_PUBLIC_KEY).merchants.default
    assert (merchant.api, merchant.api_v2_key, merchant.v3_keys) == (Api.V3, "", (V3_KEY,))
    assert (merchant.serial, merchant.private_key) == (SERIAL, MERCHANT_KEY)
    assert merchant.public_keys == ((PUBLIC["serial"], PUBLIC["public_pem"]),)


def test_platform_certificates_need_no_public_key():
    assert given(**WHO, **V3).merchants.default.public_keys == ()


def test_with_both_keys_calls_go_where_the_setting_says():
    assert given(**WHO, **V2, **V3).merchants.default.api is Api.V2
    assert given(**WHO, **V2, **V3, WECHAT_API="v3").merchants.default.api is Api.V3
    assert given(**WHO, **V2, **V3, WECHAT_API="v2").merchants.default.api is Api.V2


def test_refunds_on_v2_need_a_certificate_and_its_key_alone():
    merchant = given(**WHO, **V2, **CERT, WECHAT_MERCHANT_KEY=MERCHANT_KEY).merchants.default
    assert (merchant.api, merchant.client_cert) == (Api.V2, MERCHANT_CERT)


def test_old_keys_prove_and_sign_nothing():
    merchant = given(
        **WHO, **V2, **V3, WECHAT_OLD_API_V2_KEYS=OTHER_V3_KEY, WECHAT_OLD_API_V3_KEYS=f"{KEY} "
    ).merchants.default
    assert merchant.v2_keys == (KEY, OTHER_V3_KEY)
    assert merchant.v3_keys == (V3_KEY, KEY)
    assert (merchant.api_v2_key, merchant.api_v3_key) == (KEY, V3_KEY)


def test_the_limit_of_one_admin_is_a_number_of_fen():
    assert given(**WHO, **V2).second_admin_fen == 500_000
    assert given(**WHO, **V2, SECOND_ADMIN_FEN="0").second_admin_fen == 0
    for odd in ("", "-1", "5000.00", "¥50", "9" * 40):
        assert refusal(**WHO, **V2, SECOND_ADMIN_FEN=odd).startswith("PAYWATCH_SECOND_ADMIN_FEN: ")


def pem(key, encryption=None) -> str:
    how = encryption or NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how).decode()


ELLIPTIC = pem(ec.generate_private_key(ec.SECP256R1()))
SMALL = pem(rsa.generate_private_key(65537, 1024))  # noqa: S505 - it is to be refused
LOCKED = pem(ec.generate_private_key(ec.SECP256R1()), BestAvailableEncryption(b"pw"))

INCOMPLETE = [
    ({}, "API_V2_KEY", "or set PAYWATCH_WECHAT_API_V3_KEY"),
    *(
        ({n: v for n, v in V3.items() if n != missing}, missing.removeprefix("WECHAT_"), "API v3")
        for missing in ("WECHAT_API_V3_KEY", "WECHAT_MERCHANT_SERIAL")
    ),
    ({"WECHAT_API_V3_KEY": V3_KEY, "WECHAT_MERCHANT_SERIAL": SERIAL}, "MERCHANT_KEY", "API v3"),
    ({**V2, "WECHAT_API": "v3", "WECHAT_API_V3_KEY": V3_KEY}, "MERCHANT_SERIAL", "API v3"),
    ({**V3, "WECHAT_PUBLIC_KEY_ID": PUBLIC["serial"]}, "PUBLIC_KEY", "PUBLIC_KEY_ID"),
    ({**V3, "WECHAT_PUBLIC_KEY": PUBLIC["public_pem"]}, "PUBLIC_KEY_ID", "PUBLIC_KEY"),
    ({**V2, **CERT}, "MERCHANT_KEY", "CLIENT_CERT"),
    ({**V2, "WECHAT_MERCHANT_KEY": MERCHANT_KEY}, "CLIENT_CERT", "MERCHANT_KEY"),
    ({**V3, "WECHAT_API": "v2"}, "API_V2_KEY", "API v2 key"),
    ({**V2, "WECHAT_API": "v3"}, "API_V3_KEY", "API v3"),
]


@pytest.mark.parametrize(("values", "missing", "words"), INCOMPLETE)
def test_what_is_missing_is_named(values, missing, words):
    sentence = refusal(**WHO, **values)
    assert sentence.startswith(f"PAYWATCH_WECHAT_{missing}: ")
    assert words in sentence


ODD = [
    *(
        ({**V3, "WECHAT_API_V3_KEY": key}, "API_V3_KEY")
        for key in (
            V3_KEY[:-1],
            V3_KEY + "x",
            V3_KEY[:-1] + "é",
            V3_KEY[:-1] + " ",
        )
    ),
    *(
        ({**V3, "WECHAT_MERCHANT_SERIAL": serial}, "MERCHANT_SERIAL")
        for serial in (
            "xyz",
            SERIAL + "0",
            PUBLIC["serial"],
            "../certs",
        )
    ),
    *(
        ({**V3, "WECHAT_MERCHANT_KEY": key}, "MERCHANT_KEY")
        for key in (
            "secret",
            MERCHANT_CERT,
            PUBLIC["public_pem"],
            MERCHANT_KEY[:-400],
            ELLIPTIC,
            SMALL,
            LOCKED,
        )
    ),
    *(
        ({**WITH_PUBLIC_KEY, "WECHAT_PUBLIC_KEY": key}, "PUBLIC_KEY")
        for key in (
            "x",
            PLATFORM["cert_pem"],
            MERCHANT_KEY,
            PUBLIC["public_pem"][:-100],
        )
    ),
    *(
        ({**WITH_PUBLIC_KEY, "WECHAT_PUBLIC_KEY_ID": name}, "PUBLIC_KEY_ID")
        for name in (
            SERIAL,
            "PUB_KEY_ID_",
            "PUB_KEY_ID_" + "1" * 54,
            "PUB_KEY_ID_01/..",
        )
    ),
    *(
        ({**V3, "WECHAT_CLIENT_CERT": cert}, "CLIENT_CERT")
        for cert in (
            "x",
            MERCHANT_KEY,
            MERCHANT_CERT[:-100],
        )
    ),
    ({**V2, "WECHAT_API": "V3"}, "API"),
    ({**V2, "WECHAT_OLD_API_V2_KEYS": "short"}, "OLD_API_V2_KEYS"),
    ({**V2, "WECHAT_OLD_API_V3_KEYS": f"{KEY},{KEY}"}, "OLD_API_V3_KEYS"),
]


@pytest.mark.parametrize(("values", "odd"), ODD)
def test_what_is_no_such_key_is_named_and_not_shown(values, odd):
    assert refusal(**WHO, **values).startswith(f"PAYWATCH_WECHAT_{odd}: ")


def test_an_account_that_calls_api_v2_takes_notifies_of_v3_without_a_key_of_its_own():
    public = {n: v for n, v in WITH_PUBLIC_KEY.items() if "MERCHANT" not in n}
    (merchant,) = given(**WHO, **V2, **public).merchants
    assert (merchant.api, merchant.private_key) == (Api.V2, "")
    assert merchant.v3_keys == (V3_KEY,)


def test_keys_that_do_not_belong_together_are_found():
    other_cert = {**V3, "WECHAT_CLIENT_CERT": PLATFORM["cert_pem"]}
    assert "CLIENT_CERT: this certificate does not belong" in refusal(**WHO, **other_cert)
    other_serial = {**V3, **CERT, "WECHAT_MERCHANT_SERIAL": PLATFORM["serial"]}
    assert "MERCHANT_SERIAL: the certificate" in refusal(**WHO, **other_serial)
    own = {**WITH_PUBLIC_KEY, "WECHAT_PUBLIC_KEY": public_of(MERCHANT_KEY)}
    assert "PUBLIC_KEY: this is the merchant's own key" in refusal(**WHO, **own)
    given(**WHO, **V3, **CERT)  # and these do


def public_of(private_pem: str) -> str:
    public = load_pem_private_key(private_pem.encode(), None).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


# --- several of them in a file -------------------------------------------------------------------

TWO = """
[[merchant]]
name = "旗舰店"
mch_id = "1900000109"
apps = ["wx8888888888888888", "wx8888888888888889"]
api_v2_key_file = "keys/v2"
old_api_v2_keys = ["OldApiV2Key0123456789abcdefghijk"]
sign_type = "MD5"

[[merchant]]
name = "Outlet"
mch_id = "1900000999"
apps = ["wx0000000000000001"]
api_v3_key_file = "keys/v3"
merchant_serial = "{serial}"
merchant_key_file = "keys/apiclient_key.pem"
client_cert_file = "keys/apiclient_cert.pem"
[[merchant.public_key]]
id = "PUB_KEY_ID_01"
key_file = "keys/pub_key.pem"
[[merchant.public_key]]
id = "PUB_KEY_ID_02"
key_file = "keys/next.pem"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    keys = tmp_path / "keys"
    keys.mkdir()
    for name, text in {
        "v2": KEY,
        "v3": V3_KEY,
        "apiclient_key.pem": MERCHANT_KEY,
        "apiclient_cert.pem": MERCHANT_CERT,
        "pub_key.pem": PUBLIC["public_pem"],
        "next.pem": NEXT_PLATFORM["public_pem"],
    }.items():
        (keys / name).write_text(text + "\n", "utf-8")
    return tmp_path


def of_file(folder: Path, text: str = TWO.format(serial=SERIAL), **more: str):
    path = folder / "merchants.toml"
    path.write_text(text, "utf-8")
    return given(MERCHANTS_FILE=str(path), **more)


def odd_file(folder: Path, text: str, **more: str) -> str:
    path = folder / "merchants.toml"
    path.write_text(text, "utf-8")
    sentence = refusal(MERCHANTS_FILE=str(path), **more)
    assert sentence.startswith("PAYWATCH_MERCHANTS_FILE: ")
    return sentence


def test_a_file_holds_accounts_with_their_apps_and_keys(folder):
    merchants = of_file(folder).merchants
    assert [(m.name, m.mch_id, m.app_id, m.api) for m in merchants] == [
        ("旗舰店", "1900000109", "wx8888888888888888", Api.V2),
        ("旗舰店", "1900000109", "wx8888888888888889", Api.V2),
        ("Outlet", "1900000999", "wx0000000000000001", Api.V3),
    ]
    first, _, outlet = merchants
    assert (first.v2_keys, first.sign_type) == ((KEY, "OldApiV2Key0123456789abcdefghijk"), "MD5")
    assert [name for name, _ in outlet.public_keys] == ["PUB_KEY_ID_01", "PUB_KEY_ID_02"]
    assert outlet.sign_type == "HMAC-SHA256"
    assert merchants.of_app("wx8888888888888889") == list(merchants)[1]


def test_the_file_opens_the_notices_that_its_keys_sealed(folder):
    secrets = of_file(folder, NOTICE_KEY="n" * 32).notice_secrets
    assert secrets == ("n" * 32, KEY, V3_KEY, "OldApiV2Key0123456789abcdefghijk")


@pytest.mark.parametrize("name", ["WECHAT_APP_ID", "WECHAT_API_V2_KEY", "WECHAT_SIGN_TYPE"])
def test_the_file_and_a_variable_of_the_single_account_are_one_too_many(folder, name):
    value = {"WECHAT_APP_ID": APP_ID, "WECHAT_API_V2_KEY": KEY, "WECHAT_SIGN_TYPE": "MD5"}[name]
    sentence = odd_file(folder, TWO.format(serial=SERIAL), **{name: value})
    assert f"PAYWATCH_{name}" in sentence


MISTAKES = [
    ("", "[[merchant]]"),
    ("merchant = 1", "[[merchant]]"),
    ("merchant = [1]", "not a table"),
    ("[[merchants]]\nname = 'a'", "merchants is not known"),
    ("[[merchant]\n", "not TOML"),
    (f'[[merchant]]\napi_v2_key = "{KEY}\n', "not TOML"),
    (TWO.replace('"MD5"', '"RSA"'), "[[merchant]] 1, sign_type: "),
    (TWO.replace("sign_type", "sing_type"), "[[merchant]] 1, sing_type: this name is not known"),
    (TWO.replace("keys/v2", "keys/none"), "[[merchant]] 1, api_v2_key_file: the file cannot"),
    (TWO.replace('"Outlet"', '"旗舰店"'), "the name 旗舰店 comes twice"),
    (TWO.replace('"Outlet"', '""'), "[[merchant]] 2, name: "),
    (TWO.replace("1900000999", "1900000109"), "the mch_id 1900000109 comes twice"),
    (TWO.replace("wx0000000000000001", "wx8888888888888889"), "the app wx8888888888888889 comes"),
    (TWO.replace('["wx0000000000000001"]', "[]"), "[[merchant]] 2, apps: "),
    (TWO.replace('["wx0000000000000001"]', "[1]"), "[[merchant]] 2, apps: "),
    (TWO.replace('"1900000999"', "1900000999"), "[[merchant]] 2, mch_id: it must be a text"),
    (TWO.replace('"{serial}"', '"00"'), "[[merchant]] 2, merchant_serial: "),
    (TWO.replace("PUB_KEY_ID_02", "PUB_KEY_ID_01"), "the same id comes twice"),
    (TWO.replace("keys/next.pem", "keys/v2"), "[[merchant]] 2, public_key.key: "),
    (
        TWO.replace('id = "PUB_KEY_ID_02"', 'x = "y"'),
        "[[merchant]] 2, public_key: each of its tables",
    ),
    (TWO.replace('api_v2_key_file = "keys/v2"\n', ""), "[[merchant]] 1, api_v2_key: "),
    (TWO.replace("api_v2_key_file", f'api_v2_key = "{KEY}"\napi_v2_key_file'), "both set"),
]


@pytest.mark.parametrize(("text", "words"), MISTAKES)
def test_a_mistake_in_the_file_is_named_with_its_place(folder, text, words):
    assert words in odd_file(folder, text.replace("{serial}", SERIAL))


def test_a_file_that_is_not_there_is_named():
    assert refusal(MERCHANTS_FILE="/does/not/exist").startswith("PAYWATCH_MERCHANTS_FILE: ")
