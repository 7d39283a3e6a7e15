"""What the simulator is told: its command line, and the merchant from the environment."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from payments.merchant import HMAC_SHA256, SIGN_TYPES, Merchant
from simulator.clock import MAX_SPEED, MIN_SPEED
from simulator.notifier import PATIENCE_S

DEFAULT_RATE = 1.5
MAX_RATE = 50.0


class BadOption(Exception):
    """A setting is missing or odd; the text says which, and never shows a key."""


@dataclass(frozen=True)
class Options:
    merchant: Merchant
    notify_origin: str
    host: str = "127.0.0.1"
    port: int = 8100
    api_key: str | None = field(default=None, repr=False)
    speed: float = 1.0
    rate: float = 0.0
    """Orders a second; 0 is no traffic."""
    seed: int | None = None
    allow_remote: bool = False
    patience_s: float = PATIENCE_S


def read(arguments: list[str], environment: Mapping[str, str]) -> Options:
    """Raises BadOption; argparse itself exits with 2 on an unknown argument."""
    given = _parser().parse_args(arguments)
    host, port = _address(given.listen)
    if not given.allow_remote and not _is_loopback(host):
        raise BadOption(
            "--listen: whoever reaches the simulator can forge payments under this merchant's"
            " key; use a loopback address, or add --allow-remote."
        )
    api_key = _api_key(given.api_key_file, environment)
    if given.traffic and api_key is None:
        raise BadOption("--traffic needs --api-key-file or PAYWATCH_SIMULATOR_API_KEY.")
    return Options(
        merchant=_merchant(environment),
        notify_origin=_origin(given.notify_origin),
        host=host,
        port=port,
        api_key=api_key,
        speed=_between("--speed", given.speed, MIN_SPEED, MAX_SPEED),
        rate=_between("--rate", given.rate, 0.01, MAX_RATE) if given.traffic else 0.0,
        seed=given.seed,
        allow_remote=given.allow_remote,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m simulator", description="A WeChat Pay of our own.")
    add = parser.add_argument
    add("--listen", default="127.0.0.1:8100", metavar="HOST:PORT")
    add("--notify-origin", default="http://127.0.0.1:8000", metavar="URL", help="the product")
    add("--api-key-file", metavar="FILE", help="an API key of the product, for orders of our own")
    add("--traffic", action="store_true", help="send buyers, most of them honest")
    add("--rate", type=float, default=DEFAULT_RATE, metavar="N", help="buyers a second")
    add("--seed", type=int, metavar="N", help="the same buyers every time")
    add("--speed", type=float, default=1.0, metavar="N", help="of the clock of the notifies")
    add("--allow-remote", action="store_true", help="listen on an address others can reach")
    return parser


def _merchant(environment: Mapping[str, str]) -> Merchant:
    sign_type = _setting(environment, "PAYWATCH_WECHAT_SIGN_TYPE") or HMAC_SHA256
    if sign_type not in SIGN_TYPES:
        raise BadOption(f"PAYWATCH_WECHAT_SIGN_TYPE must be one of {', '.join(SIGN_TYPES)}.")
    return Merchant(
        _needed(environment, "PAYWATCH_WECHAT_APP_ID"),
        _needed(environment, "PAYWATCH_WECHAT_MCH_ID"),
        _needed(environment, "PAYWATCH_WECHAT_API_V2_KEY"),
        sign_type,
    )


def _needed(environment: Mapping[str, str], name: str) -> str:
    value = _setting(environment, name)
    if not value:
        raise BadOption(f"{name} is not set; {name}_FILE may name a file that holds it.")
    return value


def _setting(environment: Mapping[str, str], name: str) -> str | None:
    """The variable, or the content of the file that NAME_FILE names."""
    if path := environment.get(f"{name}_FILE"):
        return _content(path, f"{name}_FILE")
    return environment.get(name) or None


def _content(path: str, name: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadOption(f"{name}: the file cannot be read ({type(error).__name__}).") from error


def _api_key(path: str | None, environment: Mapping[str, str]) -> str | None:
    """One line; a file that `create-api-key` was sent to holds the key as its last word."""
    text = _content(path, "--api-key-file") if path else None
    text = text or _setting(environment, "PAYWATCH_SIMULATOR_API_KEY")
    return text.split()[-1] if text and text.split() else None


def _address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or int(port) > 65_535:
        raise BadOption("--listen must be HOST:PORT.")
    return host.strip("[]"), int(port)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        raise BadOption("--notify-origin must be http(s)://HOST[:PORT] without a path.")
    return f"{parts.scheme}://{parts.netloc}"


def _between(name: str, value: float, low: float, high: float) -> float:
    if not low <= value <= high:
        raise BadOption(f"{name} must be between {low:g} and {high:g}.")
    return value
