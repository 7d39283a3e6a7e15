"""Addresses that WeChat names in an answer: followed only where they are of a host that we call
anyway, because what is sent there is signed for WeChat alone."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from payments.errors import WeChatUntrusted

MAX_PATH = 2048
_PATH = re.compile(r"/[!-~]*", re.ASCII)
_PORTS = {"http": 80, "https": 443}


def place_of(url: str, origins: tuple[str, ...], name: str) -> tuple[str, str]:
    """The origin and the path, with its query, of an address of WeChat's. `name` is that of its
    field. Raises WeChatUntrusted for one that is of none of the `origins`, or is no address."""
    try:
        parts = urlsplit(url)
        origin = _origin(parts)
    except ValueError as error:
        raise WeChatUntrusted(f"WeChat's {name} is no address.") from error
    if origin not in origins:
        raise WeChatUntrusted(
            f"WeChat's {name} is of another host than the one we call; nothing was sent there."
        )
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    if parts.fragment or len(path) > MAX_PATH or not _PATH.fullmatch(path):
        raise WeChatUntrusted(f"WeChat's {name} is no address.")
    return origin, path


def _origin(parts: SplitResult) -> str:
    """As the settings write one: lower case, without the default port. Raises ValueError."""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = "" if parts.port in (None, _PORTS.get(parts.scheme)) else f":{parts.port}"
    if "@" in parts.netloc:
        raise ValueError("An address of WeChat's names no user.")
    return f"{parts.scheme}://{host}{port}"
