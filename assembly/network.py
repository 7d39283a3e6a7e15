"""How this installation reaches Redis and the network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import certifi

if TYPE_CHECKING:
    import redis.asyncio as aioredis

SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def build_redis(url: str) -> aioredis.Redis | None:
    """redis-py's own defaults wait seconds for a server that is gone; a payment cannot. Its
    package is loaded here, where there is a Redis."""
    if not url:
        return None
    import redis.asyncio as aioredis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    client: aioredis.Redis = aioredis.from_url(
        url,
        socket_timeout=0.3,
        socket_connect_timeout=0.3,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=15,
        max_connections=32,
    )
    return client


def ca_certs() -> str | None:
    """The file of trusted certificates for cURL; None where it finds Debian's own."""
    return None if SYSTEM_CERTIFICATES.exists() else certifi.where()
