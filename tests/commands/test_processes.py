"""Several processes behind one port, on PostgreSQL and on MariaDB, with a real Redis: what they
promise together."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from assembly.database import with_store
from payments.payment_result import CHINA
from services.live.event_chain import EventChain
from simulator.http.server import serving
from simulator.options import Options
from tests.support.databases import database
from tests.support.patience import PATIENCE_S
from tests.support.ports import free_port
from tests.support.processes import (
    BUSY_PAUSE_S,
    Delivery,
    Service,
    deliver_all,
    insert_orders,
    percentile,
    prepare,
    select,
    service,
)
from tests.support.redis_server import Redis, running_redis
from tests.support.rig import MERCHANT, SUCCESS, notify_fields, signed, transaction, until

pytestmark = [pytest.mark.one_database, pytest.mark.long]

CAMPAIGN = "PAYWATCH_TEST_ORDERS" in os.environ
ORDERS = int(os.environ.get("PAYWATCH_TEST_ORDERS", "150"))
CONNECTIONS = 64
PAUSE_S = 0.04
"""Of a connection while the processes are replaced: sixteen send four hundred notifies a second."""
SLOW_MACHINE = ("system", "notify delay")
"""The case that the product's watch rightly raises beside other work."""
SERVERS = ("postgresql", "mariadb")
ONE_SERVER = pytest.mark.parametrize("url", SERVERS if CAMPAIGN else SERVERS[:1], indirect=True)
"""For what the database plays no part in; the campaign tries each."""


