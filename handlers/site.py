"""Where the product stands: its origin, the proxies before it, the shops that may call it."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.client_address import Network


@dataclass(frozen=True)
class Site:
    """The settings that handlers need."""

    origin: str
    https: bool
    trusted_proxies: tuple[Network, ...]
    shop_origins: tuple[str, ...]
    simulated: bool
    version: str
    merchant: str
    metrics_token: str
    plain_scripts: bool
    """Pages load the console's sources as they are."""

    @property
    def host(self) -> str:
        return self.origin.split("://", 1)[1]
