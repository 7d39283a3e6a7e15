"""Every setting, read once from the environment and then frozen; assembly/ and commands/ import it.

Each variable may also be given as `NAME_FILE`: the content of that file is the value. A value that
is not valid stops the start with a sentence that names the variable and never shows a secret.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from accounts import GivenAccounts, key_files, of_account, read_file
from accounts import SettingError as SettingError
from payments.merchant import HMAC_SHA256, Api, Merchants

Value = TypeVar("Value")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MODES = ("production", "simulation")
TOTP_ROLES = ("none", "admin", "all")
TOTP_OF_MODE = {"production": "admin", "simulation": "none"}
LOG_FORMATS = ("text", "json")
CONSOLE_FILES = ("built", "plain")
MAX_PROCESSES = 64
DATABASES = ("sqlite:///", "postgresql://", "mysql://")


@dataclass(frozen=True)
class Settings:
    listen_host: str
    listen_port: int
    public_origin: str
    shop_origins: tuple[str, ...]
    database_url: str
    redis_url: str
    processes: int
    mode: str
    wechat_base_url: str
    merchants: Merchants
    merchants_file: Path | None
    second_admin_fen: int
    second_admin_day_fen: int
    trusted_proxies: tuple[Network, ...]
    metrics_token: str
    notice_secrets: tuple[str, ...] = field(repr=False)
    notice_days: int
    bill_minute: int
    """Minutes after midnight in China, when the bills of the day before are asked for."""
    notify_channels: tuple[str, ...] = field(repr=False)
    require_totp: str
    """The roles that must have a second factor: "none", "admin", or "all"."""
    log_format: str
    plain_scripts: bool
    """Pages load the console's sources one by one, for whoever works on them."""
    key_files: tuple[Path, ...] = field(compare=False)
    """The files that hold the values of variables, and the keys of the file of accounts."""

    @property
    def listen(self) -> str:
        return f"{self.listen_host}:{self.listen_port}"

    @property
    def simulated(self) -> bool:
        return self.mode == "simulation"

    @property
    def plays(self) -> bool:
        """WeChat is a process of this machine: no payment is real."""
        return _is_loopback(urlsplit(self.wechat_base_url).hostname or "")

    @property
    def notify_urls(self) -> dict[Api, str]:
        """Where each of WeChat's interfaces tells us of a payment."""
        address = f"{self.public_origin}/pay/notify"
        return {Api.V2: address, Api.V3: f"{address}/v3"}


VARIABLES = {
    "PAYWATCH_LISTEN": "127.0.0.1:8000",
    "PAYWATCH_PUBLIC_ORIGIN": "",
    "PAYWATCH_SHOP_ORIGINS": "",
    "PAYWATCH_DATABASE_URL": "sqlite:///data/paywatch.db",
    "PAYWATCH_REDIS_URL": "",
    "PAYWATCH_PROCESSES": "1",
    "PAYWATCH_MODE": "production",
    "PAYWATCH_WECHAT_BASE_URL": "https://api.mch.weixin.qq.com",
    "PAYWATCH_WECHAT_APP_ID": "",
    "PAYWATCH_WECHAT_MCH_ID": "",
    "PAYWATCH_WECHAT_API_V2_KEY": "",
    "PAYWATCH_WECHAT_SIGN_TYPE": HMAC_SHA256,
    "PAYWATCH_WECHAT_API_V3_KEY": "",
    "PAYWATCH_WECHAT_MERCHANT_SERIAL": "",
    "PAYWATCH_WECHAT_MERCHANT_KEY": "",
    "PAYWATCH_WECHAT_PUBLIC_KEY_ID": "",
    "PAYWATCH_WECHAT_PUBLIC_KEY": "",
    "PAYWATCH_WECHAT_CLIENT_CERT": "",
    "PAYWATCH_WECHAT_API": "",
    "PAYWATCH_WECHAT_OLD_API_V2_KEYS": "",
    "PAYWATCH_WECHAT_OLD_API_V3_KEYS": "",
    "PAYWATCH_MERCHANTS_FILE": "",
    "PAYWATCH_SECOND_ADMIN_FEN": "500000",
    "PAYWATCH_SECOND_ADMIN_DAY_FEN": "",
    "PAYWATCH_TRUSTED_PROXIES": "",
    "PAYWATCH_METRICS_TOKEN": "",
    "PAYWATCH_NOTICE_KEY": "",
    "PAYWATCH_NOTICE_DAYS": "180",
    "PAYWATCH_BILL_TIME": "10:05",
    "PAYWATCH_NOTIFY_URLS": "",
    "PAYWATCH_REQUIRE_TOTP": "",
    "PAYWATCH_LOG_FORMAT": "text",
    "PAYWATCH_CONSOLE_FILES": "built",
}
"""Every variable that is read, with its default."""