@pytest.fixture(params=SERVERS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database(tmp_path, request.param) as found:
        yield found


@pytest.fixture
def redis_folder() -> Iterator[Path]:
    """Short: the path of a socket has a limit."""
    with tempfile.TemporaryDirectory(prefix="pw") as name:
        yield Path(name)


@asynccontextmanager
async def two_processes(
    folder: Path, url: str, redis: Redis, count: int = ORDERS
) -> AsyncIterator[tuple[Service, list[str]]]:
    """The service, and the numbers of orders that wait for their payment."""
    numbers = [f"P{i:08d}" for i in range(count)]
    await asyncio.to_thread(prepare, url)
    await asyncio.to_thread(insert_orders, url, numbers)
    more = {"DATABASE_URL": url, "REDIS_URL": redis.url, "PROCESSES": "2"}
    async with service(folder, **more) as found:
        assert len(found.children()) == 2
        yield found, numbers


def bodies_of(numbers: list[str], times: int) -> list[bytes]:
    """Each order's notify so many times, one right after the other: the repeats meet. Paid just
    now, or the product's watch would call them late."""
    paid = {"time_end": datetime.now(CHINA).strftime("%Y%m%d%H%M%S")}
    return [
        body
        for number in numbers
        for body in [signed(notify_fields(number, transaction(), **paid))] * times
    ]


@pytest.mark.gen_test
async def test_every_notify_three_times_through_both_processes_pays_each_order_once(
    tmp_path: Path, redis_folder: Path, url: str
) -> None:
    async with (
        running_redis(redis_folder) as redis,
        two_processes(tmp_path, url, redis) as (shop, numbers),
    ):
        done = await deliver_all(shop.port, bodies_of(numbers, 3), CONNECTIONS)
        report(f"{len(numbers)} orders, each notify 3 times", done)
        assert Counter((each.status, each.body) for each in done) == {
            (200, SUCCESS): 3 * len(numbers)
        }
        await assert_booked_once(url, numbers, duplicates=2 * len(numbers))
        assert "ERROR" not in shop.log.read_text()
        figures = (await shop.http.fetch(shop.origin + "/metrics")).body.decode()
        for outcome, count in (("booked", len(numbers)), ("duplicate", 2 * len(numbers))):
            assert f'paywatch_notifies_total{{outcome="{outcome}"}} {count}.0' in figures
        answers = 3 * len(numbers) + sum(each.busy for each in done)
        assert f"paywatch_notify_seconds_count {answers}.0" in figures


@pytest.mark.gen_test
async def test_without_redis_the_database_alone_books_each_payment_once(
    tmp_path: Path, url: str
) -> None:
    """The lock is politeness: here there is none."""
    nobody = Redis(tmp_path)  # never started
    async with two_processes(tmp_path, url, nobody) as (shop, numbers):
        done = await deliver_all(shop.port, bodies_of(numbers, 8), CONNECTIONS)
        report("no Redis, each notify 8 times", done)
        assert {(each.status, each.body) for each in done} == {(200, SUCCESS)}
        await assert_booked_once(url, numbers, duplicates=7 * len(numbers))


async def assert_booked_once(url: str, numbers: list[str], duplicates: int | None = None) -> None:
    """Each order is paid and told once, over the two processes; the stream has no hole."""

    def read() -> None:
        paid = select(url, "SELECT order_num FROM orders WHERE status = 'PAID'")
        assert sorted(number for (number,) in paid) == numbers
        told = select(url, "SELECT order_num FROM events WHERE kind = 'order.paid'")
        assert sorted(number for (number,) in told) == numbers
        stream = with_store(url, lambda store: EventChain(store).verify())
        assert (stream.flaw, stream.events > len(numbers)) == ("", True)
        kinds = Counter(kind for (kind,) in select(url, "SELECT kind FROM events"))
        if duplicates is not None:
            assert kinds["notify.duplicate"] == duplicates
        workers = {notice[-8:] for (notice,) in select(url, "SELECT id FROM raw_notices")}
        assert len(workers) >= 2, "one process took everything"
        (count,) = select(url, "SELECT value FROM counters WHERE name = 'orders_pending'")
        assert count == (-len(numbers),)  # the orders were inserted past the counter

    await asyncio.to_thread(read)


def report(what: str, done: list[Delivery]) -> None:
    again = sum(each.tries > 1 for each in done)
    p50, p99, slowest = (round(percentile(done, percent) * 1000) for percent in (50, 99, 100))
    busy = sum(each.busy for each in done)
    print(
        f"{what}: p50 {p50} ms, p99 {p99} ms, slowest {slowest} ms, sent again {again}, busy {busy}"
    )


def assert_prompt(done: list[Delivery], percent: float) -> None:
    """In the campaign, which has the machine for itself: WeChat waits five seconds, and none is
    told to come again. Beside other work there is no such promise."""
    if CAMPAIGN:
        assert percentile(done, percent) < 5
        assert sum(each.busy for each in done) == 0


# --- Redis under this load -----------------------------------------------------------------------


@ONE_SERVER
@pytest.mark.gen_test
async def test_redis_stopped_hung_and_restarted_under_load_stops_no_payment(
    tmp_path: Path, redis_folder: Path, url: str
) -> None:
    async with (
        running_redis(redis_folder) as redis,
        two_processes(tmp_path, url, redis, max(ORDERS, 300)) as (shop, numbers),
    ):
        done: list[Delivery] = []
        third = len(numbers) // 3
        parts = [numbers[:third], numbers[third : 2 * third], numbers[2 * third :]]
        for part, trouble in zip(parts, (stopped, hung, restarted), strict=True):
            delivering = asyncio.create_task(deliver_all(shop.port, bodies_of(part, 3)))
            await asyncio.sleep(0.1)
            await trouble(redis)
            done += await delivering
        report("Redis stopped, hung, restarted", done)
        assert {(each.status, each.body) for each in done} == {(200, SUCCESS)}
        assert_prompt(done, 99)
        await assert_booked_once(url, numbers)
        cases = await asyncio.to_thread(select, url, "SELECT kind, subject FROM alerts")
        assert cases.count(("system", "redis")) == 1
        assert set(cases) <= {("system", "redis"), SLOW_MACHINE}


async def stopped(redis: Redis) -> None:
    await redis.stop()
    await asyncio.sleep(0.5)
    await redis.start()


async def hung(redis: Redis) -> None:
    redis.send(signal.SIGSTOP)
    await asyncio.sleep(1)
    redis.send(signal.SIGCONT)


async def restarted(redis: Redis) -> None:
    await redis.stop()
    await redis.start()


# --- their life ----------------------------------------------------------------------------------


@ONE_SERVER
@pytest.mark.gen_test
async def test_a_rolling_restart_loses_and_delays_no_notify(
    tmp_path: Path, redis_folder: Path, url: str
) -> None:
    async with (
        running_redis(redis_folder) as redis,
        two_processes(tmp_path, url, redis) as (shop, numbers),
    ):
        before = shop.children()
        rolling = Rolling(shop, bodies_of(numbers, 2))
        done = await rolling.deliver()
        report("rolling restart", done)
        assert {(each.status, each.body) for each in done} == {(200, SUCCESS)}
        assert_prompt(done, 100)
        assert set(shop.children()).isdisjoint(before)
        assert len(shop.children()) == 2
        await assert_booked_once(url, numbers)
        if CAMPAIGN:  # beside other work, a process may need longer than it has to stop
            assert "does not stop" not in shop.log.read_text()


class Rolling:
    """Delivers all the time while all processes are replaced, repeats when there is nothing new;
    then what is left."""

    def __init__(self, shop: Service, bodies: list[bytes]) -> None:
        self.shop = shop
        self.source, self.repeats = iter(bodies), itertools.cycle(bodies)
        self.rolled = False

    async def deliver(self) -> list[Delivery]:
        work = asyncio.create_task(self._deliver_all())
        await asyncio.sleep(0.2)
        self.shop.send(signal.SIGHUP)
        await until(self._is_rolled)
        self.rolled = True
        return await work

    async def _is_rolled(self) -> bool:
        return "All processes are replaced" in self.shop.log.read_text()

    async def _deliver_all(self) -> list[Delivery]:
        kept, fresh = await asyncio.gather(
            *(deliver_all(self.shop.port, self._paced(), 8, pause_s=PAUSE_S) for _ in range(2))
        )
        return kept + fresh + await deliver_all(self.shop.port, self.source)

    def _paced(self) -> Iterator[bytes]:
        while not self.rolled:
            yield next(self.source, None) or next(self.repeats)


@ONE_SERVER
@pytest.mark.gen_test
async def test_a_process_that_is_killed_is_started_again_and_nothing_is_lost(
    tmp_path: Path, redis_folder: Path, url: str
) -> None:
    async with (
        running_redis(redis_folder) as redis,
        two_processes(tmp_path, url, redis, 400) as (shop, numbers),
    ):
        victim, bodies = shop.children()[0], bodies_of(numbers, 1)
        repeats = [body for body in bodies for _ in range(3)]
        delivering = asyncio.create_task(deliver_all(shop.port, repeats, patient=False))
        await asyncio.sleep(0.2)
        os.kill(victim, signal.SIGKILL)
        # Orders that the dead process had locked are for a while told to come again.
        assert {each.status for each in await delivering} <= {200, 503}

        async def all_taken() -> bool:
            done = await deliver_all(shop.port, bodies)
            return {(each.status, each.body) for each in done} == {(200, SUCCESS)}

        await until(all_taken)
        await assert_booked_once(url, numbers)

        async def both_serve() -> bool:
            return len(shop.children()) == 2 and victim not in shop.children()

        await until(both_serve)


@ONE_SERVER
@pytest.mark.gen_test
async def test_a_session_that_ends_closes_its_monitors_in_every_process_and_the_parent_all(
    tmp_path: Path, redis_folder: Path, url: str
) -> None:
    """The second: when the parent is killed, the processes end too."""
    async with (
        running_redis(redis_folder) as redis,
        two_processes(tmp_path, url, redis, 1) as (shop, numbers),
    ):
        alice, bob = await shop.sign_in("alice"), await shop.sign_in("alice")
        ended = [await shop.live(alice) for _ in range(8)]
        others = [await shop.live(bob) for _ in range(8)]
        await shop.sign_out(alice)
        begin = asyncio.get_running_loop().time()
        codes = await asyncio.gather(*(shop.close_code(socket) for socket in ended))
        print(f"monitors closed after {asyncio.get_running_loop().time() - begin:.2f} s")
        assert codes == [4001] * 8
        await deliver_all(shop.port, bodies_of(numbers, 1), 1)
        for socket in others:  # those of the other session live on, and see the payment
            assert "order.paid" in await shop.next_events(socket)
        children = shop.children()
        shop.send(signal.SIGKILL)
        await shop.ended()

        async def all_gone() -> bool:
            return not any(is_running(pid) for pid in children)

        await until(all_gone)


def is_running(pid: int) -> bool:
    """A process that has ended may stay in the table until somebody asks for its status."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except OSError:
        return False


# --- orders and prepays --------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_a_key_makes_one_order_and_a_number_one_call_whatever_process_is_asked(
    tmp_path: Path, redis_folder: Path, url: str
) -> None:
    key = await asyncio.to_thread(prepare, url)
    free = free_port()
    notify_origin = f"http://127.0.0.1:{free}"
    options = Options(host="127.0.0.1", port=0, notify_origin=notify_origin, merchant=MERCHANT)
    async with running_redis(redis_folder) as redis, serving(options) as (wechat, _):
        more = {"DATABASE_URL": url, "REDIS_URL": redis.url, "PROCESSES": "2"}
        async with service(tmp_path, WECHAT_BASE_URL=wechat, **more) as shop:
            made = await asyncio.gather(*(create(shop, key, f"key-{i % 20}") for i in range(120)))
            orders: dict[str, set[str]] = {}
            for name, status, number in made:
                assert status in (201, 409), name
                orders.setdefault(name, set()).update({number} - {""})
            assert [len(numbers) for numbers in orders.values()] == [1] * 20
            numbers = sorted(number for found in orders.values() for number in found)
            codes = await asyncio.gather(*(prepay(shop, number) for number in numbers * 6))
            given = {number: {code for n, code in codes if n == number} for number in numbers}
            assert [len(found) for found in given.values()] == [1] * 20
        stored = await asyncio.to_thread(select, url, "SELECT order_num FROM orders")
        assert sorted(number for (number,) in stored) == numbers
        calls = await asyncio.to_thread(select, url, "SELECT calls FROM prepay_attempts")
        assert calls == [(1,)] * 20


async def create(shop: Service, api_key: str, name: str) -> tuple[str, int, str]:
    """The key, the status, and the number of the order if one was told."""
    headers = {"Authorization": f"Bearer {api_key}", "Idempotency-Key": name}
    status, body = await post(shop, "/merchant/v1/orders", {"productId": "p1"}, headers)
    return name, status, body.get("orderNum", "")


async def prepay(shop: Service, number: str) -> tuple[str, str]:
    wanted = {"orderNum": number, "tradeType": "NATIVE"}
    status, body = await post(shop, "/weixin/prepay", wanted)
    assert status == 200, body
    return number, body["codeUrl"]


async def post(
    shop: Service, path: str, body: object, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, Any]]:
    """Again after each 503, as its `Retry-After` asks: on a busy machine that is no fault."""
    for _ in range(int(PATIENCE_S / BUSY_PAUSE_S)):
        status, answer = await shop.post(path, body, headers)
        if status != 503:
            break
        await asyncio.sleep(BUSY_PAUSE_S)
    return status, answer
