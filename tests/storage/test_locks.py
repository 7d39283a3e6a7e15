"""The lock's edges: who gives up while he waits, and a house that has no Redis."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis.asyncio as aioredis

from services.runtime.clock import SystemClock
from services.runtime.locks import Locks
from tests.storage.test_redis import keys_gone, running_redis, two_processes
from tests.support.rig import until

pytestmark = pytest.mark.one_database


@pytest.fixture
def redis_folder() -> Iterator[Path]:
    """Short: the path of a socket has a limit."""
    with tempfile.TemporaryDirectory(prefix="pw") as name:
        yield Path(name)


@pytest.mark.gen_test
async def test_who_gives_up_while_he_waits_takes_no_lock_along(redis_folder: Path) -> None:
    async with running_redis(redis_folder) as redis, two_processes(redis) as (ours, theirs):
        client = aioredis.from_url(redis.url)

        async def wait_for_it() -> None:
            async with theirs.hold("order:1"):
                raise AssertionError("both hold it")

        async with ours.hold("order:1"):
            (token,) = await client.mget("paywatch:lock:order:1")
            waiter = asyncio.create_task(wait_for_it())
            await asyncio.sleep(0.1)  # it was refused, and will ask again
            waiter.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiter
            await asyncio.sleep(0.1)
            assert await client.mget("paywatch:lock:order:1") == [token]
        await until(lambda: keys_gone(client))
        async with theirs.hold("order:1"):  # and it may come again
            assert await client.exists("paywatch:lock:order:1") == 1
        await until(lambda: keys_gone(client))
        await client.aclose()


@pytest.mark.gen_test
async def test_without_redis_there_is_nothing_to_reach_and_nothing_to_wait_for() -> None:
    locks = Locks(None, SystemClock())
    assert await locks.reach() is False
    async with locks.hold("order:1"), locks.hold("order:1"):
        pass
