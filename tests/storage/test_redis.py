"""The lock and the wake-ups with a real Redis-compatible server, which comes and goes."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import redis.asyncio as aioredis

from assembly.network import build_redis
from models.transaction import Batch, NewEvent
from payments.errors import Busy
from services.live.bus import Bus
from services.runtime import locks
from services.runtime.clock import SystemClock
from services.runtime.locks import Locks
from tests.support.patience import PATIENCE_S
from tests.support.redis_server import Redis, running_redis
from tests.support.rig import (
    SUCCESS,
    Product,
    notify_fields,
    product,
    signed,
    transaction,
    until,
    writers_locked_out,
)


@pytest.fixture
def redis_folder():
    """Short: the path of a socket has a limit."""
    with tempfile.TemporaryDirectory(prefix="pw") as name:
        yield Path(name)


@asynccontextmanager
async def two_processes(redis: Redis) -> AsyncIterator[tuple[Locks, Locks]]:
    """The locks of two processes at one Redis."""
    clients = [build_redis(redis.url), build_redis(redis.url)]
    try:
        yield Locks(clients[0], SystemClock()), Locks(clients[1], SystemClock())
    finally:
        await asyncio.sleep(0.1)
        for client in clients:
            await client.aclose()


@asynccontextmanager
async def selling(folder: Path, redis_folder: Path) -> AsyncIterator[tuple[Product, Redis]]:
    """The product with a Redis of its own."""
    async with running_redis(redis_folder) as redis, product(folder, REDIS_URL=redis.url) as shop:
        yield shop, redis


@pytest.mark.gen_test
async def test_another_process_waits_for_the_lock_and_gets_it_afterwards(redis_folder):
    async with running_redis(redis_folder) as redis, two_processes(redis) as (ours, theirs):
        steps: list[str] = []

        async def work(locks: Locks, name: str, seconds: float) -> None:
            async with locks.hold("order:1"):
                steps.append(f"{name} in")
                await asyncio.sleep(seconds)
                steps.append(f"{name} out")

        first = asyncio.create_task(work(ours, "ours", 0.3))
        await until(lambda: asyncio.sleep(0, "ours in" in steps))
        await work(theirs, "theirs", 0)
        await first
        assert steps == ["ours in", "ours out", "theirs in", "theirs out"]


@pytest.mark.gen_test
async def test_a_lock_that_another_process_keeps_too_long_is_refused(redis_folder):
    async with running_redis(redis_folder) as redis, two_processes(redis) as (ours, theirs):
        ours_held = ours.hold("order:1")
        async with ours_held:
            with pytest.raises(Busy):
                await taken(theirs)


async def taken(locks: Locks) -> None:
    async with locks.hold("order:1"):
        raise AssertionError("both hold it")


@pytest.mark.gen_test
async def test_tasks_of_one_process_share_a_lock_and_leave_no_key_behind(redis_folder):
    async with running_redis(redis_folder) as redis, two_processes(redis) as (ours, _):
        inside = 0

        async def work() -> None:
            nonlocal inside
            async with ours.hold("order:1"):
                inside += 1
                await until(lambda: asyncio.sleep(0, inside == 64))

        await asyncio.gather(*(work() for _ in range(64)))
        client = aioredis.from_url(redis.url)
        await until(lambda: keys_gone(client))
        await client.aclose()


async def keys_gone(client: aioredis.Redis) -> bool:
    return await client.keys("paywatch:lock:*") == []


@pytest.mark.gen_test
async def test_payments_go_on_while_redis_is_stopped_and_use_it_again_afterwards(
    tmp_path, redis_folder
):
    async with selling(tmp_path, redis_folder) as (shop, redis):
        alice = await shop.user()
        traffic = Traffic(shop)
        task = asyncio.create_task(traffic.run())
        await traffic.more(30)
        await redis.stop()
        await traffic.more(60)
        assert "down" in (await shop.fetch("/readyz")).body.decode()
        assert (await shop.fetch("/readyz")).code == 200
        await redis.start()
        await until(lambda: redis_state(shop, "up"))
        await traffic.more(30)
        traffic.stopping = True
        await task
        assert traffic.answers == {SUCCESS}
        (alert,) = (await alice.get("alerts"))["alerts"]
        # Counted once more where a busy machine makes Redis slow.
        assert (alert["kind"], alert["count"] <= 2) == ("system", True)
        assert "over" in [entry["action"] for entry in alert["history"]]
        kinds = [event["kind"] for event in await shop.events()]
        assert kinds.count("order.paid") == traffic.paid


async def redis_state(shop: Product, wanted: str) -> bool:
    return f'"redis":"{wanted}"' in (await shop.fetch("/readyz")).body.decode()


class Traffic:
    """One payment after the other, a few at a time."""

    def __init__(self, shop: Product) -> None:
        self.shop = shop
        self.paid = 0
        self.stopping = False
        self.answers: set[bytes] = set()

    async def run(self) -> None:
        await asyncio.gather(*(self._one() for _ in range(4)))

    async def _one(self) -> None:
        while not self.stopping:
            order = await self.shop.order()
            body = signed(notify_fields(order["orderNum"], transaction()))
            answer = await self.shop.notify(body)
            self.answers.add(answer.body)
            self.paid += 1

    async def more(self, payments: int) -> None:
        """Wait until so many more are paid."""
        wanted = self.paid + payments

        async def reached() -> bool:
            return self.paid >= wanted

        await until(reached)


@pytest.mark.gen_test
async def test_a_hung_redis_costs_one_short_wait(tmp_path, redis_folder):
    async with selling(tmp_path, redis_folder) as (shop, redis):
        order, other = await shop.order(), await shop.order()
        assert await shop.pay(order["orderNum"]) == SUCCESS
        redis.send(signal.SIGSTOP)
        try:
            async with asyncio.timeout(PATIENCE_S):
                assert await shop.pay(other["orderNum"]) == SUCCESS
        finally:
            redis.send(signal.SIGCONT)


@pytest.mark.gen_test
async def test_a_commit_of_another_process_wakes_this_one_over_redis(tmp_path, redis_folder):
    async with selling(tmp_path, redis_folder) as (shop, redis):
        bus = shop.running.bus
        await until(lambda: subscribed(redis))
        bus.woken.clear()
        client = aioredis.from_url(redis.url)
        await client.publish("paywatch:head", 1)
        async with asyncio.timeout(PATIENCE_S):
            await bus.woken.wait()
        await client.aclose()


def say(batch: Batch, times: Sequence[None]) -> Sequence[None]:
    for _ in times:
        batch.emit(NewEvent("product.changed", None, {}))
    return times


@pytest.mark.gen_test
async def test_a_notify_that_comes_while_a_batch_is_written_is_answered_with_the_next(
    tmp_path, redis_folder
):
    async with selling(tmp_path, redis_folder) as (shop, _):
        number, store = (await shop.order())["orderNum"], shop.running.store
        with writers_locked_out(shop):
            other = asyncio.create_task(store.write(say, None))
            await until(lambda: asyncio.sleep(0, store.waiting == 1))
            paid = asyncio.create_task(shop.pay(number))
            await until(lambda: asyncio.sleep(0, shop.running.locks._asked))
            assert store.waiting == 1  # it has no lock yet, which it would only hold and wait
        assert (await other, await paid) == (None, SUCCESS)


@pytest.mark.gen_test
async def test_a_lock_that_is_given_up_travels_with_the_next(tmp_path, redis_folder, monkeypatch):
    monkeypatch.setattr(locks, "LEAVE_S", 60.0)
    async with selling(tmp_path, redis_folder) as (shop, redis):
        await shop.running.jobs.stop()
        numbers = [(await shop.order())["orderNum"] for _ in range(5)]
        client = aioredis.from_url(redis.url)

        async def rounds() -> int:
            found = (await client.info("commandstats")).get("cmdstat_eval", {"calls": 0})
            return int(found["calls"])

        before = await rounds()
        for number in numbers:
            assert await shop.pay(number) == SUCCESS
        assert await rounds() - before == len(numbers)
        await client.aclose()


@pytest.mark.gen_test
async def test_heads_of_one_moment_are_announced_together(redis_folder):
    async with running_redis(redis_folder) as redis:
        ours, theirs = build_redis(redis.url), aioredis.from_url(redis.url)
        bus = Bus(None, ours)  # type: ignore[arg-type]
        for head in range(1, 200):
            bus.committed(head)
            await asyncio.sleep(0.001)
        await bus.close()
        calls = (await theirs.info("commandstats"))["cmdstat_publish"]["calls"]
        assert calls < 50
        await ours.aclose()
        await theirs.aclose()


@pytest.mark.gen_test
async def test_what_is_said_at_the_end_leaves_no_connection_and_no_lock(redis_folder):
    async with running_redis(redis_folder) as redis:
        ours, theirs = build_redis(redis.url), aioredis.from_url(redis.url)
        locks, bus = Locks(ours, SystemClock()), Bus(None, ours)  # type: ignore[arg-type]
        async with locks.hold("order:1"):
            assert await theirs.keys() == [b"paywatch:lock:order:1"]
        bus.committed(1)
        await bus.close()
        await locks.close()
        await ours.aclose()
        await asyncio.sleep(0.1)  # time for what should not happen any more
        assert await theirs.keys() == []
        assert len(await theirs.client_list()) == 1
        await theirs.aclose()


async def subscribed(redis: Redis) -> bool:
    client = aioredis.from_url(redis.url)
    counts = await client.pubsub_numsub("paywatch:head")
    await client.aclose()
    return counts[0][1] > 0
