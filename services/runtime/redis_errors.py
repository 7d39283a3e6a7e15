"""What may go wrong with Redis."""

from __future__ import annotations


def redis_errors() -> tuple[type[Exception], ...]:
    """For an `except`. Called where Redis is in use: without it, its package is not loaded."""
    from redis.exceptions import RedisError

    return RedisError, OSError
