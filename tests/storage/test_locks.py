"""The lock's edges: who gives up while he waits, and a house that has no Redis."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio as aioredis
from redis.exceptions import TimeoutError as TimeoutLate

from payments.errors import Busy
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
async def test_locks_that_can_wait_are_asked_for_together_at_the_end_of_the_batch(
    redis_folder: Path,
) -> None:
    async with running_redis(redis_folder) as redis, two_processes(redis) as (ours, _):
        client = aioredis.from_url(redis.url)
        ours.can_wait = lambda: True
        holders = [asyncio.create_task(taken(ours, f"order:{n}")) for n in range(10)]
        await asyncio.sleep(0.05)
        assert await client.keys() == []
        ours.wait_no_more()
        for leave in await asyncio.gather(*holders):
            leave()
        await until(lambda: keys_gone(client))
        calls = (await client.info("commandstats"))["cmdstat_eval"]["calls"]
        assert calls == 2  # the ten, and their end
        await client.aclose()


class FarRedis:
    """Does what the script of the locks says, each time after as long a way."""

    def __init__(self, way_s: float) -> None:
        self.way_s = way_s
        self.tokens: dict[str, str] = {}

    async def eval(self, _script: str, count: int, *given: Any) -> list[int]:
        keys, (_, leaving, *tokens) = given[:count], given[count:]
        await asyncio.sleep(self.way_s)
        for key, token in zip(keys[:leaving], tokens[:leaving], strict=True):
            if self.tokens.get(key) == token:
                del self.tokens[key]
        asked = zip(keys[leaving:], tokens[leaving:], strict=True)
        return [int(self.tokens.setdefault(key, token) == token) for key, token in asked]


@pytest.mark.gen_test
async def test_a_lock_that_is_given_up_while_a_round_is_under_way_leaves_too() -> None:
    far = FarRedis(0.02)  # farther than a lock that is given up waits for others
    locks = Locks(far, SystemClock())  # type: ignore[arg-type]
    first, second = await taken(locks, "order:1"), await taken(locks, "order:2")
    first()
    await asyncio.sleep(0.015)  # its round is under way
    second()

    async def is_free() -> bool:
        return far.tokens == {}

    await until(is_free, 3)


async def taken(locks: Locks, name: str) -> Callable[[], None]:
    """Take a lock; call what this returns to give it up."""
    ready: asyncio.Future[Busy | None] = asyncio.get_running_loop().create_future()
    leave = locks.enter(name, ready.set_result)
    assert await ready is None
    return leave


@pytest.mark.gen_test
async def test_who_comes_back_after_his_time_gives_up_no_lock_of_another(
    redis_folder: Path,
) -> None:
    async with running_redis(redis_folder) as redis, two_processes(redis) as (ours, theirs):
        client, key = aioredis.from_url(redis.url), "paywatch:lock:order:1"
        we_leave = await taken(ours, "order:1")
        await client.delete(key)  # as after its time to live
        they_leave = await taken(theirs, "order:1")
        token = await client.get(key)
        we_leave()
        (await taken(ours, "order:2"))()  # travels behind it
        assert token
        assert await client.get(key) == token
        they_leave()
        await until(lambda: keys_gone(client))
        await client.aclose()


@pytest.mark.gen_test
@pytest.mark.parametrize(("late", "is_there"), [(1, True), (2, False)])
async def test_one_answer_that_comes_too_late_is_no_absence(
    redis_folder: Path, late: int, is_there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_redis(redis_folder) as redis, two_processes(redis) as (ours, _):
        told: list[bool] = []
        ours.on_trouble = told.append
        assert ours._redis
        ping, asked = ours._redis.ping, []

        async def slow() -> object:
            asked.append(1)
            if len(asked) <= late:
                raise TimeoutLate("Timeout connecting to server")
            return await ping()

        monkeypatch.setattr(ours._redis, "ping", slow)
        assert await ours.reach() is is_there
        assert told == ([] if is_there else [True])


@pytest.mark.gen_test
async def test_without_redis_there_is_nothing_to_reach_and_nothing_to_wait_for() -> None:
    locks = Locks(None, SystemClock())
    assert await locks.reach() is False
    async with locks.hold("order:1"), locks.hold("order:1"):
        pass