PUBLIC = (
    "PAYWATCH_WECHAT_PUBLIC_KEY",
    "PAYWATCH_WECHAT_PUBLIC_KEY_ID",
    "PAYWATCH_WECHAT_CLIENT_CERT",
    "PAYWATCH_WECHAT_MERCHANT_SERIAL",
)
"""Variables whose file may be read by anybody."""
SHORTEST_SECRET = 32
MAX_CHANNELS = 10
CHANNEL = re.compile(r"[a-z][a-z0-9+-]*://.", re.ASCII | re.IGNORECASE)
MAX_DAYS = 3650
MINUTE = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
MAX_FEN = 10_000_000_000
DAY_LIMITS = 10
"""The limits of one refund that a day has, unless it is set."""
OF_OTHERS = ("PAYWATCH_SIMULATOR_", "PAYWATCH_TEST_")


def unused(environment: Mapping[str, str] | None = None) -> list[str]:
    """Variables of ours by their name that nothing reads: misspelt, or of another version."""
    names = set(os.environ if environment is None else environment)
    known = {*VARIABLES, *(f"{name}_FILE" for name in VARIABLES)}
    ours = {name for name in names if name.startswith("PAYWATCH_")}
    return sorted(name for name in ours - known if not name.startswith(OF_OTHERS))


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. Raises SettingError."""
    environment = os.environ if environment is None else environment
    values = _collect(environment)

    def get(name: str, parse: Callable[[str], Value]) -> Value:
        try:
            return parse(values[f"PAYWATCH_{name}"])
        except ValueError as error:
            raise SettingError(f"PAYWATCH_{name}: {error}") from None

    host, port = get("LISTEN", _listen)
    processes, database_url = get("PROCESSES", _processes), get("DATABASE_URL", _database)
    redis_url = get("REDIS_URL", _redis)
    if processes > 1 and database_url.startswith("sqlite"):
        raise SettingError(
            "PAYWATCH_PROCESSES: a SQLite file has one writer, so there is one process; more need"
            " a postgresql:// or mysql:// address in PAYWATCH_DATABASE_URL."
        )
    if processes > 1 and not redis_url:
        raise SettingError(
            "PAYWATCH_PROCESSES: more than one process needs a lock that all share; set"
            " PAYWATCH_REDIS_URL."
        )
    merchants, merchants_file = _merchants(values)
    mode = get("MODE", lambda text: _one_of(text, MODES))
    alone_fen = get("SECOND_ADMIN_FEN", _limit_fen)
    return Settings(
        listen_host=host,
        listen_port=port,
        public_origin=get("PUBLIC_ORIGIN", lambda text: _origin(text or _own_origin(host, port))),
        shop_origins=get("SHOP_ORIGINS", lambda text: tuple(_origin(o) for o in _list(text))),
        database_url=database_url,
        redis_url=redis_url,
        processes=processes,
        mode=mode,
        wechat_base_url=get("WECHAT_BASE_URL", _origin),
        merchants=merchants,
        merchants_file=merchants_file,
        second_admin_fen=alone_fen,
        second_admin_day_fen=get(
            "SECOND_ADMIN_DAY_FEN",
            lambda text: _limit_fen(text) if text else alone_fen * DAY_LIMITS,
        ),
        trusted_proxies=get("TRUSTED_PROXIES", _networks),
        metrics_token=get("METRICS_TOKEN", str),
        # The API v2 key goes on opening what it sealed before there was a key for notices.
        notice_secrets=(*get("NOTICE_KEY", _secrets), *merchants.secrets),
        notice_days=get("NOTICE_DAYS", _days),
        bill_minute=get("BILL_TIME", _minute),
        notify_channels=get("NOTIFY_URLS", _channels),
        require_totp=get("REQUIRE_TOTP", lambda text: _totp_roles(text or TOTP_OF_MODE[mode])),
        key_files=(*_key_files(environment), *_keys_of(merchants_file)),
        log_format=get("LOG_FORMAT", lambda text: _one_of(text, LOG_FORMATS)),
        plain_scripts=get("CONSOLE_FILES", lambda text: _one_of(text, CONSOLE_FILES)) == "plain",
    )


def read_database_url(environment: Mapping[str, str] | None = None) -> str:
    """The database alone, for commands that need nothing else. Raises SettingError."""
    values = _collect(os.environ if environment is None else environment)
    try:
        return _database(values["PAYWATCH_DATABASE_URL"])
    except ValueError as error:
        raise SettingError(f"PAYWATCH_DATABASE_URL: {error}") from None


def _collect(environment: Mapping[str, str]) -> dict[str, str]:
    values = {}
    for name, default in VARIABLES.items():
        path = environment.get(f"{name}_FILE")
        if path and name in environment:
            raise SettingError(f"{name} and {name}_FILE are both set; keep one of them.")
        values[name] = _content(name, path) if path else environment.get(name, default)
    return values


def _key_files(environment: Mapping[str, str]) -> tuple[Path, ...]:
    given = (environment.get(f"{name}_FILE") for name in VARIABLES if name not in PUBLIC)
    return tuple(Path(path) for path in given if path)


def _keys_of(merchants_file: Path | None) -> tuple[Path, ...]:
    return key_files(merchants_file) if merchants_file else ()


def _content(name: str, path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise SettingError(f"{name}_FILE: the file cannot be read.") from None


ACCOUNT = {
    "apps": "PAYWATCH_WECHAT_APP_ID",
    **{
        name: f"PAYWATCH_WECHAT_{name.upper()}"
        for name in (
            "mch_id",
            "api_v2_key",
            "sign_type",
            "api_v3_key",
            "merchant_serial",
            "merchant_key",
            "public_key_id",
            "public_key",
            "client_cert",
            "api",
            "old_api_v2_keys",
            "old_api_v3_keys",
        )
    },
}
"""The variables of the single account, by its fields."""


def _merchants(values: Mapping[str, str]) -> tuple[Merchants, Path | None]:
    """The single account, or those of the file, and that file."""
    setting = "PAYWATCH_MERCHANTS_FILE"
    given = {each: values[name] for each, name in ACCOUNT.items()}
    if not values[setting]:
        return Merchants(of_account(GivenAccounts(given, ACCOUNT.__getitem__))), None
    for each, name in ACCOUNT.items():
        if given[each] not in ("", VARIABLES[name]):
            raise SettingError(f"{setting}: the file takes the place of {name}; unset one of them.")
    path = Path(values[setting])
    return read_file(path, setting), path


def _limit_fen(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 11 and int(text) <= MAX_FEN):
        raise ValueError(f"it must be a whole number of fen, 0 to {MAX_FEN}.")
    return int(text)


def _secrets(text: str) -> tuple[str, ...]:
    secrets = tuple(text.split())
    if any(len(secret) < SHORTEST_SECRET for secret in secrets):
        raise ValueError(
            "it must be empty, or secrets of at least 32 characters, separated by blanks."
        )
    return secrets


def _channels(text: str) -> tuple[str, ...]:
    """Addresses of apprise, of which nothing is said in an error: they hold keys."""
    urls = tuple(dict.fromkeys(text.split()))
    if any(not CHANNEL.match(url) for url in urls):
        raise ValueError(
            "it must be a list of addresses such as wecombot://key, separated by blanks."
        )
    if len(urls) > MAX_CHANNELS:
        raise ValueError(f"it must hold at most {MAX_CHANNELS} addresses.")
    return urls


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and int(text) <= MAX_DAYS):
        raise ValueError(
            "it must be a number of days, 1 to 3650, or 0 to keep raw notifies for ever."
        )
    return int(text)


def _minute(text: str) -> int:
    if not MINUTE.fullmatch(text):
        raise ValueError("it must be a time in China, like 10:05.")
    return int(text[:2]) * 60 + int(text[3:])


def _totp_roles(text: str) -> str:
    if text not in TOTP_ROLES:
        raise ValueError(f"it must be empty, or one of {', '.join(TOTP_ROLES)}.")
    return text


def _one_of(text: str, words: tuple[str, ...]) -> str:
    if text not in words:
        raise ValueError(f"it must be one of {', '.join(words)}.")
    return text


def _listen(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not (colon and host and port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError("it must be an address and a port, such as 127.0.0.1:8000.")
    return host.strip("[]"), int(port)


def _processes(text: str) -> int:
    if not (
        text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MAX_PROCESSES
    ):
        raise ValueError(f"it must be a whole number from 1 to {MAX_PROCESSES}.")
    return int(text)


def _database(text: str) -> str:
    if not text.startswith(DATABASES):
        raise ValueError("it must begin with sqlite:///, postgresql:// or mysql://.")
    if text in ("sqlite:///", "sqlite:///:memory:"):
        raise ValueError("it must name a file, such as sqlite:///data/paywatch.db.")
    return text


def _redis(text: str) -> str:
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("redis", "rediss") and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if text and not sound:
        raise ValueError("it must be empty or an address such as redis://127.0.0.1:6379/0.")
    return text


def _own_origin(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _origin(text: str) -> str:
    """The origin as browsers write it in Origin and Host: lower case, without the default port."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("it must be an origin, such as https://pay.example.com.")
    if parts.path.rstrip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("it must be an origin only, without path, query and user.")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ValueError("plain http is accepted for a loopback host only; use https.")
    usual = {"http": 80, "https": 443}[parts.scheme]
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _list(text: str) -> list[str]:
    return [part for part in text.replace(",", " ").split() if part]


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part) for part in _list(text))
    except ValueError:
        raise ValueError("it must be a list of networks, such as 10.0.0.0/8 fd00::/8.") from None
