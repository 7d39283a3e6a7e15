"""The command line of the simulator; simulator/environment.py reads the variables."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from payments.merchant import Merchant
from simulator import environment
from simulator.delivery.notifier import PATIENCE_S
from simulator.environment import BadOption
from simulator.state import key_folder
from simulator.state.clock import MAX_SPEED, MIN_SPEED
from simulator.state.key_material import Material

__all__ = ["BadOption", "Options", "read"]

DEFAULT_RATE = 1.5
MAX_RATE = 50.0


@dataclass(frozen=True)
class Options:
    """`merchants` are all accounts and apps that are known here, `merchant` the first; one alone
    need not be named twice."""

    merchant: Merchant
    notify_origin: str
    host: str = "127.0.0.1"
    port: int = 8100
    api_key: str | None = field(default=None, repr=False)
    speed: float = 1.0
    rate: float = 0.0
    """Orders a second; 0 is no traffic."""
    seed: int | None = None
    opening: bool = False
    """Whether the first buyers bring one of each thing that goes wrong."""
    allow_remote: bool = False
    patience_s: float = PATIENCE_S
    merchants: tuple[Merchant, ...] = ()
    material: Material | None = None
    """WeChat's own keys; made when they are needed where none are given."""
    second_port: int | None = None
    """Where the same WeChat listens too, as at its second domain; None: nowhere."""
    keys_only: bool = False
    """Make the folder of keys, and do nothing else."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "merchants", self.merchants or (self.merchant,))


def read(arguments: list[str], variables: Mapping[str, str]) -> Options:
    """Raises BadOption; argparse itself exits with 2 on an unknown argument."""
    given = _parser().parse_args(arguments)
    host, port = _address(given.listen)
    if not given.allow_remote and not _is_loopback(host):
        raise BadOption(
            "--listen: whoever reaches the simulator can forge payments under this merchant's"
            " key; use a loopback address, or add --allow-remote."
        )
    api_key = _api_key(given.api_key_file, variables)
    if given.keys_only and given.keys is None:
        raise BadOption("--keys-only needs --keys.")
    if given.traffic and api_key is None:
        raise BadOption("--traffic needs --api-key-file or PAYWATCH_SIMULATOR_API_KEY.")
    merchant, material = _known(given.keys, variables)
    return Options(
        merchant=merchant,
        notify_origin=_origin(given.notify_origin),
        host=host,
        port=port,
        api_key=api_key,
        speed=_between("--speed", given.speed, MIN_SPEED, MAX_SPEED),
        rate=_between("--rate", given.rate, 0.01, MAX_RATE) if given.traffic else 0.0,
        seed=given.seed,
        opening=given.opening,
        allow_remote=given.allow_remote,
        material=material,
        keys_only=given.keys_only,
        second_port=_second_port(given.second_port, port),
    )


def _known(folder: str | None, variables: Mapping[str, str]) -> tuple[Merchant, Material | None]:
    """The merchant, and WeChat's keys where there is a folder of them."""
    merchant = environment.merchant(variables, has_folder=folder is not None)
    if folder is None:
        if merchant.public_keys:
            raise BadOption(
                "PAYWATCH_WECHAT_PUBLIC_KEY: nobody has the private key of it but who made it;"
                " add --keys with the folder that it came from."
            )
        return merchant, None
    try:
        return key_folder.opened(Path(folder), merchant, datetime.now(UTC))
    except key_folder.BadFolder as error:
        raise BadOption(f"--keys: {error}.") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m simulator", description="A WeChat Pay of our own.")
    add = parser.add_argument
    add("--listen", default="127.0.0.1:8100", metavar="HOST:PORT")
    add("--second-port", type=int, metavar="PORT", help="listen there too, as api2 does")
    add("--notify-origin", default="http://127.0.0.1:8000", metavar="URL", help="the product")
    add("--api-key-file", metavar="FILE", help="an API key of the product, for orders of our own")
    add("--keys", metavar="FOLDER", help="keys for API v3; made there when there are none")
    add("--keys-only", action="store_true", help="make the folder of --keys, and end")
    add("--traffic", action="store_true", help="send buyers, most of them honest")
    add("--rate", type=float, default=DEFAULT_RATE, metavar="N", help="buyers a second")
    add("--seed", type=int, metavar="N", help="the same buyers every time")
    add("--opening", action="store_true", help="begin with one of each thing that goes wrong")
    add("--speed", type=float, default=1.0, metavar="N", help="of the clock of the notifies")
    add("--allow-remote", action="store_true", help="listen on an address others can reach")
    return parser


def _api_key(path: str | None, variables: Mapping[str, str]) -> str | None:
    """One line; a file that `create-api-key` was sent to holds the key as its last word."""
    text = environment.content(path, "--api-key-file") if path else None
    text = text or environment.setting(variables, "PAYWATCH_SIMULATOR_API_KEY")
    return text.split()[-1] if text and text.split() else None


def _address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or int(port) > 65_535:
        raise BadOption("--listen must be HOST:PORT.")
    return host.strip("[]"), int(port)


def _second_port(given: int | None, first: int) -> int | None:
    if given is not None and (not 0 < given <= 65_535 or given == first):
        raise BadOption("--second-port must be another port, 1 to 65535.")
    return given


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
