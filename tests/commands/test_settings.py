"""Every setting: what is taken, what is refused, and that no sentence holds a secret."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest

from payments.merchant import Api
from settings import VARIABLES, SettingError, read, read_database_url, unused

pytestmark = pytest.mark.one_database

KEY = "0123456789abcdefGHIJ0123456789ab"
NEEDED = {
    "PAYWATCH_WECHAT_APP_ID": "wx8888888888888888",
    "PAYWATCH_WECHAT_MCH_ID": "1900000109",
    "PAYWATCH_WECHAT_API_V2_KEY": KEY,
}


def given(**values: str):
    return read({**NEEDED, **{f"PAYWATCH_{name}": value for name, value in values.items()}})


def test_the_defaults_are_those_of_the_manual():
    settings = read(NEEDED)
    assert (settings.listen_host, settings.listen_port) == ("127.0.0.1", 8000)
    assert settings.public_origin == "http://127.0.0.1:8000"
    assert settings.notify_urls[Api.V2] == "http://127.0.0.1:8000/pay/notify"
    assert settings.database_url == "sqlite:///data/paywatch.db"
    assert (settings.redis_url, settings.shop_origins, settings.metrics_token) == ("", (), "")
    assert (settings.mode, settings.simulated) == ("production", False)
    assert settings.wechat_base_url == "https://api.mch.weixin.qq.com"
    assert settings.trusted_proxies == ()
    assert (settings.notice_secrets, settings.notice_days) == ((KEY,), 180)
    merchant = settings.merchants.default
    assert (merchant.app_id, merchant.mch_id) == ("wx8888888888888888", "1900000109")
    assert (merchant.api_v2_key, merchant.sign_type) == (KEY, "HMAC-SHA256")


GOOD = [
    ("LISTEN", "0.0.0.0:80", None, None),
    ("LISTEN", "[::1]:8000", "public_origin", "http://[::1]:8000"),
    ("LISTEN", "127.0.0.1:80", "public_origin", "http://127.0.0.1"),
    ("LISTEN", "localhost:9000", "public_origin", "http://localhost:9000"),
    ("PUBLIC_ORIGIN", "https://pay.example.com", "public_origin", "https://pay.example.com"),
    ("PUBLIC_ORIGIN", "https://Pay.Example.COM/", "public_origin", "https://pay.example.com"),
    ("PUBLIC_ORIGIN", "https://pay.example.com:443", "public_origin", "https://pay.example.com"),
    (
        "PUBLIC_ORIGIN",
        "https://pay.example.com:8443",
        "public_origin",
        "https://pay.example.com:8443",
    ),
    ("PUBLIC_ORIGIN", "http://[::1]:80", "public_origin", "http://[::1]"),
    (
        "SHOP_ORIGINS",
        "https://a.example, https://b.example:444",
        "shop_origins",
        ("https://a.example", "https://b.example:444"),
    ),
    (
        "DATABASE_URL",
        "sqlite:////var/lib/paywatch.db",
        "database_url",
        "sqlite:////var/lib/paywatch.db",
    ),
    ("DATABASE_URL", "postgresql://u:p@h/d", "database_url", "postgresql://u:p@h/d"),
    ("DATABASE_URL", "mysql://u:p@h/d", "database_url", "mysql://u:p@h/d"),
    ("REDIS_URL", "rediss://:pw@h:6380/1", "redis_url", "rediss://:pw@h:6380/1"),
    ("PROCESSES", "1", None, None),
    ("MODE", "simulation", "simulated", True),
    ("WECHAT_BASE_URL", "http://127.0.0.1:8100", "wechat_base_url", "http://127.0.0.1:8100"),
    ("WECHAT_SIGN_TYPE", "MD5", None, None),
    ("METRICS_TOKEN", "a token", "metrics_token", "a token"),
    ("NOTICE_KEY", "", "notice_secrets", (KEY,)),
    ("NOTICE_KEY", "n" * 32 + "  " + "o" * 64, "notice_secrets", ("n" * 32, "o" * 64, KEY)),
    ("NOTICE_DAYS", "0", "notice_days", 0),
    ("NOTICE_DAYS", "3650", "notice_days", 3650),
    (
        "NOTIFY_URLS",
        " wecombot://a\n\nmailtos://b@c\twecombot://a ",
        "notify_channels",
        ("wecombot://a", "mailtos://b@c"),
    ),
    (
        "TRUSTED_PROXIES",
        "10.0.0.0/8, 127.0.0.1 fd00::/8",
        "trusted_proxies",
        tuple(ipaddress.ip_network(n) for n in ("10.0.0.0/8", "127.0.0.1/32", "fd00::/8")),
    ),
]


@pytest.mark.parametrize(("name", "value", "attribute", "expected"), GOOD)
def test_a_good_value_is_taken(name, value, attribute, expected):
    more = {"PUBLIC_ORIGIN": "https://pay.example.com"} if attribute is None else {}
    settings = given(**{name: value, **more})
    if attribute:
        assert getattr(settings, attribute) == expected


BAD = [
    *(
        ("LISTEN", value)
        for value in (
            "",
            "8000",
            "127.0.0.1",
            "127.0.0.1:",
            ":8000",
            "h:x",
            "h:65536",
            "h:-1",
            "h:８０",
            "h:" + "9" * 5000,
        )
    ),
    *(
        ("PUBLIC_ORIGIN", value)
        for value in (
            "pay.example.com",
            "ftp://a",
            "http://pay.example.com",
            "https://",
            "https://a/path",
            "https://a?x=1",
            "https://a#f",
            "https://u:hunter2@a",
            "https://:hunter2@a",
            "https://a:99999",
            "https://a:port",
            "http://[::1",
            "javascript:alert(1)",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
        )
    ),
    *(("SHOP_ORIGINS", value) for value in ("*", "https://a, http://b", "https://a/x", "null")),
    *(
        ("DATABASE_URL", value)
        for value in (
            "",
            "data.db",
            "sqlite://x",
            "sqlite:///",
            "sqlite:///:memory:",
            "oracle://u:hunter2@h",
        )
    ),
    *(("REDIS_URL", value) for value in ("localhost:6379", "http://:hunter2@h")),
    *(("PROCESSES", value) for value in ("0", "2", "-1", "x", "")),
    *(("MODE", value) for value in ("", "Production", "test")),
    *(
        ("WECHAT_BASE_URL", value)
        for value in (
            "",
            "http://api.mch.weixin.qq.com",
            "https://a/pay",
            "file:///etc/passwd",
        )
    ),
    *(("WECHAT_APP_ID", value) for value in ("", "wx 88", "wx88\n", "微信", "x" * 33)),
    *(("WECHAT_MCH_ID", value) for value in ("", "19-00", "１９００")),
    *(
        ("WECHAT_API_V2_KEY", value)
        for value in (
            "",
            KEY[:-1],
            KEY + "x",
            KEY[:-1] + " ",
            KEY[:-1] + "é",
            KEY[:-1] + "\n",
        )
    ),
    *(("WECHAT_SIGN_TYPE", value) for value in ("", "md5", "SHA1", "RSA")),
    *(("NOTICE_KEY", value) for value in ("hunter2", "n" * 32 + " hunter2", "n" * 31)),
    *(
        ("NOTICE_DAYS", value)
        for value in (
            "",
            "-1",
            "3651",
            "1.5",
            "x",
            "１８０",
            "9" * 5000,
            "180 days",
        )
    ),
    *(
        ("NOTIFY_URLS", value)
        for value in (
            "hunter2",
            "hunter2://",
            "://hunter2",
            "a://b, hunter2",
            "1://hunter2",
            " ".join(f"json://hunter2/{i}" for i in range(11)),
        )
    ),
    *(("TRUSTED_PROXIES", value) for value in ("x", "10.0.0.1/8", "10.0.0.0/33", "*")),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_an_odd_value_stops_with_a_sentence_that_names_the_variable(name, value):
    with pytest.raises(SettingError) as stopped:
        given(**{name: value})
    sentence = str(stopped.value)
    assert sentence.startswith(f"PAYWATCH_{name}: ")
    assert "\n" not in sentence
    assert "hunter2" not in sentence
    assert KEY[:16] not in sentence
    assert stopped.value.__cause__ is None


def test_a_listening_address_that_is_no_loopback_needs_a_public_origin():
    with pytest.raises(SettingError, match=r"PAYWATCH_PUBLIC_ORIGIN: plain http"):
        given(LISTEN="0.0.0.0:8000")


@pytest.mark.parametrize("name", sorted(VARIABLES))
def test_each_may_come_from_a_file(name, tmp_path):
    values = {**VARIABLES, **NEEDED, "PAYWATCH_PUBLIC_ORIGIN": "https://a.example"}
    path = tmp_path / "value"
    path.write_text(values[name] + "\n", "utf-8")
    environment = {n: v for n, v in values.items() if n != name}
    assert read({**environment, f"{name}_FILE": str(path)}) == read(values)


def test_both_a_value_and_a_file_are_one_too_many(tmp_path):
    path = tmp_path / "key"
    path.write_text(KEY)
    both = {**NEEDED, "PAYWATCH_WECHAT_API_V2_KEY_FILE": str(path)}
    with pytest.raises(SettingError, match="PAYWATCH_WECHAT_API_V2_KEY_FILE are both set") as error:
        read(both)
    assert KEY not in str(error.value)


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b""])
def test_a_file_that_cannot_be_used_is_named(content, tmp_path):
    path: Path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)
    environment = {n: v for n, v in NEEDED.items() if not n.endswith("KEY")}
    with pytest.raises(SettingError, match="PAYWATCH_WECHAT_API_V2_KEY"):
        read({**environment, "PAYWATCH_WECHAT_API_V2_KEY_FILE": str(path)})


def test_nothing_prints_a_key():
    secret = "n" * 40
    shown = repr(given(NOTICE_KEY=secret))
    assert KEY not in shown
    assert secret not in shown


def test_the_database_alone_needs_nothing_else():
    assert read_database_url({}) == "sqlite:///data/paywatch.db"
    with pytest.raises(SettingError, match="PAYWATCH_DATABASE_URL: "):
        read_database_url({"PAYWATCH_DATABASE_URL": "x"})


def test_a_variable_that_nothing_reads_is_named() -> None:
    given = {**NEEDED, "PAYWATCH_LISTEM": "x", "PAYWATCH_SIMULATOR_API_KEY": "k", "PATH": "p"}
    assert unused(given) == ["PAYWATCH_LISTEM"]


def test_a_second_factor_is_asked_of_nobody_of_admins_or_of_all() -> None:
    for value in ("none", "admin", "all"):
        assert read({**NEEDED, "PAYWATCH_REQUIRE_TOTP": value}).require_totp == value
    for mode, value in (("production", "admin"), ("simulation", "none")):
        assert read({**NEEDED, "PAYWATCH_MODE": mode}).require_totp == value
    with pytest.raises(SettingError, match="PAYWATCH_REQUIRE_TOTP"):
        read({**NEEDED, "PAYWATCH_REQUIRE_TOTP": "yes"})
